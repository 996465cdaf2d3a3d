/**
 * What independent replications say about the truth behind them, and how sure they are.
 *
 * Every interval here is two-sided. `among` is how many intervals are meant to hold at once: each then gets its share
 * of the risk (Bonferroni), so that all of them together are as sure as one was asked to be, whatever their dependence.
 */
import { normalQuantile } from "../engine/math.ts";
import { binomialAtMost, studentQuantile } from "./distributions.ts";

/** From `low` to `high`, both included; infinite where the data set no limit. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Surety {
  /** How often such intervals hold the truth: 0.95. */
  readonly confidence: number;
  /** How many intervals have to hold it at once; one if absent. */
  readonly among?: number;
}

/** As sure as people expect who do not say. */
export const USUAL: Surety = { confidence: 0.95 };

const NOTHING_KNOWN: Interval = { low: -Infinity, high: Infinity };

export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Of the values around their mean, with count − 1; 0 for fewer than two values. */
  readonly variance: number;
}

/**
 * Mean and variance, value by value (B. P. Welford, Technometrics 4, 1962): what is kept does not grow with them. Equal
 * values have exactly their own mean and no variance, which sums would miss by a rounding.
 */
export class RunningMoments implements Moments {
  count = 0;
  mean = 0;
  #squares = 0;

  add(value: number): void {
    const before = value - this.mean;
    this.mean += before / ++this.count;
    this.#squares += before * (value - this.mean);
  }

  get variance(): number {
    return this.count > 1 ? this.#squares / (this.count - 1) : 0;
  }
}

/** Of values that are all there. */
export function moments(values: readonly number[]): Moments {
  const running = new RunningMoments();
  for (const value of values) running.add(value);
  const { count, mean, variance } = running;
  return { count, mean, variance };
}

/** The risk on either side of one interval. */
const tailOf = ({ confidence, among = 1 }: Surety): number => (1 - confidence) / among / 2;

/** Student's factor for intervals that so many values give. */
export function studentFactor(count: number, surety: Surety): number {
  return studentQuantile(1 - tailOf(surety), count - 1);
}

/** Where the mean lies from which independent values were drawn (Student): exact for normal ones, good for many. */
export function meanInterval(values: readonly number[], surety: Surety = USUAL): Interval {
  return meanIntervalOf(moments(values), surety);
}

/** The same, for whoever has kept no more than the moments. */
export function meanIntervalOf({ count, mean, variance }: Moments, surety: Surety = USUAL): Interval {
  if (count < 2) return NOTHING_KNOWN;
  const reach = studentFactor(count, surety) * Math.sqrt(variance / count);
  return { low: mean - reach, high: mean + reach };
}

/** The least of ascending values that a share of them does not exceed. */
export function sampleQuantile(ascending: readonly number[], share: number): number {
  // The product may miss a whole number by its last bit.
  return ascending[Math.max(0, Math.ceil(share * ascending.length - 1e-9) - 1)];
}

/**
 * Where the quantile of the law lies that independent values were drawn from, whatever the law: between two of the
 * values themselves, given in ascending order. Infinite on a side where there are too few of them to say.
 *
 * The number of values below the true quantile is binomial, so counting tells which of them enclose it (H. A. David,
 * H. N. Nagaraja: Order Statistics, 7.1).
 */
export function quantileInterval(ascending: readonly number[], share: number, surety: Surety = USUAL): Interval {
  const { lower, upper } = quantileRanks(ascending.length, share, surety);
  return {
    low: lower === 0 ? -Infinity : ascending[lower - 1],
    high: upper > ascending.length ? Infinity : ascending[upper - 1],
  };
}

/** Which of `count` ascending values, counted from 1, enclose the quantile; 0 and count + 1 are no values any more. */
export function quantileRanks(
  count: number,
  share: number,
  surety: Surety = USUAL,
): { readonly lower: number; readonly upper: number } {
  const tail = tailOf(surety);
  // The value of a rank is above the quantile if fewer than that many values are below it …
  const lower = firstWhere(count + 1, (rank) => binomialAtMost(rank, count, share) > tail);
  // … and below the quantile if at least that many are.
  const upper = firstWhere(count + 1, (rank) => 1 - binomialAtMost(rank - 1, count, share) <= tail);
  return { lower, upper };
}

/** The first of 0 … `end` for which a condition holds that stays true once it is; `end` if it never does. */
function firstWhere(end: number, holds: (n: number) => boolean): number {
  let low = 0;
  let high = end;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Where a probability lies, from how often something happened (E. B. Wilson, Journal of the American Statistical
 * Association 22, 1927). Unlike the textbook's p ± z √(p(1−p)/n) it is right for few trials and rare events, too, and
 * never leaves [0, 1].
 */
export function proportionInterval(successes: number, trials: number, surety: Surety = USUAL): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const z = normalQuantile(1 - tailOf(surety));
  const share = successes / trials;
  const whole = 1 + (z * z) / trials;
  const centre = (share + (z * z) / (2 * trials)) / whole;
  const reach = (z / whole) * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  // What cannot be excluded at the ends is exact there.
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - reach),
    high: successes === trials ? 1 : Math.min(1, centre + reach),
  };
}

/**
 * Where the quotient of two means lies, second by first, from pairs of values (E. C. Fieller, Journal of the Royal
 * Statistical Society B 16, 1954). Infinite if the first mean may be zero.
 *
 * It excludes 1 exactly when Student's interval for the mean of the differences excludes 0: a percentage and a
 * difference never contradict each other.
 */
export function ratioInterval(first: readonly number[], second: readonly number[], surety: Surety = USUAL): Interval {
  const a = moments(first);
  const b = moments(second);
  if (a.count < 2 || a.count !== b.count) return NOTHING_KNOWN;
  const factor = studentFactor(a.count, surety);
  const weight = (factor * factor) / a.count;
  const p = a.mean * a.mean - weight * a.variance;
  if (!(p > 0)) return NOTHING_KNOWN;
  // All distances d from the quotient of the two means for which the mean of second − (quotient + d) first is not shown
  // to differ from 0: p d² + 2 q d − s ≤ 0. Taken around the quotient, nothing cancels.
  const quotient = b.mean / a.mean;
  const residuals = second.map((value, i) => value - quotient * first[i]);
  const together = residuals.reduce((sum, residual, i) => sum + residual * (first[i] - a.mean), 0) / (a.count - 1);
  const q = weight * together;
  const s = weight * moments(residuals).variance;
  const root = Math.sqrt(q * q + p * s);
  return { low: quotient - (q + root) / p, high: quotient + (root - q) / p };
}
