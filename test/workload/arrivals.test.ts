import { expect, test } from "vitest";
import { type Stream, Streams } from "../../sim/engine/random.ts";
import { PoissonArrivals } from "../../sim/workload/arrivals.ts";

const SECOND = 1_000_000;

/** A stream that gives these exponential variates of mean 1. */
function exponentials(...values: number[]): Stream {
  const uniform = () => 1 - Math.exp(-values.shift()!);
  return { uniform, uniform53: uniform, int32: () => 0 };
}

test("arrivals at a constant rate are one variate apart, in units of the mean gap", () => {
  const arrivals = new PoissonArrivals(0.5, exponentials(1, 0.25));
  expect(arrivals.nextArrival(0)).toBe(2 * SECOND);
  expect(arrivals.nextArrival(2 * SECOND)).toBe(2.5 * SECOND);
});

test("a rate that changes in steps is run through until it has summed up to the variate", () => {
  // 1/s for 2 s from 1 s on, nothing for 4 s, then 10/s: from 0, 1 is reached at 2 s, 2 at 3 s, and 3 at 7.1 s.
  const steps = [
    { at: SECOND, perSecond: 1 },
    { at: 3 * SECOND, perSecond: 0 },
    { at: 7 * SECOND, perSecond: 10 },
  ];
  expect(new PoissonArrivals(steps, exponentials(1)).nextArrival(0)).toBe(2 * SECOND);
  expect(new PoissonArrivals(steps, exponentials(3)).nextArrival(0)).toBe(7.1 * SECOND);
  expect(new PoissonArrivals(steps, exponentials(1.5)).nextArrival(2 * SECOND)).toBe(7.05 * SECOND);
  expect(new PoissonArrivals(steps, exponentials(5)).nextArrival(8 * SECOND)).toBe(8.5 * SECOND);
});

test("nothing arrives once the rate is 0 for good", () => {
  const steps = [
    { at: 0, perSecond: 1 },
    { at: SECOND, perSecond: 0 },
  ];
  expect(new PoissonArrivals(steps, exponentials(1.5)).nextArrival(0)).toBeUndefined();
  expect(new PoissonArrivals(0, exponentials(0.1)).nextArrival(0)).toBeUndefined();
});

/** The first hundred arrivals at this rate, always from the same stream. */
function arrivals(perSecond: number): number[] {
  const process = new PoissonArrivals(perSecond, new Streams("stretch").stream("joins"));
  const times = [process.nextArrival(0)!];
  for (let i = 1; i < 100; i++) times.push(process.nextArrival(times[i - 1])!);
  return times;
}

test("one step of the stream is taken for each arrival, so that another rate stretches the same arrivals", () => {
  const slow = arrivals(1);
  const fast = arrivals(4);
  for (const [i, t] of slow.entries()) expect(Math.abs(t / 4 - fast[i])).toBeLessThan(100);
});
