import type { Machine, ReasonOf, StateOf } from "../machine.ts";

/**
 * The life of a consumer of the ZooKeeper era, as it sees it itself. Kafka has no names for these states: they are where
 * `ZookeeperConsumerConnector` is, in `syncedRebalance()` or outside of it.
 *
 * Nobody waits for anybody: each consumer rebalances for itself, and finds out whether the others have let go by trying.
 */
export const ZOOKEEPER_CONSUMER = {
  UNJOINED: { registered: "REBALANCING" }, // its id is in ZooKeeper for all to see
  REBALANCING: {
    claimed: "STABLE", //           all of its share is its own: it reads
    "claim-refused": "BACKING_OFF", // some of it is another's still
    "read-failed": "BACKING_OFF", //   somebody whom it had found in the list was gone when it looked
    "topics-differ": "BACKING_OFF", // roundrobin: all have to want the same topics
    closing: "BACKING_OFF", //         the application closes it, which ends an attempt, but not the waits
  },
  BACKING_OFF: {
    "tries-again": "REBALANCING",
    "retries-exhausted": "STRANDED",
  },
  STABLE: {
    "members-changed": "REBALANCING",
    "partitions-changed": "REBALANCING",
    "session-expired": "UNJOINED",
    closed: "UNJOINED",
  },
  STRANDED: {
    // owns nothing, and does nothing about it until something changes
    "members-changed": "REBALANCING",
    "partitions-changed": "REBALANCING",
    "session-expired": "UNJOINED",
    closed: "UNJOINED",
  },
} as const satisfies Machine;

export type ZooKeeperConsumerState = StateOf<typeof ZOOKEEPER_CONSUMER>;
export type ZooKeeperConsumerReason = ReasonOf<typeof ZOOKEEPER_CONSUMER>;
