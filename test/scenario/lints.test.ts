import { expect, test } from "vitest";
import { BROKER_SETTINGS, CLIENT_SETTINGS } from "../../sim/kafka/config.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { SMALLEST } from "./support.ts";

/** Place and message of each lint. */
function lintsOf(text: string, ...set: string[]): string[] {
  return parseScenario(text, { set }).lints.map(({ at, option, message, advice }) => {
    expect(advice, `${message}: every lint says what to do`).toBeTruthy();
    return `${at ? `${at.line}:${at.column}` : option} ${message}`;
  });
}

test("the five-line scenario has nothing unwise about it", () => {
  expect(lintsOf(SMALLEST)).toEqual([]);
});

const config = (...lines: string[]): string =>
  `topics: { orders: 12 }\ngroups:\n  billing:\n    members: 5\n    config:\n${lines.map((line) => `      ${line}\n`).join("")}`;

const members = (rest: string, topics = "{ orders: 12 }"): string =>
  `topics: ${topics}\ngroups:\n  billing:\n    members: { ${rest} }\n`;

/** The busiest of its partitions gets 1000/12 records a second. */
const slowLink = (event: string): string =>
  `${members("initial: 5", "{ orders: { partitions: 12, rate: 1000/s } }")}\nevents:\n  - { at: 5m, ${event} }\n`;

test.each<[claim: string, text: string, expected: (string | RegExp)[]]>([
  [
    "a heartbeat that leaves no room for a lost one",
    config("session.timeout.ms: 10000", "heartbeat.interval.ms: 4000"),
    ["7:30 heartbeat.interval.ms (4000) is more than a third of session.timeout.ms (10000)"],
  ],
  ["a heartbeat of exactly a third is wise", config("session.timeout.ms: 12000", "heartbeat.interval.ms: 4000"), []],
  [
    "a reset policy of a later release",
    config("auto.offset.reset: by_duration:PT1H").replace("topics:", "cluster: { brokerVersion: '3.9' }\ntopics:"),
    [/by_duration came with 4.0: a consumer of 3.9 refuses to start with it/],
  ],
  ["one of this release", config("auto.offset.reset: by_duration:PT1H"), []],
  [
    "more copies in sync than there are",
    `cluster: { config: { min.insync.replicas: 4 } }\n${SMALLEST}`,
    [
      /^1:43 min.insync.replicas \(4\) is above the number of copies of __consumer_offsets \(3\), orders \(3\): Kafka asks for all there are/,
    ],
  ],
  [
    "… before 3.7, where no group can do anything then",
    `cluster: { brokerVersion: "3.6", config: { min.insync.replicas: 4 } }\n${SMALLEST}`,
    [/^1:65 min.insync.replicas \(4\) .*: before Kafka 3.7 no group ever gets its partitions/],
  ],
  [
    "… of a topic alone, which nobody can write to then",
    `cluster: { brokerVersion: "3.6", config: { min.insync.replicas: 2 } }\ntopics: { orders: { partitions: 12, replicationFactor: 1 } }\ngroups: { billing: { members: 5 } }`,
    [
      /^1:65 min.insync.replicas \(2\) is above the number of copies of orders \(1\): before Kafka 3.7 nothing is ever written/,
    ],
  ],
  [
    "as many copies in sync as there are is nobody's mistake",
    `cluster: { config: { min.insync.replicas: 3 } }\n${SMALLEST}`,
    [],
  ],
  [
    "a session that a pause outlasts",
    config("session.timeout.ms: 9000"),
    [/^6:27 session.timeout.ms \(9000\) is so short/],
  ],
  [
    "a session of minutes",
    config("session.timeout.ms: 10m"),
    [/^6:27 a crashed member's partitions stay unread for up to 10m/],
  ],
  [
    "a wait that begins above its end",
    config("retry.backoff.ms: 5s"),
    [/^6:25 retry.backoff.ms exceeds retry.backoff.max.ms \(1000\)/],
  ],
  [
    "a batch that outlasts the poll interval",
    config("max.poll.records: 400000"),
    [/^6:25 a full batch of 400000 records takes 6m40s, longer than max.poll.interval.ms/],
  ],
  [
    "automatic commits of an application that commits by itself",
    `${members("initial: 5, commit: sync")}    config: { enable.auto.commit: true }\n`,
    ["5:35 enable.auto.commit is true, and commit: sync turns it off"],
  ],
  [
    "automatic commits that are off and on",
    `${members("initial: 5, commit: auto")}    config: { enable.auto.commit: false }\n`,
    ["5:35 enable.auto.commit is false, and commit: auto turns it on"],
  ],
  [
    "who commits, said twice alike",
    `${members("initial: 5, commit: never")}    config: { enable.auto.commit: false }\n`,
    [],
  ],
  [
    "a setting nobody acts on",
    config("isolation.level: read_committed"),
    ["6:7 isolation.level is ignored: regroup does not model it"],
  ],
  [
    "a setting with no meaning here",
    config("bootstrap.servers: localhost:9092"),
    ["6:7 bootstrap.servers is ignored: regroup does not model it"],
  ],
  [
    "batches too small for the capacity",
    members("initial: 5, capacity: 1000/s, batch: 1s"),
    [/^4:\d+ 500 records in a batch of 1s are 500\/s, less than the capacity of 1000\/s/],
  ],
  [
    "batches that usually outlast the poll interval",
    members("initial: 5, batch: 10m"),
    [/^4:35 batch: a usual one outlasts max.poll.interval.ms \(5m\)/],
  ],
  [
    "slow batches that outlast the poll interval",
    members("initial: 5, slowBatches: { every: 1h, lasts: 10m }"),
    [/^4:28 slowBatches: a usual one outlasts/],
  ],
  [
    "crashes of nobody",
    members("initial: 5, crashShare: 0.3"),
    ["4:40 nobody departs by chance, so crashShare changes nothing"],
  ],
  ["crashes of the mortal", members("initial: 5, crashShare: 0.3, lifetime: 1h"), []],
  [
    "leaves of nobody",
    members("initial: 0, leaves: 1/h"),
    ["4:25 billing never has a member, so nothing of its topics is read"],
  ],
  ["a group of nobody", members("initial: 0"), [/^4:25 billing never has a member/]],
  ["one of those who come later", `${members("initial: 0")}events: [{ at: 1m, join: billing }]\n`, []],
  [
    "commits at every poll",
    config("auto.commit.interval.ms: 0"),
    ["6:32 with an interval of 0 every poll() commits: a request for each batch"],
  ],
  [
    "commits at every poll, said twice",
    `${members("initial: 5, commit: auto")}    config: { enable.auto.commit: true, auto.commit.interval.ms: 0 }\n`,
    ["5:66 with an interval of 0 every poll() commits: a request for each batch"],
  ],
  [
    "more members than partitions",
    members("initial: 15"),
    ["4:25 billing has 15 members for 12 partitions, so 3 are idle"],
  ],
  [
    "more records than the members can process",
    members("initial: 2, capacity: 100/s"),
    ["4:38 billing is overloaded: up to 500 records/s come in, and 2 members process 200/s"],
  ],
  [
    "more records at the worst of times",
    members("initial: 3", "{ orders: { partitions: 9, rate: [{ at: 0s, rate: 1/s }, { at: 1m, rate: 4000/s }] } }"),
    ["4:25 billing is overloaded: up to 4000 records/s come in, and 3 members process 3000/s"],
  ],
  [
    "more records than the first members can process, when others come",
    members("initial: 2, capacity: 100/s, joins: 1/m"),
    [],
  ],
  [
    "idle members do not help",
    members("initial: 9, capacity: 100/s", "{ orders: { partitions: 2, rate: 190/s } }"),
    ["4:25 billing has 9 members for 2 partitions, so 7 are idle"],
  ],
  [
    "a partition too hot for any member",
    members("initial: 12, capacity: 100/s", "{ orders: { partitions: 12, rate: 600/s, skew: { zipf: 1 } } }"),
    [/^1:50 one partition of orders gets 193.3 records\/s, more than one member can process/],
  ],
  [
    "more single records than the members' service allows",
    `${members("initial: 1, service: 10ms", "{ orders: { partitions: 4, rate: 120/s } }")}flow: records\n`,
    ["4:37 billing is overloaded: up to 120 records/s come in, and 1 member processes 100/s"],
  ],
  [
    "as many as it allows",
    `${members("initial: 1, service: { exponential: 10ms }", "{ orders: { partitions: 4, rate: 80/s } }")}flow: records\n`,
    [],
  ],
  [
    "a capacity that the service contradicts",
    `${members("initial: 1, capacity: 50/s, service: 10ms", "{ orders: { partitions: 4, rate: 80/s } }")}flow: records\n`,
    ["4:38 service says how fast a member is: 100 records/s on average, whatever the capacity"],
  ],
  [
    "a capacity that the service rounds",
    `${members("initial: 1, capacity: 333/s, service: 3ms", "{ orders: { partitions: 4, rate: 80/s } }")}flow: records\n`,
    [],
  ],
  [
    "a service where lag is a fluid, which is as fast, and just enough",
    members("initial: 1, service: 10ms", "{ orders: { partitions: 4, rate: 80/s } }"),
    ["4:37 a fluid has no single records"],
  ],
  [
    "… and too slow for what comes in",
    members("initial: 1, service: 10ms", "{ orders: { partitions: 4, rate: 400/s } }"),
    [
      "4:37 a fluid has no single records",
      "4:37 billing is overloaded: up to 400 records/s come in, and 1 member processes 100/s",
    ],
  ],
  [
    "no initial delay",
    `${SMALLEST}cluster: { config: { group.initial.rebalance.delay.ms: 0 } }\n`,
    [/^6:56 without an initial delay/],
  ],
  [
    "more members than Kafka lets in",
    `${SMALLEST}cluster: { config: { group.max.size: 4 } }\n`,
    [/^5:14 billing is larger than group.max.size \(4\)/],
  ],
  [
    "the only broker goes",
    `${SMALLEST}cluster: { brokers: 1 }\nevents: [{ at: 1m, crash: { broker: 1 } }]\n`,
    [/^7:10 the only broker goes/],
  ],
  [
    "another coordinator than the release's",
    `${SMALLEST}cluster: { coordinator: scala }\n`,
    [/^6:25 Kafka 4.0 uses the java coordinator unless told otherwise/],
  ],
  [
    "a setting older than the release",
    `${SMALLEST}cluster: { config: { zookeeper.session.timeout.ms: 6000 } }\n`,
    ["6:22 Kafka 4.0 no longer knows zookeeper.session.timeout.ms"],
  ],
  [
    "a setting newer than the release",
    `${SMALLEST}cluster: { brokerVersion: "3.0", config: { group.coordinator.threads: 2 } }\n`,
    ["6:44 Kafka 3.0 does not know group.coordinator.threads"],
  ],
  [
    "a deploy that the run cuts off",
    `${SMALLEST}events: [{ at: 9m30s, roll: billing, pause: 10s }]\n`,
    ["6:29 rolling billing takes about 75s, longer than what is left of the run"],
  ],
  [
    "growth that the group skips what comes to",
    `${SMALLEST}events: [{ at: 5m, grow: orders, to: 24 }]\n`,
    [/^6:26 billing skips what comes to the new partitions of orders before it reads them, for up to 5m/],
  ],
  [
    "… but not if it begins at the beginning",
    `${config("auto.offset.reset: earliest")}events: [{ at: 5m, grow: orders, to: 24 }]\n`,
    [],
  ],
  [
    "a crashed producer that nobody stands in for",
    `${SMALLEST}events: [{ at: 5m, producers: orders, crash: 1 }]\n`,
    [/^6:31 what a crashed producer of orders produced is never produced again$/],
  ],
  [
    "… by chance",
    members("initial: 5", "{ orders: { partitions: 12, producers: { lifetime: 1h, crashShare: 0.5 } } }"),
    [/^1:\d+ what a crashed producer of orders/],
  ],
  [
    "… but not if somebody does",
    members(
      "initial: 5",
      "{ orders: { partitions: 12, producers: { lifetime: 1h, crashShare: 0.5, takeover: 10s } } }",
    ),
    [],
  ],
  [
    "a producer's setting newer than the release",
    `cluster: { brokerVersion: "2.8" }\n${members("initial: 5", "{ orders: { partitions: 12, producers: { config: { retry.backoff.max.ms: 2s } } } }")}`,
    [/^2:\d+ Kafka 2.8 does not know retry.backoff.max.ms/],
  ],
  [
    "a slow link that a fluid does not feel",
    slowLink("slow: { from: { group: billing }, to: { broker: 1 } }, delay: 2s"),
    [
      "7:77 what billing reads over this link is under way for 2s to 6s, up to 500 records of a partition, and the fluid has none of that in lag and ages of who keeps up",
    ],
  ],
  [
    "one of answers alone",
    slowLink("slow: { from: { broker: coordinator of billing } }, oneWay: true, delay: 2s"),
    // where the fetch takes what it always does: with a median of 0.5 ms and a p99 of 5 ms, that is 0.8 ms on average
    [/under way for 2s to 4.001s, up to 333 records/],
  ],
  [
    "one of fetches alone",
    slowLink("slow: { from: { client: billing-3 } }, oneWay: true, delay: 2s"),
    [/under way for 1ms to 2.002s, up to 167 records/],
  ],
  [
    "one of answers alone between zones that are apart anyway: there 30 ms, back 300 ms",
    `cluster: { brokers: { count: 3, zones: [a, b, c] }, network: { delay: 1ms, between: [{ zones: [a, b], delay: 30ms }] } }
${members("initial: 3, zones: [a, b, c]", "{ orders: { partitions: 12, rate: 1200/s } }")}
events:
  - { at: 2m, slow: { from: { zone: a }, to: { zone: b } }, oneWay: true, delay: 300ms, for: 60s }
`,
    [/under way for 300ms to 630ms, up to 63 records/],
  ],
  [
    "one on which a record takes less than the shortest wait of a client, retry.backoff.ms",
    slowLink("slow: { from: { group: billing } }, delay: 33ms"),
    [],
  ],
  ["one over which nobody reads", slowLink("slow: { from: { broker: 1 }, to: controller }, delay: 2s"), []],
  ["one between brokers", slowLink("slow: { from: { broker: 1 }, to: { broker: 2 } }, delay: 2s"), []],
  [
    "one that single records feel",
    `flow: records\nduration: 6m\n${slowLink("slow: { from: { broker: 1 } }, delay: 2s")}`,
    [],
  ],
  [
    "brokers in another zone, far away",
    `cluster: { brokers: { count: 3, zones: [a, b] }, network: { between: [{ zones: [a, b], delay: 1s }, { zones: [b, c], delay: 1s }] } }\n${members("initial: 5, zones: [c]")}`,
    [/^1:\d+ what billing reads over this link is under way for 1s to 3s/],
  ],
  [
    "everything far away",
    `cluster: { network: { delay: 80ms } }\n${members("initial: 5")}`,
    [/^1:\d+ what billing reads over this link is under way for 80ms to 240ms/],
  ],
  ["a deploy that fits", `${SMALLEST}events: [{ at: 5m, roll: billing, pause: 10s }]\n`, []],
])("%s", (_, text, expected) => {
  const found = lintsOf(text);
  expect(found).toHaveLength(expected.length);
  for (const [i, pattern] of expected.entries()) expect(found[i]).toMatch(pattern);
});

test("of a service where lag is a fluid it is told what it counts as", () => {
  const advice = (rest: string): (string | undefined)[] =>
    parseScenario(members(`initial: 1, ${rest}`, "{ orders: { partitions: 4, rate: 8/s } }")).lints.map(
      ({ advice }) => advice,
    );
  const rest = "write flow: records to simulate them one by one";
  expect(advice("service: { exponential: 10ms }")).toEqual([`it counts as a capacity of 100/s; ${rest}`]);
  expect(advice("service: 3ms")).toEqual([`it counts as a capacity of 333.3/s; ${rest}`]);
  expect(advice("service: 10ms, capacity: 70/s")).toEqual([`the capacity of 70/s counts instead; ${rest}`]);
});

test("a rate of a few an hour is told as it was written, and none is nothing", () => {
  const text = (capacity: string): string =>
    `topics: { orders: { partitions: 1, rate: 7/h } }\ngroups: { billing: { members: { initial: 1, capacity: ${capacity} } } }\n`;
  const lints = (capacity: string): string[] =>
    parseScenario(text(capacity)).lints.map(({ message, advice }) => `${message} = ${advice}`);
  expect(lints("0.7/m")).toEqual([
    expect.stringMatching(/ = at this capacity 3 records are the most; fewer leave room$/),
  ]); // 0.7 × 5
  expect(lints("0.0001/h")).toEqual([
    expect.stringMatching(/^one partition of orders gets 7 records\/h, more than .* more capacity than 0\.0001\/h$/),
    expect.stringMatching(/ = at this capacity one record is too many already: more capacity, or a longer interval$/),
    expect.stringMatching(/^billing is overloaded: up to 7 records\/h come in, and 1 member processes 0\.0001\/h = /),
  ]);
});

test("from 100000 partitions on, those that a topic grows to among them, a run is said to take long", () => {
  const topics = (text: string, events = ""): string[] =>
    lintsOf(`topics: ${text}\ngroups: { billing: { topics: [a], members: 2 } }\n${events}`);
  // 100000 × 7 kB
  const said = (count: number, memory: string): string =>
    `1:1 with ${count} partitions a run takes long, and about ${memory} GB of memory`;
  expect(topics("{ a: 12, b: 99987 }")).toEqual([]);
  expect(topics("{ a: 12, b: 99988 }")).toEqual([said(100_000, "0.7")]);
  expect(topics("{ a: 12, b: 6 }", "events: [{ at: 1m, grow: b, to: 399988 }]\n")).toEqual([said(400_000, "2.8")]);
});

test("a lint about an option names the option", () => {
  expect(lintsOf(SMALLEST, "groups.billing.members=20")).toEqual([
    "--set groups.billing.members=20 billing has 20 members for 12 partitions, so 8 are idle",
  ]);
});

test("every setting is either read by something or said not to be modelled", () => {
  const silent = Object.entries(CLIENT_SETTINGS).filter(([, { readBy }]) => readBy.length === 0);
  for (const [key, { default: usual }] of silent) {
    expect(lintsOf(config(`${key}: ${JSON.stringify(usual)}`))).toEqual([
      `6:7 ${key} is ignored: regroup does not model it`,
    ]);
  }
  expect(Object.values(BROKER_SETTINGS).some(({ readBy }) => readBy.length > 0)).toBe(true);
});
