/**
 * One scenario against a variant of it, replication by replication on common random numbers: both meet the same fate, so
 * their difference varies less than they do, and a difference of nothing is exactly nothing.
 */
import type { Measure } from "./measures.ts";
import type { Replications } from "./replicate.ts";
import { meanInterval, moments, ratioInterval, type Interval, type Surety } from "./statistics.ts";

/** What is known of a difference. `same`: exactly none in any replication. `open`: none is shown, nor that there is none. */
export type Finding = "lower" | "higher" | "same" | "open";

/** What a variant makes of a measure. */
export interface Contrast {
  readonly measure: Measure;
  /** Replications in which both have the measure. */
  readonly count: number;
  /** Means. */
  readonly base: number;
  readonly variant: number;
  /** Variant minus base, of pairs. */
  readonly difference: { readonly value: number; readonly interval: Interval };
  /** The difference as a share of the base; `null` where the base may be zero. */
  readonly change: { readonly value: number; readonly interval: Interval } | null;
  readonly finding: Finding;
}

/**
 * A variant against the base, measure by measure, of those that both have. `surety.among` is how many contrasts are looked
 * at altogether, over all variants: their intervals then hold all at once.
 */
export function contrastsOf(base: Replications, variant: Replications, surety: Surety): readonly Contrast[] {
  return base.measures.flatMap((measure, i) => {
    const first: number[] = [];
    const second: number[] = [];
    base.columns[i].forEach((a, replication) => {
      const b = variant.columns[i][replication];
      if (a === null || b === null || b === undefined) return;
      first.push(a);
      second.push(b);
    });
    return first.length > 0 ? [contrast(measure, first, second, surety)] : [];
  });
}

function contrast(measure: Measure, first: readonly number[], second: readonly number[], surety: Surety): Contrast {
  const differences = second.map((value, i) => value - first[i]);
  const interval = meanInterval(differences, surety);
  const base = moments(first).mean;
  const variant = moments(second).mean;
  const ratio = ratioInterval(first, second, surety);
  const isKnown = Number.isFinite(ratio.low) && Number.isFinite(ratio.high);
  return {
    measure,
    count: first.length,
    base,
    variant,
    difference: { value: moments(differences).mean, interval },
    change: isKnown ? { value: variant / base - 1, interval: { low: ratio.low - 1, high: ratio.high - 1 } } : null,
    finding: findingOf(differences, interval),
  };
}

function findingOf(differences: readonly number[], { low, high }: Interval): Finding {
  if (differences.every((difference) => difference === 0)) return "same";
  if (high < 0) return "lower";
  return low > 0 ? "higher" : "open";
}
