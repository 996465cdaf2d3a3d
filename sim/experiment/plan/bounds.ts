/**
 * One-sided bounds: how low, and how high, the truth can be, each at a risk of its own. A verdict needs one of them only,
 * so each side may spend what a mistake on that side costs.
 */
import { ln, pow } from "../../engine/math.ts";
import { binomialAtMost, studentQuantile } from "../distributions.ts";
import { moments, type Interval } from "../statistics.ts";

/** The probability that the truth is below `low`, and that it is above `high`, at most. */
export interface Risks {
  readonly low: number;
  readonly high: number;
}

/**
 * Of the mean of the law that independent values were drawn from. Equal values are taken at their word.
 *
 * Student's bounds are for symmetric laws. Lags have a long tail, and a sample that happens to miss it looks low and sure of
 * it: of exponential values, looked at from 20 on, wrong verdicts that were to be 0.9 % were 4 %. P. Hall's transformation
 * (Journal of the Royal Statistical Society B 54, 1992) puts that right as far as the sample shows the skewness. The wider
 * one of both counts, on either side.
 */
export function meanBounds(values: readonly number[], risks: Risks): Interval {
  const { count, mean, variance } = moments(values);
  if (count < 2) return { low: -Infinity, high: Infinity };
  if (variance === 0) return { low: mean, high: mean };
  const error = Math.sqrt(variance / count);
  const slant = skewness(values, mean) / Math.sqrt(count);
  const [below, above] = [risks.low, risks.high].map((risk) => studentQuantile(1 - risk, count - 1));
  return {
    low: mean - Math.max(below, unslanted(below, slant)) * error,
    high: mean + Math.max(above, -unslanted(-above, slant)) * error,
  };
}

function skewness(values: readonly number[], mean: number): number {
  let squares = 0;
  let cubes = 0;
  for (const value of values) {
    const distance = value - mean;
    squares += distance * distance;
    cubes += distance * distance * distance;
  }
  const variance = squares / values.length;
  return cubes / values.length / (variance * Math.sqrt(variance));
}

/** The inverse of Hall's g(t) = t + s t²/3 + s² t³/27 + s/6, by which a slanted statistic becomes a straight one. */
function unslanted(y: number, slant: number): number {
  if (Math.abs(slant) < 1e-9) return y;
  const cube = 1 + slant * (y - slant / 6);
  const root = cube < 0 ? -pow(-cube, 1 / 3) : pow(cube, 1 / 3);
  return (3 * (root - 1)) / slant;
}

/** Halvings of an interval of probabilities: to the last bit, nearly. */
const HALVINGS = 50;

/**
 * Of a probability, exact whatever it is (C. J. Clopper, E. S. Pearson, Biometrika 26, 1934): the least for which so many
 * successes or more are no rarer than the risk, and the greatest for which so few or fewer are not.
 */
export function chanceBounds(successes: number, trials: number, risks: Risks): Interval {
  const low = successes === 0 ? 0 : crossing((p) => 1 - binomialAtMost(successes - 1, trials, p) > risks.low);
  const high = successes === trials ? 1 : crossing((p) => binomialAtMost(successes, trials, p) <= risks.high);
  return { low, high };
}

/** Where on [0, 1] something begins to hold that goes on to hold. */
function crossing(holds: (p: number) => boolean): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return (low + high) / 2;
}

/** How many runs it takes at least to show at this risk that something is rarer than `share`: with none that has it. */
export function runsToExclude(share: number, risk: number): number {
  return Math.ceil(ln(risk) / ln(1 - share));
}
