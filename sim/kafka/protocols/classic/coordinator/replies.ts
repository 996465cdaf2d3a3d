import type { MemberId, Partitions } from "../../../../names.ts";
import type { ErrorCode, JoinGroup, JoinGroupReply, SyncGroup, SyncGroupReply } from "../../../messages.ts";
import type { ClassicGroup } from "./group.ts";

/**
 * A JoinGroup that succeeds in the group's current generation. Only the group leader hears of the others: their
 * metadata of the assignor that was chosen.
 */
export function joined(group: ClassicGroup, request: JoinGroup, member: MemberId): JoinGroupReply {
  return joinedAmong(group, request, member, member === group.leader ? membersForLeader(group) : []);
}

/** The same, with the list that is to be told. */
export function joinedAmong(
  group: ClassicGroup,
  request: JoinGroup,
  member: MemberId,
  members: JoinGroupReply["members"],
): JoinGroupReply {
  return {
    api: "JoinGroup",
    id: request.id,
    error: "NONE",
    generation: group.generation,
    protocolName: group.protocolName,
    leader: group.leader!,
    member,
    skipAssignment: false,
    members,
  };
}

export function membersForLeader(group: ClassicGroup): JoinGroupReply["members"] {
  return Array.from(group.members(), ({ id, instance, protocols }) => ({
    id,
    ...(instance !== undefined && { instance }),
    metadata: protocols.find(({ name }) => name === group.protocolName)!.metadata,
  }));
}

export function syncAnswer(request: SyncGroup, error: ErrorCode, assignment?: Partitions): SyncGroupReply {
  return {
    api: "SyncGroup",
    id: request.id,
    error,
    ...(error === "NONE" && assignment !== undefined && { assignment }),
  };
}
