import { describe, expect, test } from "vitest";
import { binomialAtMost, incompleteBeta, studentQuantile } from "../../sim/experiment/distributions.ts";
import {
  meanInterval,
  moments,
  proportionInterval,
  quantileInterval,
  quantileRanks,
  ratioInterval,
  sampleQuantile,
} from "../../sim/experiment/statistics.ts";
import { warmUpLength } from "../../sim/experiment/warm-up.ts";
import { binomial } from "../support/statistics.ts";

describe("Student's t", () => {
  // As printed in tables (Abramowitz and Stegun 26.10; NIST handbook 1.3.6.7.2), to more digits.
  test.for([
    [0.95, 1, 6.313751515],
    [0.975, 1, 12.70620474],
    [0.9995, 1, 636.6192488],
    [0.975, 2, 4.30265273],
    [0.975, 3, 3.182446305],
    [0.975, 5, 2.570581836],
    [0.995, 5, 4.032142984],
    [0.975, 10, 2.228138852],
    [0.9995, 10, 4.586893859],
    [0.9, 15, 1.340605608],
    [0.975, 30, 2.042272456],
    [0.975, 100, 1.983971519],
    [0.975, 120, 1.979930405],
  ] as const)("has the tabled quantile %d for %d degrees of freedom", ([p, degrees, tabled]) => {
    expect(Math.abs(studentQuantile(p, degrees) / tabled - 1)).toBeLessThan(1e-9);
    expect(studentQuantile(1 - p, degrees)).toBeCloseTo(-tabled, 6);
  });

  test("has the closed forms of one, two and four degrees of freedom", () => {
    for (const p of [0.5, 0.51, 0.6, 0.75, 0.9, 0.99, 0.999, 0.999_99]) {
      const alpha = 4 * p * (1 - p);
      expect(studentQuantile(p, 1)).toBeCloseTo(Math.tan(Math.PI * (p - 0.5)), 5);
      expect(studentQuantile(p, 2)).toBeCloseTo((2 * p - 1) * Math.sqrt(2 / alpha), 8);
      const q = Math.cos(Math.acos(Math.sqrt(alpha)) / 3) / Math.sqrt(alpha);
      expect(studentQuantile(p, 4)).toBeCloseTo(p === 0.5 ? 0 : 2 * Math.sqrt(q - 1), 8);
    }
  });

  test("becomes normal with many degrees of freedom", () => {
    expect(studentQuantile(0.975, 1_000_000)).toBeCloseTo(1.959964 + (1.959964 ** 3 + 1.959964) / 4e6, 6);
  });
});

test("the incomplete beta function is a polynomial where its parameters are whole", () => {
  for (const x of [0, 0.01, 0.3, 0.5, 0.77, 0.999, 1]) {
    expect(incompleteBeta(x, 1 - x, 1, 1)).toBeCloseTo(x, 12);
    expect(incompleteBeta(x, 1 - x, 2, 3)).toBeCloseTo(6 * x ** 2 - 8 * x ** 3 + 3 * x ** 4, 12);
    expect(incompleteBeta(x, 1 - x, 0.5, 0.5)).toBeCloseTo((2 / Math.PI) * Math.asin(Math.sqrt(x)), 12);
  }
});

test("the binomial law adds up", () => {
  for (const [trials, p] of [
    [1, 0.3],
    [20, 0.5],
    [137, 0.04],
    [400, 0.95],
  ] as const) {
    let sum = 0;
    for (let n = 0; n <= trials; n++) {
      sum += binomial(trials, p)(n);
      expect(binomialAtMost(n, trials, p)).toBeCloseTo(sum, 9);
    }
  }
});

describe("means", () => {
  test("a worked example: eight weights", () => {
    // 2 4 4 4 5 5 7 9: mean 5, squares 32, so s² = 32/7 and the reach is 2.364624 √(32/56) = 1.787487
    const values = [2, 4, 4, 4, 5, 5, 7, 9];
    expect(moments(values)).toEqual({ count: 8, mean: 5, variance: expect.closeTo(32 / 7, 12) });
    const { low, high } = meanInterval(values);
    expect(low).toBeCloseTo(5 - 1.787487, 5);
    expect(high).toBeCloseTo(5 + 1.787487, 5);
  });

  test("equal values leave no doubt, not even by a rounding", () => {
    const values = Array.from({ length: 37 }, () => 0.1);
    expect(meanInterval(values)).toEqual({ low: 0.1, high: 0.1 });
  });

  test("one value says nothing about its law", () => {
    expect(meanInterval([3])).toEqual({ low: -Infinity, high: Infinity });
  });

  test("k intervals at once are each as wide as one at 1 − risk/k", () => {
    const values = [1, 2, 4, 8, 16];
    expect(meanInterval(values, { confidence: 0.95, among: 5 })).toEqual(meanInterval(values, { confidence: 0.99 }));
  });
});

describe("quantiles", () => {
  // Ranks as tabled for the median, 95 %: W. J. Conover, Practical Nonparametric Statistics; Hahn and Meeker.
  test.for([
    [6, 1, 6],
    [10, 2, 9],
    [20, 6, 15],
    [30, 10, 21],
    [50, 18, 33],
    [100, 40, 61],
  ] as const)("of %d values, numbers %d and %d enclose the median", ([count, lower, upper]) => {
    expect(quantileRanks(count, 0.5)).toEqual({ lower, upper });
  });

  test("ranks are the tightest that keep the risk, by the binomial law itself", () => {
    for (const count of [7, 40, 200]) {
      for (const share of [0.05, 0.5, 0.95, 0.99]) {
        const { lower, upper } = quantileRanks(count, share);
        const atMost = (most: number): number => {
          let sum = 0;
          for (let n = 0; n <= most; n++) sum += binomial(count, share)(n);
          return sum;
        };
        expect(lower === 0 || atMost(lower - 1) <= 0.025).toBe(true);
        expect(atMost(lower)).toBeGreaterThan(0.025);
        expect(upper > count || 1 - atMost(upper - 1) <= 0.025).toBe(true);
        expect(1 - atMost(upper - 2)).toBeGreaterThan(0.025);
      }
    }
  });

  test("five values set no limit to their median", () => {
    expect(quantileInterval([1, 2, 3, 4, 5], 0.5)).toEqual({ low: -Infinity, high: Infinity });
  });

  test("a sample's quantile is the least value that so many do not exceed", () => {
    const values = Array.from({ length: 100 }, (_, i) => i + 1);
    expect([0, 0.05, 0.5, 0.95, 1].map((share) => sampleQuantile(values, share))).toEqual([1, 5, 50, 95, 100]);
  });
});

describe("probabilities", () => {
  // R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3: the score interval.
  test.for([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const)("%d of %d, as Newcombe printed", ([successes, trials, low, high]) => {
    const interval = proportionInterval(successes, trials);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  test("what never failed is not certain, and what was never tried is unknown", () => {
    const { low, high } = proportionInterval(20, 20);
    expect([low, high]).toEqual([expect.closeTo(1 - 0.1611, 4), 1]);
    expect(proportionInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });

  test("on average over all probabilities the intervals cover 95 % (Agresti and Coull 1998)", () => {
    const trials = 50;
    const intervals = Array.from({ length: trials + 1 }, (_, n) => proportionInterval(n, trials));
    let coverage = 0;
    for (let i = 0; i < 1000; i++) {
      const p = (i + 0.5) / 1000;
      intervals.forEach(({ low, high }, n) => (coverage += low <= p && p <= high ? binomial(trials, p)(n) / 1000 : 0));
    }
    expect(coverage).toBeGreaterThan(0.945);
    expect(coverage).toBeLessThan(0.96);
  });
});

describe("quotients of means", () => {
  test("holds against Fieller's inequality at its own ends", () => {
    const first = [10, 12, 9, 14, 11, 13];
    const second = [20, 26, 17, 29, 21, 27];
    const { low, high } = ratioInterval(first, second);
    for (const ratio of [low, high]) {
      // at an end the mean of second − ratio first is exactly t standard errors from 0; t for five degrees is 2.570582
      const { mean, variance, count } = moments(first.map((value, i) => second[i] - ratio * value));
      expect(Math.abs(mean) / Math.sqrt(variance / count)).toBeCloseTo(2.570582, 5);
    }
    expect(low).toBeLessThan(140 / 69);
    expect(high).toBeGreaterThan(140 / 69);
  });

  test("is exactly 1 for the same values twice", () => {
    const values = [30, 40.5, 50];
    expect(ratioInterval(values, values)).toEqual({ low: 1, high: 1 });
  });

  test("says nothing where the first mean may be zero", () => {
    expect(ratioInterval([-1, 1, 0.1], [5, 6, 7])).toEqual({ low: -Infinity, high: Infinity });
  });
});

describe("MSER-5", () => {
  test("a worked example: the batch that differs goes", () => {
    // means 10 1 2 1 2 1 2 1: cut 0 leaves squares 65.5, /64; cut 1: 12/7, /49 = 0.035; cut 2: 1.5, /36 = 0.0417; …
    const series = [10, 1, 2, 1, 2, 1, 2, 1].flatMap((mean) => Array.from({ length: 5 }, () => mean));
    expect(warmUpLength(series)).toBe(5);
  });

  test("leaves nothing out of what was steady from its beginning", () => {
    expect(warmUpLength(Array.from({ length: 100 }, () => 3))).toBe(0);
    expect(warmUpLength(Array.from({ length: 100 }, (_, i) => i % 2))).toBe(0);
  });

  test("finds the end of a ramp", () => {
    const series = Array.from({ length: 1000 }, (_, i) => Math.max(0, 200 - i) + (i % 10 < 5 ? 1 : -1));
    expect(warmUpLength(series)).toBeGreaterThanOrEqual(190);
    expect(warmUpLength(series)).toBeLessThanOrEqual(200);
  });

  test("says so of a series that never settles", () => {
    expect(warmUpLength(Array.from({ length: 500 }, (_, i) => i))).toBeUndefined();
    expect(warmUpLength([1, 2, 3])).toBeUndefined();
  });
});
