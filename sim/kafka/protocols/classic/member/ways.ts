import type { ErrorCode } from "../../../messages.ts";
import type { ProtocolWays } from "../../client/client.ts";
import { setting } from "../../client/client.ts";
import { CLOSE_TIMEOUT } from "../../client/closing.ts";
import type { CommitResult } from "../../client/commits.ts";
import { giveUp } from "../../client/positions.ts";
import type { InFlight } from "../../client/requests.ts";
import { isRejoining } from "./join.ts";
import { leaveGroup } from "./leave-group.ts";
import type { MemberOptions, Participation } from "./participation.ts";
import { askRejoin, resetMembership } from "./reset.ts";

/** What the parts that know no protocol have to know of this one. */
export function classicWays(options: MemberOptions, on: () => Participation): ProtocolWays {
  return {
    hangsUp: true,
    spacesSearches: false,
    closesWithin: Math.min(CLOSE_TIMEOUT, setting({ options }, "request.timeout.ms")),
    isAwake: () => isAwake(on()),
    looksUpLater: () => isRejoining(on()),
    commitsLater: () => isRejoining(on()),
    spell: () => on().membership.generation,
    fetchesAs: () => ({}),
    commitsAs: () => ({ generation: on().membership.generation, member: on().membership.member }),
    mayCommit: () => on().membership.state === "STABLE",
    commitRefused: () => commitRefused(on()),
    commitFailed: (error, request) => commitFailed(on(), error, request),
    leave: () => leave(on()),
  };
}

/** In a generation the heartbeat thread is awake; close() and commitSync() look at the network themselves. */
function isAwake({ membership, departure, options, waitingCommit }: Participation): boolean {
  const inside = departure.phase !== undefined || waitingCommit.holdsUp;
  return membership.joined || inside || options.traits.joinsInBackground;
}

/** Outside of a generation the answer is known at once. Kafka: `sendOffsetCommitRequest`. */
function commitRefused({ membership }: Participation): CommitResult | undefined {
  if (membership.state === "STABLE") return undefined;
  return membership.rebalancing ? "rebalance-in-progress" : "commit-failed";
}

/** Kafka: `OffsetCommitResponseHandler`. */
function commitFailed(on: Participation, error: ErrorCode, request: InFlight): CommitResult {
  const { membership } = on;
  const unchanged = membership.unchangedSince(request);
  switch (error) {
    case "REBALANCE_IN_PROGRESS":
      askRejoin(on, "commit-rebalance");
      return "rebalance-in-progress";
    case "UNKNOWN_MEMBER_ID":
    case "ILLEGAL_GENERATION":
      if (!unchanged && membership.state === "PREPARING_REBALANCE") return "rebalance-in-progress";
      resetMembership(on, error);
      return "commit-failed";
    case "FENCED_INSTANCE_ID":
      if (!unchanged) return membership.state === "PREPARING_REBALANCE" ? "rebalance-in-progress" : "commit-failed";
      on.fatal = error;
      return "fenced";
    default:
      return "commit-failed";
  }
}

/** Callbacks and LeaveGroup (dynamic members). Kafka: `onLeavePrepare`, `AbstractCoordinator.close`. */
function leave(on: Participation): void {
  const { membership } = on;
  const how = membership.expelled || membership.rebalancing ? "lost" : "revoked";
  giveUp(on, on.holdings.owned, how, "closed");
  leaveGroup(on, "closed");
}
