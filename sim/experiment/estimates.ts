/** From the values of replications to what they say, and how surely. */
import type { Measure } from "./measures.ts";
import type { Replications, Tally } from "./replicate.ts";
import {
  meanInterval,
  moments,
  proportionInterval,
  quantileInterval,
  sampleQuantile,
  type Interval,
  type Surety,
} from "./statistics.ts";

/** A value and where the truth behind it lies. */
export interface Estimated {
  readonly value: number;
  readonly interval: Interval;
}

/** A measure over replications. */
export interface Estimate {
  readonly measure: Measure;
  /** Replications that have the measure: how long a rebalance left partitions unread needs a rebalance. */
  readonly count: number;
  readonly mean: Estimated;
  /** Standard deviation from one replication to another. */
  readonly deviation: number;
  readonly min: number;
  readonly max: number;
  /** Of the replications, not of what happens within one. */
  readonly percentiles: Readonly<Record<(typeof PERCENTILES)[number], Estimated>>;
}

export const PERCENTILES = ["p5", "p25", "p50", "p75", "p95"] as const;

/** An expectation over replications: the probability that it comes true. */
export interface Chance extends Tally {
  /** `null` if no replication could tell. */
  readonly probability: Estimated | null;
}

/** Every measure that any replication has. */
export function estimatesOf({ measures, columns }: Replications, surety: Surety): readonly Estimate[] {
  return measures.flatMap((measure, i) => {
    const values = columns[i].filter((value) => value !== null);
    return values.length > 0 ? [estimate(measure, values, surety)] : [];
  });
}

function estimate(measure: Measure, values: readonly number[], surety: Surety): Estimate {
  const { count, mean, variance } = moments(values);
  const ascending = values.toSorted((a, b) => a - b);
  const percentiles = PERCENTILES.map((name) => {
    const share = Number(name.slice(1)) / 100;
    return [
      name,
      { value: sampleQuantile(ascending, share), interval: quantileInterval(ascending, share, surety) },
    ] as const;
  });
  return {
    measure,
    count,
    mean: { value: mean, interval: meanInterval(values, surety) },
    deviation: Math.sqrt(variance),
    min: ascending[0],
    max: ascending.at(-1)!,
    percentiles: Object.fromEntries(percentiles) as Estimate["percentiles"],
  };
}

/** Of every expectation, what it met in the replications that could tell. */
export function chancesOf({ expectations }: Replications, surety: Surety): readonly Chance[] {
  return expectations.map((tally) => {
    const { met, unmet } = tally;
    const told = met + unmet;
    const probability = told === 0 ? null : { value: met / told, interval: proportionInterval(met, told, surety) };
    return { ...tally, probability };
  });
}
