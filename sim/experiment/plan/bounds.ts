/**
 * One-sided bounds: how low, and how high, the truth can be, each at a risk of its own. A verdict needs one of them only,
 * so each side may spend what a mistake on that side costs.
 */
import { ln } from "../../engine/math.ts";
import { binomialAtMost, studentQuantile } from "../distributions.ts";
import { moments, type Interval } from "../statistics.ts";

/** The probability that the truth is below `low`, and that it is above `high`, at most. */
export interface Risks {
  readonly low: number;
  readonly high: number;
}

/** Of the mean of the law that independent values were drawn from (Student). Equal values are taken at their word. */
export function meanBounds(values: readonly number[], risks: Risks): Interval {
  const { count, mean, variance } = moments(values);
  if (count < 2) return { low: -Infinity, high: Infinity };
  if (variance === 0) return { low: mean, high: mean };
  const error = Math.sqrt(variance / count);
  const factor = (risk: number): number => studentQuantile(1 - risk, count - 1);
  return { low: mean - factor(risks.low) * error, high: mean + factor(risks.high) * error };
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
