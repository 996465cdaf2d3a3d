import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mean, merge, occupancy, quantile, type Distribution } from "../../sim/metrics/occupancy.ts";
import { cpuSeconds } from "../support/cpu.ts";

const s = 1_000_000;
type Segment = readonly [from: number, to: number, seconds: number];

function of(segments: readonly Segment[]): Distribution {
  const all = occupancy();
  for (const [from, to, seconds] of segments) all.add(from, to, seconds * s);
  return all.distribution();
}

/** Time spent at or below a value, by the straight lines themselves. */
function below(segments: readonly Segment[], value: number): number {
  return segments.reduce((sum, [from, to, seconds]) => {
    const [low, high] = from < to ? [from, to] : [to, from];
    if (high <= value) return sum + seconds;
    return low >= value ? sum : sum + (seconds * (value - low)) / (high - low);
  }, 0);
}

const value = fc.oneof(
  fc.constant(0),
  fc.double({ min: 0.01, max: 1e9, noNaN: true }),
  fc.integer({ min: 0, max: 100 }),
);
const segments = fc.array(fc.tuple(value, value, fc.integer({ min: 1, max: 10_000 })), { minLength: 1, maxLength: 30 });

test("a line that rises from 0 to 1000 has its quantiles where a ruler has them", () => {
  const ramp = of([[0, 1000, 10]]);
  for (const share of [0.01, 0.1, 0.5, 0.9, 0.99, 0.999]) expect(quantile(ramp, share)).toBeCloseTo(1000 * share, 2);
  expect(mean(ramp)).toBe(500);
  expect([ramp.min, ramp.max]).toEqual([0, 1000]);
});

test("what is not exceeded in half of the time is the lesser of two values that take half of it each", () => {
  const two = of([
    [1, 1, 30],
    [100, 100, 30],
  ]);
  expect(quantile(two, 0.5)).toBeLessThan(1.004);
  expect(quantile(two, 0.51)).toBeGreaterThanOrEqual(100 / 1.004);
});

test("falling is as good as rising", () => {
  expect(of([[700, 3, 10]])).toEqual(of([[3, 700, 10]]));
});

test("a quantity at rest is found within 0.4 %, whatever its size", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 1e15, noNaN: true }), (size) => {
      const still = of([
        [size, size, 5],
        [0, 0, 5],
        [2 * size, 2 * size, 1],
      ]);
      expect(Math.abs(quantile(still, 0.75) / size - 1)).toBeLessThan(0.004);
    }),
    { seed: 1 },
  );
});

test("no quantile of any history is off by more than 0.4 %", () => {
  fc.assert(
    fc.property(segments, fc.double({ min: 0.001, max: 0.999, noNaN: true }), (lines, share) => {
      const found = quantile(of(lines), share);
      const whole = lines.reduce((sum, [, , seconds]) => sum + seconds, 0);
      const slack = 2e-6; // weights are whole microseconds
      expect(below(lines, found * 1.004 + 0.001)).toBeGreaterThanOrEqual(share * whole - slack);
      expect(below(lines, found * 0.996 - 0.001)).toBeLessThanOrEqual(share * whole + slack);
    }),
    { seed: 2, numRuns: 500 },
  );
});

test("all the time is somewhere", () => {
  fc.assert(
    fc.property(segments, (lines) => {
      const all = of(lines);
      const inBins = all.weights.reduce((sum, weight) => sum + weight, 0);
      expect(all.weight).toBe(lines.reduce((sum, [, , seconds]) => sum + seconds, 0) * s);
      expect(Math.abs(inBins - all.weight)).toBeLessThanOrEqual(1 + all.weight * 1e-12);
    }),
    { seed: 3 },
  );
});

describe("distributions", () => {
  test("add up exactly, in any order", () => {
    fc.assert(
      fc.property(segments, segments, segments, (x, y, z) => {
        const [a, b, c] = [of(x), of(y), of(z)];
        const there = merge(merge(a, b), c);
        const back = merge(c, merge(b, a));
        expect({ ...there, sum: 0 }).toEqual({ ...back, sum: 0 });
        expect(there.sum).toBeCloseTo(back.sum, -Math.floor(Math.log10(Math.abs(there.sum) + 1)) + 10);
      }),
      { seed: 4 },
    );
  });

  test("are those of having watched both", () => {
    const a: Segment[] = [[0, 100, 10]];
    const b: Segment[] = [[50, 50, 30]];
    const together = of([...a, ...b]);
    const merged = merge(of(a), of(b));
    for (const share of [0.1, 0.3, 0.5, 0.9]) expect(quantile(merged, share)).toBeCloseTo(quantile(together, share), 6);
  });

  test("of nothing are neutral", () => {
    const some = of([[3, 9, 2]]);
    expect(merge(some, of([]))).toEqual(some);
    expect(quantile(of([]), 0.5)).toBe(0);
    expect(mean(of([]))).toBe(0);
  });
});

test("a million lines across a thousand bins each are added within seconds", () => {
  const all = occupancy();
  const seconds = cpuSeconds(() => {
    for (let i = 0; i < 1_000_000; i++) all.add(i % 1000, 100_000 + i, 1000);
  });
  expect(seconds).toBeLessThan(3);
});
