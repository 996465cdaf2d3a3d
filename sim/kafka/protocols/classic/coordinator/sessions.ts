import type { MemberId } from "../../../../names.ts";
import type { ErrorCode, Heartbeat } from "../../../messages.ts";
import type { Coordination } from "./coordination.ts";
import { answer, answerWhenWritten, removeMember, removePending, renewSession } from "./coordination.ts";
import type { ClassicGroup, ClassicGroupMember } from "./group.ts";
import { identityError } from "./join.ts";
import { completeJoinAfterExpiry, prepareRebalance } from "./rebalance.ts";

/**
 * A heartbeat keeps its member alive and tells it of a rebalance, but only while that waits for JoinGroups: later the
 * member would have nothing to do but SyncGroup. Kafka: `classicGroupHeartbeatToClassicGroup`.
 */
export function handleHeartbeat(on: Coordination, request: Heartbeat): void {
  const { group } = on;
  const refusal = heartbeatError(group, request);
  if (refusal !== "NONE") {
    answer(on, request, { api: "Heartbeat", id: request.id, error: refusal });
    return;
  }
  renewSession(on, group.member(request.member)!);
  const error = group.state === "PreparingRebalance" ? "REBALANCE_IN_PROGRESS" : "NONE";
  answerWhenWritten(on, request, (failure) => ({
    api: "Heartbeat",
    id: request.id,
    error: failure === "NONE" ? error : failure,
  }));
}

function heartbeatError(group: ClassicGroup, { member, instance, generation }: Heartbeat): ErrorCode {
  const identity = identityError(group, member, instance);
  if (identity !== "NONE") return identity;
  return generation === group.generation ? "NONE" : "ILLEGAL_GENERATION";
}

/** Nothing was heard of this member, or of this id handed out, for too long. Kafka: `expireClassicGroupMemberHeartbeat`. */
export function sessionOver(on: Coordination, id: MemberId): void {
  const { group } = on;
  if (group.pendingJoin.has(id)) {
    removePending(on, id, "pending-timeout");
    completeJoinAfterExpiry(on);
    return;
  }
  const member = group.member(id)!;
  // Whoever waits for an answer is alive as far as the coordinator can tell. Its session begins anew with the answer.
  if (isExcused(group, member)) return;
  removeMember(on, member, member.isNew ? "new-member-timeout" : "session-expired", member.session);
  if (group.state === "PreparingRebalance") completeJoinAfterExpiry(on);
  else prepareRebalance(on, "session-expired", { member: id, client: member.client });
}

function isExcused(group: ClassicGroup, { id, isNew }: ClassicGroupMember): boolean {
  return !isNew && (group.parkedJoins.has(id) || group.parkedSyncs.has(id));
}
