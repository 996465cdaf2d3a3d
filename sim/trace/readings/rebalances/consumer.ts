import type { Instant } from "../../../engine/time.ts";
import type { InstanceId, MemberId, Partitions } from "../../../names.ts";
import type { TraceEvent } from "../../event.ts";
import type { GroupRebalances } from "./draft.ts";
import type { Waited } from "./rebalance.ts";

/**
 * What a rebalance of the consumer protocol goes through: the group's epoch rises, some member's heartbeat has the next
 * target computed, and each member comes to it by its own heartbeats, the ones that are to give something up first.
 */
export class ConsumerCourse {
  readonly #rebalances: GroupRebalances;
  readonly #known = new Map<MemberId, InstanceId | undefined>();
  /** How many it knew before this instant. */
  #before: { readonly t: Instant; readonly members: number } = { t: -1, members: 0 };

  constructor(rebalances: GroupRebalances) {
    this.#rebalances = rebalances;
  }

  get members(): number {
    return this.#known.size;
  }

  /** How many members it had until this instant. */
  membersBefore(t: Instant): number {
    return this.#before.t === t ? this.#before.members : this.#known.size;
  }

  see(event: TraceEvent): void {
    const draft = this.#rebalances.underWay;
    switch (event.type) {
      case "group.member":
        return this.#member(event);
      case "group.state":
        if (event.to === "Dead" || event.to === "Absent") this.#known.clear();
        return;
      case "group.epoch": {
        if (!draft) return;
        draft.generationAfter = event.generation;
        // The change before it may have no target yet: then one target answers both.
        if (draft.attempts.at(-1)?.joined === null) return;
        const { t, reason, client = null } = event;
        draft.attempts.push({ from: t, reason, client, joined: null });
        return;
      }
      case "group.assignment": {
        if (!draft) return;
        draft.assigned = event.t + event.took;
        draft.waitedFor = null;
        const last = draft.attempts.pop();
        if (last) draft.attempts.push({ ...last, joined: event.t });
        return;
      }
      case "group.reconciled": {
        if (!draft) return;
        const { member, client, released } = event;
        // Whoever was the last to give something up held up those who were to have it; whoever was away held up all.
        if (isEmpty(released) && HELD_UP.has(draft.waitedFor?.how)) return;
        const how = isEmpty(released) ? "reconciled" : "released";
        draft.waitedFor = { how, member, client, ...NOBODY };
        return;
      }
    }
  }

  #member({ t, member, client, instance, change, reason }: Extract<TraceEvent, { type: "group.member" }>): void {
    if (change === "pending") return;
    if (this.#before.t !== t) this.#before = { t, members: this.#known.size };
    if (change === "removed") {
      this.#known.delete(member);
      const draft = this.#rebalances.underWay;
      // It had not given up in time what others were to have.
      if (draft && reason === "rebalance-timeout") {
        draft.waitedFor = { how: "timer", member, client, ...NOBODY, removed: reason };
      }
      return;
    }
    const draft = this.#rebalances.underWay;
    if (draft && BACK.has(change) && draft.generationAfter === draft.generationBefore) {
      draft.waitedFor = { how: "returned", member, client, ...NOBODY };
    }
    if (instance !== undefined) {
      for (const [other, seat] of this.#known) if (seat === instance && other !== member) this.#known.delete(other);
    }
    this.#known.set(member, instance);
  }
}

/** Changes by which a static member that was away takes its seat again. */
const BACK: ReadonlySet<string> = new Set(["replaced", "rejoined"]);

const HELD_UP: ReadonlySet<Waited["how"] | undefined> = new Set(["released", "returned"]);

const NOBODY = { removed: null, evicted: [], absent: [] } as const satisfies Partial<Waited>;

const isEmpty = (partitions: Partitions): boolean => Object.values(partitions).every((numbers) => numbers.length === 0);
