import type { Duration } from "../../engine/time.ts";
import type { Law } from "../../engine/variates.ts";
import type { GroupId, TopicName } from "../../names.ts";
import type { BrokerConfig } from "../config.ts";

/** What the cluster is made of. */
export interface ClusterOptions {
  /** Brokers 1 … n. */
  readonly brokers: number;
  readonly brokerVersion: string;
  readonly coordinator: "java" | "scala";
  readonly config: BrokerConfig;
  /** From the controller's decision until every live broker acts on it. */
  readonly metadataPropagation: Law;
  /** Reading a `__consumer_offsets` partition takes base + bytes / rate. */
  readonly loading: { readonly base: Duration; readonly bytes: number; readonly bytesPerSecond: number };
  /** From the coordinator producing a record to its being committed, without the append linger. */
  readonly appendDelay: Law;
  /** The topics there are from the start. */
  readonly topics: readonly TopicOptions[];
  /** The groups that live here. */
  readonly groups: readonly GroupId[];
}

/** How a topic is laid out over the brokers. */
export interface TopicOptions {
  readonly name: TopicName;
  readonly partitions: number;
  /** Copies of each partition. */
  readonly replicationFactor: number;
}
