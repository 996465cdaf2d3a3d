import { ln } from "../engine/math.ts";
import type { Stream } from "../engine/random.ts";
import type { Instant } from "../engine/time.ts";
import { SECOND, wholeMicroseconds } from "../engine/time.ts";

/** From `at` on, so many arrivals per second are to be expected. */
export interface RateStep {
  readonly at: Instant;
  readonly perSecond: number;
}

/**
 * A Poisson process: arrivals that know nothing of each other, at a rate that is constant or changes in steps (a
 * day's ups and downs, say). Before the first step nothing arrives.
 *
 * The next arrival is where the cumulative rate has grown by one exponential variate of mean 1 (time change). So the
 * counts in any window are Poisson with the integral of the rate as their mean, whatever the steps; and one variate
 * is drawn per arrival, so that two runs whose rates differ see the same arrivals, stretched.
 */
export class PoissonArrivals {
  readonly #steps: readonly RateStep[];
  readonly #stream: Stream;

  constructor(rate: number | readonly RateStep[], stream: Stream) {
    this.#steps = typeof rate === "number" ? [{ at: 0, perSecond: rate }] : rate;
    this.#stream = stream;
  }

  /** The arrival after the one at `after`; none if the rate stays 0. */
  nextArrival(after: Instant): Instant | undefined {
    let missing = -ln(1 - this.#stream.uniform()); // expected arrivals to go
    for (const [i, { at, perSecond }] of this.#steps.entries()) {
      const end = this.#steps[i + 1]?.at ?? Infinity;
      const start = Math.max(after, at);
      if (end <= start || perSecond === 0) continue;
      const inStep = (perSecond * (end - start)) / SECOND;
      if (missing <= inStep) return start + wholeMicroseconds((missing * SECOND) / perSecond);
      missing -= inStep;
    }
    return undefined;
  }
}
