import type { ErrorCode, GroupReply, GroupRequest } from "../messages.ts";

/** The reply to any request that says nothing but an error. */
export function errorReply(request: GroupRequest, error: ErrorCode): GroupReply {
  const { id } = request;
  switch (request.api) {
    case "JoinGroup":
      return {
        id,
        api: "JoinGroup",
        error,
        generation: -1,
        leader: "",
        member: request.member,
        skipAssignment: false,
        members: [],
      };
    case "LeaveGroup":
      return { id, api: "LeaveGroup", error, members: [] };
    case "OffsetFetch":
      return { id, api: "OffsetFetch", error, offsets: {} };
    case "FindCoordinator":
    case "SyncGroup":
    case "Heartbeat":
    case "OffsetCommit":
      return { id, api: request.api, error };
  }
}
