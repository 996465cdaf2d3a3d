import type { Duration, Instant } from "../../../engine/time.ts";
import type { ClientId, Generation, GroupId, MemberId } from "../../../names.ts";
import type { EventId } from "../../event.ts";
import type { Cause } from "../causes.ts";

/**
 * How a group's members and its coordinator agree on an assignment: Kafka's `group.protocol`; or that they have none, and each
 * works its share out by itself (the ZooKeeper era).
 */
export type GroupProtocol = "classic" | "consumer" | "zookeeper";

/**
 * One rebalance of a group: from its leaving `Stable` (or `Empty`) until it is there again. One that is overtaken by
 * the next before it could finish is an attempt of the same rebalance. In a group of the consumer protocol most
 * partitions are read all the while: it is over when every member has reached the target assignment.
 */
export interface Rebalance {
  readonly group: GroupId;
  /** The how-many-th of its group, from 1. */
  readonly ordinal: number;
  readonly protocol: GroupProtocol;
  readonly cause: Cause;
  /** The coordinator's own reason for beginning (`new-member`, `session-expired` …), and whose doing it was. */
  readonly reason: string;
  readonly member: MemberId | null;
  readonly client: ClientId | null;
  /** Who else did what the cause says, at the very instant at which its client was seen to. */
  readonly others: readonly ClientId[];
  /** The event that began it, and the one that ended it. */
  readonly event: EventId;
  readonly ended: EventId | null;

  /** The group left `Stable` or `Empty`. */
  readonly from: Instant;
  /** The last join phase was over; `null` if none ever was, as with the consumer protocol. */
  readonly joined: Instant | null;
  /** The group leader had computed the assignment and sent it back; of the consumer protocol: the first target was computed. */
  readonly assigned: Instant | null;
  /** The group was at rest again, or the run was over. */
  readonly to: Instant;
  /**
   * The last partition was read again; if all were read throughout, as `to`; `null` if the next rebalance or the end of the
   * run came before anything was. With the consumer protocol that may be before `to`: members that keep what they have learn
   * the last epoch by their next heartbeats, and read on meanwhile.
   */
  readonly resumed: Instant | null;
  /** `unfinished`: the run ended. `gone`: its coordinator went away, or the group was removed. */
  readonly outcome: "stable" | "empty" | "gone" | "unfinished";

  readonly attempts: readonly Attempt[];
  readonly generationBefore: Generation;
  readonly generationAfter: Generation;
  /** Members of the generation before and after. */
  readonly membersBefore: number;
  readonly membersAfter: number;
  /** Whom the last join phase, or with the consumer protocol the reconciliation, waited for. */
  readonly waitedFor: Waited | null;
  /**
   * Partitions times seconds in which nobody read them, from the cause (or from the rebalance before) until all were
   * read again. Pauses of a busy application are not counted, unless it loses its partitions by that.
   */
  readonly partitionSecondsUnread: number;
}

/**
 * One entry into PreparingRebalance; with the consumer protocol one target assignment, from the change that asked for it; without
 * a coordinator the n-th is the first n-th attempt of any consumer.
 */
export interface Attempt {
  readonly from: Instant;
  readonly reason: string;
  readonly client: ClientId | null;
  /** Its join phase was over, or its target was computed; `null` while it was not. */
  readonly joined: Instant | null;
}

export interface Waited {
  /**
   * All came, or the time ran out, or a session did. With the consumer protocol: somebody was the last to give up what
   * others were to have, by leaving perhaps, or when its time or its session ran out; or, where nobody had to, the last to
   * come for what it was to have; or a static member was away, and is back.
   */
  readonly how: "all-joined" | "timer" | "expiry" | "released" | "reconciled" | "returned";
  /** The member whose JoinGroup or heartbeat came last, or whose removal let the others go on. */
  readonly member: MemberId | null;
  readonly client: ClientId | null;
  /** Why it was removed (`session-expired`, `leave`, `rebalance-timeout` …); `null` if it was not. */
  readonly removed: string | null;
  /** Those who did not come; of `absent`, static members whose places were reserved. */
  readonly evicted: readonly MemberId[];
  readonly absent: readonly MemberId[];
}

/** What a rebalance consists of; which of these, and in which order, is its protocol's. */
export type PhaseName = "detection" | "joining" | "assignment" | "sync" | "reconciliation" | "resumption";

export const PHASES: Readonly<Record<GroupProtocol, readonly PhaseName[]>> = {
  classic: ["detection", "joining", "assignment", "sync", "resumption"],
  consumer: ["detection", "assignment", "reconciliation", "resumption"],
  zookeeper: ["detection", "reconciliation", "resumption"],
};

/** The lengths of a rebalance's phases, in order; each begins where the one before ends. */
export type Phases = Readonly<Partial<Record<PhaseName, Duration>>>;

/**
 * - detection: from the cause until the group left `Stable`;
 * - joining: until the last join phase was over, failed attempts included;
 * - assignment: until the group leader had sent its assignment, or some member's heartbeat had the first target computed;
 *   none where a static member went away: that asks for no target until its session is over;
 * - sync, or reconciliation: until the group was stable (of the consumer protocol: or everything was read again, if that was
 *   sooner), or, without a coordinator, until every consumer had its share or had
 *   given up. With the consumer protocol all waiting for members to give up, to expire and to come is in it, and the targets
 *   that follow are;
 * - resumption: until the last partition was read again.
 */
export function phases(rebalance: Rebalance): Phases {
  const { protocol, cause, from, joined, to, resumed, attempts } = rebalance;
  const assigned = rebalance.assigned ?? to;
  const around = { detection: from - cause.at };
  const resumption = (resumed ?? to) - to;
  if (protocol === "zookeeper") return { ...around, reconciliation: to - from, resumption };
  if (protocol === "consumer") {
    const until = Math.min(to, resumed ?? to);
    const assignedAt = attempts[0]?.from === from ? Math.min(assigned, until) : from;
    const reconciliation = until - assignedAt;
    return { ...around, assignment: assignedAt - from, reconciliation, resumption: Math.max(0, resumption) };
  }
  const joinedAt = joined ?? to;
  return { ...around, joining: joinedAt - from, assignment: assigned - joinedAt, sync: to - assigned, resumption };
}
