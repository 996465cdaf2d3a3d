import { expect, test } from "vitest";
import { meanInterval, proportionInterval, quantileInterval, ratioInterval } from "../../sim/experiment/statistics.ts";
import { binomial } from "../support/statistics.ts";
import { coverage, normal, sample } from "./coverage.ts";

const expectHonest = (share: number): void => {
  expect(share).toBeGreaterThanOrEqual(0.935);
  expect(share).toBeLessThanOrEqual(0.965);
};

test("V23: Student's intervals cover the mean, of few normal values and of many skewed ones", () => {
  expectHonest(coverage("V23/normal", 7, (draw) => meanInterval(sample(5, () => normal(7, 3, draw())))));
  expectHonest(coverage("V23/uniform", 0.5, (draw) => meanInterval(sample(20, draw))));
  expectHonest(coverage("V23/exponential", 1, (draw) => meanInterval(sample(200, () => -Math.log(draw())))));
});

test("V23: several means at once are all covered", () => {
  const surety = { confidence: 0.95, among: 4 };
  const share = coverage("V23/simultaneous", 1, (draw) => {
    const held = [1, 2, 3, 4].every((mean) => {
      const { low, high } = meanInterval(
        sample(10, () => normal(mean, mean, draw())),
        surety,
      );
      return low <= mean && mean <= high;
    });
    return held ? { low: 1, high: 1 } : { low: 0, high: 0 };
  });
  expectHonest(share);
});

test("V23: order statistics cover the median of a skewed law", () => {
  const ascending = (draw: () => number) => sample(30, () => -Math.log(draw())).toSorted((a, b) => a - b);
  // by the binomial law numbers 10 and 21 of 30 enclose it in 95.7 %
  expectHonest(coverage("V23/median", Math.LN2, (draw) => quantileInterval(ascending(draw), 0.5)));
});

test("V23: Wilson's intervals cover a probability, by the binomial law itself", () => {
  for (const trials of [200, 1000]) {
    const intervals = Array.from({ length: trials + 1 }, (_, n) => proportionInterval(n, trials));
    for (const p of [0.12, 0.3, 0.5, 0.85]) {
      const law = binomial(trials, p);
      expectHonest(intervals.reduce((sum, { low, high }, n) => sum + (low <= p && p <= high ? law(n) : 0), 0));
    }
  }
});

test("V23: Fieller's intervals cover the quotient of two means that share their chance", () => {
  const share = coverage("V23/quotient", 0.25, (draw) => {
    const common = sample(25, () => normal(0, 2, draw()));
    const first = common.map((value) => normal(20 + value, 1, draw()));
    const second = common.map((value) => normal(5 + value / 2, 0.5, draw()));
    return ratioInterval(first, second);
  });
  expectHonest(share);
});
