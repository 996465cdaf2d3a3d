import { expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { parseExpectation, QUANTITIES } from "../../sim/scenario/quantities.ts";
import { SMALLEST, told } from "./support.ts";

test.each([
  ["p99(timeLag) < 30s", { statistic: "p99", quantity: "timeLag", comparison: "<", bound: 30 * SECOND }],
  ["p99.9(timeLag)<=1m30s", { statistic: "p99.9", quantity: "timeLag", comparison: "<=", bound: 90 * SECOND }],
  ["max(lag) <= 10000", { statistic: "max", quantity: "lag", comparison: "<=", bound: 10_000 }],
  ["max(billing.lag) > 1e6", { statistic: "max", quantity: "lag", group: "billing", comparison: ">", bound: 1e6 }],
  ["mean(a.b.members) != 3", { statistic: "mean", quantity: "members", group: "a.b", comparison: "!=", bound: 3 }],
  [
    "billing.rebalances == 2",
    { statistic: "value", quantity: "rebalances", group: "billing", comparison: "==", bound: 2 },
  ],
  [
    "partitionSecondsUnread >= 0.5",
    { statistic: "value", quantity: "partitionSecondsUnread", comparison: ">=", bound: 0.5 },
  ],
  [
    "partitionSecondsUnread per deploy < 60",
    { statistic: "value", quantity: "partitionSecondsUnread", per: "deploy", comparison: "<", bound: 60 },
  ],
  [
    "billing.lost per rebalance<=1.5",
    { statistic: "value", quantity: "lost", per: "rebalance", group: "billing", comparison: "<=", bound: 1.5 },
  ],
  ["final(timeLag) == 0", { statistic: "final", quantity: "timeLag", comparison: "==", bound: 0 }],
])("%s is understood", (text, expected) => {
  expect(parseExpectation(text)).toEqual({ text, ...expected });
});

test.each([
  [
    "timeLag < 30s",
    "hopes for timeLag, which has many values in a run = say which: max(timeLag), mean(timeLag), p99(timeLag), final(timeLag)",
  ],
  ["max(rebalances) < 3", "takes a statistic of rebalances, which is one number = write rebalances alone"],
  [
    "avg(lag) < 3",
    "takes avg of lag, which is no statistic = there are mean, max, min, final and percentiles such as p50, p99, p99.9",
  ],
  [
    "p101(lag) < 3",
    "takes p101 of lag, which is no statistic = there are mean, max, min, final and percentiles such as p50, p99, p99.9",
  ],
  ["p99(timelog) < 3s", "hopes for timelog, which is nothing regroup measures = did you mean timeLag?"],
  ["max(timeLag) < 3", "compares timeLag with 3, which has no unit of time = write 3s, 300ms, 5m …"],
  ["max(lag) < 3s", "compares lag with 3s = lag is a number of records"],
  ["max(lag) < 1e999", "compares lag with 1e999 = lag is a number of records"],
  ["max(lag) < -3", "compares lag with -3 = lag is a number of records"],
  [
    "max(lag) = 3",
    'cannot be read: "max(lag) = 3" = write a quantity, a comparison and a bound: p99(timeLag) < 30s, or lost == 0',
  ],
  [
    "P(lost > 0) < 0.1%",
    'asks for a probability, which one run does not have: "P(lost > 0) < 0.1%" = write the condition alone (lost == 0); regroup run --replications tells how often it is met',
  ],
  ["lost per deploi < 3", "divides by deploi, which regroup does not count = did you mean per deploy?"],
  ["lost per week < 3", "divides by week, which regroup does not count = there are per deploy and per rebalance"],
  ["max(timeLag) per deploy < 3s", "divides timeLag, which is no total = write partitionSecondsUnread per deploy"],
  [
    "rebalances per rebalance < 3",
    "divides rebalances by rebalances = write rebalances per deploy, or rebalances alone",
  ],
  ["constructor == 3", "hopes for constructor, which is nothing regroup measures = there are "],
])("%s is refused, and says what would be right", (text, answer) => {
  const mistake = parseExpectation(text);
  if (!("message" in mistake)) throw new Error("was understood");
  expect(`${mistake.message} = ${mistake.advice}`.startsWith(answer), `${mistake.message} = ${mistake.advice}`).toBe(
    true,
  );
});

test("a hope for a group that is not there is refused", () => {
  expect(told(`${SMALLEST}expect: [max(biling.lag) < 3]\n`)).toEqual([
    "6:10 there is no group biling = did you mean billing?",
  ]);
});

test("a share of each deploy is refused where there is no deploy", () => {
  expect(told(`${SMALLEST}expect: [lost per deploy < 3]\n`)).toEqual([
    "6:10 asks for a share of each deploy, and there is none = a deploy is an event: { at: 5m, roll: billing }",
  ]);
});

test("every quantity says what it is and in which unit", () => {
  for (const { about, unit } of Object.values(QUANTITIES)) {
    expect(about.length).toBeGreaterThan(20);
    expect(unit.length).toBeGreaterThan(4);
  }
});
