import { describe, expect, test } from "vitest";
import { Streams } from "../../sim/engine/random.ts";
import { Spread } from "../../sim/experiment/spread.ts";
import { quantileInterval, sampleQuantile } from "../../sim/experiment/statistics.ts";

const SURETY = { confidence: 0.95 };

/** So many values over nine orders of magnitude, on both sides of zero. */
function values(count: number): number[] {
  const stream = new Streams("spread").stream("values");
  return Array.from({ length: count }, () => {
    const uniform = stream.uniform53();
    if (uniform < 0.05) return 0;
    return (uniform < 0.2 ? -1 : 1) * 10 ** (9 * stream.uniform53() - 3);
  });
}

describe("a spread", () => {
  test("is exact as long as the values are few", () => {
    const all = values(1_000);
    const spread = new Spread();
    for (const value of all) spread.add(value);
    const ascending = all.toSorted((a, b) => a - b);
    for (const share of [0.01, 0.05, 0.5, 0.95, 0.99])
      expect(spread.quantile(share, SURETY)).toEqual({
        value: sampleQuantile(ascending, share),
        interval: quantileInterval(ascending, share, SURETY),
      });
  });

  test("is right to half a thousandth when there are many, and keeps least and greatest as they are", () => {
    const all = values(50_000);
    const spread = new Spread();
    for (const value of all) spread.add(value);
    const ascending = all.toSorted((a, b) => a - b);
    for (const share of [0.01, 0.05, 0.18, 0.25, 0.5, 0.75, 0.95, 0.99]) {
      const truth = sampleQuantile(ascending, share);
      const { value, interval } = spread.quantile(share, SURETY);
      expect(Math.abs(value - truth)).toBeLessThanOrEqual(Math.abs(truth) * 0.000_501);
      const { low, high } = quantileInterval(ascending, share, SURETY);
      expect(Math.abs(interval.low - low)).toBeLessThanOrEqual(Math.abs(low) * 0.000_501);
      expect(Math.abs(interval.high - high)).toBeLessThanOrEqual(Math.abs(high) * 0.000_501);
    }
    expect([spread.min, spread.max]).toEqual([ascending[0], ascending.at(-1)]);
    expect(spread.quantile(1, SURETY).value).toBe(spread.max);
  });

  test("does not depend on the order in which values come", () => {
    const all = values(20_000);
    const [one, other] = [new Spread(), new Spread()];
    for (const value of all) one.add(value);
    for (const value of all.toReversed()) other.add(value);
    expect(one.quantile(0.37, SURETY)).toEqual(other.quantile(0.37, SURETY));
  });
});
