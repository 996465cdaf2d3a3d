import { describe, expect, test } from "vitest";
import type { Measure } from "../../sim/experiment/measures.ts";
import { isReached, parsePrecision } from "../../sim/experiment/precision.ts";
import { fits, parseWanted } from "../../sim/experiment/wanted.ts";
import { population } from "./population.ts";
import { replications, sequentially, SURETY, understood } from "./sequential.ts";

const scenario = population();

describe("names of measures", () => {
  test.for([
    ["p99(timeLag)", { statistic: "p99", quantity: "timeLag" }],
    ["max( g.lag )", { statistic: "max", quantity: "lag", group: "g" }],
    ["rebalances", { statistic: "value", quantity: "rebalances" }],
    ["g.unreadPerRebalance", { statistic: "value", quantity: "unreadPerRebalance", group: "g" }],
  ] as const)("%s is understood", ([text, wanted]) => {
    expect(parseWanted(text, scenario)).toEqual(wanted);
  });

  test.for([
    ["p99(timelag)", "did you mean timeLag?"],
    ["timeLag", "write mean(timeLag), max(timeLag), p99(timeLag) …"],
    ["p101(timeLag)", "write mean(timeLag), max(timeLag), p99(timeLag) …"],
    ["max(rebalances)", "write rebalances alone"],
    ["max(h.lag)", "there are g"],
    ["p99 timeLag", "write p99(timeLag), max(lag), rebalances …"],
  ] as const)("%s is answered with what would be right", ([text, advice]) => {
    expect(parseWanted(text, scenario)).toMatchObject({ advice });
  });

  test("one that names no group is every group's", () => {
    const measure: Measure = { group: "g", quantity: "lag", statistic: "max", unit: "records" };
    expect(fits(measure, { quantity: "lag", statistic: "max" })).toBe(true);
    expect(fits(measure, { quantity: "lag", statistic: "max", group: "h" })).toBe(false);
    expect(fits(measure, { quantity: "lag", statistic: "mean" })).toBe(false);
  });
});

describe("precisions", () => {
  test("are shares of the mean, or amounts in the measure's unit", () => {
    expect(parsePrecision("p99(timeLag) 5%", scenario)).toMatchObject({ reach: { share: 0.05 } });
    expect(parsePrecision("p99(timeLag) 500ms", scenario)).toMatchObject({ reach: { amount: 500_000 } });
    expect(parsePrecision("mean(members) 0.1", scenario)).toMatchObject({ reach: { amount: 0.1 } });
  });

  test.for([
    ["p99(timeLag)", "write a measure and a reach: p99(timeLag) 5%"],
    ["p99(timeLag) 5", "write 5% or 500ms"],
    ["mean(members) 10s", "write 5% or a number"],
    ["mean(members) 0%", "write 5% or a number"],
  ] as const)("%s is answered with what would be right", ([text, advice]) => {
    expect(parsePrecision(text, scenario)).toMatchObject({ advice });
  });
});

test("stops at the first of its looks that is narrow enough", () => {
  const alternately = () => {
    let drawn = 0;
    return () => (drawn++ % 2 === 0 ? 8 : 12);
  };
  // s² = 4 · 30/29 and t of 29 degrees = 2.04523, so the interval reaches 0.7596 at the first look, at 30 values
  expect(sequentially("mean(lag) 0.76", alternately())).toHaveLength(30);
  // s² = 4 · 38/37 and t of 37 degrees = 2.02619: 0.6662 at the second look, a quarter later
  expect(sequentially("mean(lag) 0.759", alternately())).toHaveLength(38);
});

test("values that do not vary are taken at their word, and missing ones have no precision", () => {
  expect(sequentially("mean(lag) 1%", () => 0)).toHaveLength(30);
  expect(isReached(replications([null, null, null]), understood("mean(lag) 1%"), SURETY)).toBe(true);
  expect(isReached(replications([1, 2, 3]), understood("mean(lag) 1%"), SURETY)).toBe(false);
  expect(isReached(replications([2, 2, 2]), understood("mean(lag) 1%"), SURETY)).toBe(true);
});
