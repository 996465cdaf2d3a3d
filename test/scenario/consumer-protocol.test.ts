import { describe, expect, test } from "vitest";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { told } from "./support.ts";

interface Given {
  /** Lines under `cluster`. */
  readonly cluster?: readonly string[];
  /** Lines of the group. */
  readonly group?: readonly string[];
  /** Lines of its `config`, besides the protocol. */
  readonly config?: readonly string[];
  readonly members?: string;
  readonly events?: readonly string[];
}

const lines = (indent: string, all: readonly string[] = []): string => all.map((line) => `${indent}${line}\n`).join("");

/** A scenario with a group of the consumer protocol. */
const scenario = ({ cluster, group, config, members = "5", events }: Given = {}): string =>
  `topics: { orders: 12 }
groups:
  billing:
    members: ${members}
${lines("    ", group)}    config:
      group.protocol: consumer
${lines("      ", config)}${cluster ? `cluster:\n${lines("  ", cluster)}` : ""}${events ? `events:\n${lines("  - ", events)}` : ""}`;

const messages = (given: Given): string[] => told(scenario(given)).map((line) => line.replace(/^\S+ /, ""));
const lintsOf = (given: Given): string[] => parseScenario(scenario(given)).lints.map(({ message }) => message);

/** What the brokers hold the only group to. */
const limitsOf = (given: Given) => parseScenario(scenario(given)).scenario.groups[0].groupConfig;

test("a group of the consumer protocol needs no more than its name, and there is nothing unwise about it", () => {
  expect(told(scenario())).toEqual([]);
  expect(lintsOf({})).toEqual([]);
});

test("a classic group is held to nothing by the brokers", () => {
  const text = "topics: { orders: 12 }\ngroups: { billing: { members: 5 } }\n";
  expect(parseScenario(text).scenario.groups[0]).not.toHaveProperty("groupConfig");
});

describe("what the brokers hold a group to", () => {
  // Kafka's defaults: GroupCoordinatorConfig
  test("is by default 45 s of silence and a heartbeat every 5 s", () => {
    expect(limitsOf({})).toEqual({
      "consumer.session.timeout.ms": 45_000,
      "consumer.heartbeat.interval.ms": 5_000,
      "consumer.assignment.interval.ms": 0,
    });
  });

  test("has a second between two target assignments from 4.3 on (KIP-1263), and nothing before", () => {
    for (const [release, interval] of [
      ["4.2", 0],
      ["4.3", 1_000],
      ["4.4", 1_000],
    ] as const) {
      const limits = limitsOf({ cluster: [`brokerVersion: "${release}"`] });
      expect(limits?.["consumer.assignment.interval.ms"]).toBe(interval);
    }
  });

  test("follows the brokers' own settings", () => {
    const cluster = [
      "config:",
      "  group.consumer.session.timeout.ms: 50s",
      "  group.consumer.heartbeat.interval.ms: 10s",
    ];
    expect(limitsOf({ cluster })).toMatchObject({
      "consumer.session.timeout.ms": 50_000,
      "consumer.heartbeat.interval.ms": 10_000,
    });
  });

  test("is what its own config says, which stands beside its consumers' settings", () => {
    const config = ["consumer.session.timeout.ms: 60s", "consumer.heartbeat.interval.ms: 15000"];
    expect(limitsOf({ config })).toMatchObject({
      "consumer.session.timeout.ms": 60_000,
      "consumer.heartbeat.interval.ms": 15_000,
    });
  });
});

describe("the Java coordinator", () => {
  const coordinatorOf = (...cluster: string[]): string =>
    parseScenario(scenario({ cluster })).scenario.cluster.coordinator;

  // KafkaConfig of 3.7 to 3.9: isNewGroupCoordinatorEnabled
  test("comes with the protocol, before 4.0 too", () => {
    const config = ["config: { group.coordinator.rebalance.protocols: [classic, consumer] }"];
    expect(coordinatorOf('brokerVersion: "3.9"', ...config)).toBe("java");
    expect(coordinatorOf('brokerVersion: "4.0"')).toBe("java");
  });
});

const REFUSES = "the consumer would refuse to start: ConfigException";

describe("is refused where Kafka refuses it", () => {
  test.each<[claim: string, given: Given, answers: string[]]>([
    [
      "settings of a classic consumer",
      { config: ["session.timeout.ms: 10s", "heartbeat.interval.ms: 3s", "partition.assignment.strategy: [range]"] },
      [
        `session.timeout.ms cannot be set with group.protocol: consumer = ${REFUSES}; write consumer.session.timeout.ms, which the brokers hold the group to`,
        `heartbeat.interval.ms cannot be set with group.protocol: consumer = ${REFUSES}; write consumer.heartbeat.interval.ms, which the brokers tell the members`,
        `partition.assignment.strategy cannot be set with group.protocol: consumer = ${REFUSES}; the brokers assign: write group.remote.assignor: uniform, or range`,
      ],
    ],
    [
      "brokers that were there before it",
      { cluster: ['brokerVersion: "3.6"'], group: ['clientVersion: "4.0"'] },
      [
        "brokers of Kafka 3.6 do not know the consumer protocol: UNSUPPORTED_VERSION = it came with 3.7 as a preview, and is production-ready from 4.0 on: brokerVersion, or classic",
      ],
    ],
    [
      "a preview that is not switched on",
      { cluster: ['brokerVersion: "3.9"'] },
      [
        "the brokers do not speak the consumer protocol (group.coordinator.rebalance.protocols): UNSUPPORTED_VERSION = write group.coordinator.rebalance.protocols: [classic, consumer] under cluster.config, or a brokerVersion of 4.0 at least",
      ],
    ],
    [
      "the Scala coordinator",
      { cluster: ["coordinator: scala"] },
      [
        "the Scala coordinator does not know the consumer protocol = remove the line: brokers that speak it have the Java coordinator",
      ],
    ],
    [
      "ZooKeeper",
      {
        cluster: [
          'brokerVersion: "3.9"',
          "controller: zookeeper",
          "config: { group.coordinator.rebalance.protocols: [classic, consumer] }",
        ],
      },
      ["the consumer protocol needs KRaft = the brokers would not start: ConfigException; write controller: kraft"],
    ],
    [
      "consumers that were there before it",
      { group: ['clientVersion: "3.6"'] },
      [
        "consumers of Kafka 3.6 do not know the consumer protocol = it came with 3.7: a later clientVersion, or classic",
      ],
    ],
    [
      "kafkajs",
      { group: ["clientProfile: kafkajs"] },
      [
        "the consumer protocol is modelled as Kafka's own consumer speaks it, not kafkajs = kafkajs speaks the classic protocol only: remove group.protocol",
      ],
    ],
    [
      "librdkafka",
      { group: ["clientProfile: librdkafka"] },
      [
        "the consumer protocol is modelled as Kafka's own consumer speaks it, not librdkafka = librdkafka speaks it from 2.12 on, in a way of its own that is not modelled: clientProfile java, or classic",
      ],
    ],
    [
      "an assignor that the brokers have not",
      { config: ["group.remote.assignor: unifrom"] },
      [
        "there is no assignor of the brokers' unifrom = every member would be refused (UNSUPPORTED_ASSIGNOR); did you mean uniform?",
      ],
    ],
    [
      "a session below the brokers' limit",
      { config: ["consumer.session.timeout.ms: 30s"] },
      [
        "consumer.session.timeout.ms must be at least group.consumer.min.session.timeout.ms (45000) = the brokers would refuse it: InvalidConfigurationException; or write another group.consumer.min.session.timeout.ms under cluster.config",
      ],
    ],
    [
      "a heartbeat above the brokers' limit",
      { config: ["consumer.heartbeat.interval.ms: 20s"] },
      [
        "consumer.heartbeat.interval.ms must be at most group.consumer.max.heartbeat.interval.ms (15000) = the brokers would refuse it: InvalidConfigurationException; or write another group.consumer.max.heartbeat.interval.ms under cluster.config",
      ],
    ],
    [
      "a session no longer than a heartbeat",
      {
        cluster: ["config: { group.consumer.min.session.timeout.ms: 1000 }"],
        config: ["consumer.session.timeout.ms: 5s"],
      },
      [
        "consumer.session.timeout.ms must exceed consumer.heartbeat.interval.ms (5000) = the brokers would refuse it: InvalidConfigurationException; three heartbeats a session leave room for lost ones",
      ],
    ],
    [
      "brokers whose own session is below their own limit",
      { cluster: ["config: { group.consumer.session.timeout.ms: 30s }"] },
      [
        "group.consumer.session.timeout.ms must be at least group.consumer.min.session.timeout.ms (45000) = the brokers would not start; a limit may be moved, too",
      ],
    ],
    [
      "limits the wrong way round",
      { cluster: ["config: { group.consumer.min.heartbeat.interval.ms: 20s }"] },
      [
        "group.consumer.min.heartbeat.interval.ms must not exceed group.consumer.max.heartbeat.interval.ms (15000) = the brokers would not start; raise the one or lower the other",
      ],
    ],
    [
      "an assignor nobody wrote",
      { cluster: ["config: { group.consumer.assignors: [sticky] }"] },
      ["there is no assignor of the brokers' sticky = there are: uniform, range"],
    ],
    [
      "an assignor of the user's own",
      { group: ["assignor: ./mine.js"] },
      [
        "with the consumer protocol the brokers assign, not ./mine.js = an assignor of your own is for classic groups, whose members compute: uniform and range are the brokers'",
      ],
    ],
  ])("%s", (_, given, answers) => expect(messages(given)).toEqual(answers));

  test("a classic consumer that names an assignor of the brokers'", () => {
    const text =
      "topics: { orders: 12 }\ngroups:\n  billing: { members: 5, config: { group.remote.assignor: uniform } }\n";
    expect(told(text)).toEqual([
      `3:59 group.remote.assignor cannot be set with group.protocol: classic = ${REFUSES}; write group.protocol: consumer, or remove it`,
    ]);
  });
});

test("the brokers' assignors may be named by their classes, as before 4.0", () => {
  const room = "org.apache.kafka.coordinator.group.assignor";
  const cluster = [`config: { group.consumer.assignors: [${room}.RangeAssignor, ${room}.UniformAssignor] }`];
  expect(parseScenario(scenario({ cluster })).scenario.cluster.config["group.consumer.assignors"]).toEqual([
    "range",
    "uniform",
  ]);
});

describe("is unwise", () => {
  test.each<[claim: string, given: Given, expected: string[]]>([
    [
      "a heartbeat that leaves no room for lost ones",
      {
        cluster: ["config: { group.consumer.min.session.timeout.ms: 10s }"],
        config: ["consumer.session.timeout.ms: 10s"],
      },
      ["consumer.heartbeat.interval.ms (5000) is more than a third of consumer.session.timeout.ms (10000)"],
    ],
    [
      "a group that is larger than the brokers allow",
      { cluster: ["config: { group.consumer.max.size: 4 }"] },
      ["billing is larger than group.consumer.max.size (4)"],
    ],
    [
      "a crashed static member that comes back too soon (C16)",
      { members: "{ initial: 3, static: true, replaceAfter: 10s }", events: ["{ at: 1m, crash: billing-1 }"] },
      ["a crashed static member's replacement comes after about 15s, before its session is over"],
    ],
    [
      "the same after the session is over is not",
      { members: "{ initial: 3, static: true, replaceAfter: 1m }", events: ["{ at: 1m, crash: billing-1 }"] },
      [],
    ],
    [
      "growth whose first records it skips: until the next heartbeats, whatever age its members' metadata may have",
      { config: ["consumer.heartbeat.interval.ms: 10s"], events: ["{ at: 1m, grow: orders, to: 24 }"] },
      [
        "billing skips what comes to the new partitions of orders before it reads them, for up to 10s, until its members' next heartbeats",
      ],
    ],
    [
      "a classic consumer's setting, which consumers before 4.0 let pass",
      { group: ['clientVersion: "3.9"'], config: ["session.timeout.ms: 10s"] },
      ["session.timeout.ms means nothing with group.protocol: consumer"],
    ],
  ])("%s", (_, given, expected) => expect(lintsOf(given)).toEqual(expected));

  test("a group's settings without the protocol", () => {
    const text = `topics: { orders: 12 }\ngroups:\n  billing: { members: 5, config: { consumer.session.timeout.ms: 45s } }\n`;
    expect(parseScenario(text).lints.map(({ message }) => message)).toEqual([
      "consumer.session.timeout.ms is for group.protocol: consumer only",
    ]);
  });

  test("what classic groups are warned of means nothing to it", () => {
    const cluster = ["config: { group.initial.rebalance.delay.ms: 0, group.max.size: 2 }"];
    expect(lintsOf({ cluster })).toEqual([]);
  });
});
