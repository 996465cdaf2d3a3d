import type { MemberId } from "../../../names.ts";
import type {
  CoordinatorRequest,
  ErrorCode,
  GroupReply,
  JoinGroup,
  JoinGroupReply,
  OffsetCommit,
  OffsetCommitReply,
} from "../../messages.ts";

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
      return commitReply(request, error);
    case "ConsumerGroupHeartbeat":
      return { api, id, error, member: request.member, epoch: request.epoch, heartbeatInterval: 0 };
    default:
      return { api, id, error };
  }
}

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

export function commitReply({ id, regular }: OffsetCommit, error: ErrorCode): OffsetCommitReply {
  return { api: "OffsetCommit", id, error, ...(regular && { regular }) };
}
