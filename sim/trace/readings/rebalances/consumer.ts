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
  /** How many partitions each holds at its coordinator, those that it is yet to give up included. */
  readonly #holds = new Map<MemberId, number>();
  /** Who is to give something up, and has not said yet that it has. */
  readonly #owing = new Set<MemberId>();
  /** Static members that have left, and whose places are reserved. */
  readonly #away = new Set<MemberId>();
  /** Somebody that others waited for was removed, and the target that answers to that is yet to come. */
  #unanswered = false;
  /** Whether the last to come to its target got something by that. */
  #granted = false;
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
        for (const [member, lost] of Object.entries(event.losses ?? {})) {
          if (this.#known.has(member) && !isEmpty(lost)) this.#owing.add(member);
        }
        if (!draft) return;
        draft.assigned ??= event.t + event.took;
        // A target that answers to a removal gives away what waited for that; one that gives nobody anything waits for nobody.
        if (!this.#unanswered && moves(event.gains)) draft.waitedFor = null;
        this.#unanswered = false;
        const last = draft.attempts.pop();
        if (last) draft.attempts.push({ ...last, joined: event.t });
        return;
      }
      case "group.reconciled": {
        const { member, client, state, granted, released } = event;
        this.#holds.set(member, (this.#holds.get(member) ?? 0) + size(granted) - size(released));
        if (state !== "UNREVOKED_PARTITIONS") this.#owing.delete(member);
        if (!draft) return;
        // Whoever was the last to give something up held up those who were to have it; whoever was away held up all.
        if (isEmpty(released) && HELD_UP.has(draft.waitedFor?.how)) return;
        // Who only learns another epoch holds up nobody.
        if (isEmpty(released) && isEmpty(granted) && draft.waitedFor?.how === "reconciled" && this.#granted) return;
        this.#granted = !isEmpty(granted);
        const how = isEmpty(released) ? "reconciled" : "released";
        draft.waitedFor = { how, member, client, ...NOBODY };
        return;
      }
    }
  }

  #member({ t, member, client, instance, change, reason }: Extract<TraceEvent, { type: "group.member" }>): void {
    if (change === "pending") return;
    if (this.#before.t !== t) this.#before = { t, members: this.#known.size };
    const draft = this.#rebalances.underWay;
    if (change === "removed") {
      // By who goes at its very beginning it was begun.
      const freed = draft && t > draft.from ? this.#freedBy(member, reason) : null;
      if (draft && freed) {
        const absent = this.#away.has(member) ? [member] : [];
        draft.waitedFor = { how: freed, member, client, removed: reason, evicted: [], absent };
        this.#unanswered = true;
      }
      this.#forget(member);
      return;
    }
    if (change === "away") this.#away.add(member);
    else this.#away.delete(member);
    if (draft && BACK.has(change) && draft.generationAfter === draft.generationBefore) {
      draft.waitedFor = { how: "returned", member, client, ...NOBODY };
    }
    if (instance !== undefined) {
      for (const [other, seat] of this.#known) {
        if (seat !== instance || other === member) continue;
        this.#holds.set(member, this.#holds.get(other) ?? 0);
        if (this.#owing.has(other)) this.#owing.add(member);
        this.#forget(other);
      }
    }
    this.#known.set(member, instance);
  }

  /** By what a removal frees something that others have waited for: nobody reads for the dead, and who owes has been asked. */
  #freedBy(member: MemberId, reason: string): Waited["how"] | null {
    if (reason === "rebalance-timeout") return "timer";
    if (!this.#holds.get(member)) return null;
    if (reason === "session-expired") return "expiry";
    return this.#owing.has(member) ? "released" : null;
  }

  #forget(member: MemberId): void {
    this.#known.delete(member);
    this.#holds.delete(member);
    this.#owing.delete(member);
    this.#away.delete(member);
  }
}

/** Changes by which a static member that was away takes its seat again. */
const BACK: ReadonlySet<string> = new Set(["replaced", "rejoined"]);

const HELD_UP: ReadonlySet<Waited["how"] | undefined> = new Set(["released", "returned", "timer", "expiry"]);

const NOBODY = { removed: null, evicted: [], absent: [] } as const satisfies Partial<Waited>;

const size = (partitions: Partitions): number =>
  Object.values(partitions).reduce((sum, numbers) => sum + numbers.length, 0);

/** Whether anybody is to have something new, as far as the trace tells. */
const moves = (gains: Readonly<Record<MemberId, Partitions>> | undefined): boolean =>
  gains === undefined || Object.values(gains).some((partitions) => !isEmpty(partitions));

const isEmpty = (partitions: Partitions): boolean => Object.values(partitions).every((numbers) => numbers.length === 0);
