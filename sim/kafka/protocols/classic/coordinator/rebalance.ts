import { fromMs } from "../../../../engine/time.ts";
import type { MemberId, Partitions } from "../../../../names.ts";
import type { CoordinatorRequest, ErrorCode } from "../../../messages.ts";
import type { RebalanceReason } from "../group-states.ts";
import { joinRefused } from "../../coordination/replies.ts";
import type { Coordination } from "./coordination.ts";
import {
  answer,
  answerParkedSync,
  recordDropped,
  removeMember,
  removePending,
  renewSession,
  takeJoin,
} from "./coordination.ts";
import type { Who } from "./group.ts";
import type { GroupMetadataRecord } from "./group-record.ts";
import { joined } from "./replies.ts";

/** What ended a join phase. */
type HowJoined = "all-joined" | "timer" | "expiry";

/**
 * Somebody came, changed or went: begins a rebalance, or, if the join phase is running, sees whether that ended it.
 * Kafka: `maybePrepareRebalanceOrCompleteJoin`.
 */
export function prepareOrCompleteJoin(on: Coordination, reason: RebalanceReason, who: Who): void {
  if (on.group.state === "PreparingRebalance") tryCompleteJoin(on);
  else prepareRebalance(on, reason, who);
}

/** Begins a rebalance: everybody is to send JoinGroup. Kafka: `prepareRebalance`. */
export function prepareRebalance(on: Coordination, reason: RebalanceReason, who: Who | undefined): void {
  const { group, host } = on;
  const { state } = group;
  group.pendingSync.clear();
  host.cancel("sync", group.id);
  group.move(reason, who);
  if (state === "CompletingRebalance") abandonSync(on, "REBALANCE_IN_PROGRESS");
  if (state === "Empty") beginInitialDelay(on);
  else if (group.allJoined) completeJoin(on, "all-joined");
  else awaitJoins(on, "barrier");
}

/** Nobody will get an assignment in this generation any more. */
function abandonSync(on: Coordination, error: ErrorCode): void {
  for (const member of on.group.members()) {
    member.assignment = undefined;
    if (answerParkedSync(on, member, error)) renewSession(on, member);
  }
}

/** The log refused the group leader's assignment: whoever waits for it is told, and all join again. */
export function assignmentRefused(on: Coordination, error: ErrorCode, who: Who): void {
  abandonSync(on, error);
  prepareRebalance(on, "append-failed", who);
}

/** The barrier. Its length is fixed now: it does not shrink when the member who asked for it leaves. */
function awaitJoins({ group, host }: Coordination, kind: "barrier" | "rearmed"): void {
  const delay = group.rebalanceTimeout;
  host.after(delay, "join", group.id);
  host.record({ type: "group.window", group: group.id, kind, delay });
}

/** A group that was empty gives others the time to come too: those who start together should not rebalance one by one. */
function beginInitialDelay({ group, host, options }: Coordination): void {
  const delay = fromMs(options.config["group.initial.rebalance.delay.ms"]);
  const remaining = Math.max(group.rebalanceTimeout - delay, 0);
  group.initialWindow = { delay, remaining };
  host.after(delay, "join", group.id);
  host.record({ type: "group.window", group: group.id, kind: "initial", delay, remaining });
}

/** The time for joining is over, unless it was the initial delay and somebody came during it. */
export function joinTimeOver(on: Coordination): void {
  const { group, host, options } = on;
  const window = group.initialWindow;
  if (!window || !group.newMemberAdded || window.remaining === 0) {
    completeJoin(on, "timer");
    return;
  }
  // Another whole window, so two who start at once wait for two. Kafka: `tryCompleteInitialRebalanceElseSchedule`.
  group.newMemberAdded = false;
  const delay = Math.min(fromMs(options.config["group.initial.rebalance.delay.ms"]), window.remaining);
  const remaining = Math.max(window.remaining - window.delay, 0);
  group.initialWindow = { delay, remaining };
  host.after(delay, "join", group.id);
  host.record({ type: "group.window", group: group.id, kind: "extended", delay, remaining });
}

/** Ends the join phase if everybody is here; the initial delay ends by time alone. Kafka: `maybeCompleteJoinPhase`. */
export function tryCompleteJoin(on: Coordination, how: HowJoined = "all-joined"): void {
  const { group } = on;
  if (group.state === "PreparingRebalance" && !group.initialWindow && group.allJoined) completeJoin(on, how);
}

/**
 * A member or a pending id ran out of time. In the Java coordinator that ends even the initial delay, if nobody else
 * is awaited; a departure by LeaveGroup does not.
 */
export function completeJoinAfterExpiry(on: Coordination): void {
  if (on.options.flavour === "scala") tryCompleteJoin(on, "expiry");
  else if (on.group.state === "PreparingRebalance" && on.group.allJoined) completeJoin(on, "expiry");
}

/** Kafka: `completeClassicGroupJoin`. */
function completeJoin(on: Coordination, how: HowJoined): void {
  const { group, host } = on;
  host.cancel("join", group.id);

  // Static members keep their seat: they are thought to be restarting.
  const missing = group.notRejoined();
  const evicted = missing.filter(({ instance }) => instance === undefined);
  for (const member of evicted) removeMember(on, member, "rebalance-timeout");
  if (!group.electJoinedLeader() && group.size > 0) {
    awaitJoins(on, "rearmed");
    return;
  }

  const waited = host.now() - group.since;
  const slowest = Array.from(group.parkedJoins).at(-1);
  group.initialWindow = undefined;
  group.nextGeneration();
  host.record({
    type: "group.join-complete",
    group: group.id,
    generation: group.generation,
    how,
    waited,
    members: group.size,
    ...(group.leader !== undefined && { leader: group.leader }),
    ...(group.protocolName !== undefined && { protocolName: group.protocolName }),
    ...(slowest && { slowest: slowest[0], slowestClient: slowest[1].client }),
    evicted: evicted.map(({ id }) => id),
    absent: missing.filter(({ instance }) => instance !== undefined).map(({ id }) => id),
  });
  if (group.size === 0) {
    group.move("emptied");
    on.writes.append(groupRecord(on));
  } else {
    group.move("join-complete");
    beginSync(on);
  }
}

/** Everybody hears of the new generation, and owes a SyncGroup. */
function beginSync(on: Coordination): void {
  const { group, host } = on;
  for (const member of group.members()) {
    const request = takeJoin(on, member.id);
    if (request) answer(on, request, joined(group, request, member.id));
    renewSession(on, member);
    member.isNew = false;
    group.pendingSync.add(member.id);
  }
  host.after(group.rebalanceTimeout, "sync", group.id);
}

/** The group as it is to be persisted. `assignments` tells what each member gets, if that is not yet in force. */
export function groupRecord(
  { group }: Coordination,
  assignments?: Readonly<Record<MemberId, Partitions>>,
): GroupMetadataRecord {
  return {
    type: "group",
    generation: group.generation,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    leader: group.leader,
    since: group.since,
    members: Array.from(group.members(), (member) => ({
      id: member.id,
      instance: member.instance,
      client: member.client,
      sessionTimeout: member.sessionTimeout,
      rebalanceTimeout: member.rebalanceTimeout,
      protocols: member.protocols.filter(({ name }) => name === group.protocolName),
      assignment: assignments ? assignments[member.id] : member.assignment,
    })),
  };
}

/** A group that is new, whatever has come of it meanwhile. Kafka: `newEmptyGroupMetadataRecord`. */
export function emptyGroupRecord({ group }: Coordination): GroupMetadataRecord {
  return { type: "group", generation: 0, since: group.since, members: [] };
}

/**
 * The log refused the record of a group that was new: there is no such group. Only the request that created it is
 * told; others that wait here never hear of it, in Kafka either.
 */
export function creationRefused(on: Coordination, error: ErrorCode, creator: CoordinatorRequest): void {
  const { group } = on;
  if (!["Empty", "PreparingRebalance", "CompletingRebalance"].includes(group.state)) return;
  group.move("creation-failed");
  for (const request of group.parkedJoins.values()) {
    if (request === creator) answer(on, request, joinRefused(request, error, ""));
    else recordDropped(on, request, "group-removed");
  }
  for (const request of group.parkedSyncs.values()) recordDropped(on, request, "group-removed");
  forget(on);
}

/** Drops all that the group has and waits for. */
export function forget(on: Coordination): void {
  const { group, host } = on;
  group.parkedJoins.clear();
  group.parkedSyncs.clear();
  for (const id of group.pendingJoin.keys()) removePending(on, id, "group-removed");
  for (const member of group.members()) removeMember(on, member, "group-removed");
  host.cancel("join", group.id);
  host.cancel("sync", group.id);
  group.clear();
}
