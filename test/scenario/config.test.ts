import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  BROKER_SETTINGS,
  CLIENT_SETTINGS,
  compareReleases,
  defaultBrokerConfig,
  defaultClientConfig,
  defaultOf,
  GROUP_SETTINGS,
  RELEASES,
} from "../../sim/kafka/config.ts";
import { defaultProducerConfig, PRODUCER_SETTINGS } from "../../sim/kafka/producer-config.ts";
import { defaultTopicConfig, TOPIC_SETTINGS } from "../../sim/kafka/topic-config.ts";
import type { Reader, Setting } from "../../sim/kafka/config.ts";

// From Kafka's documentation and release notes: key, then release and default.
const CLIENT_DEFAULTS: readonly (readonly [key: keyof typeof CLIENT_SETTINGS, release: string, value: unknown])[] = [
  ["session.timeout.ms", "0.10.0", 30_000],
  ["session.timeout.ms", "0.10.1", 10_000],
  ["session.timeout.ms", "2.8", 10_000],
  ["session.timeout.ms", "3.0", 45_000],
  ["session.timeout.ms", "4.0", 45_000],
  ["heartbeat.interval.ms", "4.0", 3_000],
  ["max.poll.interval.ms", "4.0", 300_000],
  ["max.poll.records", "0.10.0", 2_147_483_647],
  ["max.poll.records", "0.10.1", 500],
  ["partition.assignment.strategy", "2.8", ["range"]],
  ["partition.assignment.strategy", "3.0", ["range", "cooperative-sticky"]],
  ["request.timeout.ms", "0.10.0", 40_000],
  ["request.timeout.ms", "1.1", 305_000],
  ["request.timeout.ms", "2.0", 30_000],
  ["retry.backoff.ms", "4.0", 100],
  ["retry.backoff.max.ms", "4.0", 1_000],
  ["auto.commit.interval.ms", "4.0", 5_000],
  ["enable.auto.commit", "4.0", true],
  ["auto.offset.reset", "4.0", "latest"],
  ["default.api.timeout.ms", "4.0", 60_000],
  ["socket.connection.setup.timeout.max.ms", "2.7", 127_000],
  ["socket.connection.setup.timeout.max.ms", "3.0", 30_000],
  ["metadata.recovery.strategy", "3.9", "none"],
  ["metadata.recovery.strategy", "4.0", "rebootstrap"],
  ["group.protocol", "4.4", "classic"],
];

const BROKER_DEFAULTS: readonly (readonly [key: keyof typeof BROKER_SETTINGS, release: string, value: unknown])[] = [
  ["group.initial.rebalance.delay.ms", "4.0", 3_000],
  ["group.min.session.timeout.ms", "4.0", 6_000],
  ["group.max.session.timeout.ms", "0.9", 30_000],
  ["group.max.session.timeout.ms", "0.10.0", 300_000],
  ["group.max.session.timeout.ms", "2.2", 300_000],
  ["group.max.session.timeout.ms", "2.3", 1_800_000],
  ["group.max.size", "4.0", 2_147_483_647],
  ["group.coordinator.append.linger.ms", "3.9", 10],
  ["group.coordinator.append.linger.ms", "4.0", 5],
  ["group.coordinator.append.linger.ms", "4.1", 5],
  ["group.coordinator.append.linger.ms", "4.2", -1],
  ["group.coordinator.threads", "3.9", 1],
  ["group.coordinator.threads", "4.0", 4],
  ["offsets.topic.num.partitions", "4.0", 50],
  ["offsets.topic.replication.factor", "4.0", 3],
  ["offsets.retention.minutes", "1.1", 1_440],
  ["offsets.retention.minutes", "2.0", 10_080],
  ["broker.heartbeat.interval.ms", "4.0", 2_000],
  ["broker.session.timeout.ms", "4.0", 9_000],
  ["replica.lag.time.max.ms", "2.4", 10_000],
  ["replica.lag.time.max.ms", "2.5", 30_000],
  ["zookeeper.session.timeout.ms", "2.4", 6_000],
  ["zookeeper.session.timeout.ms", "3.9", 18_000],
  ["unclean.leader.election.enable", "0.10.2", true],
  ["unclean.leader.election.enable", "0.11", false],
];

test.each(CLIENT_DEFAULTS)("%s is in Kafka %s by default %j", (key, release, value) => {
  expect(defaultClientConfig(release)[key]).toEqual(value);
});

test.each(BROKER_DEFAULTS)("%s is in Kafka %s by default %j", (key, release, value) => {
  expect(defaultBrokerConfig(release)[key]).toEqual(value);
});

/** Source: `ProducerConfig` of those releases. */
const PRODUCER_DEFAULTS: readonly (readonly [key: keyof typeof PRODUCER_SETTINGS, release: string, value: unknown])[] =
  [
    ["batch.size", "4.0", 16_384],
    ["linger.ms", "3.9", 0],
    ["linger.ms", "4.0", 5],
    ["buffer.memory", "4.0", 32 * 1024 * 1024],
    ["delivery.timeout.ms", "4.0", 120_000],
    ["max.in.flight.requests.per.connection", "4.0", 5],
    ["enable.idempotence", "2.8", false],
    ["enable.idempotence", "3.0", true],
    ["retries", "2.0", 0],
    ["retries", "4.0", 2_147_483_647],
    ["request.timeout.ms", "4.0", 30_000],
  ];

test.each(PRODUCER_DEFAULTS)("%s of producers is in Kafka %s by default %j", (key, release, value) => {
  expect(defaultProducerConfig(release)[key]).toEqual(value);
});

test("a topic keeps and cuts its log as its brokers do, unless it says otherwise", () => {
  expect(defaultTopicConfig(defaultBrokerConfig("4.0"))).toEqual({
    "retention.ms": 7 * 24 * 3_600_000,
    "retention.bytes": -1,
    "segment.bytes": 1024 * 1024 * 1024,
    "segment.ms": 7 * 24 * 3_600_000,
  });
  const forever = { ...defaultBrokerConfig("4.0"), "log.retention.hours": -1, "log.roll.hours": 1 };
  expect(defaultTopicConfig(forever)).toMatchObject({ "retention.ms": -1, "segment.ms": 3_600_000 });
});

const ALL: readonly (readonly [string, Setting])[] = [
  ...Object.entries<Setting>(CLIENT_SETTINGS),
  ...Object.entries<Setting>(BROKER_SETTINGS),
  ...Object.entries<Setting>(PRODUCER_SETTINGS),
  ...Object.entries<Setting>(TOPIC_SETTINGS),
  ...Object.entries<Setting>(GROUP_SETTINGS),
];

test.each(ALL)("%s has defaults of its own type and within its own limits, in every release", (_, setting) => {
  const kind = { integer: "number", boolean: "boolean", string: "string", list: "object" }[setting.type];
  for (const release of RELEASES) {
    const value = defaultOf(setting, release);
    expect(typeof value).toBe(kind);
    if (typeof value === "number") {
      expect(value).toBeGreaterThanOrEqual(setting.min ?? -Infinity);
      expect(value).toBeLessThanOrEqual(setting.max ?? 2_147_483_647);
    }
    if (setting.oneOf) expect(setting.oneOf).toContain(value);
  }
});

test("the older defaults of a setting stand oldest first", () => {
  for (const [, { before = [] }] of ALL) {
    for (const [i, [release]] of before.entries()) {
      if (i > 0) expect(compareReleases(before[i - 1][0], release)).toBeLessThan(0);
    }
  }
});

test("releases are compared as numbers, not as texts", () => {
  expect(compareReleases("0.9", "0.10.1")).toBeLessThan(0);
  expect(compareReleases("4.0", "3.9")).toBeGreaterThan(0);
  expect(compareReleases("0.10", "0.10.0")).toBe(0);
});

const SIM = new URL("../../sim/", import.meta.url);

/** The text of all source files of a folder whose paths begin so. */
function sources(begin: string): string {
  const files = readdirSync(SIM, { recursive: true, encoding: "utf8" }).sort();
  return files
    .filter((file) => file.startsWith(begin) && file.endsWith(".ts"))
    .map((file) => readFileSync(new URL(file, SIM), "utf8"))
    .join("\n");
}

const READERS: readonly (readonly [reader: Reader, code: string])[] = [
  ["client", sources("kafka/protocols/client/")],
  ["classic member", sources("kafka/protocols/classic/member")],
  ["consumer member", sources("kafka/protocols/consumer/member")],
  ["classic coordinator", sources("kafka/protocols/classic/coordinator")],
  ["consumer member", sources("kafka/protocols/consumer/member")],
  ["consumer coordinator", sources("kafka/protocols/consumer/coordinator")],
  ["cluster", sources("kafka/cluster/")],
  ["network", sources("kafka/network/")],
  ["simulation", sources("simulation/")],
];

test.each(ALL)("%s is read by those its row names, and by nobody if it names nobody", (key, { readBy }) => {
  const readers = READERS.filter(([, code]) => code.includes(`"${key}"`)).map(([reader]) => reader);
  for (const reader of readBy) if (reader !== "scenario") expect(readers).toContain(reader);
  if (readBy.length === 0) expect(readers).toEqual([]);
});
