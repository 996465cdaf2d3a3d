import type { ClientId, GroupId, MemberId, Partitions, TopicName } from "../../../../names.ts";
import type { ListOffsets, Offsets } from "../../../messages.ts";
import type { ZooKeeperConsumerConfig } from "../../../zookeeper-consumer-config.ts";
import type { Host } from "../../host.ts";
import type { ZooKeeperRequest } from "../messages.ts";
import type { Holdings } from "./holdings.ts";
import type { Offsets as CommittedOffsets } from "./offsets.ts";

/** What a consumer of the ZooKeeper era sends, and to whom. `leaders`: to those of the partitions it is about. */
export type ZooKeeperConsumerOutput =
  | { readonly to: "zookeeper"; readonly request: ZooKeeperRequest }
  | { readonly to: "leaders"; readonly request: ListOffsets }
  /** Gives up the connection over which they were asked. */
  | { readonly to: "leaders"; readonly close: true };

/**
 * Its timers, without subjects (""). `reconnect`: the wait before it connects to ZooKeeper again. `register`: before it tries
 * again to register. `backoff`: before the next attempt at a rebalance. `auto-commit`: the next one is due. `list`: before the
 * leaders are asked again, or for their answer.
 */
export type ZooKeeperConsumerTimer = "reconnect" | "register" | "backoff" | "auto-commit" | "list";

/** Who this consumer is and what it was configured to do. */
export interface ZooKeeperConsumerOptions {
  readonly client: ClientId;
  readonly group: GroupId;
  readonly topics: readonly TopicName[];
  readonly config: ZooKeeperConsumerConfig;
  /** Up to where these partitions were read. */
  readonly positions: (partitions: Partitions) => Offsets;
  /**
   * Reading of these partitions is about to begin at these offsets: committed ones, or what the reset policy led to, and why
   * it was asked. Returns those that cannot be had, because the log no longer reaches back so far.
   */
  readonly start: (offsets: Offsets, origin: "committed" | "reset" | "out-of-range") => Partitions;
}

/** What the parts of one consumer work with; each part's own state is described where the part is. */
export interface Parts {
  readonly options: ZooKeeperConsumerOptions;
  readonly host: Host<ZooKeeperConsumerOutput, ZooKeeperConsumerTimer>;
  /** Kafka's `consumerIdString`: the name of its node among the group's. */
  readonly consumer: MemberId;
  readonly holdings: Holdings;
  readonly offsets: CommittedOffsets;
  /** The newest transaction that ZooKeeper has told of. */
  readonly zxid: () => number;
  /** Whether the application is closing it. */
  readonly closing: () => boolean;
}

/** The name of a consumer's one thread: what stands in the nodes of the partitions that it owns. */
export const threadOf = (consumer: MemberId): string => `${consumer}-0`;

/** The consumer whose thread that is. */
export const consumerOf = (thread: string): MemberId => thread.slice(0, thread.lastIndexOf("-"));

/** Partitions one by one, in order. */
export function listed(partitions: Partitions): { readonly topic: TopicName; readonly partition: number }[] {
  return Object.entries(partitions).flatMap(([topic, numbers]) => numbers.map((partition) => ({ topic, partition })));
}
