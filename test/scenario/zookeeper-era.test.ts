import { describe, expect, test } from "vitest";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { ignoredSettings, told } from "./support.ts";

interface Given {
  readonly cluster?: string;
  /** Lines of the group. */
  readonly group?: readonly string[];
  readonly config?: readonly string[];
  readonly members?: string;
  readonly more?: string;
}

const indented = (indent: string, lines: readonly string[] = []): string =>
  lines.map((line) => `${indent}${line}\n`).join("");

/** A scenario with a group of the ZooKeeper era. */
const scenario = ({
  cluster = '{ brokerVersion: "2.8", controller: zookeeper }',
  group,
  config,
  members = "5",
  more = "",
}: Given = {}): string =>
  `topics: { orders: 12 }
cluster: ${cluster}
groups:
  billing:
    clientProfile: zookeeper
    members: ${members}
${indented("    ", group)}${config ? `    config:\n${indented("      ", config)}` : ""}${more}`;

const messages = (given: Given): string[] => told(scenario(given)).map((line) => line.replace(/^\S+ /, ""));
const groupOf = (given: Given = {}) => parseScenario(scenario(given)).scenario.groups[0];

test("a group of the ZooKeeper era needs no more than its profile and a cluster with ZooKeeper", () => {
  expect(told(scenario())).toEqual([]);
  expect(parseScenario(scenario()).lints).toEqual([]);
});

test("growth is noticed at once, and what comes before it reads is skipped nevertheless", () => {
  // ZookeeperConsumerConnector watches the node of each topic's partitions; no metadata has to get old.
  const more = "events: [{ at: 1m, grow: orders, to: 24 }]\n";
  expect(parseScenario(scenario({ more })).lints.map(({ message, advice }) => [message, advice])).toEqual([
    [
      "billing skips what comes to the new partitions of orders before it reads them, for as long as its rebalance takes",
      "auto.offset.reset: smallest reads it late instead of never",
    ],
  ]);
  expect(parseScenario(scenario({ more, config: ["auto.offset.reset: smallest"] })).lints).toEqual([]);
});

describe("its settings", () => {
  // Kafka 0.8.2: `kafka.consumer.ConsumerConfig`, `ZKConfig`
  test("are by default those of 0.8.2", () => {
    expect(groupOf().zookeeperConfig).toEqual({
      "zookeeper.session.timeout.ms": 6_000,
      "zookeeper.sync.time.ms": 2_000,
      "rebalance.max.retries": 4,
      "rebalance.backoff.ms": 2_000,
      "auto.commit.enable": true,
      "auto.commit.interval.ms": 60_000,
      "auto.offset.reset": "largest",
      "partition.assignment.strategy": "range",
      "socket.timeout.ms": 30_000,
      "refresh.leader.backoff.ms": 200,
      "fetch.message.max.bytes": 1_048_576,
    });
  });

  // What `ConsumerConfig` and `ZKConfig` read in 0.8.2, except group.id, which is the group's key.
  const PASTED = [
    "zookeeper.connect: zk1:2181,zk2:2181/kafka",
    "zookeeper.session.timeout.ms: 6000",
    "zookeeper.connection.timeout.ms: 6000",
    "zookeeper.sync.time.ms: 2000",
    "consumer.id: one",
    "client.id: billing",
    "socket.timeout.ms: 30000",
    "socket.receive.buffer.bytes: 65536",
    "fetch.message.max.bytes: 1048576",
    "num.consumer.fetchers: 1",
    "auto.commit.enable: true",
    "auto.commit.interval.ms: 60000",
    "queued.max.message.chunks: 2",
    "rebalance.max.retries: 4",
    "fetch.min.bytes: 1",
    "fetch.wait.max.ms: 100",
    "rebalance.backoff.ms: 2000",
    "refresh.leader.backoff.ms: 200",
    "offsets.channel.backoff.ms: 1000",
    "offsets.channel.socket.timeout.ms: 10000",
    "offsets.commit.max.retries: 5",
    "offsets.storage: zookeeper",
    "dual.commit.enabled: false",
    "auto.offset.reset: largest",
    "consumer.timeout.ms: -1",
    "exclude.internal.topics: true",
    "partition.assignment.strategy: range",
  ];

  test("may be pasted as they are; what nobody acts on is said", () => {
    expect(messages({ config: PASTED })).toEqual([]);
    const ignored = ignoredSettings(scenario({ config: PASTED })).map(({ name }) => name);
    expect(ignored.sort()).toEqual([
      "client.id",
      "consumer.id",
      "consumer.timeout.ms",
      "dual.commit.enabled",
      "exclude.internal.topics",
      "fetch.min.bytes",
      "fetch.wait.max.ms",
      "num.consumer.fetchers",
      "offsets.channel.backoff.ms",
      "offsets.channel.socket.timeout.ms",
      "offsets.commit.max.retries",
      "offsets.storage",
      "queued.max.message.chunks",
      "socket.receive.buffer.bytes",
      "zookeeper.connect",
      "zookeeper.connection.timeout.ms",
    ]);
  });

  test("that change nothing are not in what is simulated", () => {
    expect(groupOf({ config: PASTED })).toEqual(groupOf());
  });

  test("say how much a fetch brings of a partition", () => {
    const { config } = groupOf({ config: ["fetch.message.max.bytes: 65536"] });
    expect(config["max.partition.fetch.bytes"]).toBe(65_536);
  });

  test("let it wait for zookeeper.sync.time.ms after an attempt, unless rebalance.backoff.ms says otherwise", () => {
    const backoff = (config: readonly string[]): unknown =>
      groupOf({ config }).zookeeperConfig!["rebalance.backoff.ms"];
    expect(backoff(["zookeeper.sync.time.ms: 3s"])).toBe(3_000);
    expect(backoff(["zookeeper.sync.time.ms: 3s", "rebalance.backoff.ms: 500ms"])).toBe(500);
  });

  test("say for all others what they are called today", () => {
    const { config, members } = groupOf({ config: ["auto.offset.reset: smallest", "auto.commit.interval.ms: 10s"] });
    expect(config["auto.offset.reset"]).toBe("earliest");
    expect(config["auto.commit.interval.ms"]).toBe(10_000);
    expect(members.commit).toBe("auto");
  });

  test("with auto.commit.enable: false nobody commits", () => {
    expect(groupOf({ config: ["auto.commit.enable: false"] }).members.commit).toBe("never");
    const { zookeeperConfig } = groupOf({ members: "{ initial: 5, commit: never }" });
    expect(zookeeperConfig!["auto.commit.enable"]).toBe(false);
  });

  test.each<[string, string]>([
    [
      "session.timeout.ms: 10000",
      "session.timeout.ms means nothing to a consumer of the ZooKeeper era = it has zookeeper.session.timeout.ms",
    ],
    [
      "enable.auto.commit: false",
      "enable.auto.commit means nothing to a consumer of the ZooKeeper era = it has auto.commit.enable",
    ],
    [
      "max.partition.fetch.bytes: 1048576",
      "max.partition.fetch.bytes means nothing to a consumer of the ZooKeeper era = it has fetch.message.max.bytes",
    ],
    ["auto.offset.reset: earliest", "a consumer of the ZooKeeper era knows no auto.offset.reset: earliest = smallest"],
    [
      "auto.commit.interval.ms: 0",
      "auto.commit.interval.ms must be more than 0 = auto.commit.enable: false commits never",
    ],
    [
      "partition.assignment.strategy: [sticky]",
      "partition.assignment.strategy of a consumer of the ZooKeeper era is range or roundrobin = one of the two: the others came with coordinators",
    ],
  ])("are its own: %s", (line, answer) => expect(messages({ config: [line] })).toEqual([answer]));

  test("are nobody else's", () => {
    const java = (line: string): string[] =>
      told(`topics: { orders: 12 }\ngroups: { billing: { members: 5, config: { ${line} } } }\n`).map((one) =>
        one.replace(/^\S+ /, ""),
      );
    expect(java("auto.commit.enable: false")).toEqual([
      "only consumers of the ZooKeeper era have auto.commit.enable = write enable.auto.commit, or clientProfile: zookeeper",
    ]);
    expect(java("rebalance.max.retries: 8")).toEqual([
      "only consumers of the ZooKeeper era have rebalance.max.retries = write clientProfile: zookeeper",
    ]);
    expect(java("zookeeper.connect: localhost:2181")).toEqual([
      "only consumers of the ZooKeeper era have zookeeper.connect = write clientProfile: zookeeper",
    ]);
    expect(java("fetch.wait.max.ms: 100")).toEqual([
      "only consumers of the ZooKeeper era have fetch.wait.max.ms = write fetch.max.wait.ms, or clientProfile: zookeeper",
    ]);
    expect(java("client.id: billing")).toEqual([]);
    expect(java("auto.offset.reset: smallest")).toEqual([
      "only consumers of the ZooKeeper era know auto.offset.reset: smallest = earliest",
    ]);
  });
});

describe("what does not go with it is refused", () => {
  test.each<[claim: string, given: Given, answer: string]>([
    [
      "a cluster without ZooKeeper",
      { cluster: '{ brokerVersion: "4.0" }' },
      'the consumers of billing register in ZooKeeper, and this cluster has none = write controller: zookeeper under cluster, with a brokerVersion of "3.9" at most',
    ],
    [
      "a release",
      { group: ['clientVersion: "2.8"'] },
      "there is one version of this consumer only = remove it: what is modelled is that of 0.8.2, and it did not change much until its end in 1.1",
    ],
    [
      "an assignor of one's own",
      { group: ["assignor: ./mine.js"] },
      "every one of these consumers works its share out itself = write partition.assignment.strategy: range, or roundrobin",
    ],
    [
      "static membership",
      { members: "{ initial: 5, static: true }" },
      "static means nothing to a consumer of the ZooKeeper era = every consumer is a new one to ZooKeeper: remove it",
    ],
    [
      "batches of a poll()",
      { members: "{ initial: 5, batch: 1s }" },
      "batch means nothing to a consumer of the ZooKeeper era = records come one by one out of a stream, and nothing waits for a poll(): write capacity",
    ],
    [
      "commits of a poll loop",
      { members: "{ initial: 5, commit: sync }" },
      "commit: sync goes with a poll(), and it has none = auto, by auto.commit.interval.ms and before each rebalance; or never",
    ],
    [
      "single records",
      { more: "flow: records\n" },
      "single records are not modelled with this consumer = use flow: fluid, or one of the other profiles",
    ],
    [
      "another subscription",
      { more: "events: [{ at: 1m, subscribe: billing, topics: orders }]\n" },
      "a consumer of the ZooKeeper era creates its streams once = roll the group, or let another one begin",
    ],
    [
      "its coordinator",
      { more: "events: [{ at: 1m, crash: { broker: coordinator of billing } }]\n" },
      "billing has no coordinator: its consumers register in ZooKeeper = name a broker",
    ],
  ])("%s", (_, given, answer) => expect(messages(given)).toEqual([answer]));
});
