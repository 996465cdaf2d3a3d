import { describe, expect, test } from "vitest";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { renderProblem } from "../../sim/scenario/problem.ts";
import { problemsOf, SMALLEST, told } from "./support.ts";

/** A scenario in which the group's settings are these. */
const configured = (...lines: string[]): string => `topics: { orders: 12 }
groups:
  billing:
    members: 5
    config:
${lines.map((line) => `      ${line}\n`).join("")}`;

/** A scenario whose members are described by these lines. */
const members = (...lines: string[]): string => `topics: { orders: 12 }
groups:
  billing:
    members:
      initial: 5
${lines.map((line) => `      ${line}\n`).join("")}`;

/** The smallest scenario with an event after five minutes. */
const at5 = (event: string): string => `${SMALLEST}events:\n  - { at: 5m, ${event} }\n`;

describe("a mistake is answered with its place and what would be right", () => {
  const smallest = "the smallest one has topics: { orders: 12 } and groups: { billing: { members: 5 } }";
  test.each<[claim: string, text: string, answer: string[]]>([
    ["an empty file", "", [`1:1 there is no scenario in this file = ${smallest}`]],
    ["a file of comments", "# nothing\n", [`1:1 there is no scenario in this file = ${smallest}`]],
    ["a list", "- a\n- b\n", [`1:1 a scenario is a map, not a list = ${smallest}`]],
    ["a text", "hello", [`1:1 a scenario is a map, not "hello" = ${smallest}`]],
    ["no groups", "topics: { orders: 12 }", [`1:1 groups is missing = ${smallest}`]],
    [
      "no topics in the map",
      "topics: {}\ngroups: { a: { members: 1 } }",
      ["1:1 there are no topics = for instance topics: { orders: 12 }"],
    ],
    ["a tab", "topics:\n\torders: 3\n", ["2:1 a tab cannot indent = YAML wants spaces"]],
    [
      "a key that is there twice",
      `${SMALLEST}topics: { a: 1 }\n`,
      ["6:1 this key is there twice = remove one of the two, or merge them"],
    ],
    ["two documents", `${SMALLEST}---\na: 1\n`, ["6:1 a second document begins here = one scenario a file"]],
    ["a tag", "topics: !!js/function 'x'\n", ["1:9 tags mean nothing in a scenario = remove the !tag"]],
    ["a map as key", "? [a]\n: b\n", ["1:3 a list or a map cannot be a key = keys are names"]],
    [
      "an alias to nothing",
      "topics: *x\n",
      ["1:9 no anchor &x before this alias = an anchor stands before its aliases"],
    ],
    ["an alias to itself", "topics: &x [*x]\n", ["1:13 the alias *x contains itself = write the inner part out"]],
    [
      "a name JavaScript takes for something else",
      "topics: { __proto__: 3 }\n",
      ["1:11 __proto__ cannot be a name = choose another one"],
    ],
    [
      "a number beyond numbers",
      `${SMALLEST}name: 1e309\n`,
      ["6:7 1e309 is not a number to calculate with = numbers end at about 1.8e308"],
    ],
    [
      "not a number",
      `${SMALLEST}name: .nan\n`,
      ["6:7 .nan is not a number to calculate with = numbers end at about 1.8e308"],
    ],
    [
      "binary data",
      `${SMALLEST}name: !!binary aGVsbG8=\n`,
      ["6:16 this kind of YAML value means nothing in a scenario = use texts, numbers, true, false, lists and maps"],
    ],
    [
      "a duration without unit",
      `${SMALLEST}duration: 30\n`,
      ["6:11 duration needs a unit of time, not just 30 = write 30s, 30ms, 30m …"],
    ],
    [
      "a negative duration",
      `${SMALLEST}duration: -5s\n`,
      ['6:11 duration must not be negative ("-5s") = time only goes on'],
    ],
    ["a duration of nothing", `${SMALLEST}duration: 0s\n`, ["6:11 duration must be more than 0 = for instance 10m"]],
    [
      "a run of ten years",
      `${SMALLEST}duration: 3650d\n`,
      ["6:11 duration must be at most a year, not 3650d = a day shows most"],
    ],
    [
      "a duration of a googol",
      `${SMALLEST}duration: ${"9".repeat(100)}d\n`,
      [`6:11 duration is too long ("${"9".repeat(39)}…) = nothing here lasts more than 100 years`],
    ],
    [
      "a warm-up that is all there is",
      `${SMALLEST}duration: 5m\nwarmUp: 5m\n`,
      ["7:9 warmUp must be shorter than the run = the run ends at 5m, and nothing would be measured"],
    ],
    [
      "a rate without unit",
      "topics: { orders: { rate: 5 } }\ngroups: { a: { members: 1 } }",
      ["1:27 rate needs a unit of time, not just 5 = write 5/s, 5/m or 5/h"],
    ],
    [
      "a negative rate",
      "topics: { orders: { rate: -5/s } }\ngroups: { a: { members: 1 } }",
      ['1:27 rate must not be negative ("-5/s") = 0 is the least'],
    ],
    [
      "too many partitions",
      "topics: { orders: 2000000 }\ngroups: { a: { members: 1 } }",
      ["1:19 orders must be at most 1000000, not 2000000 = the limits are 1 and 1000000"],
    ],
    [
      "too many partitions together",
      "topics: { a: 600000, b: 600000 }\ngroups: { a: { members: 1 } }",
      ["1:1 the topics have 1200000 partitions together = 1000000 is the limit of one run"],
    ],
    [
      "too many partitions together, once topics have grown",
      "topics: { a: 600000, b: 400000 }\ngroups: { a: { members: 1 } }\nevents: [{ at: 1m, grow: a, to: 700000 }]",
      ["1:1 the topics have 1100000 partitions together = 1000000 is the limit of one run"],
    ],
    [
      "a growth in so many steps that their shares alone are too much",
      "topics: { a: 6 }\ngroups: { a: { members: 1 } }\nevents: [{ at: 1m, grow: a, to: 700000 }, { at: 2m, grow: a, to: 900000 }]",
      [
        "3:1 the steps in which topics grow have 1600000 partitions together = 1000000 is the limit of one run: fewer steps",
      ],
    ],
    [
      "half a member",
      "topics: { a: 1 }\ngroups: { a: { members: 1.5 } }",
      ["2:25 members must be a number of members, or a map, not 1.5 = members: 5, or members: { initial: 5, … }"],
    ],
    [
      "a crowd",
      "topics: { a: 1 }\ngroups: { a: { members: 100000 }, b: { members: 1 } }",
      ["2:1 the groups have 100001 members together = 100000 is the limit of one run"],
    ],
    [
      "a group called like another's member",
      "topics: { a: 1 }\ngroups: { b: { members: 1 }, b-2: { members: 1 } }",
      [
        "2:30 b-2 is also what a member of b is called = members are named after their group; call one of the two groups something else",
      ],
    ],
    [
      "an impossible name",
      "topics: { 'a b': 1 }\ngroups: { a: { members: 1 } }",
      ['1:11 "a b" is no name = up to 249 letters, digits, dots, dashes and underscores'],
    ],
    [
      "an unknown release",
      `${SMALLEST}cluster: { brokerVersion: 1.0 }\n`,
      ['6:27 brokerVersion must be a release of Kafka, not "1.0" = from "2.2" to "4.4", for instance "4.0"'],
    ],
    [
      "more replicas than brokers",
      `${SMALLEST}cluster: { brokers: 2, config: { offsets.topic.replication.factor: 3 } }\n`,
      [
        "6:68 offsets.topic.replication.factor must be at most the number of brokers (2) = Kafka would not create __consumer_offsets",
      ],
    ],
    [
      "a size without unit",
      `${SMALLEST}cluster: { loading: { size: 100 } }\n`,
      ["6:29 size needs a unit, not just 100 = write 100B, 100KiB, 100MiB …"],
    ],
  ])("%s", (_, text, answer) => expect(told(text)).toEqual(answer));
});

describe("a setting of Kafka's that cannot be is refused", () => {
  test.each<[line: string, answer: string]>([
    [
      "session.timeout.ms: 2000",
      "6:27 session.timeout.ms must exceed heartbeat.interval.ms (3000) = with less, every member expires before its second heartbeat; Kafka advises three a session",
    ],
    [
      "heartbeat.interval.ms: 60s",
      "6:30 session.timeout.ms must exceed heartbeat.interval.ms (60000) = with less, every member expires before its second heartbeat; Kafka advises three a session",
    ],
    [
      "session.timeout.ms: 5s",
      "6:27 session.timeout.ms must be at least group.min.session.timeout.ms (6000) = the coordinator would refuse every member: INVALID_SESSION_TIMEOUT",
    ],
    [
      "session.timeout.ms: 1h",
      "6:27 session.timeout.ms must be at most group.max.session.timeout.ms (1800000) = the coordinator would refuse every member: INVALID_SESSION_TIMEOUT",
    ],
    [
      "session.timeout.ms: soon",
      '6:27 session.timeout.ms must be whole ms or a duration, not "soon" = for instance 45000, or 45s',
    ],
    ["session.timeout.ms: 1us", "6:27 session.timeout.ms must be a whole number of ms = Kafka knows nothing finer"],
    [
      "fetch.max.bytes: much",
      '6:24 fetch.max.bytes must be whole bytes or a size, not "much" = for instance 52428800, or 64KiB',
    ],
    ["fetch.max.bytes: 1.5B", "6:24 fetch.max.bytes must be a whole number of bytes = Kafka knows nothing finer"],
    [
      "fetch.max.bytes: 2GiB",
      "6:24 fetch.max.bytes must be at most 2147483647, not 2147483648 = the limits are 0 and 2147483647",
    ],
    ["max.poll.records: 64KiB", '6:25 max.poll.records must be a whole number, not "64KiB" = from 1 to 2147483647'],
    ["max.poll.records: 0", "6:25 max.poll.records must be at least 1, not 0 = from 1 to 2147483647"],
    [
      "max.poll.records: 3000000000",
      "6:25 max.poll.records must be at most 2147483647, not 3000000000 = the limits are 1 and 2147483647",
    ],
    [
      "enable.auto.commit: maybe",
      '6:27 enable.auto.commit must be true or false, not "maybe" = Whether the consumer commits its positions by itself, from within poll().',
    ],
    [
      "auto.offset.reset: newest",
      '6:26 auto.offset.reset must be one of earliest, latest, none, or like by_duration:PT1H, not "newest" = Where to start reading without a committed offset; by_duration from Kafka 4.0 on.',
    ],
    ["partition.assignment.strategy: [rnage]", "6:39 there is no assignor rnage = did you mean range?"],
  ])("%s", (line, answer) => expect(told(configured(line))).toEqual([answer]));
});

describe("an unknown key is answered with where it belongs, or what was meant", () => {
  test.each<[claim: string, text: string, answer: string]>([
    [
      "a setting among the members",
      members("session.timeout.ms: 6000"),
      "6:7 session.timeout.ms is not known in members = it belongs under groups.billing.config",
    ],
    [
      "a setting of the brokers",
      configured("group.initial.rebalance.delay.ms: 0"),
      "6:7 group.initial.rebalance.delay.ms is not known in config = it belongs under cluster.config",
    ],
    [
      "a setting at the top",
      `${SMALLEST}session.timeout.ms: 9000\n`,
      "6:1 session.timeout.ms is not known here = it belongs under groups.<group>.config",
    ],
    [
      "a member's matter at the top",
      `${SMALLEST}capacity: 1/s\n`,
      "6:1 capacity is not known here = it belongs under groups.<group>.members",
    ],
    [
      "the top's matter in a group",
      "topics: { a: 1 }\ngroups: { b: { members: 1, duration: 5m } }",
      "2:28 duration is not known in b = it belongs at the top, beside topics and groups",
    ],
    [
      "a typing mistake",
      configured("sesion.timeout.ms: 9000"),
      "6:7 sesion.timeout.ms is not known in config = did you mean session.timeout.ms?",
    ],
    [
      "camel case",
      configured("maxPollRecords: 9000"),
      "6:7 maxPollRecords is not known in config = did you mean max.poll.records?",
    ],
    [
      "a typing mistake in the wrong place",
      members("sesion.timeout.ms: 9000"),
      "6:7 sesion.timeout.ms is not known in members = did you mean session.timeout.ms? It belongs under groups.billing.config",
    ],
    [
      "Kafka's words for ours",
      configured("group.instance.id: a"),
      "6:7 group.instance.id is not known in config = write static: true under members, then every member has one",
    ],
    [
      "a law of chance",
      members("startup: { exponentail: 3s }"),
      "6:18 exponentail is not known in startup = did you mean exponential?",
    ],
    [
      "something else altogether",
      "topics: { a: { zookeeper: 1 } }\ngroups: { b: { members: 1 } }",
      "1:16 zookeeper is not known in a = known here: partitions, rate, bursts, replicationFactor, skew, recordSize, arrivals, config, producers",
    ],
  ])("%s", (_, text, answer) => expect(told(text)).toEqual([answer]));
});

describe("a law of chance that is none is refused", () => {
  test.each<[line: string, answer: RegExp]>([
    ["startup: 5", /^6:16 startup needs a unit of time, not just 5/],
    ["startup: [1s]", /^6:7 startup must be a duration or a law of chance, not a list/],
    ["startup: { exponential: 0s }", /^6:31 exponential must be more than 0/],
    ["startup: { uniform: [3s, 1s] }", /^6:18 uniform has its ends the wrong way round/],
    ["startup: { lognormal: { median: 1s } }", /^6:18 lognormal needs a median and one measure of spread/],
    [
      "startup: { lognormal: { median: 1s, p95: 2s, p99: 3s } }",
      /^6:18 lognormal needs a median and one measure of spread/,
    ],
    ["startup: { lognormal: { median: 3s, p95: 2s } }", /^6:18 lognormal has its percentile below its median/],
    ["startup: { lognormal: { median: 1m, p95: 100d } }", /^6:7 startup has too long a tail/],
    ["startup: { weibull: { mean: 1s, scale: 1s, shape: 2 } }", /^6:18 weibull needs a shape and either scale or mean/],
    ["startup: { pareto: { minimum: 1s, shape: 0.01 } }", /^6:48 shape is too small/],
    ["startup: { empirical: [] }", /^6:18 empirical must have at least 1/],
    [
      "startup: { empirical: waits.csv }",
      /^6:29 empirical names a file \("waits.csv"\) = files can be read by the command line only/,
    ],
    ["crashShare: 1.5", /^6:19 crashShare must be a share from 0 to 1, not 1.5/],
    ["capacity: 0/s", /^6:17 capacity must be more than 0/],
    ["perStep: { every: 1ms, leave: 0.1, join: 100000 }", /^6:7 perStep of billing would happen/],
    ["joins: { poisson: 1000000/s }", /^6:7 joins of billing would happen 6\.0e\+8 times in this run/],
  ])("%s", (line, answer) => expect(told(members(line))).toEqual([expect.stringMatching(answer)]));
});

test("a size of the offsets of a group that there is not is refused", () => {
  const text = `cluster: { loading: { size: { biling: 900MiB } } }\n${SMALLEST}`;
  const [{ message, advice }, ...others] = problemsOf(text);
  expect([message, advice, others]).toEqual(["there is no group biling", "did you mean billing?", []]);
});

describe("an event that cannot happen is refused", () => {
  test.each<[event: string, answer: string]>([
    ["crash: biling-1", "7:22 there is no member or group biling-1 = did you mean billing-1?"],
    ["crash: biling", "7:22 there is no member or group biling = did you mean billing?"],
    [
      "crash: audit-3",
      "7:22 there is no member or group audit-3 = members are named after their group: billing-1 to billing-5",
    ],
    ["crash: billing-9", "7:22 billing never has a member billing-9 = they are called billing-1 to billing-5"],
    ["crash: billing-01", "7:22 billing never has a member billing-01 = they are called billing-1 to billing-5"],
    ["crash: { broker: 4 }", "7:32 there is no broker 4 = there are 3, numbered from 1"],
    ["crash: { broker: coordinator of biling }", "7:32 there is no group biling = did you mean billing?"],
    [
      "roll: billing, maxUnavailable: 0",
      "7:46 maxUnavailable and maxSurge cannot both be 0 = one of the two must be at least 1, or nobody may move",
    ],
    ["grow: ordres, to: 24", "7:21 there is no topic ordres = did you mean orders?"],
    [
      "grow: orders, to: 12",
      "7:33 orders has 12 partitions already, so it cannot grow to 12 = it has as many: Kafka refuses a change that is none",
    ],
    [
      "grow: orders, to: 11",
      "7:33 orders has 12 partitions already, so it cannot grow to 11 = Kafka refuses fewer partitions than there are: their records would be gone",
    ],
    ["grow: orders, to: 2000000", "7:33 to must be at most 1000000, not 2000000 = the limits are 1 and 1000000"],
    ["subscribe: biling, topics: [orders]", "7:26 there is no group biling = did you mean billing?"],
    ["subscribe: billing, topics: [orders, ordres]", "7:52 there is no topic ordres = did you mean orders?"],
    ["roll: billing, maxUnavailble: 2", "7:30 maxUnavailble is not known in events[0] = did you mean maxUnavailable?"],
    ["rate: oders, to: 5/s", "7:21 there is no topic oders = did you mean orders?"],
    ["pause: billing-1", "7:5 lasts is missing = how long its batch takes: lasts: 10m"],
    ["join: { group: other }", "7:30 there is no group other = there are: billing"],
    ["crush: billing-1", "7:15 crush is not known in events[0] = did you mean crash?"],
  ])("%s", (event, answer) => expect(told(at5(event))).toEqual([answer]));

  test("an event after the end", () => {
    expect(told(`${SMALLEST}events:\n  - { at: 15m, crash: billing-1 }\n`)).toEqual([
      "7:11 this event comes after the run's end = it ends at 10m: move the event, or make the run longer",
    ]);
  });

  test("in a run that has no length it is the length that is wrong", () => {
    expect(told(`duration: 0s\n${SMALLEST}events:\n  - { at: 1m, crash: billing-1 }\n`)).toEqual([
      "1:11 duration must be more than 0 = for instance 10m",
    ]);
    expect(
      told(
        "duration: 0s\ntopics: { a: { partitions: 2, rate: [{ at: 0s, rate: 1/s }, { at: 1m, rate: 2/s }] } }\n" +
          "groups: { g: { members: 1 } }\n",
      ),
    ).toEqual(["1:11 duration must be more than 0 = for instance 10m"]);
  });

  test("but not a topic that is deleted and created again: then it is there from the beginning", () => {
    const script = "events:\n  - { at: 3m, create: orders }\n  - { at: 2m, delete: orders }\n";
    expect(told(`${SMALLEST}${script}`)).toEqual([]);
  });

  test("a numbered member may come later when members join", () => {
    const text = `${SMALLEST}events: [{ at: 1m, join: billing }, { at: 2m, crash: billing-6 }]\n`;
    expect(told(text)).toEqual([]);
  });

  test("bursts and producers that come more often than anybody means", () => {
    const topic = (given: string): string =>
      `topics: { a: { partitions: 2, ${given} } }\ngroups: { g: { members: 1 } }\n`;
    const [burst] = problemsOf(topic("bursts: { every: 0s, lasts: 0s, rate: 5/s }"));
    expect(burst.message).toBe("bursts of a would happen 6.0e+8 times in this run");
    const [join] = problemsOf(topic("producers: { joins: { poisson: 1000000/s } }"));
    expect(join.message).toBe("joins of a would happen 6.0e+8 times in this run");
  });

  test("what is done to a topic that is not there, in order of time", () => {
    const text = `${SMALLEST}events:
  - { at: 5m, create: orders }
  - { at: 3m, grow: orders, to: 24 }
  - { at: 6m, delete: orders }
  - { at: 7m, grow: orders, to: 48 }
  - { at: 8m, create: orders }
  - { at: 9m, create: orders }
`;
    expect(told(text)).toEqual([
      "8:21 there is no topic orders at 3m = it is created later",
      "10:21 there is no topic orders at 7m = it has been deleted",
      "12:23 orders is there already at 9m = delete it before",
    ]);
  });

  test("but not a topic that grows to no more partitions than a run may have", () => {
    const text = "topics: { a: 300000, b: 100000 }\ngroups: { a: { members: 1 } }\n";
    expect(told(`${text}events: [{ at: 1m, grow: a, to: 600000 }]\n`)).toEqual([]);
  });

  test("a skew by shares that leaves out what the topic grows to", () => {
    const text = "topics: { a: { partitions: 2, skew: { shares: [1, 2] } } }\ngroups: { g: { members: 1 } }\n";
    expect(told(`${text}events: [{ at: 1m, grow: a, to: 3 }]\n`)).toEqual([
      "1:39 skew of a has 2 shares = a has 3 partitions: one share for each",
    ]);
  });
});

describe("hostile YAML ends in a problem", () => {
  test("aliases that stand for a billion values", () => {
    const lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"];
    for (let i = 1; i < 10; i++)
      lines.push(
        `a${i}: &a${i} [${Array(9)
          .fill(`*a${i - 1}`)
          .join(",")}]`,
      );
    const began = performance.now();
    expect(told(lines.join("\n"))[0]).toMatch(
      /aliases stand for too much = at most 10000 values may come from aliases$/,
    );
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test.each([
    ["brackets", "[".repeat(50_000)],
    ["closed brackets", `a: ${"[".repeat(2_000)}${"]".repeat(2_000)}`],
    ["indentation", Array.from({ length: 1_000 }, (_, i) => `${" ".repeat(i)}a:`).join("\n")],
  ])("%s without end", (_, text) => {
    expect(told(text)).toContainEqual(expect.stringMatching(/this is nested too deeply/));
  });

  test("a file of 5 million characters", () => {
    expect(told("#".repeat(5_000_000), { file: "big.yaml" })).toEqual([
      " big.yaml is too long for a scenario (5000000 characters) = 4000000 are the limit",
    ]);
  });

  test("an anchor used twice is fine", () => {
    const text = "topics: { a: &t { partitions: 3, rate: 5/s }, b: *t }\ngroups: { g: { members: 1 } }\n";
    expect(parseScenario(text).scenario.topics.map(({ partitions }) => partitions)).toEqual([3, 3]);
  });

  test("a mistake behind an alias is shown where it is written", () => {
    const text = "topics:\n  a: &t { partitions: 3, rat: 5/s }\n  b: *t\ngroups: { g: { members: 1 } }\n";
    expect(told(text)).toEqual([
      "2:26 rat is not known in a = did you mean rate?",
      "2:26 rat is not known in b = did you mean rate?",
    ]);
  });
});

test("who must have committed before it processes has to have some time to commit", () => {
  const group = (commit: string, timeout: number): string => `topics: { orders: 12 }
groups:
  billing:
    members: { initial: 5, commit: ${commit} }
    config: { default.api.timeout.ms: ${timeout} }
`;
  expect(told(group("before-processing", 0))).toEqual([
    "5:39 default.api.timeout.ms must be more than 0 with commit: before-processing = commitSync() would give up at the instant it is called, and be called again for ever",
  ]);
  expect(problemsOf(group("before-processing", 1))).toEqual([]);
  expect(problemsOf(group("sync", 0))).toEqual([]); // goes on with its next batch
});

test("all mistakes are told at once, in the order of the file, also those across fields", () => {
  const text = `duration: 30
topics: { orders: { partitions: 12, rate: -5/s } }
groups:
  billing:
    topics: [oders]
    bogus: 1
    config: { session.timeout.ms: 2000 }
    members: { initial: 5, perStep: { every: 1m } }
events:
  - { at: 5, roll: billing }
  - { at: 5m, crash: billing-9 }
  - { crash: billing-1 }
  - { at: 5m, crash: { broker: 7 } }
expect: [p99(timeLag) < 3, lost == 0]
`;
  expect(told(text).map((line) => line.replace(/ = .*/, ""))).toEqual([
    "1:11 duration needs a unit of time, not just 30",
    '2:43 rate must not be negative ("-5/s")',
    "5:14 there is no topic oders",
    "6:5 bogus is not known in billing",
    "7:35 session.timeout.ms must exceed heartbeat.interval.ms (3000)",
    "8:28 leave is missing",
    "8:28 join is missing",
    "10:11 at needs a unit of time, not just 5",
    "11:22 billing never has a member billing-9",
    "12:5 at is missing",
    "13:32 there is no broker 7",
    "14:10 expect[0] compares timeLag with 3, which has no unit of time",
  ]);
});

test("a problem is shown with its line, a mark under it, and the advice", () => {
  const text = "topics: { orders: 12 }\ngroups:\n billing:\n  members: 4\n  config:\n   session.timeout.ms: 2000\n";
  const [problem] = problemsOf(text);
  expect(renderProblem(problem, "crash.yaml", text))
    .toBe(`crash.yaml:6:24 session.timeout.ms must exceed heartbeat.interval.ms (3000)
 6 |    session.timeout.ms: 2000
   |                        ^^^^
   = with less, every member expires before its second heartbeat; Kafka advises three a session`);
});

test("what a terminal would obey is not shown to it", () => {
  const text = `${SMALLEST}"\u001b[31mred\u202e": 1\n`;
  const [problem] = problemsOf(text);
  const rendered = renderProblem(problem, "x.yaml", text);
  expect(rendered).toContain("·[31mred·");
  expect(rendered).not.toMatch(/\p{Cf}|(?!\n)\p{Cc}/u);
});

test("a very long line is cut around the mistake", () => {
  const text = `${SMALLEST}name: ${"x".repeat(100)} # ${"y".repeat(500)}\ndescription: { ${"a: 1, ".repeat(200)}b: 2 }\n`;
  for (const problem of problemsOf(text)) {
    for (const line of renderProblem(problem, "x.yaml", text).split("\n").slice(1, 3))
      expect(line.length).toBeLessThan(150);
  }
});

test("Windows line ends and a byte order mark move nothing", () => {
  const text = `\uFEFF${SMALLEST}bogus: 1\n`.replaceAll("\n", "\r\n");
  expect(problemsOf(text)[0].at).toEqual({ line: 6, column: 1, length: 5 });
});

describe("the words of an event", () => {
  const answers = (event: string): string[] =>
    told(`topics: { orders: 12 }\ngroups: { billing: { members: 5 } }\nevents:\n  - { at: 1m, ${event} }\n`);

  test.each([
    ["kill", "crash"],
    ["stop", "leave"],
    ["close", "leave"],
  ])("whoever writes %s means %s", (theirs, ours) => {
    expect(answers(`${theirs}: billing-1`)).toEqual([
      `4:15 ${theirs} is not known in events[0] = did you mean ${ours}?`,
    ]);
  });

  test.each([
    ["start: { broker: 3 }", "start"],
    ["stop: { broker: 3 }", "stop"],
    ["shutdown: { controller: active }", "shutdown"],
  ])("%s: brokers and controllers are restarted; only members join and leave", (event, theirs) => {
    expect(answers(event)).toEqual([`4:15 ${theirs} is not known in events[0] = did you mean restart?`]);
    expect(answers("start: { group: billing }")).toEqual(["4:15 start is not known in events[0] = did you mean join?"]);
  });

  test("a mistyped key is all that is wrong, whatever another kind of event would miss", () => {
    expect(answers("crash: { brokr: 1 }")).toEqual(["4:24 brokr is not known in crash = did you mean broker?"]);
  });

  test.each([
    ["slow: { between: 3 }", "4:23 between is not known in slow = known here: from, to"],
    ["cut: { from: { broker: 1 }, capacity: 3 }", "4:43 capacity is not known in cut = known here: from, to"],
    [
      "crash: { member: billing-1 }",
      "4:24 member is not known in crash = known here: group, count, broker, controller, zone",
    ],
    ["grow: orders, by: 2", "4:29 by is not known in events[0] = grow goes with to"],
    ["delete: orders, partitions: 2", "4:31 partitions is not known in events[0] = delete goes with nothing else"],
  ])("%s: the advice keeps to that kind of event", (event, answer) => {
    expect(answers(event)).toContain(answer);
  });

  test("an event of no known kind is told the kinds", () => {
    expect(answers("frobnicate: 1")).toEqual([
      "4:15 frobnicate is not known in events[0] = one of join, leave, crash, cut, slow, restart, freeze, pause, roll, " +
        "rate, create, grow, producers, delete, subscribe",
    ]);
  });

  test.each([
    ["join: 1", "4:21 join must be a group, not 1 = join: billing"],
    ["cut: 3", "4:20 cut must say between whom, not 3 = { from: { broker: 1 } }"],
    ["cut: { fro: 3 }", "4:22 fro is not known in cut = did you mean from?"],
    ["roll: 3", "4:21 roll must be a group, or brokers, not 3 = roll: billing, or roll: brokers"],
    ["pause: billing-1", "4:5 lasts is missing = how long its batch takes: lasts: 10m"],
    ["freeze: billing-1", "4:5 for is missing = how long they are stopped: for: 1m"],
    ["join: billing, leave: billing", "4:30 leave is not known in events[0] = it does not go with the others here"],
    ["pause: billing-1, for: 10s", "4:33 for is not known in events[0] = pause goes with lasts"],
    ["freeze: billing-1, lasts: 10s", "4:34 lasts is not known in events[0] = freeze goes with for"],
    ["grow: orders, for: 10s", "4:29 for is not known in events[0] = grow goes with to"],
    ["rate: orders, lasts: 10s", "4:29 lasts is not known in events[0] = rate goes with to"],
    ["delete: orders, for: 10s", "4:31 for is not known in events[0] = it does not go with the others here"],
  ])("%s: the kind of event that was named is the one that is meant", (event, answer) => {
    const [first, ...others] = answers(event);
    expect(first).toContain(answer);
    expect(others).toEqual([]);
  });

  test.each([
    ["flow: quantum", 'flow must be fluid or records, not "quantum"'],
    ["topics: { a: { partitions: 1, arrivals: often } }", 'arrivals must be even or poisson, not "often"'],
  ])("%s: where there are only so many words, they are told", (line, answer) => {
    const text = line.startsWith("topics") ? `${line}\ngroups: { g: { members: 1 } }\n` : `${SMALLEST}${line}\n`;
    expect(told(text)).toEqual([expect.stringContaining(answer)]);
  });

  test("brokers may be counted in a map that says no zones", () => {
    expect(told(`${SMALLEST}cluster: { brokers: { count: 4 } }\n`)).toEqual([]);
  });

  test("what is missing is told where every key is known", () => {
    expect(answers("crash: { count: 2 }").join()).toContain("group is missing");
  });
});

test("a setting that is like none of a long list is answered with where to find them all, not with an empty list", () => {
  expect(told(`${SMALLEST}cluster: { config: { foo.bar.baz.quux: 1 } }\n`)).toEqual([
    "6:22 foo.bar.baz.quux is not known in config = regroup schema prints every key there is",
  ]);
});
