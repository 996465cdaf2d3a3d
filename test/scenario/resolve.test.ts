import { describe, expect, test } from "vitest";
import { HOUR, MILLISECOND, MINUTE, SECOND } from "../../sim/engine/time.ts";
import { meanOf } from "../../sim/engine/variates.ts";
import type { Law } from "../../sim/engine/variates.ts";
import { BROKER_SETTINGS, CLIENT_SETTINGS, type Setting } from "../../sim/kafka/config.ts";
import { PRODUCER_SETTINGS } from "../../sim/kafka/producer-config.ts";
import { TOPIC_SETTINGS } from "../../sim/kafka/topic-config.ts";
import { canonicalJson } from "../../sim/scenario/canonical.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import type { ParseOptions } from "../../sim/scenario/parse.ts";
import { SMALLEST, told } from "./support.ts";

const parse = (text: string, options?: ParseOptions) => parseScenario(text, options).scenario;

/** The example that the design of this program begins with. */
const ROLLING_DEPLOY = `# Does a rolling deploy of 40 pods keep lag under 30 s?
name: rolling-deploy
duration: 30m
warmUp: 2m

cluster:
  brokers: 3
  network: { delay: { lognormal: { median: 0.5ms, p99: 5ms } } }

topics:
  orders: { partitions: 200, rate: 50000/s, skew: { zipf: 0.6 } }

groups:
  billing:
    topics: [orders]
    config:
      group.protocol: classic
      partition.assignment.strategy: [range]
      session.timeout.ms: 45000
    members:
      initial: 40
      capacity: 2000/s
      joins: { poisson: 2/h }
      lifetime: { exponential: 8h }
      crashShare: 0.3            # departures that send no LeaveGroup
      startup: { lognormal: { median: 12s, p95: 35s } }

events:
  - { at: 5m,  roll: billing, maxUnavailable: 1, maxSurge: 0 }
  - { at: 20m, crash: { broker: coordinator of billing } }

expect:
  - p99(timeLag) < 30s
  - lost == 0
`;

describe("the five-line scenario", () => {
  const scenario = parse(SMALLEST, { file: "somewhere/small.yaml" });

  test("is called after its file and runs ten minutes", () => {
    expect(scenario).toMatchObject({ name: "small", duration: 10 * MINUTE, warmUp: 0, events: [], expect: [] });
  });

  test("has a cluster of three brokers of Kafka 4.0 with its coordinator", () => {
    expect(scenario.cluster).toMatchObject({ brokers: 3, brokerVersion: "4.0", coordinator: "java" });
    expect(scenario.cluster.config["group.initial.rebalance.delay.ms"]).toBe(3_000);
  });

  test("has a group of everything, with Kafka's own settings", () => {
    const [{ id, topics, config, members }] = scenario.groups;
    expect({ id, topics }).toEqual({ id: "billing", topics: ["orders"] });
    expect(config["session.timeout.ms"]).toBe(45_000);
    expect(members).toEqual({
      initial: 5,
      capacity: 1_000,
      pollTimeout: 100 * MILLISECOND,
      startup: { constant: 5 * SECOND },
      coldStart: false,
      joinsPerSecond: 0,
      leavesPerSecond: 0,
      crashShare: 0,
      static: false,
      commit: "auto",
    });
  });

  test("survives a journey as JSON", () => {
    expect(JSON.parse(JSON.stringify(scenario))).toEqual(scenario);
  });
});

describe("the example of the design", () => {
  const scenario = parse(ROLLING_DEPLOY);

  test("has whole microseconds and records per second", () => {
    expect(scenario).toMatchObject({ name: "rolling-deploy", duration: 30 * MINUTE, warmUp: 2 * MINUTE });
    expect(scenario.topics[0].rate).toEqual([{ at: 0, recordsPerSecond: 50_000 }]);
    expect(scenario.groups[0].members).toMatchObject({
      initial: 40,
      capacity: 2_000,
      joinsPerSecond: 2 / 3_600,
      lifetime: { exponential: 8 * HOUR },
      crashShare: 0.3,
    });
  });

  test("has its events and hopes", () => {
    expect(scenario.events).toEqual([
      { at: 5 * MINUTE, what: "roll", group: "billing", maxUnavailable: 1, maxSurge: 0, pause: 0 },
      { at: 20 * MINUTE, what: "crash-broker", target: { coordinatorOf: "billing" }, silent: false },
    ]);
    expect(scenario.expect).toEqual([
      { text: "p99(timeLag) < 30s", statistic: "p99", quantity: "timeLag", comparison: "<", bound: 30 * SECOND },
      { text: "lost == 0", statistic: "value", quantity: "lost", comparison: "==", bound: 0 },
    ]);
  });

  test("spreads its records by Zipf's law: the share of rank r is proportional to r^−0.6", () => {
    const { shares } = scenario.topics[0];
    expect(shares).toHaveLength(200);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(shares[0] / shares[9]).toBeCloseTo(3.981071705534973, 9); // 10^0.6
    expect(shares[0] / shares[99]).toBeCloseTo(15.848931924611136, 8); // 100^0.6
  });

  test("may choose cooperative-sticky, as the design's own example does", () => {
    const { groups } = parse(ROLLING_DEPLOY.replace("[range]", "[cooperative-sticky]"));
    expect(groups[0].config["partition.assignment.strategy"]).toEqual(["cooperative-sticky"]);
  });
});

const missing = (): string => {
  throw new Error("there is no file w.csv");
};

/** What becomes of this law, as a start-up time. */
const startup = (law: string, options?: ParseOptions): Law =>
  parse(`topics: { a: 1 }\ngroups: { g: { members: { initial: 1, startup: ${law} } } }\n`, options).groups[0].members
    .startup;

describe("a law of chance", () => {
  test.each<[text: string, law: Law]>([
    ["20s", { constant: 20 * SECOND }],
    ["0", { constant: 0 }],
    ["1h30m", { constant: 90 * MINUTE }],
    ["{ constant: 1ms }", { constant: MILLISECOND }],
    ["{ exponential: 8h }", { exponential: 8 * HOUR }],
    ["{ uniform: [1s, 3s] }", { uniform: [SECOND, 3 * SECOND] }],
    ["{ lognormal: { median: 1s, sigma: 0.5 } }", { lognormal: { median: SECOND, sigma: 0.5 } }],
    ["{ weibull: { scale: 2h, shape: 1.5 } }", { weibull: { scale: 2 * HOUR, shape: 1.5 } }],
    ["{ pareto: { minimum: 1s, shape: 1.5 } }", { pareto: { minimum: SECOND, shape: 1.5 } }],
    ["{ empirical: [9s, 1s, 2s] }", { empirical: [SECOND, 2 * SECOND, 9 * SECOND] }],
  ])("%s", (text, law) => expect(startup(text)).toEqual(law));

  // z is the standard normal quantile: 1.6449 for 95 %, 2.3263 for 99 %
  test.each([
    ["p95: 35s", Math.log(35 / 12) / 1.6448536269514722],
    ["p99: 35s", Math.log(35 / 12) / 2.3263478740408408],
  ])("lognormal with median 12s and %s has the spread that puts that percentile there", (spread, sigma) => {
    const law = startup(`{ lognormal: { median: 12s, ${spread} } }`);
    expect("lognormal" in law && law.lognormal.sigma).toBeCloseTo(sigma, 12);
  });

  test.each([0.5, 1, 1.5, 3])("a Weibull law of shape %d has the mean that was asked for", (shape) => {
    const law = startup(`{ weibull: { mean: 2h, shape: ${shape} } }`);
    expect(Math.abs(meanOf(law)! - 2 * HOUR)).toBeLessThanOrEqual(2);
  });

  test("a Weibull law of shape 2 and mean 1h has the scale 2h/√π", () => {
    const law = startup("{ weibull: { mean: 1h, shape: 2 } }");
    expect("weibull" in law && law.weibull.scale).toBe(Math.round((2 * HOUR) / Math.sqrt(Math.PI)));
  });

  test.each([
    ["with units", "startup\n1s\n500ms\n", [500 * MILLISECOND, SECOND]],
    ["with the unit in the heading", "startup_ms,pod\n1000,a\n500,b\n", [500 * MILLISECOND, SECOND]],
    ["without heading", "1s\r\n\r\n2s\r\n", [SECOND, 2 * SECOND]],
    ["in quotes", '"waited (s)"\n"2"\n"1"\n', [SECOND, 2 * SECOND]],
  ])("a file of durations %s is read into the scenario", (_, csv, empirical) => {
    expect(startup("{ empirical: waits.csv }", { read: () => csv })).toEqual({ empirical });
  });

  test.each([
    ["a number without unit", "startup\n5\n", /line 2 is no duration: "5"/],
    ["a word", "1s\nsoon\n", /line 2 is no duration: "soon"/],
    ["a negative one", "1s\n-2s\n", /line 2 is no duration: "-2s"/],
    ["nothing", "startup\n", /holds no durations/],
  ])("a file with %s in it is refused, with the line", (_, csv, answer) => {
    const text = "topics: { a: 1 }\ngroups: { g: { members: { initial: 1, startup: { empirical: w.csv } } } }\n";
    expect(told(text, { read: () => csv })).toEqual([expect.stringMatching(answer)]);
  });

  test("a file that cannot be read is a problem of the scenario", () => {
    const text = "topics: { a: 1 }\ngroups: { g: { members: { initial: 1, startup: { empirical: w.csv } } } }\n";
    expect(told(text, { read: missing })[0]).toMatch(/^2:61 empirical cannot be read: there is no file w.csv/);
  });
});

/** The settings of a group with this one. */
const configOf = (line: string, cluster = ""): Record<string, unknown> =>
  parse(`topics: { a: 1 }\n${cluster}\ngroups:\n  g:\n    members: 2\n    config:\n      ${line}\n`).groups[0].config;

describe("Kafka's settings", () => {
  /** Of a table, those in bytes, as a scenario would write them; −1, where it means none, stays a number. */
  const inBytes = (table: Readonly<Record<string, Setting>>): readonly string[] =>
    Object.keys(table).filter((key) => table[key].unit === "bytes");
  const sizes = (keys: readonly string[]): string => `{ ${keys.map((key) => `${key}: 64KiB`).join(", ")} }`;

  test("in bytes may be written with units of bytes: 64KiB", () => {
    const brokers = inBytes(BROKER_SETTINGS);
    const topics = inBytes(TOPIC_SETTINGS);
    const producers = inBytes(PRODUCER_SETTINGS);
    const clients = inBytes(CLIENT_SETTINGS);
    expect(producers).toEqual(["batch.size", "buffer.memory"]);
    expect(topics).toEqual(["retention.bytes", "segment.bytes"]);
    const {
      cluster,
      topics: all,
      groups,
    } = parse(`
cluster: { config: ${sizes(brokers)} }
topics: { orders: { config: ${sizes(topics)}, producers: { config: ${sizes(producers)} } } }
groups: { billing: { members: 4, config: ${sizes(clients)} } }
`);
    for (const [keys, config] of [
      [brokers, cluster.config],
      [topics, all[0].config],
      [producers, all[0].producers.config],
      [clients, groups[0].config],
    ] as const) {
      expect(keys.length).toBeGreaterThan(0);
      expect(config).toMatchObject(Object.fromEntries(keys.map((key) => [key, 65_536])));
    }
    const forever = parse("topics: { orders: { config: { retention.bytes: -1 } } }\ngroups: { g: { members: 1 } }\n");
    expect(forever.topics[0].config["retention.bytes"]).toBe(-1);
  });

  test.each([
    ["session.timeout.ms: 30000", "session.timeout.ms", 30_000],
    ["session.timeout.ms: 30s", "session.timeout.ms", 30_000],
    ["max.poll.interval.ms: 1h30m", "max.poll.interval.ms", 5_400_000],
    ["partition.assignment.strategy: [range, roundrobin]", "partition.assignment.strategy", ["range", "roundrobin"]],
    ["partition.assignment.strategy: 'roundrobin, range'", "partition.assignment.strategy", ["roundrobin", "range"]],
    [
      "partition.assignment.strategy: [org.apache.kafka.clients.consumer.RoundRobinAssignor]",
      "partition.assignment.strategy",
      ["roundrobin"],
    ],
    ["partition.assignment.strategy: [RangeAssignor]", "partition.assignment.strategy", ["range"]],
  ])("%s", (line, key, value) => expect(configOf(line)[key]).toEqual(value));

  test("of an old release are that release's", () => {
    const old = configOf("max.poll.records: 7", "cluster: { brokerVersion: 2.8 }");
    expect(old).toMatchObject({ "session.timeout.ms": 10_000, "partition.assignment.strategy": ["range"] });
  });

  test("before 3.7 the wait after failures does not grow", () => {
    const old = configOf("retry.backoff.ms: 250", 'cluster: { brokerVersion: "3.6" }');
    expect(old["retry.backoff.max.ms"]).toBe(250);
  });

  test("that mean nothing to a simulation are accepted and left behind", () => {
    expect(configOf("bootstrap.servers: kafka-1:9092,kafka-2:9092")).not.toHaveProperty(["bootstrap.servers"]);
  });

  test("a release may be written as the number it looks like", () => {
    expect(parse(`${SMALLEST}cluster: { brokerVersion: 4.0 }\n`).cluster.brokerVersion).toBe("4.0");
    expect(parse(`${SMALLEST}cluster: { brokerVersion: 3.9 }\n`).cluster).toMatchObject({
      brokerVersion: "3.9",
      coordinator: "scala",
    });
  });

  test("a small cluster has as many replicas as brokers", () => {
    const { config } = parse(`${SMALLEST}cluster: { brokers: 1 }\n`).cluster;
    expect(config["offsets.topic.replication.factor"]).toBe(1);
  });
});

test("how long a client waits for a connection, and between attempts, is its library's and its release's own", () => {
  const waits = (group: string): number[] => {
    const text = SMALLEST.replace("members: 5", `members: 5\n    ${group}`);
    const { config } = parse(text).groups[0];
    return [
      config["socket.connection.setup.timeout.ms"],
      config["socket.connection.setup.timeout.max.ms"],
      config["reconnect.backoff.ms"],
      config["reconnect.backoff.max.ms"],
    ];
  };
  expect(waits('clientVersion: "4.0"')).toEqual([10_000, 30_000, 50, 1_000]);
  expect(waits('clientVersion: "2.7"')).toEqual([10_000, 127_000, 50, 1_000]);
  expect(waits('clientVersion: "2.6"')).toEqual([127_000, 127_000, 50, 1_000]); // Linux gives up, not the client
  expect(waits("clientProfile: librdkafka")).toEqual([30_000, 30_000, 100, 10_000]);
  expect(waits("clientProfile: kafkajs")).toEqual([1_000, 1_000, 300, 30_000]);
});

test("every kind of event is understood", () => {
  const text = `${SMALLEST.replace("members: 5", "members: { initial: 5, zones: [a, b] }")}events:
  - { at: 1m, join: billing }
  - { at: 1m, join: { group: billing, count: 3 } }
  - { at: 2m, leave: billing-2 }
  - { at: 2m, leave: billing }
  - { at: 3m, crash: { group: billing, count: 2 } }
  - { at: 3m, crash: { broker: 2 } }
  - { at: 3m, crash: { broker: 2 }, silent: true }
  - { at: 3m, cut: { from: { zone: a } } }
  - { at: 3m, cut: { from: { client: billing-1 }, to: { broker: coordinator of billing } }, oneWay: true, for: 30s }
  - { at: 3m, slow: { from: { broker: 1 }, to: controller }, delay: 2s }
  - { at: 4m, restart: { broker: coordinator of billing }, downtime: 1m }
  - { at: 4m, pause: billing-1, lasts: 90s }
  - { at: 5m, roll: billing }
  - { at: 0, rate: orders, to: 30/m }
`;
  expect(parse(text).events).toEqual([
    { at: MINUTE, what: "join", group: "billing", count: 1 },
    { at: MINUTE, what: "join", group: "billing", count: 3 },
    { at: 2 * MINUTE, what: "leave", target: { client: "billing-2", group: "billing" } },
    { at: 2 * MINUTE, what: "leave", target: { group: "billing", count: 1 } },
    { at: 3 * MINUTE, what: "crash", target: { group: "billing", count: 2 } },
    { at: 3 * MINUTE, what: "crash-broker", target: { broker: 2 }, silent: false },
    { at: 3 * MINUTE, what: "crash-broker", target: { broker: 2 }, silent: true },
    { at: 3 * MINUTE, what: "cut", from: { zone: "a" }, oneWay: false },
    {
      at: 3 * MINUTE,
      what: "cut",
      from: { client: "billing-1" },
      to: { coordinatorOf: "billing" },
      oneWay: true,
      lasts: 30 * SECOND,
    },
    {
      at: 3 * MINUTE,
      what: "slow",
      from: { broker: 1 },
      to: { controller: true },
      oneWay: false,
      delay: { constant: 2 * SECOND },
    },
    { at: 4 * MINUTE, what: "restart-broker", target: { coordinatorOf: "billing" }, downtime: MINUTE },
    { at: 4 * MINUTE, what: "pause", target: { client: "billing-1", group: "billing" }, lasts: 90 * SECOND },
    { at: 5 * MINUTE, what: "roll", group: "billing", maxUnavailable: 1, maxSurge: 0, pause: 0 },
    { at: 0, what: "rate", topic: "orders", recordsPerSecond: 0.5 },
  ]);
});

test("a topic can be a number, a map, or just a name", () => {
  const text =
    "topics: { a: 3, b: { rate: [{ at: 0s, rate: 1/s }, { at: 1m, rate: 3/s }] }, c: }\ngroups: { g: { members: 1 } }\n";
  const [a, b, c] = parse(text).topics;
  expect(a).toMatchObject({ name: "a", partitions: 3, rate: [{ at: 0, recordsPerSecond: 500 }] });
  expect(b.rate).toEqual([
    { at: 0, recordsPerSecond: 1 },
    { at: MINUTE, recordsPerSecond: 3 },
  ]);
  expect(c).toMatchObject({ name: "c", partitions: 6 });
});

test("explicit shares are relative", () => {
  const text = "topics: { a: { partitions: 3, skew: { shares: [2, 1, 1] } } }\ngroups: { g: { members: 1 } }\n";
  expect(parse(text).topics[0].shares).toEqual([0.5, 0.25, 0.25]);
});

test("canonical JSON does not depend on the order of keys", () => {
  expect(canonicalJson({ b: [1, { d: null, c: "ü" }], a: true, z: undefined })).toBe(
    '{"a":true,"b":[1,{"c":"ü","d":null}]}',
  );
  expect(canonicalJson({ "2": 1, "10": 2, a: 3 })).toBe('{"10":2,"2":1,"a":3}');
  const other = "groups:\n  billing: { members: 5 }\ntopics: { orders: 12 }\n";
  expect(canonicalJson(parse(other))).toBe(canonicalJson(parse(SMALLEST)));
});

test("a service of 10 ms on average is a capacity of 100/s: record by record whatever is written beside it", () => {
  const capacityOf = (flow: string, members: string): number =>
    parseScenario(`flow: ${flow}\ntopics: { orders: 1 }\ngroups: { billing: { members: { initial: 1, ${members} } } }`)
      .scenario.groups[0].members.capacity;
  expect(capacityOf("records", "service: { exponential: 10ms }")).toBe(100);
  expect(capacityOf("records", "service: { uniform: [5ms, 15ms] }, capacity: 70/s")).toBe(100);
  expect(capacityOf("records", "capacity: 70/s")).toBe(70);
  expect(capacityOf("fluid", "service: 10ms")).toBe(100);
  expect(capacityOf("fluid", "service: { exponential: 4ms }")).toBe(250);
  expect(capacityOf("fluid", "service: 10ms, capacity: 70/s")).toBe(70);
  // P(longer than t) = 1 ms / t has no mean; every second record takes less than 2 ms
  expect(capacityOf("records", "service: { pareto: { minimum: 1ms, shape: 1 } }")).toBeCloseTo(500, 6);
});

// KRaft came with 2.8; ZooKeeper went with 4.0
describe("who the controller is need not be said where its details tell it", () => {
  const controllerOf = (controller: string, release = "3.9") =>
    parse(`${SMALLEST}cluster: { brokerVersion: "${release}", controller: ${controller} }\n`).cluster.controller;

  test.each([
    ["{ nodes: 5 }", "{ kind: kraft, nodes: 5 }"],
    ["{ inBrokers: true }", "{ kind: kraft, inBrokers: true }"],
    ["{ election: 30ms }", "{ kind: kraft, election: 30ms }"],
    ["{ tick: 3s }", "{ kind: zookeeper, tick: 3s }"],
    ["{ reloadPerPartition: 9us }", "{ kind: zookeeper, reloadPerPartition: 9us }"],
    ["{}", "kraft"],
  ])("%s is %s", (short, long) => expect(controllerOf(short)).toEqual(controllerOf(long)));

  test("without details it is the release's", () => expect(controllerOf("{}", "2.7").kind).toBe("zookeeper"));

  test("details of one that the release does not know are refused, and so are those of both", () => {
    const refused = (text: string): string[] => told(`${SMALLEST}cluster: { controller: ${text} }\n`);
    expect(refused("{ tick: 3s }")).toEqual([
      "6:12 Kafka 4.0 does not know ZooKeeper = kraft, or a brokerVersion of 3.9 at most",
    ]);
    expect(refused("{ nodes: 3, tick: 3s }")).toHaveLength(1);
  });
});
