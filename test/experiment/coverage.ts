/**
 * V23: experiments whose truth is known, over and over, and how often the reported 95 % interval holds it. A right
 * method ends between 93.5 and 96.5 % of 1,000 experiments (±2.2 standard deviations of the count itself).
 */
import { normalQuantile } from "../../sim/engine/math.ts";
import { Streams } from "../../sim/engine/random.ts";
import type { Interval } from "../../sim/experiment/statistics.ts";

export const EXPERIMENTS = 1_000;

/** The share of experiments that hold the truth in their interval. */
export function coverage(seed: string, truth: number, experiment: (draw: () => number) => Interval): number {
  const streams = new Streams(seed);
  let covered = 0;
  for (let n = 0; n < EXPERIMENTS; n++) {
    const stream = streams.stream(`experiment/${n}`);
    const { low, high } = experiment(() => stream.uniform53());
    if (low <= truth && truth <= high) covered++;
  }
  return covered / EXPERIMENTS;
}

/** So many values of what `draw` makes of a uniform number. */
export function sample(count: number, draw: () => number): number[] {
  return Array.from({ length: count }, draw);
}

/** Normal with this mean and standard deviation, of a uniform number. */
export function normal(mean: number, deviation: number, uniform: number): number {
  return mean + deviation * normalQuantile(uniform);
}
