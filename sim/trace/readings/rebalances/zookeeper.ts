import type { Instant } from "../../../engine/time.ts";
import type { ClientId, Generation, MemberId } from "../../../names.ts";
import type { EventId, TraceEvent } from "../../event.ts";
import type { GroupRebalances } from "./draft.ts";

type Of<T extends TraceEvent["type"]> = Extract<TraceEvent, { readonly type: T }>;

/** Why the first of a group's consumers began, in the words of coordinators, and whose doing it was. */
interface Why {
  readonly reason: string;
  readonly member?: MemberId;
  readonly client?: ClientId;
}

/**
 * What a rebalance is in a group of the ZooKeeper era, which nobody coordinates: from the first of its consumers that begins to
 * work its share out until none is at it any more. Those of several changes that overlap are one.
 */
export class ZooKeeperCourse {
  readonly #rebalances: GroupRebalances;
  readonly #registered = new Set<MemberId>();
  /** Who works its share out, or sleeps until it tries again. */
  readonly #busy = new Set<ClientId>();
  /** The registration that came or went last; of several at one instant the first. */
  #change: Of<"group.member"> | null = null;
  /** Nobody is at it since then, unless somebody begins at this instant. */
  #rest: { readonly t: Instant; readonly event: EventId } | null = null;
  #membersAtRest = 0;
  /** Of the last claim. */
  generation: Generation = 0;

  constructor(rebalances: GroupRebalances) {
    this.#rebalances = rebalances;
  }

  /** How many were registered when nobody was at it last. */
  get membersBefore(): number {
    return this.#membersAtRest;
  }

  get members(): number {
    return this.#registered.size;
  }

  /** What begins with this consumer's beginning, if anything does. */
  begins({ t, client, reason }: Of<"client.state">): Why | null {
    if (this.#busy.size > 0 || this.#rest?.t === t) return null; // it goes on
    if (reason === "partitions-changed") return { reason };
    const change = this.#change;
    if (reason !== "members-changed" || !change) return { reason: "new-member", client };
    const why = change.change === "removed" ? (change.reason === "closed" ? "leave" : change.reason) : "new-member";
    return { reason: why, member: change.member, client: change.client };
  }

  see(event: TraceEvent): void {
    switch (event.type) {
      case "group.member":
        if (this.#change?.t !== event.t) this.#change = event;
        if (event.change === "removed") this.#registered.delete(event.member);
        else this.#registered.add(event.member);
        return;
      case "client.state":
        return this.#state(event);
      case "client.process":
        if ((event.to === "Crashed" || event.to === "Stopped") && this.#busy.has(event.client)) this.#through(event);
        return;
      case "partition.owner":
        if (event.how === "assigned") this.generation = Math.max(this.generation, event.generation);
        return;
    }
  }

  /** Nobody is at it any more. */
  get isThrough(): boolean {
    return this.#rest !== null;
  }

  /** Comes to rest, if nobody has begun again at the instant at which the last one was through. False: that is now. */
  settle(now: Instant): boolean {
    if (!this.#rest) return true;
    if (this.#rest.t === now) return false;
    const { t, event } = this.#rest;
    this.#rest = null;
    this.#membersAtRest = this.members;
    const draft = this.#rebalances.underWay;
    if (draft) draft.generationAfter = this.generation;
    this.#rebalances.settle(t, this.members > 0 ? "Stable" : "Empty", event, this.members);
    return true;
  }

  #state(event: Of<"client.state">): void {
    const { t, client, member = null, to, reason, attempt = 1 } = event;
    const draft = this.#rebalances.underWay;
    if (to === "REBALANCING") {
      this.#busy.add(client);
      this.#rest = null;
      if (draft && attempt > draft.attempts.length) draft.attempts.push({ from: t, reason, client, joined: null });
    } else if (to !== "BACKING_OFF" && this.#busy.has(client)) {
      if (draft) draft.waitedFor = { how: "reconciled", member, client, removed: null, evicted: [], absent: [] };
      this.#through(event);
    }
  }

  #through({ t, id, client }: Of<"client.state" | "client.process">): void {
    this.#busy.delete(client);
    if (this.#busy.size === 0) this.#rest = { t, event: id };
  }
}
