/**
 * What brokers hold the members of one group to, with the consumer protocol (KIP-848): Kafka's names and units, as in
 * `config.ts`. Kafka keeps them as configs of the group itself, from 4.0 on. Source: `GroupConfig`.
 */
import { type BrokerConfig, compareReleases, type ConfigOf, type Setting } from "./config.ts";

export const GROUP_SETTINGS = {
  "consumer.session.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 45_000,
    min: 1,
    since: "4.0",
    readBy: ["consumer coordinator"],
    about: "KIP-848: how long a member may be silent. The brokers' group.consumer.session.timeout.ms, if absent.",
  },
  "consumer.heartbeat.interval.ms": {
    type: "integer",
    unit: "ms",
    default: 5_000,
    min: 1,
    since: "4.0",
    readBy: ["consumer coordinator"],
    about: "KIP-848: time between heartbeats. The brokers' group.consumer.heartbeat.interval.ms, if absent.",
  },
  "consumer.assignment.interval.ms": {
    type: "integer",
    unit: "ms",
    default: 1_000,
    min: 0,
    max: 15_000,
    since: "4.3",
    readBy: ["consumer coordinator"],
    about:
      "KIP-848: least time between two target assignments. The brokers' group.consumer.assignment.interval.ms, if absent.",
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** A group's settings, each in the unit its table names. */
export type GroupConfig = ConfigOf<typeof GROUP_SETTINGS>;

/** What a group is like on these brokers if nobody configures it. Before 4.3 nothing lay between two targets. */
export function defaultGroupConfig(brokers: BrokerConfig, release: string): GroupConfig {
  return {
    "consumer.session.timeout.ms": brokers["group.consumer.session.timeout.ms"],
    "consumer.heartbeat.interval.ms": brokers["group.consumer.heartbeat.interval.ms"],
    "consumer.assignment.interval.ms":
      compareReleases(release, "4.3") >= 0 ? brokers["group.consumer.assignment.interval.ms"] : 0,
  };
}
