import type { Duration, Instant } from "../../engine/time.ts";
import type { ClientId, Generation, GroupId, MemberId } from "../../names.ts";
import type { EventId, Sink } from "../event.ts";
import { causes, type Cause } from "./causes.ts";
import { holdings } from "./holdings.ts";
import { readingInto } from "./reading.ts";

/**
 * One rebalance of a group: from its leaving `Stable` (or `Empty`) until it is there again. One that is overtaken by
 * the next before it could finish is an attempt of the same rebalance.
 */
export interface Rebalance {
  readonly group: GroupId;
  /** The how-many-th of its group, from 1. */
  readonly ordinal: number;
  readonly cause: Cause;
  /** The coordinator's own reason for beginning (`new-member`, `session-expired` …), and whose doing it was. */
  readonly reason: string;
  readonly member: MemberId | null;
  readonly client: ClientId | null;
  /** The event that began it, and the one that ended it. */
  readonly event: EventId;
  readonly ended: EventId | null;

  /** The group left `Stable` or `Empty`. */
  readonly from: Instant;
  /** The last join phase was over; `null` if none ever was. */
  readonly joined: Instant | null;
  /** The group leader had computed the assignment and sent it back. */
  readonly assigned: Instant | null;
  /** The group was at rest again, or the run was over. */
  readonly to: Instant;
  /** The last partition was read again; `null` if the next rebalance or the end of the run came before anything was. */
  readonly resumed: Instant | null;
  /** `unfinished`: the run ended. `gone`: its coordinator went away, or the group was removed. */
  readonly outcome: "stable" | "empty" | "gone" | "unfinished";

  readonly attempts: readonly Attempt[];
  readonly generationBefore: Generation;
  readonly generationAfter: Generation;
  /** Members of the generation before and after. */
  readonly membersBefore: number;
  readonly membersAfter: number;
  /** Whom the last join phase waited for. */
  readonly waitedFor: Waited | null;
  /**
   * Partitions times seconds in which nobody read them, from the cause (or from the rebalance before) until all were
   * read again. Pauses of a busy application are not counted, unless it loses its partitions by that.
   */
  readonly partitionSecondsUnread: number;
}

/** One entry into PreparingRebalance. */
export interface Attempt {
  readonly from: Instant;
  readonly reason: string;
  readonly client: ClientId | null;
  /** Its join phase was over; `null` while it was not. */
  readonly joined: Instant | null;
}

export interface Waited {
  /** All came, or the time ran out, or a session did. */
  readonly how: "all-joined" | "timer" | "expiry";
  /** The member whose JoinGroup came last, or whose removal let the others go on. */
  readonly member: MemberId | null;
  readonly client: ClientId | null;
  /** Why it was removed (`session-expired`, `leave`, `rebalance-timeout` …); `null` if it joined. */
  readonly removed: string | null;
  /** Those who did not come. */
  readonly evicted: readonly MemberId[];
  readonly absent: readonly MemberId[];
}

/** The lengths of a rebalance's phases; each begins where the one before ends. */
export interface Phases {
  /** From the cause until the group left `Stable`. */
  readonly detection: Duration;
  /** Until the last join phase was over, failed attempts included. */
  readonly joining: Duration;
  /** Until the group leader had sent its assignment. */
  readonly assignment: Duration;
  /** Until the group was stable. */
  readonly sync: Duration;
  /** Until the last partition was read again. */
  readonly resumption: Duration;
}

export function phases({ cause, from, joined, assigned, to, resumed }: Rebalance): Phases {
  const joinedAt = joined ?? to;
  const assignedAt = assigned ?? to;
  return {
    detection: from - cause.at,
    joining: joinedAt - from,
    assignment: assignedAt - joinedAt,
    sync: to - assignedAt,
    resumption: (resumed ?? to) - to,
  };
}

/** A group that is in one of these states has no rebalance under way. */
const AT_REST: ReadonlySet<string> = new Set(["Absent", "Empty", "Stable", "Dead"]);

type Draft = { -readonly [K in keyof Rebalance]: Rebalance[K] } & { attempts: Attempt[]; computedBy: ClientId | null };

interface Group {
  ordinal: number;
  /** Under way, or at rest but not everything is read again. */
  draft: Draft | null;
  settled: boolean;
  members: number;
  /** Who was removed last, and nobody has joined since. */
  removed: {
    readonly t: Instant;
    readonly member: MemberId;
    readonly client: ClientId;
    readonly reason: string;
  } | null;
  readonly unread: UnreadArea;
}

/** Tells every rebalance of every group, in order, each as soon as all partitions are read again or the next begins. */
export function rebalances(tell: (rebalance: Rebalance) => void): Sink {
  const origins = causes();
  const groups = new Map<GroupId, Group>();
  const groupOf = (id: GroupId): Group => {
    let group = groups.get(id);
    if (!group) {
      group = { ordinal: 0, draft: null, settled: false, members: 0, removed: null, unread: unreadArea() };
      groups.set(id, group);
    }
    return group;
  };

  const finish = (group: Group, t: Instant) => {
    const { draft, unread } = group;
    if (!draft) return;
    if (draft.assigned !== null && draft.assigned > draft.to) draft.assigned = null; // it was still computing
    const { computedBy: _, ...rebalance } = draft;
    tell({ ...rebalance, partitionSecondsUnread: unread.since(draft.cause.at, t) });
    unread.cut(t);
    group.draft = null;
  };

  const held = holdings(
    () => undefined,
    ({ group: id, t, before, after, since, kept }) => {
      const group = groupOf(id);
      // A pause that cost the member its partitions, or its membership, was none.
      if (before === "busy" && (!kept || isUnread(after) === 1)) {
        group.unread.change(since, 1);
        group.unread.change(t, isUnread(after) - 1);
      } else group.unread.change(t, isUnread(after) - isUnread(before));
      if (!group.draft || !group.settled || isUnread(before) === 0 || isUnread(after) === 1) return;
      group.draft.resumed = t;
      if (group.unread.count() === 0) finish(group, t);
    },
  );
  const readings = readingInto(held);

  return {
    begin: (header) => readings.begin!(header),
    see(event) {
      origins.see(event);
      readings.see(event);
      switch (event.type) {
        case "group.state": {
          const { group: id, from, to, reason, t, generation, client = null } = event;
          const group = groupOf(id);
          if (AT_REST.has(from) && !AT_REST.has(to)) {
            finish(group, t);
            group.settled = false;
            group.draft = {
              group: id,
              ordinal: ++group.ordinal,
              cause: origins.of(event),
              reason,
              member: event.member ?? null,
              client,
              event: event.id,
              ended: null,
              from: t,
              joined: null,
              assigned: null,
              to: t,
              resumed: null,
              outcome: "unfinished",
              attempts: [],
              generationBefore: generation,
              generationAfter: generation,
              membersBefore: group.members,
              membersAfter: 0,
              waitedFor: null,
              partitionSecondsUnread: 0,
              computedBy: null,
            };
          }
          const { draft } = group;
          if (!draft || group.settled) return;
          draft.generationAfter = generation;
          if (to === "PreparingRebalance") {
            draft.attempts.push({ from: t, reason, client, joined: null });
            draft.joined = draft.assigned = draft.computedBy = null;
          } else if (AT_REST.has(to)) {
            draft.to = t;
            draft.ended = event.id;
            draft.outcome = to === "Stable" ? "stable" : to === "Empty" ? "empty" : "gone";
            if (to === "Empty") group.members = 0;
            draft.membersAfter = group.members;
            group.settled = true;
            const allRead = to === "Stable" && group.unread.count() === 0;
            if (allRead) draft.resumed = t;
            if (allRead || to !== "Stable") finish(group, t); // otherwise the last partition to be read again ends it
          }
          return;
        }
        case "group.member": {
          const { t, member, client, reason, change } = event;
          groupOf(event.group).removed = change === "removed" ? { t, member, client, reason } : null;
          return;
        }
        case "group.join-complete": {
          const group = groupOf(event.group);
          group.members = event.members;
          const { draft } = group;
          if (!draft || group.settled) return;
          const { t, how, slowest, slowestClient, evicted, absent } = event;
          draft.joined = t;
          draft.generationAfter = event.generation;
          draft.attempts[draft.attempts.length - 1] = { ...draft.attempts.at(-1)!, joined: t };
          // A barrier that falls at the instant of a removal has waited for that member, not for the last that came.
          const removed = group.removed?.t === t ? group.removed : null;
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
        case "group.assignment": {
          const { draft, settled } = groupOf(event.group);
          // A group leader may still be computing for an attempt that was overtaken meanwhile.
          if (!draft || settled || draft.joined === null || event.generation !== draft.generationAfter) return;
          draft.assigned = event.t + event.took;
          draft.computedBy = event.client;
          return;
        }
        case "request.sent": {
          // The computation takes its time, and then the group leader's SyncGroup says exactly when it was done.
          if (event.api !== "SyncGroup") return;
          const { draft, settled } = groupOf(event.group);
          if (draft && !settled && draft.computedBy === event.client) draft.assigned = event.t;
          return;
        }
      }
    },
    end(t) {
      for (const group of groups.values()) {
        if (group.draft && !group.settled) {
          group.draft.to = t;
          group.draft.membersAfter = group.members;
        }
        finish(group, t);
      }
      groups.clear();
    },
  };
}

/** 1 for a partition that nobody reads for this reason, 0 for one that is read, or whose reader only pauses. */
function isUnread(reason: string | null): 0 | 1 {
  return reason !== null && reason !== "busy" ? 1 : 0;
}

interface UnreadArea {
  /** From `t` on there are so many more. */
  change(t: Instant, by: number): void;
  count(): number;
  /** Partition-seconds between two instants, the first not before the last cut. */
  since(from: Instant, to: Instant): number;
  /** What was before belongs to the past. */
  cut(t: Instant): void;
}

/** How many partitions nobody reads, as steps over time; remembers them back to the last cut. */
function unreadArea(): UnreadArea {
  let steps: { t: Instant; count: number }[] = [{ t: 0, count: 0 }];
  return {
    count: () => steps.at(-1)!.count,
    change(t, by) {
      if (by === 0) return;
      let place = steps.length; // what comes to light later may have begun before other steps
      while (place > 1 && steps[place - 1].t > t) place--;
      if (steps[place - 1].t < t) steps.splice(place, 0, { t, count: steps[place - 1].count });
      else place--;
      for (; place < steps.length; place++) steps[place].count += by;
    },
    since(from, to) {
      let area = 0;
      steps.forEach(({ t, count }, i) => {
        const end = Math.min(steps[i + 1]?.t ?? to, to);
        area += count * Math.max(0, end - Math.max(t, from));
      });
      return area / 1e6;
    },
    cut(t) {
      steps = [{ t, count: steps.at(-1)!.count }];
    },
  };
}
