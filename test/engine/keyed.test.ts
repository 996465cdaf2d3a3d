import { expect, test } from "vitest";
import { keyed } from "../../sim/engine/keyed.ts";
import { Streams } from "../../sim/engine/random.ts";
import { SECOND } from "../../sim/engine/time.ts";
import { type Law, drawDuration, durationOf, reachOf } from "../../sim/engine/variates.ts";
import { distributionTest, serialTest } from "../support/statistics.ts";

const ALARM = 1e-4;
const N = 20_000;
const beats = (name: string): ReturnType<typeof keyed> => keyed(new Streams("keyed").stream(name));

test("the n-th value is the same in whatever order it is asked for", () => {
  const forwards = beats("a");
  const backwards = beats("a");
  const ascending = Array.from({ length: 100 }, (_, n) => forwards.uniform(n));
  const descending = Array.from({ length: 100 }, (_, n) => backwards.uniform(99 - n));
  expect(descending.reverse()).toEqual(ascending);
});

test("successive values are uniform and uncorrelated", () => {
  for (const name of ["a", "member/7/heartbeats", "member/8/heartbeats"]) {
    const at = beats(name);
    const values = Array.from({ length: N }, (_, n) => at.uniform(n));
    expect(distributionTest(values, (x) => x)).toBeGreaterThan(ALARM);
    expect(serialTest(values)).toBeGreaterThan(ALARM);
  }
});

test("the same number of neighbouring names has uncorrelated values", () => {
  const streams = new Streams("names");
  for (const n of [0, 1, 1_000_000]) {
    const values = Array.from({ length: N }, (_, i) => keyed(streams.stream(`member/${i}/${n}`)).uniform(n));
    expect(distributionTest(values, (x) => x)).toBeGreaterThan(ALARM);
    expect(serialTest(values)).toBeGreaterThan(ALARM);
  }
});

test("a law's reach holds everything that can be drawn from it", () => {
  const laws: Law[] = [
    { constant: 5 },
    { uniform: [1_000, 3_000] },
    { exponential: SECOND },
    { lognormal: { median: 500, sigma: 1 } },
    { weibull: { scale: SECOND, shape: 0.7 } },
    { pareto: { minimum: 1_000, shape: 1.5 } },
    { empirical: [10, 20, 50] },
  ];
  for (const law of laws) {
    const { least, most } = reachOf(law);
    expect(most).toBeLessThan(Infinity);
    const stream = new Streams("reach").stream("x");
    for (let i = 0; i < 2_000; i++) {
      const drawn = drawDuration(law, stream);
      expect(drawn).toBeGreaterThanOrEqual(least);
      expect(drawn).toBeLessThanOrEqual(most);
    }
    expect(durationOf(law, 0)).toBe(least);
  }
  // −ln of half a step of chance: 33·ln 2
  expect(reachOf({ exponential: SECOND }).most / SECOND).toBeCloseTo(33 * Math.LN2, 5);
});
