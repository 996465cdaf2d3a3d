import { type Duration, MILLISECOND } from "../engine/time.ts";
import { durationOf, type Law, meanOf } from "../engine/variates.ts";
import { type BrokerConfig, compareReleases } from "../kafka/config.ts";
import type { Network } from "../kafka/network/network.ts";
import type { FetchLimits } from "../lag/fetch-limits.ts";
import type { Route } from "../lag/fluid/fetch-ceilings.ts";
import type { BrokerId } from "../names.ts";
import type { GroupSpec } from "../scenario/scenario.ts";

/** What bounds the fetches of a group's members. */
export function fetchLimits({ config, clientVersion }: GroupSpec, broker: BrokerConfig): FetchLimits {
  const bytes = Math.min(config["fetch.max.bytes"], broker["fetch.max.bytes"]);
  return {
    records: config["max.poll.records"],
    partitionBytes: config["max.partition.fetch.bytes"],
    bytes,
    // Kafka's broker never waits for more than it may bring; asked for nothing, it would be asked without end.
    minBytes: Math.max(1, Math.min(config["fetch.min.bytes"], bytes)),
    maxWait: config["fetch.max.wait.ms"] * MILLISECOND,
    drainsBrokers: compareReleases(clientVersion, "4.0") >= 0,
  };
}

/** How far the members of one group are from the brokers, on average; by the numbers clients have in the network. */
export class FetchRoutes {
  readonly #limits: FetchLimits;
  readonly #network: () => Network;
  readonly #routes = new Map<number, Map<BrokerId, Route>>();
  readonly #means = new Map<Law, Duration>();

  constructor(limits: FetchLimits, network: () => Network) {
    this.#limits = limits;
    this.#network = network;
  }

  /** The way of this client's fetches to this broker, as it is now. */
  between(client: number, broker: BrokerId): Route {
    let known = this.#routes.get(client);
    if (!known) this.#routes.set(client, (known = new Map()));
    const [request, reply] = this.#network().delays(client, broker);
    const roundTrip = this.#mean(request) + this.#mean(reply);
    let route = known.get(broker);
    if (route?.roundTrip !== roundTrip) known.set(broker, (route = { roundTrip, limits: this.#limits }));
    return route;
  }

  /** A law without a mean is taken by its median. */
  #mean(law: Law): Duration {
    let mean = this.#means.get(law);
    if (mean === undefined) this.#means.set(law, (mean = meanOf(law) ?? durationOf(law, 0.5)));
    return mean;
  }
}
