import type { ErrorCode } from "../../../messages.ts";
import { isEmpty } from "../partitions.ts";
import { loseCoordinator, nextId } from "./coordinator-search.ts";
import type { Participation } from "./participation.ts";
import { COORDINATOR_LOST, record } from "./participation.ts";
import type { CommitPurpose, InFlight } from "./requests.ts";
import { identity, sendToCoordinator } from "./requests.ts";
import { askRejoin, resetMembership } from "./reset.ts";

/** How a commit ends, as the application would hear it: Kafka's exceptions of that name, or all is well. */
export type CommitResult = "done" | "retriable" | "rebalance-in-progress" | "commit-failed" | "fenced";

/** Whether there is anything to commit. */
export const mayCommit = ({ holdings }: Participation): boolean => !isEmpty(holdings.positioned);

/**
 * Commits where reading has got to, of all partitions. Outside of a generation nothing is sent, and the answer is known
 * at once. Kafka: `sendOffsetCommitRequest`.
 */
export function sendCommit(on: Participation, purpose: CommitPurpose): "sent" | CommitResult {
  const { membership, holdings, search, options } = on;
  if (!mayCommit(on)) return "done";
  if (search.coordinator === undefined) return "retriable";
  if (membership.state !== "STABLE") {
    return tell(on, purpose, membership.rebalancing ? "rebalance-in-progress" : "commit-failed");
  }
  sendToCoordinator(
    on,
    {
      api: "OffsetCommit",
      id: nextId(on),
      ...identity(on),
      generation: membership.generation,
      offsets: options.positions(holdings.positioned),
    },
    { purpose },
  );
  return "sent";
}

/** What a commit's answer means to the one who waits for it, and to the membership. */
export function commitAnswered(on: Participation, error: ErrorCode, request: InFlight): CommitResult {
  const result = resultOf(on, error, request);
  if (result !== "done" || request.purpose === "application") tell(on, request.purpose!, result);
  return result;
}

function resultOf(on: Participation, error: ErrorCode, request: InFlight): CommitResult {
  const { membership } = on;
  const unchanged = membership.unchangedSince(request);
  const stale = membership.state === "PREPARING_REBALANCE" ? "rebalance-in-progress" : "commit-failed";
  switch (error) {
    case "NONE":
      return "done";
    case "COORDINATOR_LOAD_IN_PROGRESS":
      return "retriable";
    case "REBALANCE_IN_PROGRESS":
      askRejoin(on, "commit-rebalance");
      return "rebalance-in-progress";
    case "UNKNOWN_MEMBER_ID":
    case "ILLEGAL_GENERATION":
      if (!unchanged && membership.state === "PREPARING_REBALANCE") return "rebalance-in-progress";
      resetMembership(on, error);
      return "commit-failed";
    case "FENCED_INSTANCE_ID":
      if (!unchanged) return stale;
      on.fatal = error;
      return "fenced";
    default:
      if (!COORDINATOR_LOST.has(error)) return "commit-failed";
      loseCoordinator(on, error);
      return "retriable";
  }
}

/** Writes down what a commit came to, unless all is well with one that nobody asked for. */
function tell(on: Participation, purpose: CommitPurpose, result: CommitResult): CommitResult {
  record(on, "client.commit", { purpose, result });
  return result;
}
