import { AWAY } from "../../../../names.ts";
import type { ConsumerGroupHeartbeat, ErrorCode } from "../../../messages.ts";
import { JOIN } from "../member-epochs.ts";
import type { Coordination } from "./coordination.ts";
import { holdsAll } from "./holdings.ts";
import type { ConsumerGroupMember } from "./member.ts";
import { newMember } from "./member.ts";

/** Whose heartbeat it is. */
export type Seat =
  /** Somebody who is a member. */
  | { readonly kind: "known"; readonly member: ConsumerGroupMember }
  /** Somebody who joins. */
  | { readonly kind: "new"; readonly member: ConsumerGroupMember }
  /** A static member that has come back under another id, into the seat of the one who left. */
  | { readonly kind: "returned"; readonly member: ConsumerGroupMember; readonly replaced: ConsumerGroupMember };

/** Who sends this heartbeat, or why it is refused. `member`: its id, or the one it gets. */
export function seatOf(on: Coordination, request: ConsumerGroupHeartbeat): Seat | ErrorCode {
  const { group } = on;
  const isJoin = request.epoch === JOIN;
  if (!group.exists && !isJoin) return "GROUP_ID_NOT_FOUND";
  if (isFull(on, request)) return "GROUP_MAX_SIZE_REACHED";
  return request.instance === undefined ? dynamicSeat(on, request) : staticSeat(on, request, request.instance);
}

/** A full group takes only those who are in it. Kafka: `throwIfConsumerGroupIsFull`. */
function isFull({ group, options, traits }: Coordination, { member, instance }: ConsumerGroupHeartbeat): boolean {
  if (group.size < options.config["group.consumer.max.size"] || group.member(member)) return false;
  return !(traits.seatsReturningMembers && instance !== undefined && group.memberOfInstance(instance));
}

function dynamicSeat(on: Coordination, request: ConsumerGroupHeartbeat): Seat | ErrorCode {
  const { group, ids } = on;
  const member = group.member(request.member);
  if (!member) {
    if (request.epoch !== JOIN) return "UNKNOWN_MEMBER_ID";
    return {
      kind: "new",
      member: newMember(request.member === "" ? ids.next(request.client) : request.member, request),
    };
  }
  return admit(on, member, request);
}

/** Kafka: `getOrMaybeSubscribeStaticConsumerGroupMember`. */
function staticSeat(on: Coordination, request: ConsumerGroupHeartbeat, instance: string): Seat | ErrorCode {
  const { group, ids } = on;
  const seated = group.memberOfInstance(instance);
  if (request.epoch !== JOIN) {
    const error = staticError(seated, request);
    return error === "NONE" ? admit(on, seated!, request) : error;
  }
  const id = request.member === "" ? ids.next(instance) : request.member;
  if (!seated) return { kind: "new", member: newMember(id, request) };
  if (seated.epoch !== AWAY) return "UNRELEASED_INSTANCE_ID"; // whoever crashed cannot be back before its session ends
  return { kind: "returned", member: { ...seated, id, epoch: JOIN, previousEpoch: JOIN }, replaced: seated };
}

/** Whether a static member that says it is in the group is so. */
export function staticError(seated: ConsumerGroupMember | undefined, request: ConsumerGroupHeartbeat): ErrorCode {
  if (!seated) return "UNKNOWN_MEMBER_ID";
  return seated.id === request.member ? "NONE" : "FENCED_INSTANCE_ID";
}

/**
 * Lets a member in whose epoch is right, or that is one behind because a reply was lost, and owns nothing that it does not
 * have. Kafka: `throwIfConsumerGroupMemberEpochIsInvalid`.
 */
function admit(
  { traits }: Coordination,
  member: ConsumerGroupMember,
  { epoch, owned }: ConsumerGroupHeartbeat,
): Seat | ErrorCode {
  const missedReply =
    epoch < member.epoch && epoch === member.previousEpoch && owned !== undefined && holdsAll(member.assigned, owned);
  const beginsAnew = epoch === JOIN && traits.readmitsMembers;
  return epoch === member.epoch || missedReply || beginsAnew ? { kind: "known", member } : "FENCED_MEMBER_EPOCH";
}
