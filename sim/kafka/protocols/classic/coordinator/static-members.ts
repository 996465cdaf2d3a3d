import type { ClientId, MemberId } from "../../../../names.ts";
import type { JoinGroup } from "../../../messages.ts";
import { joinRefused } from "../../coordination/replies.ts";
import type { Coordination } from "./coordination.ts";
import { answer, answerParkedSync, parkJoin, refuseParkedJoin, renewSession, takeJoin } from "./coordination.ts";
import type { ClassicGroupMember } from "./group.ts";
import { groupRecord, prepareRebalance, tryCompleteJoin } from "./rebalance.ts";
import { joinedAmong, membersForLeader } from "./replies.ts";

/** From this version on a static leader that returns can be told to lead without assigning (KIP-814). */
const KNOWS_SKIP_ASSIGNMENT = 9;

/**
 * A static member came back without its member id: it is given a new one in the same seat, and the old id is fenced.
 * While the group is Stable that is all, if the vote on the assignor stays as it is; changed topics do not matter.
 * Kafka: `updateStaticMemberThenRebalanceOrCompleteJoin`.
 */
export function replaceStaticMember(
  on: Coordination,
  request: JoinGroup,
  old: ClassicGroupMember,
  newId: MemberId,
): void {
  const { group } = on;
  const leaderBefore = group.leader!;
  const member = takeSeat(on, old, newId, request.client, "restarted");
  group.update(member, request);
  parkJoin(on, member, request);

  const who = { member: newId, client: request.client };
  switch (group.state) {
    case "Stable":
      if (group.winner() === group.protocolName) persistReplacement(on, request, old, member, leaderBefore);
      else prepareRebalance(on, "static-protocol-changed", who);
      break;
    case "CompletingRebalance":
      prepareRebalance(on, "static-replaced", who);
      break;
    case "PreparingRebalance":
      tryCompleteJoin(on);
      break;
    default:
      throw new Error(`a group in state ${group.state} has no static members`);
  }
}

/** Whoever still waits under the old id is fenced. The new one inherits the old session timeout for a first time. */
function takeSeat(
  on: Coordination,
  old: ClassicGroupMember,
  id: MemberId,
  client: ClientId,
  reason: string,
): ClassicGroupMember {
  refuseParkedJoin(on, old.id, "FENCED_INSTANCE_ID", old.id);
  answerParkedSync(on, old, "FENCED_INSTANCE_ID");
  on.host.cancel("session", old.id);
  const member = on.group.replaceStaticMember(old, id, client, reason);
  renewSession(on, member);
  return member;
}

function persistReplacement(
  on: Coordination,
  request: JoinGroup,
  old: ClassicGroupMember,
  member: ClassicGroupMember,
  leaderBefore: MemberId,
): void {
  const { group } = on;
  on.writes.append(groupRecord(on), {
    committed() {
      const isLeader = group.leader === member.id;
      const leadsAnew = isLeader && request.version >= KNOWS_SKIP_ASSIGNMENT;
      // Kafka can list the members only between rebalances; in one, the leader's JoinGroup stays parked and counts.
      if (leadsAnew && group.state === "PreparingRebalance") return;
      const parked = takeJoin(on, member.id);
      if (!parked) return; // a rebalance has answered it meanwhile
      const reply = joinedAmong(group, parked, member.id, leadsAnew ? membersForLeader(group) : []);
      if (request.version >= KNOWS_SKIP_ASSIGNMENT) answer(on, parked, { ...reply, skipAssignment: isLeader });
      // It is told the leader of before: a leader that returns takes itself for a follower and does not assign.
      else answer(on, parked, { ...reply, leader: leaderBefore });
    },
    failed(error) {
      const parked = takeJoin(on, member.id);
      if (parked) answer(on, parked, joinRefused(parked, error, ""));
      if (group.state === "Dead" || group.member(member.id) !== member) return;
      group.update(member, old);
      takeSeat(on, member, old.id, old.client, "append-failed");
    },
  });
}
