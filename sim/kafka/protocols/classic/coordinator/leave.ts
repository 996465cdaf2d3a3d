import type { ErrorCode, LeaveGroup, LeaveGroupReply } from "../../../messages.ts";
import type { Coordination } from "./coordination.ts";
import { answerWhenWritten, removeMember, removePending } from "./coordination.ts";
import type { Who } from "./group.ts";
import { identityError } from "./join.ts";
import { prepareRebalance, tryCompleteJoin } from "./rebalance.ts";

type Identity = LeaveGroup["members"][number];

/** Kafka: `classicGroupLeaveToClassicGroup`. */
export function handleLeave(on: Coordination, request: LeaveGroup): void {
  const { flavour } = on.options;
  let firstLeft: Who | undefined;
  const members: LeaveGroupReply["members"] = request.members.map((identity) => {
    const { left, error } = leave(on, identity);
    firstLeft ??= left?.who;
    // The Scala coordinator rebalances after each of them, and not for an id that had not joined yet.
    if (flavour === "scala" && left) afterDeparture(on, left.who, left.wasPending);
    return { member: identity.member, ...(identity.instance !== undefined && { instance: identity.instance }), error };
  });
  if (flavour === "java" && firstLeft) afterDeparture(on, firstLeft, false);
  answerWhenWritten(on, request, (error) => ({ api: "LeaveGroup", id: request.id, error, members }));
}

interface Departure {
  readonly error: ErrorCode;
  readonly left?: { readonly who: Who; readonly wasPending: boolean };
}

function leave(on: Coordination, { member: id, instance }: Identity): Departure {
  const { group } = on;
  const client = group.pendingJoin.get(id);
  if (client !== undefined) {
    removePending(on, id, "leave");
    return { error: "NONE", left: { who: { member: id, client }, wasPending: true } };
  }
  // An administrator removes a static member by its instance id alone.
  const byInstance = id === "" && instance !== undefined ? group.memberOfInstance(instance) : undefined;
  const leaving = byInstance ?? id;
  const error = identityError(group, leaving, instance);
  if (error !== "NONE") return { error };
  const member = group.member(leaving)!;
  removeMember(on, member, "leave");
  return { error, left: { who: { member: member.id, client: member.client }, wasPending: false } };
}

function afterDeparture(on: Coordination, who: Who, wasPending: boolean): void {
  const { state } = on.group;
  if (state === "PreparingRebalance") tryCompleteJoin(on);
  else if ((state === "Stable" || state === "CompletingRebalance") && !wasPending) prepareRebalance(on, "leave", who);
}
