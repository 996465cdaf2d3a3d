/**
 * What a consumer of the ZooKeeper era is configured with: names, defaults and units of its own, as in `config.ts`. Source:
 * `kafka.consumer.ConsumerConfig`, `kafka.utils.ZKConfig` (0.8.2).
 */
import type { ConfigOf, Setting } from "./config.ts";

export const ZOOKEEPER_CONSUMER_SETTINGS = {
  "zookeeper.session.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 6_000,
    min: 1,
    readBy: ["zookeeper consumer"],
    about: "How long a consumer may be silent before ZooKeeper deletes what it registered.",
  },
  "zookeeper.sync.time.ms": {
    type: "integer",
    unit: "ms",
    default: 2_000,
    min: 0,
    readBy: ["scenario"],
    about: "How far a ZooKeeper follower may be behind; here only the default of rebalance.backoff.ms.",
  },
  "rebalance.max.retries": {
    type: "integer",
    default: 4,
    min: 1,
    readBy: ["zookeeper consumer"],
    about: "How often a rebalance is tried before the consumer gives it up and owns nothing.",
  },
  "rebalance.backoff.ms": {
    type: "integer",
    unit: "ms",
    default: 2_000,
    min: 0,
    readBy: ["zookeeper consumer"],
    about: "Wait after each attempt at a rebalance that failed; zookeeper.sync.time.ms where it is not set.",
  },
  "auto.commit.enable": {
    type: "boolean",
    default: true,
    readBy: ["zookeeper consumer"],
    about: "Whether the consumer commits its positions to ZooKeeper by itself, regularly and before each rebalance.",
  },
  "auto.commit.interval.ms": {
    type: "integer",
    unit: "ms",
    default: 60_000,
    min: 1,
    readBy: ["zookeeper consumer"],
    about: "Time between automatic commits.",
  },
  "auto.offset.reset": {
    type: "string",
    default: "largest",
    oneOf: ["largest", "smallest"],
    readBy: ["zookeeper consumer"],
    about: "Where to start without a committed offset: at the end of the log, or at its beginning.",
  },
  "partition.assignment.strategy": {
    type: "string",
    default: "range",
    oneOf: ["range", "roundrobin"],
    readBy: ["zookeeper consumer"],
    about: "How each consumer works out its share.",
  },
  "socket.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 30_000,
    min: 1,
    readBy: ["zookeeper consumer"],
    about: "How long a leader may take to answer before its connection is given up.",
  },
  "refresh.leader.backoff.ms": {
    type: "integer",
    unit: "ms",
    default: 200,
    min: 0,
    readBy: ["zookeeper consumer"],
    about: "Wait before a leader is looked for again.",
  },
  "fetch.message.max.bytes": {
    type: "integer",
    unit: "bytes",
    default: 1_048_576,
    min: 1,
    readBy: ["simulation"],
    about: "The most one fetch returns of a partition; matters where a leader is far away.",
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** Its other settings that could change what a run shows, but are not modelled; the last of them came with 0.10.1. */
export const UNMODELLED_ZOOKEEPER_CONSUMER_SETTINGS: readonly string[] = [
  "consumer.timeout.ms",
  "dual.commit.enabled",
  "fetch.min.bytes",
  "fetch.wait.max.ms",
  "num.consumer.fetchers",
  "offsets.channel.backoff.ms",
  "offsets.channel.socket.timeout.ms",
  "offsets.commit.max.retries",
  "offsets.storage",
  "queued.max.message.chunks",
  "zookeeper.connection.timeout.ms",
  "fetch.max.bytes",
];

/** And those that change nothing about a group. */
export const IRRELEVANT_TO_ZOOKEEPER_CONSUMERS: readonly string[] = [
  "client.id",
  "consumer.id",
  "exclude.internal.topics",
  "socket.receive.buffer.bytes",
  "zookeeper.connect",
];

/** Its settings, each in the unit its table names. */
export type ZooKeeperConsumerConfig = ConfigOf<typeof ZOOKEEPER_CONSUMER_SETTINGS>;
