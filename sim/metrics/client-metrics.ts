/**
 * What each consumer would report of itself, under Kafka's own names (`consumer-coordinator-metrics`; those of fetching
 * are in `fetch-metrics.ts`). Kafka's averages
 * and maxima cover the last 30 to 60 seconds; these cover the measured time, so they say something about a run. Times
 * are milliseconds, as Kafka's are.
 *
 * A consumer of the ZooKeeper era joins nothing, syncs nothing and commits to no coordinator: it has no such metrics, and
 * they are absent. What it does have it calls otherwise: `OwnedPartitionsCount` for the assigned partitions, and
 * `RebalanceRateAndTime`, from where its attempts begin until the last of them succeeds or it gives up. Kafka:
 * `ZookeeperConsumerConnector.rebalanceTimer`.
 *
 * Left out: what healthy heartbeats count, which are worked out and not in the trace (brokers count them, see
 * `broker.served`); commits of each batch as far as the fluid counts none (`uncountedCommits`); callbacks, which take no
 * time here.
 */
import type { Duration, Instant } from "../engine/time.ts";
import { HOUR, MILLISECOND, SECOND } from "../engine/time.ts";
import type { ClientId, GroupId } from "../names.ts";
import type { Sink, TraceEvent } from "../trace/event.ts";
import { type FetchMetrics, fetchMetrics } from "./fetch-metrics.ts";

export interface ClientMetrics extends FetchMetrics, Partial<CoordinatorMetrics> {
  readonly client: ClientId;
  readonly group: GroupId;
  /** At the end. */
  readonly "assigned-partitions": number;
  /**
   * From the first JoinGroup of a rebalance, over its retries, to the SyncGroup that succeeds. With the consumer protocol
   * each reconciliation is one, from an assignment's arrival until the member says that it has it; how long it waited for
   * others to give partitions up is in none. Kafka: `ConsumerRebalanceMetricsManager`.
   */
  readonly "rebalance-latency-avg": number | null;
  readonly "rebalance-latency-max": number | null;
  readonly "rebalance-latency-total": number;
  readonly "rebalance-total": number;
  readonly "rebalance-rate-per-hour": number;
}

/** What a consumer measures that has a coordinator. */
interface CoordinatorMetrics {
  readonly "join-time-avg": number | null;
  readonly "join-time-max": number | null;
  readonly "join-total": number;
  readonly "sync-time-avg": number | null;
  readonly "sync-time-max": number | null;
  readonly "sync-total": number;
  /**
   * Every JoinGroup or SyncGroup that failed, MEMBER_ID_REQUIRED included: a dynamic consumer begins with one. With the
   * consumer protocol every heartbeat that is refused during a reconciliation.
   */
  readonly "failed-rebalance-total": number;
  readonly "failed-rebalance-rate-per-hour": number;
  /** −1: never. */
  readonly "last-rebalance-seconds-ago": number;
  /**
   * Of every OffsetCommit that was answered, whatever the answer. Of regular ones beyond a process's first 200 the time is
   * taken of some, which stand for all (`AnsweredCommits`). Kafka: `OffsetCommitResponseHandler`, `commitSensor`.
   */
  readonly "commit-latency-avg": number | null;
  readonly "commit-latency-max": number | null;
  readonly "commit-total": number;
}

/** Folds a run into every consumer's metrics, those of the warm-up left out; in the order in which they started. */
export function clientMetrics(): Sink & { result(): readonly ClientMetrics[] } {
  const clients = new Map<ClientId, Client>();
  const fetching = fetchMetrics();
  let from: Instant = 0;
  let end: Instant = 0;
  return {
    begin(header) {
      from = header.warmUp;
      fetching.begin!(header);
    },
    see(event) {
      fetching.see(event);
      if (!("client" in event) || event.client === undefined || !("group" in event)) return;
      let client = clients.get(event.client);
      if (!client) {
        if (event.type !== "client.process") return;
        clients.set(event.client, (client = new Client(event.client, event.group, event.t)));
      }
      client.see(event, event.t >= from);
    },
    end(t) {
      end = t;
      fetching.end(t);
    },
    result: () => [...clients].map(([name, client]) => ({ ...client.metrics(from, end), ...fetching.of(name)! })),
  };
}

/** How long something took, each time. */
class Times {
  count = 0;
  sum: Duration = 0;
  #max: Duration = 0;

  add(took: Duration): void {
    this.count++;
    this.sum += took;
    this.#max = Math.max(this.#max, took);
  }

  /** So many more, which took that long on average, and one of them longest. */
  addAll(count: number, average: Duration, longest: Duration): void {
    this.count += count;
    this.sum += count * average;
    this.#max = Math.max(this.#max, longest);
  }

  get average(): number | null {
    return this.count === 0 ? null : this.sum / this.count / MILLISECOND;
  }

  get longest(): number | null {
    return this.count === 0 ? null : this.#max / MILLISECOND;
  }
}

/** Where a reconciliation ends, with the consumer protocol. Kafka: `AbstractMembershipManager.isCompletingRebalance`. */
const COMPLETED: ReadonlySet<string> = new Set(["ACKNOWLEDGING", "STABLE"]);

/** A state of consumers of the ZooKeeper era only. */
const OF_ZOOKEEPER_ERA = "REBALANCING";

/** Where its attempts at a rebalance end. */
const SETTLED: ReadonlySet<string> = new Set(["STABLE", "STRANDED"]);

/** Failures that Kafka's client takes for none of the rebalance: nobody answered. */
const RETRIABLE: ReadonlySet<string> = new Set(["DISCONNECTED", "TIMED_OUT"]);

class Client {
  readonly #client: ClientId;
  readonly #group: GroupId;
  readonly #started: Instant;
  #ended: Instant | undefined;
  #assigned = 0;
  readonly #joins = new Times();
  readonly #syncs = new Times();
  readonly #commits = new Times();
  #untimedCommits = 0;
  readonly #rebalances = new Times();
  #failed = 0;
  /** When the rebalance that is under way began for this client. */
  #rebalancing: Instant | undefined;
  #lastRebalance: Instant | undefined;
  #hasCoordinator = true;

  constructor(client: ClientId, group: GroupId, started: Instant) {
    this.#client = client;
    this.#group = group;
    this.#started = started;
  }

  see(event: TraceEvent, measured: boolean): void {
    switch (event.type) {
      case "client.process":
        if (event.to === "Stopped" || event.to === "Crashed") {
          this.#ended = event.t;
          this.#assigned = 0;
        }
        return;
      case "partition.owner": {
        const count = Object.values(event.partitions).reduce((sum, numbers) => sum + numbers.length, 0);
        this.#assigned += event.how === "assigned" ? count : -count;
        return;
      }
      case "client.state":
        if (event.to === OF_ZOOKEEPER_ERA) {
          this.#hasCoordinator = false;
          this.#rebalancing ??= event.t;
        } else if (!this.#hasCoordinator) {
          if (SETTLED.has(event.to)) this.#rebalanced(event.t, measured);
        } else if (event.from !== "RECONCILING" && event.to === "RECONCILING") this.#rebalancing = event.t;
        else if (event.from === "RECONCILING" && COMPLETED.has(event.to)) this.#rebalanced(event.t, measured);
        return;
      case "request.sent":
        if (event.api === "JoinGroup") this.#rebalancing ??= event.t;
        return;
      case "client.commits":
        if (measured) this.#regularCommits(event);
        return;
      case "request.answered":
        return this.#answered(event, measured);
    }
  }

  #regularCommits({ answered, timed, took, longest }: Extract<TraceEvent, { type: "client.commits" }>): void {
    if (timed === 0) this.#untimedCommits += answered;
    else this.#commits.addAll(answered, took / timed, longest);
  }

  #answered({ t, api, error, took }: Extract<TraceEvent, { type: "request.answered" }>, measured: boolean): void {
    const ok = error === "NONE";
    if (api === "OffsetCommit" && measured && !RETRIABLE.has(error)) this.#commits.add(took);
    if (api === "ConsumerGroupHeartbeat" && !ok && this.#rebalancing !== undefined && !RETRIABLE.has(error)) {
      if (measured) this.#failed++;
    }
    if (api !== "JoinGroup" && api !== "SyncGroup") return;
    if (!ok) {
      if (measured) this.#failed++;
      return;
    }
    if (measured) (api === "JoinGroup" ? this.#joins : this.#syncs).add(took);
    if (api === "SyncGroup") this.#rebalanced(t, measured);
  }

  #rebalanced(t: Instant, measured: boolean): void {
    if (measured && this.#rebalancing !== undefined) this.#rebalances.add(t - this.#rebalancing);
    this.#rebalancing = undefined;
    this.#lastRebalance = t;
  }

  metrics(from: Instant, end: Instant): Omit<ClientMetrics, keyof FetchMetrics> {
    const until = this.#ended ?? end;
    const hours = Math.max(0, until - Math.max(from, this.#started)) / HOUR;
    const perHour = (count: number): number => (hours > 0 ? count / hours : 0);
    return {
      client: this.#client,
      group: this.#group,
      "assigned-partitions": this.#assigned,
      "rebalance-latency-avg": this.#rebalances.average,
      "rebalance-latency-max": this.#rebalances.longest,
      "rebalance-latency-total": this.#rebalances.sum / MILLISECOND,
      "rebalance-total": this.#rebalances.count,
      "rebalance-rate-per-hour": perHour(this.#rebalances.count),
      ...(this.#hasCoordinator && this.#withCoordinator(until, perHour)),
    };
  }

  #withCoordinator(until: Instant, perHour: (count: number) => number): CoordinatorMetrics {
    const last = this.#lastRebalance;
    return {
      "join-time-avg": this.#joins.average,
      "join-time-max": this.#joins.longest,
      "join-total": this.#joins.count,
      "sync-time-avg": this.#syncs.average,
      "sync-time-max": this.#syncs.longest,
      "sync-total": this.#syncs.count,
      "failed-rebalance-total": this.#failed,
      "failed-rebalance-rate-per-hour": perHour(this.#failed),
      "last-rebalance-seconds-ago": last === undefined ? -1 : Math.floor((until - last) / SECOND),
      "commit-latency-avg": this.#commits.average,
      "commit-latency-max": this.#commits.longest,
      "commit-total": this.#commits.count + this.#untimedCommits,
    };
  }
}
