import type { MemberId, Partitions } from "../../../../names.ts";
import type {
  CoordinatorRequest,
  ErrorCode,
  GroupReply,
  JoinGroup,
  JoinGroupReply,
  SyncGroup,
  SyncGroupReply,
} from "../../../messages.ts";
import type { ClassicGroup } from "./group.ts";

/** A JoinGroup that fails. `member` is the id the client is to go on with; "" for none. */
export function joinRefused(request: JoinGroup, error: ErrorCode, member: MemberId): JoinGroupReply {
  return {
    api: "JoinGroup",
    id: request.id,
    error,
    generation: -1,
    leader: "",
    member,
    skipAssignment: false,
    members: [],
  };
}

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

/** The reply to any request that says nothing but an error. */
export function errorReply(request: CoordinatorRequest, error: ErrorCode): GroupReply {
  const { id, api } = request;
  switch (api) {
    case "JoinGroup":
      return joinRefused(request, error, request.member);
    case "LeaveGroup":
      return { api, id, error, members: [] };
    case "OffsetFetch":
      return { api, id, error, offsets: {} };
    case "OffsetCommit":
      return { api, id, error, ...(request.regular && { regular: true }) };
    case "ConsumerGroupHeartbeat":
      return { api, id, error, member: request.member, epoch: request.epoch, heartbeatInterval: 0 };
    default:
      return { api, id, error };
  }
}
