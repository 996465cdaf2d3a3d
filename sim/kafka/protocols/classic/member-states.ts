import type { Machine, ReasonOf, StateOf } from "../machine.ts";

/**
 * The life of a membership, as the consumer itself sees it. Kafka: `AbstractCoordinator.MemberState`.
 *
 * Being told of a rebalance changes nothing here: a member leaves STABLE only when it sends its JoinGroup, which it
 * does inside poll(). And a JoinGroup that fails is sent again without leaving PREPARING_REBALANCE, unless the
 * failure took the member's id or generation away.
 */
export const CLASSIC_MEMBER = {
  UNJOINED: { "join-sent": "PREPARING_REBALANCE" },
  PREPARING_REBALANCE: {
    "join-answered": "COMPLETING_REBALANCE", // generation known: heartbeats begin, SyncGroup goes out
    reset: "UNJOINED", //                       the coordinator does not know this id, or it is leaving
  },
  COMPLETING_REBALANCE: {
    "sync-answered": "STABLE",
    "join-sent": "PREPARING_REBALANCE", //  SyncGroup answered REBALANCE_IN_PROGRESS, or its connection lost
    reset: "UNJOINED",
  },
  STABLE: {
    "join-sent": "PREPARING_REBALANCE",
    reset: "UNJOINED", //                   expelled, fenced, the poll interval exceeded, or leaving
  },
} as const satisfies Machine;

export type ClassicMemberState = StateOf<typeof CLASSIC_MEMBER>;
export type ClassicMemberReason = ReasonOf<typeof CLASSIC_MEMBER>;
