import type { Machine, ReasonOf, StateOf } from "../machine.ts";

/**
 * The life of a classic group, as its coordinator sees it. Kafka: `ClassicGroupState`.
 *
 * Kafka has no `Absent`: there a group that nobody has named yet, or that was removed, is simply not in the map.
 * The last member's departure leads through PreparingRebalance to Empty within one instant, so that the generation
 * rises there too.
 */
export const CLASSIC_GROUP = {
  Absent: {
    created: "Empty", //        a JoinGroup without member id, or a commit from outside any generation
    loaded: "Stable", //        by a new coordinator, from the last group record
    "loaded-empty": "Empty", // the same, and that record has no members
    unloaded: "Dead",
  },
  Empty: {
    "first-member": "PreparingRebalance",
    removed: "Absent", //           no committed offset is left
    "creation-failed": "Absent", // the log refused the record of the new group
    unloaded: "Dead", //            the coordinator moves to another broker
  },
  PreparingRebalance: {
    "join-complete": "CompletingRebalance", // all have joined, or the time for it ran out
    emptied: "Empty", //                       the same, but nobody is left
    "creation-failed": "Absent",
    unloaded: "Dead",
  },
  CompletingRebalance: {
    assigned: "Stable", // the group leader's assignment is in the log
    "new-member": "PreparingRebalance",
    "metadata-changed": "PreparingRebalance",
    "static-replaced": "PreparingRebalance", // the group leader computes for a member id that is no more
    leave: "PreparingRebalance",
    "session-expired": "PreparingRebalance",
    "sync-timeout": "PreparingRebalance",
    "append-failed": "PreparingRebalance", // the log refused the assignment
    "creation-failed": "Absent", //           only without an initial delay can a group get here so soon
    unloaded: "Dead",
  },
  Stable: {
    "new-member": "PreparingRebalance",
    "leader-rejoin": "PreparingRebalance", // always: it may have seen new partitions
    "metadata-changed": "PreparingRebalance",
    "static-protocol-changed": "PreparingRebalance", // a static member came back and the vote has another result
    leave: "PreparingRebalance",
    "session-expired": "PreparingRebalance",
    "sync-timeout": "PreparingRebalance", // Stable needs only the leader's SyncGroup; a follower's never came
    "over-capacity": "PreparingRebalance", // loaded with more members than group.max.size now allows
    unloaded: "Dead",
  },
  Dead: {},
} as const satisfies Machine;

export type ClassicGroupState = StateOf<typeof CLASSIC_GROUP>;
export type ClassicGroupReason = ReasonOf<typeof CLASSIC_GROUP>;

/** Why a rebalance begins. */
export type RebalanceReason = {
  [S in "Empty" | "CompletingRebalance" | "Stable"]: {
    [R in keyof (typeof CLASSIC_GROUP)[S]]: (typeof CLASSIC_GROUP)[S][R] extends "PreparingRebalance" ? R : never;
  }[keyof (typeof CLASSIC_GROUP)[S]];
}["Empty" | "CompletingRebalance" | "Stable"];
