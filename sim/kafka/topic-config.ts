/** What a topic is configured with: Kafka's names and units, as in `config.ts`. Source: `TopicConfig`. */
import type { BrokerConfig, ConfigOf, Setting } from "./config.ts";

const HOUR_MS = 3_600_000;

export const TOPIC_SETTINGS = {
  "retention.ms": {
    type: "integer",
    unit: "ms",
    default: 168 * HOUR_MS,
    min: -1,
    max: Number.MAX_SAFE_INTEGER,
    readBy: ["simulation"],
    about: "Records older than this are deleted, read or not; -1: never. The brokers' log.retention.hours, if absent.",
  },
  "retention.bytes": {
    type: "integer",
    unit: "bytes",
    default: -1,
    min: -1,
    max: Number.MAX_SAFE_INTEGER,
    readBy: ["simulation"],
    about: "The oldest records of a partition that is larger are deleted, read or not; -1: however large.",
  },
  "segment.bytes": {
    type: "integer",
    unit: "bytes",
    default: 1_073_741_824,
    min: 14,
    readBy: ["simulation"],
    about: "Segment size of a log; retention deletes whole segments. The brokers' log.segment.bytes, if absent.",
  },
  "segment.ms": {
    type: "integer",
    unit: "ms",
    default: 168 * HOUR_MS,
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    readBy: ["simulation"],
    about: "A segment is closed after this time even if it is not full. The brokers' log.roll.hours, if absent.",
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** A topic's settings, each in the unit its table names. */
export type TopicConfig = ConfigOf<typeof TOPIC_SETTINGS>;

/** What a topic is like on these brokers if nobody configures it. */
export function defaultTopicConfig(brokers: BrokerConfig): TopicConfig {
  const hours = brokers["log.retention.hours"];
  return {
    "retention.ms": hours < 0 ? -1 : hours * HOUR_MS,
    "retention.bytes": TOPIC_SETTINGS["retention.bytes"].default,
    "segment.bytes": brokers["log.segment.bytes"],
    "segment.ms": brokers["log.roll.hours"] * HOUR_MS,
  };
}
