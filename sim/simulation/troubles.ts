import type { Kind } from "../engine/engine.ts";
import type { Side, Trouble } from "../kafka/network/links.ts";
import { ORDER } from "../kafka/order.ts";
import type { LinkEvent, LinkSide } from "../scenario/scenario.ts";
import type { EventId } from "../trace/event.ts";
import type { World } from "./world.ts";

/** Cuts and slow links, from their begin to their end, and what the trace says of them. */
export class Troubles {
  readonly #world: World;
  readonly #ends: Kind;
  readonly #begun: { readonly trouble: Trouble; readonly event: LinkEvent; readonly begin: EventId }[] = [];

  constructor(world: World) {
    this.#world = world;
    this.#ends = world.engine.on("a link is mended", ORDER.scenario, (index) => this.#end(index));
  }

  /** It begins now, as a consequence of the event that is being handled; unless a client is not there. */
  begin(event: LinkEvent): void {
    const { network, engine } = this.#world;
    const [from, to] = [this.#sideOf(event.from), event.to && this.#sideOf(event.to)];
    if (!from || (event.to && !to)) return;
    const begin = this.#record(event, event.what);
    const delay = event.what === "slow" ? { delay: event.delay } : {};
    const trouble = { from, ...(to && { to }), oneWay: event.oneWay, ...delay, event: begin };
    network.begin(trouble);
    const index = this.#begun.push({ trouble, event, begin }) - 1;
    if (event.lasts !== undefined) engine.schedule(event.lasts, this.#ends, index);
  }

  #end(index: number): void {
    const { trouble, event, begin } = this.#begun[index];
    const { network, recorder } = this.#world;
    recorder.cause = begin;
    this.#record(event, "mended");
    network.end(trouble);
  }

  #record(event: LinkEvent, state: "cut" | "slow" | "mended"): EventId {
    return this.#world.recorder.record("network", {
      type: "network.link",
      state,
      from: subjectOf(event.from),
      to: event.to ? subjectOf(event.to) : null,
      oneWay: event.oneWay,
      ...(event.what === "slow" && state === "slow" && { delay: event.delay }),
    });
  }

  #sideOf(side: LinkSide): Side | undefined {
    if ("coordinatorOf" in side) return { broker: this.#world.cluster.leaderOf(side.coordinatorOf) };
    if (!("client" in side)) return side;
    const consumer = this.#world.consumers.named(side.client);
    return consumer && { client: consumer.index };
  }
}

/** A side as the trace names it: `zone/a`, `broker/1`, `client/billing-3`, `group/billing`, `controller`. */
function subjectOf(side: LinkSide): string {
  if ("zone" in side) return `zone/${side.zone}`;
  if ("client" in side) return `client/${side.client}`;
  if ("group" in side) return `group/${side.group}`;
  if ("coordinatorOf" in side) return `coordinator/${side.coordinatorOf}`;
  return "broker" in side ? `broker/${side.broker}` : "controller";
}
