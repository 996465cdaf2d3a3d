import type { ErrorCode } from "../../messages.ts";

/** What a broker's log answers to an append it refuses. */
export type AppendError =
  | "UNKNOWN_TOPIC_OR_PARTITION"
  | "NOT_ENOUGH_REPLICAS"
  | "REQUEST_TIMED_OUT"
  | "NOT_LEADER_OR_FOLLOWER"
  | "KAFKA_STORAGE_ERROR"
  | "MESSAGE_TOO_LARGE"
  | "RECORD_LIST_TOO_LARGE"
  | "INVALID_FETCH_SIZE";

/** What the client is told instead. Kafka: `GroupMetadataManager.appendGroupMetadataErrorToResponseError`. */
export function replyToAppendError(error: AppendError | ErrorCode): ErrorCode {
  switch (error) {
    case "UNKNOWN_TOPIC_OR_PARTITION":
    case "NOT_ENOUGH_REPLICAS":
    case "REQUEST_TIMED_OUT":
      return "COORDINATOR_NOT_AVAILABLE";
    case "NOT_LEADER_OR_FOLLOWER":
    case "KAFKA_STORAGE_ERROR":
      return "NOT_COORDINATOR";
    case "MESSAGE_TOO_LARGE":
    case "RECORD_LIST_TOO_LARGE":
    case "INVALID_FETCH_SIZE":
      return "UNKNOWN_SERVER_ERROR";
    default:
      return error;
  }
}
