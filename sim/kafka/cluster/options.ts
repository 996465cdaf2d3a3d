import type { Duration } from "../../engine/time.ts";
import type { Law } from "../../engine/variates.ts";
import type { GroupId, TopicName } from "../../names.ts";
import type { BrokerConfig, GroupConfig } from "../config.ts";

/** What the cluster is made of. */
export interface ClusterOptions {
  /** Brokers 1 … n. */
  readonly brokers: number;
  /** Broker n stands in the zone of place n, and after the last one the first follows again; absent: in none. */
  readonly zones?: readonly string[];
  readonly controller: ControllerOptions;
  readonly brokerVersion: string;
  readonly coordinator: "java" | "scala";
  readonly config: BrokerConfig;
  /** From the controller's decision until every live broker acts on it. */
  readonly metadataPropagation: Law;
  /** From a broker's return until its copies are complete again. */
  readonly catchUp: Law;
  /** Reading a `__consumer_offsets` partition takes base + bytes / rate. */
  readonly loading: LoadingOptions;
  /** From the coordinator producing a record to its being committed, without the append linger. */
  readonly appendDelay: Law;
  /** The topics there are from the start. */
  readonly topics: readonly TopicOptions[];
  /** The groups that live here. */
  readonly groups: readonly GroupOptions[];
}

/** What the brokers know of a group before anybody is in it. Which protocol it speaks Kafka's learn from its first member. */
export type GroupOptions =
  | { readonly id: GroupId; readonly protocol: "classic" }
  | { readonly id: GroupId; readonly protocol: "consumer"; readonly config: GroupConfig };

/** How a topic is laid out over the brokers. */
export interface TopicOptions {
  readonly name: TopicName;
  readonly partitions: number;
  /** Copies of each partition. */
  readonly replicationFactor: number;
}

/** Which kind of controller, and what it is made of. */
export type ControllerOptions = KraftOptions | ZooKeeperOptions;

export interface KraftOptions {
  readonly kind: "kraft";
  /** Nodes 1 … n of the quorum; the first is active at the beginning. */
  readonly nodes: number;
  /** Whether node n is the process of broker n as well (combined mode), and dies with it. */
  readonly inBrokers: boolean;
  /** How long a round of votes takes. */
  readonly election: Law;
}

export interface ZooKeeperOptions {
  readonly kind: "zookeeper";
  /** ZooKeeper ends sessions at multiples of this. */
  readonly tick: Duration;
  /** A new controller reads all metadata before it does anything: so long for each partition. */
  readonly reloadPerPartition: Duration;
}

export interface LoadingOptions {
  readonly base: Duration;
  /** Of a partition whose groups are not in `bytesOf`. */
  readonly bytes: number;
  /** What a group has in the log, alone; of several on one partition all is read. */
  readonly bytesOf: Readonly<Record<GroupId, number>>;
  readonly bytesPerSecond: number;
}
