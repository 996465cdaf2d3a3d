import { describe, expect, test } from "vitest";
import { BROKER_SETTINGS, CLIENT_SETTINGS, GROUP_SETTINGS, type Setting } from "../../sim/kafka/config.ts";
import { PRODUCER_SETTINGS } from "../../sim/kafka/producer-config.ts";
import { TOPIC_SETTINGS } from "../../sim/kafka/topic-config.ts";
import {
  INSTEAD,
  UNMODELLED_BROKER_SETTINGS,
  UNMODELLED_CONSUMER_SETTINGS,
  UNMODELLED_PRODUCER_SETTINGS,
  UNMODELLED_TOPIC_SETTINGS,
} from "../../sim/kafka/unmodelled-settings.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { scenarioJsonSchema } from "../../sim/scenario/schema.ts";
import { ignoredSettings, told } from "./support.ts";

const indented = (lines: readonly string[], by: number): string =>
  lines.map((line) => `${" ".repeat(by)}${line}\n`).join("");

const PLAIN = "topics: { orders: 12 }\ngroups: { billing: { members: 5 } }\n";

const ofBrokers = (...lines: string[]): string => `${PLAIN}cluster:\n  config:\n${indented(lines, 4)}`;

const ofTopic = (...lines: string[]): string =>
  `groups: { billing: { members: 5 } }\ntopics:\n  orders:\n    partitions: 12\n    config:\n${indented(lines, 6)}`;

const ofProducers = (...lines: string[]): string =>
  `groups: { billing: { members: 5 } }\ntopics:\n  orders:\n    partitions: 12\n    producers:\n      config:\n${indented(lines, 8)}`;

const ofGroup = (...lines: string[]): string =>
  `topics: { orders: 12 }\ngroups:\n  billing:\n    members: 5\n    config:\n${indented(lines, 6)}`;

const IGNORED = " is ignored: regroup does not model it";

/** The settings that are said to be ignored. */
const ignored = (text: string): string[] => ignoredSettings(text).map(({ name }) => name);

/** `config/server.properties` as Kafka 3.9 ships it for KRaft (`config/kraft`), without its comments. */
const KRAFT = [
  "process.roles: broker,controller",
  "node.id: 1",
  "controller.quorum.voters: 1@localhost:9093",
  "listeners: PLAINTEXT://:9092,CONTROLLER://:9093",
  "inter.broker.listener.name: PLAINTEXT",
  "advertised.listeners: PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093",
  "controller.listener.names: CONTROLLER",
  "listener.security.protocol.map: CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL",
  "num.network.threads: 3",
  "num.io.threads: 8",
  "socket.send.buffer.bytes: 102400",
  "socket.receive.buffer.bytes: 102400",
  "socket.request.max.bytes: 104857600",
  "log.dirs: /tmp/kraft-combined-logs",
  "num.partitions: 1",
  "num.recovery.threads.per.data.dir: 1",
  "offsets.topic.replication.factor: 1",
  "transaction.state.log.replication.factor: 1",
  "transaction.state.log.min.isr: 1",
  "log.retention.hours: 168",
  "log.segment.bytes: 1073741824",
  "log.retention.check.interval.ms: 300000",
];

/** The same of Kafka 2.8, with ZooKeeper. */
const ZOOKEEPER = [
  "broker.id: 0",
  "num.network.threads: 3",
  "num.io.threads: 8",
  "socket.send.buffer.bytes: 102400",
  "socket.receive.buffer.bytes: 102400",
  "socket.request.max.bytes: 104857600",
  "log.dirs: /tmp/kafka-logs",
  "num.partitions: 1",
  "num.recovery.threads.per.data.dir: 1",
  "offsets.topic.replication.factor: 1",
  "transaction.state.log.replication.factor: 1",
  "transaction.state.log.min.isr: 1",
  "log.retention.hours: 168",
  "log.segment.bytes: 1073741824",
  "log.retention.check.interval.ms: 300000",
  "zookeeper.connect: localhost:2181",
  "zookeeper.connection.timeout.ms: 18000",
  "group.initial.rebalance.delay.ms: 0",
];

describe("a broker's real config can be pasted", () => {
  test.each([
    ["that Kafka ships for KRaft", KRAFT],
    ["that Kafka shipped for ZooKeeper", ZOOKEEPER],
  ])("the one %s", (_, lines) => {
    const known = lines.map((line) => line.slice(0, line.indexOf(":"))).filter((key) => key in BROKER_SETTINGS);
    expect(known).toContain("offsets.topic.replication.factor");
    expect(told(ofBrokers(...lines))).toEqual([]);
    expect([...ignored(ofBrokers(...lines)), ...known]).toHaveLength(lines.length);
    expect(parseScenario(ofBrokers(...lines)).scenario.cluster.config).toMatchObject({
      "offsets.topic.replication.factor": 1,
      "log.segment.bytes": 1_073_741_824,
    });
  });

  test("and what is ignored of it is not in what is simulated", () => {
    const { scenario } = parseScenario(ofBrokers("listeners: PLAINTEXT://:9092"));
    expect(scenario).toEqual(parseScenario(PLAIN).scenario);
  });

  test("with settings of listeners and plugins by their names", () => {
    const some = [
      "listener.name.internal.ssl.keystore.location: /etc/a",
      "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config: x",
      "rsm.config.chunk.size: 4",
      "config.providers.file.class: org.example.Files",
    ];
    expect(ignored(ofBrokers(...some))).toEqual(some.map((line) => line.slice(0, line.indexOf(":"))));
  });

  test("what a scenario says in other words is told with them", () => {
    const { lints } = parseScenario(ofBrokers("broker.id: 3"));
    expect(lints.map(({ message, advice }) => `${message} = ${advice}`)).toEqual([
      `broker.id${IGNORED} = brokers are numbered from 1; write brokers: <how many> under cluster`,
    ]);
  });

  test("what changes nothing and has no other words is told at once, each with its line", () => {
    const { lints } = parseScenario(
      ofBrokers("listeners: PLAINTEXT://:9092", "broker.id: 3", "log.dirs: /tmp", "num.io.threads: 8"),
    );
    expect(lints).toHaveLength(2);
    expect(lints[0]).toMatchObject({
      message: "3 settings are ignored: regroup does not model them",
      advice: "they may stay: they change nothing",
      at: { line: 5, column: 5, length: 9 },
      parts: [
        { name: "listeners", at: { line: 5, column: 5, length: 9 } },
        { name: "log.dirs", at: { line: 7, column: 5, length: 8 } },
        { name: "num.io.threads", at: { line: 8, column: 5, length: 14 } },
      ],
    });
    expect(lints[1].message).toBe(`broker.id${IGNORED}`);
  });

  test("of two maps each has its own", () => {
    const text = `${ofBrokers("listeners: PLAINTEXT://:9092", "log.dirs: /tmp")}`.replace(
      "members: 5",
      "members: 5, config: { client.id: a, security.protocol: SSL }",
    );
    expect(parseScenario(text).lints.map(({ parts }) => parts?.map(({ name }) => name))).toEqual([
      ["client.id", "security.protocol"],
      ["listeners", "log.dirs"],
    ]);
  });

  test("one that an option writes is among them", () => {
    const { lints } = parseScenario(ofBrokers("listeners: PLAINTEXT://:9092"), {
      set: ["cluster.config.log.dirs=/tmp"],
    });
    expect(lints.map(({ parts }) => parts)).toEqual([
      [
        { name: "listeners", at: { line: 5, column: 5, length: 9 } },
        { name: "log.dirs", at: null, option: "--set cluster.config.log.dirs=/tmp" },
      ],
    ]);
  });

  test("but an unknown key is refused, and a bad value beside it", () => {
    expect(told(ofBrokers("listenrs: a", "num.io.thread: 8", "log.retention.hours: x"))).toEqual([
      "5:5 listenrs is not known in config = did you mean listeners?",
      "6:5 num.io.thread is not known in config = did you mean num.io.threads?",
      expect.stringMatching(/^7:26 log\.retention\.hours must be/),
    ]);
  });

  test("and a setting of somebody else is, with where it belongs", () => {
    expect(told(ofBrokers("session.timeout.ms: 9000", "key.serializer: a", "flush.ms: 3"))).toEqual([
      "5:5 session.timeout.ms is not known in config = it belongs under groups.<group>.config",
      "6:5 key.serializer is not known in config = it belongs under topics.<topic>.producers.config",
      "7:5 flush.ms is not known in config = it belongs under topics.<topic>.config",
    ]);
  });
});

describe("so can a topic's and a client's", () => {
  test("a topic's", () => {
    const text = ofTopic("cleanup.policy: compact", "compression.type: lz4", "max.message.bytes: 9", "segment.ms: 1h");
    expect(ignored(text)).toEqual(["cleanup.policy", "compression.type", "max.message.bytes"]);
    expect(told(ofTopic("log.dirs: /tmp"))).toEqual([
      "6:7 log.dirs is not known in config = it belongs under cluster.config",
    ]);
  });

  test("a producer's", () => {
    const text = ofProducers("acks: all", "client.id: a", "sasl.oauthbearer.scope: b", "ssl.engine.factory.class: c");
    expect(ignored(text)).toEqual(["client.id", "sasl.oauthbearer.scope", "ssl.engine.factory.class"]);
  });

  test("a consumer's", () => {
    const text = ofGroup("ssl.keystore.type: PEM", "sasl.login.class: b", "enable.metrics.push: false");
    expect(ignored(text)).toEqual(["ssl.keystore.type", "sasl.login.class", "enable.metrics.push"]);
  });
});

describe("what serializers, interceptors and frameworks read out of a client's config is ignored, as Kafka's clients do", () => {
  const OF_OTHERS = [
    "schema.registry.url: http://localhost:8081",
    "schema.registry.ssl.truststore.location: /etc/a",
    "auto.register.schemas: false",
    "use.latest.version: true",
    "value.subject.name.strategy: io.confluent.kafka.serializers.subject.RecordNameStrategy",
    "specific.avro.reader: true",
    "avro.remove.java.properties: true",
    "basic.auth.credentials.source: USER_INFO",
    "json.fail.unknown.properties: false",
    "spring.json.trusted.packages: '*'",
    "confluent.monitoring.interceptor.topic: _confluent-monitoring",
  ];
  const keys = OF_OTHERS.map((line) => line.slice(0, line.indexOf(":")));

  test.each([
    ["group", ofGroup],
    ["producer", ofProducers],
  ])("in a %s's", (_, file) => {
    expect(told(file(...OF_OTHERS))).toEqual([]);
    expect(ignored(file(...OF_OTHERS))).toEqual(keys);
  });

  test("but mistyped ones are not, and brokers and topics have none", () => {
    expect(told(ofGroup("schema.registy.url: a", "auto.register.schema: false", "sesion.timeout.ms: 9000"))).toEqual([
      expect.stringMatching(/^6:7 schema\.registy\.url is not known in config/),
      expect.stringMatching(
        /^7:7 auto\.register\.schema is not known in config = did you mean auto\.register\.schemas\?/,
      ),
      expect.stringMatching(/^8:7 sesion\.timeout\.ms is not known in config = did you mean session\.timeout\.ms\?/),
    ]);
    expect(told(ofBrokers("schema.registry.url: a"))).toHaveLength(1);
    expect(told(ofTopic("schema.registry.url: a"))).toHaveLength(1);
  });
});

/* Kafka's properties are texts (`ConfigDef.parseType`): spaces around them do not count, nor does case in true and false. */
describe("a value in quotes is the value", () => {
  /** The scenario, or what is wrong with it, wherever that stands. */
  function outcome(text: string): unknown {
    const problems = told(text);
    return problems.length === 0 ? parseScenario(text).scenario : problems.map((one) => one.replace(/^\S+ /, ""));
  }

  test.each([
    ["brokers", BROKER_SETTINGS, ofBrokers],
    ["topics", TOPIC_SETTINGS, ofTopic],
    ["producers", PRODUCER_SETTINGS, ofProducers],
    ["groups", { ...CLIENT_SETTINGS, ...GROUP_SETTINGS }, ofGroup],
  ] as const)("of every number and flag among the settings of %s", (_, table, file) => {
    const rows = Object.entries<Setting>(table).filter(([, { type }]) => type === "integer" || type === "boolean");
    expect(rows.length).toBeGreaterThan(0);
    for (const [key, { default: usual }] of rows)
      expect(outcome(file(`${key}: "${String(usual)}"`)), key).toEqual(outcome(file(`${key}: ${String(usual)}`)));
  });

  test("as in a .properties file that became YAML", () => {
    const quoted = ["enable.auto.commit: 'FALSE'", "session.timeout.ms: '30000'", "max.poll.records: ' 250 '"];
    const bare = ["enable.auto.commit: false", "session.timeout.ms: 30000", "max.poll.records: 250"];
    expect(told(ofGroup(...quoted))).toEqual([]);
    expect(outcome(ofGroup(...quoted))).toEqual(outcome(ofGroup(...bare)));
    expect(outcome(ofGroup("session.timeout.ms: 30s"))).toEqual(outcome(ofGroup("session.timeout.ms: '30000'")));
    expect(outcome(ofGroup("fetch.max.bytes: 1MiB"))).toEqual(outcome(ofGroup("fetch.max.bytes: '1048576'")));
  });

  test("but a text that is none is a mistake, and so is a number out of its limits", () => {
    const text = ofGroup(
      'session.timeout.ms: "30 000"',
      'enable.auto.commit: "yes"',
      'max.poll.records: "0"',
      'fetch.max.bytes: ""',
      'fetch.min.bytes: "1.5"',
      'heartbeat.interval.ms: "9999999999"',
    );
    expect(told(text)).toEqual([
      expect.stringMatching(/^6:27 session\.timeout\.ms must be whole ms or a duration, not "30 000" = /),
      expect.stringMatching(/^7:27 enable\.auto\.commit must be true or false, not "yes" = /),
      expect.stringMatching(/^8:25 max\.poll\.records must be at least 1, not 0 = /),
      expect.stringMatching(/^9:24 fetch\.max\.bytes must be whole bytes or a size, not "" = /),
      expect.stringMatching(/^10:24 fetch\.min\.bytes must be whole bytes or a size, not "1\.5" = /),
      expect.stringMatching(/^11:30 heartbeat\.interval\.ms must be at most 2147483647, not 9999999999 = /),
    ]);
  });
});

test.each([
  ["brokers", BROKER_SETTINGS, UNMODELLED_BROKER_SETTINGS, ofBrokers],
  ["topics", TOPIC_SETTINGS, UNMODELLED_TOPIC_SETTINGS, ofTopic],
  ["producers", PRODUCER_SETTINGS, UNMODELLED_PRODUCER_SETTINGS, ofProducers],
  ["consumers", { ...CLIENT_SETTINGS, ...GROUP_SETTINGS }, UNMODELLED_CONSUMER_SETTINGS, ofGroup],
] as const)(
  "every setting of %s is modelled or ignored, and all that are ignored may be written",
  (...[, table, names, file]) => {
    expect(names.filter((key) => key in table)).toEqual([]);
    expect(names.filter((key, place) => names.indexOf(key) < place)).toEqual([]);
    expect(ignored(file(...names.map((key) => `${key}: x`)))).toEqual(names);
  },
);

test("what is said of a setting in other words is said of one that is ignored", () => {
  const all = [...UNMODELLED_BROKER_SETTINGS, ...UNMODELLED_TOPIC_SETTINGS];
  expect(Object.keys(INSTEAD).filter((key) => !all.includes(key))).toEqual([]);
});

test("an editor is told the same", () => {
  interface Schema {
    readonly properties: Readonly<Record<string, Schema>>;
    readonly anyOf: readonly Schema[];
    readonly additionalProperties: boolean;
    readonly patternProperties: Readonly<Record<string, unknown>>;
  }
  const { properties } = scenarioJsonSchema() as unknown as Schema;
  const [config] = properties.cluster.anyOf[0].properties.config.anyOf;
  expect(config.properties["advertised.listeners"]).toEqual({
    description: "Accepted and ignored: regroup does not model it.",
  });
  expect(config.additionalProperties).toBe(false);
  const ofClients = properties.groups as unknown as { additionalProperties: Schema };
  const billing = ofClients.additionalProperties.properties.config.anyOf[0];
  expect(billing.additionalProperties).toBe(false);
  const [open] = Object.keys(billing.patternProperties);
  expect("spring.json.trusted.packages").toMatch(new RegExp(open));
  expect("springs").not.toMatch(new RegExp(open));
  const [integer, ...texts] = billing.properties["max.poll.records"].anyOf;
  expect(integer).toMatchObject({ type: "integer", minimum: 1 });
  expect(texts).toMatchObject([{ type: "string" }]);
  const [pattern] = Object.keys(config.patternProperties);
  expect("listener.name.a.ssl.keystore.location").toMatch(new RegExp(pattern));
  expect("listenerXname.a").not.toMatch(new RegExp(pattern));
});
