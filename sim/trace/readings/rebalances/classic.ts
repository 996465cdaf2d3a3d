import type { Instant } from "../../../engine/time.ts";
import type { ClientId, MemberId } from "../../../names.ts";
import type { TraceEvent } from "../../event.ts";
import type { GroupRebalances } from "./draft.ts";

/** What a rebalance of the classic protocol goes through: join phases, and a group leader that computes. */
export class ClassicCourse {
  readonly #rebalances: GroupRebalances;
  /** In the last generation that was joined. */
  members = 0;
  /** Who was removed last, and nobody has joined since. */
  #removed: {
    readonly t: Instant;
    readonly member: MemberId;
    readonly client: ClientId;
    readonly reason: string;
  } | null = null;
  #computedBy: ClientId | null = null;

  constructor(rebalances: GroupRebalances) {
    this.#rebalances = rebalances;
  }

  see(event: TraceEvent): void {
    const draft = this.#rebalances.underWay;
    switch (event.type) {
      case "group.state": {
        if (event.to === "Empty") this.members = 0;
        if (!draft || event.to !== "PreparingRebalance") return;
        draft.attempts.push({ from: event.t, reason: event.reason, client: event.client ?? null, joined: null });
        draft.joined = draft.assigned = this.#computedBy = null;
        return;
      }
      case "group.member": {
        const { t, member, client, reason, change } = event;
        this.#removed = change === "removed" ? { t, member, client, reason } : null;
        return;
      }
      case "group.join-complete": {
        this.members = event.members;
        if (!draft) return;
        const { t, how, slowest, slowestClient, evicted, absent } = event;
        draft.joined = t;
        draft.generationAfter = event.generation;
        draft.attempts[draft.attempts.length - 1] = { ...draft.attempts.at(-1)!, joined: t };
        // A barrier that falls at the instant of a removal has waited for that member, not for the last that came.
        const removed = this.#removed?.t === t ? this.#removed : null;
        draft.waitedFor = {
          how,
          member: removed?.member ?? slowest ?? null,
          client: removed?.client ?? slowestClient ?? null,
          removed: removed?.reason ?? null,
          evicted,
          absent,
        };
        return;
      }
      case "group.assignment":
        // A group leader may still be computing for an attempt that was overtaken meanwhile.
        if (!draft || draft.joined === null || event.generation !== draft.generationAfter) return;
        draft.assigned = event.t + event.took;
        this.#computedBy = event.client;
        return;
      case "request.sent":
        // The computation takes its time, and then the group leader's SyncGroup says exactly when it was done.
        if (event.api === "SyncGroup" && draft && this.#computedBy === event.client) draft.assigned = event.t;
        return;
    }
  }
}
