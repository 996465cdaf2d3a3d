import { exp, ln, lnGamma, normalQuantile, pow } from "./math.ts";
import type { Stream } from "./random.ts";
import { type Duration, SECOND, wholeMicroseconds } from "./time.ts";

/** A distribution of durations. */
export type Law =
  | { readonly constant: Duration }
  /** Evenly between the two. */
  | { readonly uniform: readonly [Duration, Duration] }
  /** Its mean. */
  | { readonly exponential: Duration }
  /** Its logarithm is normal, with standard deviation `sigma`. */
  | { readonly lognormal: { readonly median: Duration; readonly sigma: number } }
  /** P(longer than t) = exp(−(t / scale)^shape). */
  | { readonly weibull: { readonly scale: Duration; readonly shape: number } }
  /** P(longer than t) = (minimum / t)^shape from `minimum` on. */
  | { readonly pareto: { readonly minimum: Duration; readonly shape: number } }
  /**
   * A sample, ascending and not empty. Between neighbours it is interpolated: the share u of the durations is below
   * what lies u (n − 1) steps up from the first (definition 7 of Hyndman and Fan, 1996). So nothing is drawn that is
   * shorter or longer than anything in the sample.
   */
  | { readonly empirical: readonly Duration[] };

/**
 * Draws a duration: one step of the stream for each, whatever the law (none for a constant), by inversion. So a larger
 * number from the stream means a longer duration, and where only a parameter changes, the draws of two runs stay
 * aligned: what is long in one is long in the other.
 *
 * The tails are as long as 32 bits allow: nothing is rarer than one in 8.6e9, so an exponential ends at 22.9 means and a
 * normal at 6.3 standard deviations.
 */
export function drawDuration(law: Law, stream: Stream): Duration {
  if ("constant" in law) return law.constant;
  return wholeMicroseconds(quantile(law, shareOf(stream)));
}

/** The duration that a uniform variate on [0, 1), a multiple of 2^-32, stands for: `drawDuration` for that step. */
export function durationOf(law: Law, uniform: number): Duration {
  if ("constant" in law) return law.constant;
  return wholeMicroseconds(quantile(law, uniform + HALF_A_STEP));
}

/**
 * The shortest and the longest duration that can be drawn at all. Even a law without bounds has them, because chance
 * comes in steps of 2^-32: the exponential law ends at 22.9 times its mean.
 */
export function reachOf(law: Law): { readonly least: Duration; readonly most: Duration } {
  return { least: durationOf(law, 0), most: durationOf(law, 1 - 2 * HALF_A_STEP) };
}

/** 2^-33. */
const HALF_A_STEP = 1.1641532182693481e-10;

/** A share in (0, 1), never 0 or 1: the middle of one of 2^32 equal intervals. */
function shareOf(stream: Stream): number {
  return stream.uniform() + HALF_A_STEP;
}

/** The duration that the share u of all durations stays below. Not yet rounded. */
function quantile(law: Exclude<Law, { readonly constant: Duration }>, u: number): number {
  if ("exponential" in law) return -law.exponential * ln(1 - u);
  if ("uniform" in law) return law.uniform[0] + u * (law.uniform[1] - law.uniform[0]);
  if ("lognormal" in law) return law.lognormal.median * exp(law.lognormal.sigma * normalQuantile(u));
  if ("weibull" in law) return law.weibull.scale * pow(-ln(1 - u), 1 / law.weibull.shape);
  if ("pareto" in law) return law.pareto.minimum * pow(1 - u, -1 / law.pareto.shape);
  const sample = law.empirical;
  const position = u * (sample.length - 1);
  const below = Math.floor(position);
  const from = sample[below];
  return below + 1 < sample.length ? from + (position - below) * (sample[below + 1] - from) : from;
}

/** The mean; `undefined` if the law has none (a Pareto law with a shape of 1 or less). */
export function meanOf(law: Law): Duration | undefined {
  if ("constant" in law) return law.constant;
  if ("exponential" in law) return law.exponential;
  if ("uniform" in law) return wholeMicroseconds((law.uniform[0] + law.uniform[1]) / 2);
  if ("lognormal" in law) {
    const { median, sigma } = law.lognormal;
    return wholeMicroseconds(median * exp((sigma * sigma) / 2));
  }
  if ("weibull" in law) return wholeMicroseconds(law.weibull.scale * exp(lnGamma(1 + 1 / law.weibull.shape)));
  if ("pareto" in law) {
    const { minimum, shape } = law.pareto;
    return shape > 1 ? wholeMicroseconds((minimum * shape) / (shape - 1)) : undefined;
  }
  return wholeMicroseconds(meanOfSample(law.empirical));
}

/** The mean under the interpolation of `Law`: each step between neighbours counts alike. */
function meanOfSample(sample: readonly Duration[]): number {
  if (sample.length === 1) return sample[0];
  let sum = -(sample[0] + sample[sample.length - 1]) / 2;
  for (const duration of sample) sum += duration;
  return sum / (sample.length - 1);
}

/** Between what durations a law's draws lie. `most` is Infinity for a law that has no longest. */
export function boundsOf(law: Law): { least: Duration; most: number } {
  if ("constant" in law) return { least: law.constant, most: law.constant };
  if ("uniform" in law) return { least: law.uniform[0], most: law.uniform[1] };
  if ("pareto" in law) return { least: law.pareto.minimum, most: Infinity };
  if ("empirical" in law) return { least: law.empirical[0], most: law.empirical[law.empirical.length - 1] };
  return { least: 0, most: Infinity };
}

/** The time to the next event of a Poisson process. */
export function exponentialGap(ratePerSecond: number, stream: Stream): Duration {
  return wholeMicroseconds((-SECOND * ln(1 - shareOf(stream))) / ratePerSecond);
}

/** True with probability p. One step of the stream. */
export function drawBernoulli(p: number, stream: Stream): boolean {
  return stream.uniform() < p;
}

/** Below this the Poisson probability of 0 is a normal number, and the search may start there. */
const SMALL_MEAN = 500;

/** How many standard deviations below the mean the search starts otherwise: what lies lower is rarer than 1e-22. */
const FAR_BELOW = 10;

/** A Poisson variate, by inversion: the least count whose cumulative probability exceeds one step of the stream. */
export function drawPoisson(mean: number, stream: Stream): number {
  const u = shareOf(stream);
  if (mean <= 0) return 0;
  let count = mean < SMALL_MEAN ? 0 : Math.floor(mean - FAR_BELOW * Math.sqrt(mean));
  let probability = exp(count * ln(mean) - mean - lnGamma(count + 1));
  let sum = probability;
  // the second condition ends the search where rounding keeps the sum below u for ever
  while (sum <= u && (count < mean || probability > 1e-17)) {
    count++;
    probability *= mean / count;
    sum += probability;
  }
  return count;
}
