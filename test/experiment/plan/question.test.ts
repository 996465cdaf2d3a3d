import { describe, expect, test } from "vitest";
import { parseAxis } from "../../../sim/experiment/plan/axes.ts";
import { candidatesOf } from "../../../sim/experiment/plan/candidates.ts";
import { parseCost } from "../../../sim/experiment/plan/cost.ts";
import { readTarget } from "../../../sim/experiment/plan/goals.ts";
import { settingOf } from "../../../sim/experiment/plan/settings.ts";
import { parseScenario } from "../../../sim/scenario/parse.ts";
import { understood } from "./world.ts";

const { scenario } = parseScenario(`
topics:
  orders: { partitions: 12, rate: [{ at: 0s, rate: 1000/s }, { at: 5m, rate: 3000/s }] }
groups:
  billing: { topics: [orders], config: { session.timeout.ms: 20s }, members: { initial: 4, capacity: 900/s } }
events:
  - { at: 1m, crash: billing }
  - { at: 2m, roll: billing, maxUnavailable: 2 }
  - { at: 7m, roll: billing }
  - { at: 8m, rate: orders, to: 3600/s }
`);
const two = parseScenario(`
topics: { a: 2, b: 4 }
groups: { x: { topics: [a], members: 1 }, y.z: { members: 2 } }
`).scenario;

describe("a setting", () => {
  test.each([
    ["members", 8, ["groups.billing.members.initial=8"], 4],
    ["billing.members", 8, ["groups.billing.members.initial=8"], 4],
    ["capacity", "500/s", ["groups.billing.members.capacity=500/s"], 900],
    ["partitions", 24, ["topics.orders.partitions=24"], 12],
    ["orders.rate", "5/s", ["topics.orders.rate=5/s"], 1000],
    ["brokers", 5, ["cluster.brokers=5"], 3],
    ["session.timeout.ms", "10s", ["groups.billing.config.session.timeout.ms=10s"], 20_000],
    ["max.poll.records", 50, ["groups.billing.config.max.poll.records=50"], 500],
    ["group.initial.rebalance.delay.ms", 0, ["cluster.config.group.initial.rebalance.delay.ms=0"], 3000],
    ["maxUnavailable", 3, ["events.1.maxUnavailable=3", "events.2.maxUnavailable=3"], 2],
    ["maxSurge", 1, ["events.1.maxSurge=1", "events.2.maxSurge=1"], 0],
    // 4 members take half as much again as the most that ever comes in, 3600/s
    ["headroom", "50%", ["groups.billing.members.capacity=1350/s"], 0],
    ["headroom", 0.25, ["groups.billing.members.capacity=1125/s"], 0],
  ])("%s of %s", (name, value, set, now) => {
    const setting = understood(settingOf(name, scenario));
    expect(setting.set(value)).toEqual(set);
    expect(setting.of(scenario)).toBe(now);
    expect(() => parseScenario(SMALL, { set: [...setting.set(value)] })).not.toThrow();
  });

  const SMALL = `
topics: { orders: { partitions: 12, rate: 1000/s } }
groups: { billing: { members: { initial: 4 } } }
events: [{ at: 1m, crash: billing }, { at: 2m, roll: billing }, { at: 3m, roll: billing }]
`;

  test.each(["capacity", "headroom"])("%s is none where a service says how long each record takes", (name) => {
    const members = "members: { initial: 4, service: { exponential: 1ms } }";
    const text = `
flow: records
topics: { orders: { partitions: 12, rate: 1000/s } }
groups: { billing: { ${members} } }
`;
    expect(settingOf(name, parseScenario(text).scenario)).toEqual({
      message: `${name} changes nothing: members.service says how long each record takes`,
      advice: "look for groups.billing.members.service, in 5ms..50ms, or leave service out",
    });
  });

  test("may be any field, as --set takes it", () => {
    expect(understood(settingOf("groups.billing.members.startup", scenario)).set("9s")).toEqual([
      "groups.billing.members.startup=9s",
    ]);
  });

  test("of a group or topic among several is named with it", () => {
    expect(understood(settingOf("y.z.members", two)).set(3)).toEqual(["groups.y.z.members.initial=3"]);
    expect(understood(settingOf("b.partitions", two)).set(3)).toEqual(["topics.b.partitions=3"]);
  });

  test.each([
    ["members", "members could be of any group = say of which: x.members, y.z.members"],
    ["partitions", "partitions could be of any topic = say of which: a.partitions, b.partitions"],
    ["membrs", "membrs is nothing that can be looked for = did you mean members?"],
    ["x.capacty", "x.capacty is nothing that can be looked for = did you mean x.capacity?"],
    ["sesion.timeout.ms", "sesion.timeout.ms is nothing that can be looked for = did you mean session.timeout.ms?"],
    ["x.maxSurge", "x.maxSurge is of a deploy, and there is none of x = add events: [{ at: 5m, roll: x }]"],
  ])("%s is refused: %s", (name, answer) => {
    const mistake = settingOf(name, two);
    if (!("advice" in mistake)) throw new Error("was understood");
    expect(`${mistake.message} = ${mistake.advice}`).toBe(answer);
  });
});

describe("where to look", () => {
  const labels = (text: string, between?: string): readonly string[] =>
    understood(parseAxis(text, between, scenario)).points.map(({ label }) => label);

  test.each([
    ["members in 1..4", ["1", "2", "3", "4"]],
    ["greatest members in 1..4", ["4", "3", "2", "1"]],
    ["session.timeout.ms in 6s..9s", ["6s", "7s", "8s", "9s"]],
    ["greatest session.timeout.ms in 6s..60s by 20s", ["46s", "26s", "6s"]],
    ["max.poll.records in 1..1000 log 4", ["1", "10", "100", "1000"]],
    ["capacity in 100/s..1000/s by 300/s", ["100/s", "400/s", "700/s", "1000/s"]],
    ["headroom in 0%..2%", ["0%", "1%", "2%"]],
    ["partitions in 24, 6,12", ["6", "12", "24"]],
    ["session.timeout.ms in 1m, 10s", ["10s", "1m"]],
  ])("%s", (text, values) => expect(labels(text)).toEqual(values));

  test("may be said apart", () => expect(labels("greatest members", "2..3")).toEqual(["3", "2"]));

  test("members are looked for up to the number of partitions, unavailable ones up to the number of members", () => {
    expect(labels("members")).toHaveLength(12);
    expect(labels("greatest maxUnavailable")).toEqual(["4", "3", "2", "1"]);
  });

  test.each([
    [
      "session.timeout.ms",
      "session.timeout.ms: between what? = write --between 6s..60s, or --find 'session.timeout.ms in 6s..60s'",
    ],
    ["members in 4..1", "members goes from 4 to 1 = from is the lesser one of the two"],
    ["members in 4", "members has one value only: 4 = write a range, 1..200, or a list, 1, 2, 5"],
    [
      "members in 1..4 of 2",
      "members is in no range that can be read: 1..4 of 2 = write 1..200, 6s..60s by 3s, 10..10000 log 13",
    ],
    ["members in 1..10s", "members goes from 1 to 10s = write both ends in the same kind of unit"],
    [
      "members in 1, 10s",
      "members has values that cannot be put in order: 1, 10s = write all in one kind of unit: 10s, 30s, 1m",
    ],
    [
      "members in few, many",
      "members has values that cannot be put in order: few, many = write all in one kind of unit: 10s, 30s, 1m",
    ],
    ["partitions in 1..100 log 1", "partitions has 1 value only = write log 13, for instance"],
    ["partitions in 1..1000000", "partitions has 1000000 values = 10000 are the limit"],
    [
      "the least of all",
      'cannot be read: "the least of all" = write members, or greatest session.timeout.ms in 6s..60s',
    ],
  ])("%s is refused: %s", (text, answer) => {
    const mistake = parseAxis(text, undefined, scenario);
    if (!("advice" in mistake)) throw new Error("was understood");
    expect(`${mistake.message} = ${mistake.advice}`).toBe(answer);
  });
});

describe("a cost", () => {
  const numbers: Readonly<Record<string, number>> = { members: 12, partitions: 200, "billing.members": 3 };
  test.each([
    ["members * 0.10/h", 1.2, true],
    ["members*2.4/d + partitions * 0.73 / month", 1.4, true],
    ["(members - 2) * 3", 30, false],
    ["-members + 2 * 7", 2, false],
    ["100 / members / 5", 100 / 12 / 5, false],
    ["billing.members * 8760/year", 3, true],
  ])("%s is %d", (text, value, isPerHour) => {
    const cost = understood(parseCost(text));
    expect(cost.of((name) => numbers[name])).toBeCloseTo(value, 12);
    expect(cost.isPerHour).toBe(isPerHour);
  });

  test.each([
    [
      "members * 0.10/h + 5",
      "adds a price to a price for a time: members * 0.10/h + 5 = write all of them for a time: members * 0.10/h + 5/h",
    ],
    [
      "members * 1/h * 1/h",
      "is neither a price nor a price for a time: members * 1/h * 1/h = write members * 0.10/h, for instance",
    ],
    ["members *", "ends too early, or has a sign too many: members * = write members * 0.10/h, for instance"],
    ["(members", "has a bracket that is not closed: (members = write members * 0.10/h, for instance"],
    ["members 3", "has something left over: members 3 = write members * 0.10/h, for instance"],
    ["members € 3", "cannot be read from here on: € 3 = write members * 0.10/h, for instance"],
  ])("%s is refused: %s", (text, answer) => {
    const mistake = parseCost(text);
    if (!("advice" in mistake)) throw new Error("was understood");
    expect(`${mistake.message} = ${mistake.advice}`).toBe(answer);
  });

  test("decides what is wanted most, and the order of the settings among equals", () => {
    const axes = ["members in 1..2", "partitions in 1..3"].map((text) =>
      understood(parseAxis(text, undefined, scenario)),
    );
    const cost = understood(parseCost("members * partitions"));
    const sorted = understood(candidatesOf(axes, cost, () => NaN));
    expect(sorted.map(({ at, cost }) => [...at, cost])).toEqual([
      [0, 0, 1],
      [0, 1, 2],
      [1, 0, 2],
      [0, 2, 3],
      [1, 1, 4],
      [1, 2, 6],
    ]);
  });

  test("there can be too many candidates", () => {
    const axes = ["members in 1..100", "partitions in 1..100"].map((text) =>
      understood(parseAxis(text, undefined, scenario)),
    );
    expect(candidatesOf(axes, undefined, () => NaN)).toEqual({
      message: "there are 10000 candidates",
      advice: "2000 are the limit: take larger steps (by …, log …)",
    });
  });
});

describe("a target", () => {
  test.each([
    ["max(biling.lag) < 3", "there is no group biling = did you mean billing?"],
    ["P(bil.lost > 0) < 1%", "there is no group bil = there are billing"],
  ])("%s is refused: %s", (text, answer) => {
    const mistake = readTarget(text, scenario);
    if (!("advice" in mistake)) throw new Error("was understood");
    expect(`${mistake.message} = ${mistake.advice}`).toBe(answer);
  });

  test("per deploy takes a deploy", () => {
    expect(readTarget("lost per deploy < 1", scenario)).toMatchObject({ condition: { per: "deploy" } });
    expect(readTarget("lost per deploy < 1", two)).toEqual({
      message: "lost per deploy < 1 asks for a share of each deploy, and there is none",
      advice: "a deploy is an event of the scenario: { at: 5m, roll: x }",
    });
  });
});
