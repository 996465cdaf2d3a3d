/** Rates that change with time, as the steps that a run is made of: every line of the lag is straight. */
import { sineOfTurns } from "../engine/math.ts";
import { DAY } from "../engine/time.ts";
import type { Duration, Instant } from "../engine/time.ts";
import type { TopicSpec } from "./scenario.ts";
import type { Written } from "./schema.ts";

type WrittenRate = NonNullable<Exclude<Written["topics"][string], number | null>["rate"]>;
type Steps = TopicSpec["rate"];

interface Diurnal {
  readonly low: number;
  readonly high: number;
  readonly peak: Instant;
  readonly period?: Duration | undefined;
}

/** Steps in which a period is cut: five minutes of a day. */
const PARTS = 288;

const TWO_PI = 6.283185307179586;

/** How many steps a rate that goes up and down has in this run. */
export function diurnalParts(
  { diurnal: { period = DAY } }: { readonly diurnal: Diurnal },
  { duration }: Written,
): number {
  return Math.ceil(((duration ?? 0) * PARTS) / period);
}

/** The steps of a rate, as far as a run of this length goes. */
export function rateSteps(given: WrittenRate, duration: Duration): Steps {
  if (typeof given === "number") return [{ at: 0, recordsPerSecond: given }];
  if ("diurnal" in given) return diurnalSteps(given.diurnal, duration);
  return given.map(({ at, rate }) => ({ at, recordsPerSecond: rate }));
}

/**
 * A cosine between the two rates, in steps each of which has the cosine's mean over it, so that no record is gained or
 * lost:
 *
 *     mean over [a, b] = middle + half · (sin(2π(b − peak)/P) − sin(2π(a − peak)/P)) · P / (2π(b − a))
 */
function diurnalSteps({ low, high, peak, period = DAY }: Diurnal, duration: Duration): Steps {
  const middle = (low + high) / 2;
  const half = (high - low) / 2;
  const at = (step: number): Instant => Math.round((step * period) / PARTS);
  const steps: { at: Instant; recordsPerSecond: number }[] = [];
  for (let step = 0; step === 0 || at(step) < duration; step++) {
    const [from, to] = [at(step), at(step + 1)];
    const rise = sineOfTurns((to - peak) / period) - sineOfTurns((from - peak) / period);
    const mean = middle + (half * rise * period) / (TWO_PI * (to - from));
    // To the millionth, as the trace has it; rounding must not make it negative at the bottom.
    steps.push({ at: from, recordsPerSecond: Math.max(0, Math.round(mean * 1e6) / 1e6) });
  }
  return steps;
}
