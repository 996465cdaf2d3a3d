import { AWAY } from "../../../../names.ts";
import type { Duration } from "../../../../engine/time.ts";
import type { ConsumerGroupHeartbeat, ConsumerGroupHeartbeatReply, ErrorCode } from "../../../messages.ts";
import type { WriteOutcome } from "../../coordination/pending-writes.ts";
import { LEAVE } from "../member-epochs.ts";
import type { Coordination } from "./coordination.ts";
import { answer, refuse } from "./coordination.ts";
import { existing, sameTopics } from "./epochs.ts";
import type { ConsumerGroupChange } from "./group.ts";
import { NOTHING } from "./holdings.ts";
import type { ConsumerGroupMember } from "./member.ts";
import { staticError } from "./seats.ts";
import { cancelTimers } from "./timers.ts";

/** A member leaves, for good or for a while. Kafka: `consumerGroupLeave`. */
export function handleDeparture(on: Coordination, request: ConsumerGroupHeartbeat): void {
  const { group } = on;
  if (!group.exists) return refuse(on, request, "GROUP_ID_NOT_FOUND");
  const { instance } = request;
  const member = instance === undefined ? group.member(request.member) : group.memberOfInstance(instance);
  if (!member) return refuse(on, request, "UNKNOWN_MEMBER_ID");
  const error = instance === undefined ? "NONE" : staticError(member, request);
  if (error !== "NONE") return refuse(on, request, error);
  const { refusal } = on.journal;
  if (refusal) {
    // Kafka has cancelled its timers by then: it stays a member, and no session of its ends, until the group is loaded again.
    if (request.epoch === LEAVE) cancelTimers(on, member);
    return refuse(on, request, refusal);
  }
  const outcome = {
    committed: () => answer(on, request, farewell(request)),
    failed: (failure: ErrorCode) => refuse(on, request, failure),
  };
  if (request.epoch === AWAY) goAway(on, member, outcome);
  else removeMember(on, member, "member-left", outcome);
}

const farewell = ({ id, member, epoch }: ConsumerGroupHeartbeat): ConsumerGroupHeartbeatReply => ({
  api: "ConsumerGroupHeartbeat",
  id,
  error: "NONE",
  member,
  epoch,
  heartbeatInterval: 0,
});

/**
 * A static member will be back: what it has stays its own, but for what it was to give up. Its session goes on as it was, so
 * the seat is kept for what is left of it. Kafka: `consumerGroupStaticMemberGroupLeave`.
 */
function goAway(on: Coordination, member: ConsumerGroupMember, outcome: WriteOutcome): void {
  const { id, client, instance } = member;
  const after: ConsumerGroupMember = { ...member, epoch: AWAY, pending: NOTHING };
  const who = { member: id, client };
  on.host.record({
    type: "group.member",
    group: on.id,
    ...who,
    ...(instance !== undefined && { instance }),
    change: "away",
    reason: "member-left",
  });
  if (member.pending.size > 0) on.journal.tellReconciled(member, after);
  on.journal.change([{ what: "member", member: after }], "member-away", who, outcome);
}

/**
 * Takes a member out of the group: what it had is free at once, but who is to have it is decided when somebody is next heard
 * of. Kafka: `consumerGroupFenceMember`.
 */
export function removeMember(
  on: Coordination,
  member: ConsumerGroupMember,
  reason: "member-left" | "session-expired" | "rebalance-timeout",
  { silentFor, ...outcome }: WriteOutcome & { readonly silentFor?: Duration },
): void {
  const { group, host, journal } = on;
  const { id, client, instance } = member;
  const who = { member: id, client };
  const epoch = group.epoch + 1;
  const topics = existing(on, member, undefined);
  const changes: ConsumerGroupChange[] = [
    { what: "removed", id },
    { what: "epoch", epoch },
  ];
  if (!sameTopics(topics, group.topics)) changes.push({ what: "topics", topics });
  cancelTimers(on, member);
  host.record({
    type: "group.member",
    group: on.id,
    ...who,
    ...(instance !== undefined && { instance }),
    change: "removed",
    reason: reason === "member-left" ? "leave" : reason,
    ...(silentFor !== undefined && { silentFor }),
  });
  host.record({ type: "group.epoch", group: on.id, generation: epoch, reason, ...who });
  journal.change(changes, reason, who, outcome);
}
