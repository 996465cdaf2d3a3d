import { expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { parseTarget } from "../../sim/scenario/targets.ts";

test.each([
  ["p99(timeLag) < 30s", { of: "mean", comparison: "<", bound: 30 * SECOND }],
  ["mean(billing.members) >= 3", { of: "mean", comparison: ">=", bound: 3 }],
  ["partitionSecondsUnread per deploy < 60", { of: "mean", comparison: "<", bound: 60 }],
  ["P(lost > 0) < 0.1%", { of: "chance", comparison: "<", bound: 0.001 }],
  ["P( max(timeLag) <= 30s ) >= 0.99", { of: "chance", comparison: ">=", bound: 0.99 }],
])("%s is understood", (text, expected) => {
  expect(parseTarget(text)).toMatchObject({ text, ...expected });
});

test("a probability is of a condition on one run", () => {
  expect(parseTarget("P(partitionSecondsUnread per deploy > 60) < 5%")).toMatchObject({
    condition: { quantity: "partitionSecondsUnread", per: "deploy", comparison: ">", bound: 60 },
  });
});

test.each([
  ["P(lost > 0)", 'cannot be read: "P(lost > 0)" = write P(max(timeLag) > 1m) < 5%'],
  ["P(lots > 0) < 1%", "hopes for lots, which is nothing regroup measures = did you mean lost?"],
  ["P(lost > 0) < 3", "compares a probability with 3 = write a share: 0.1% or 0.001"],
  ["P(lost > 0) == 0", "compares a probability by == = write P(lost > 0) < 0"],
  ["P(lost == 0) != 1%", "compares a probability by != = write P(lost == 0) < 1%"],
  [
    "P(lost > 0) <= 0%",
    "wants what no number of runs can show: P(lost > 0) <= 0% = write how rare is rare enough: < 0.1%",
  ],
  [
    "P(lost == 0) >= 100%",
    "wants what no number of runs can show: P(lost == 0) >= 100% = write how often is often enough: > 99.9%",
  ],
  [
    "P(lost > 0) <= 100%",
    "is true of every probability: P(lost > 0) <= 100% = a share between 0 and 100% says something",
  ],
  ["lost == 0", "wants a mean exactly equal to a number, which no sample can show = write P(lost != 0) < 1%"],
  ["timeLag < 30s", "hopes for timeLag, which has many values in a run = say which: max(timeLag)"],
])("%s is refused, and says what would be right", (text, answer) => {
  const mistake = parseTarget(text);
  if (!("advice" in mistake)) throw new Error("was understood");
  expect(`${mistake.message} = ${mistake.advice}`.slice(0, answer.length)).toBe(answer);
});
