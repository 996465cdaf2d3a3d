/** How many replications it takes until an interval is narrow enough. */
import { parseDuration } from "../engine/time.ts";
import type { Mistake } from "../scenario/quantities.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Wanted } from "./measures.ts";
import type { Need, Replications } from "./replicate.ts";
import { moments, studentFactor, type Moments, type Surety } from "./statistics.ts";
import { fits, isMistake, parseWanted, unitOf } from "./wanted.ts";

/** `p99(timeLag) 5%`: the interval of the mean of this measure reaches no further to either side than that. */
export interface Precision {
  readonly wanted: Wanted;
  /** A share of the mean itself, or so much in the measure's unit. */
  readonly reach: { readonly share: number } | { readonly amount: number };
}

/** Reads `p99(timeLag) 5%`, `p99(timeLag) 500ms`, `mean(members) 0.1`. */
export function parsePrecision(text: string, scenario: Scenario): Precision | Mistake {
  const match = /^\s*(.*\S)\s+(\S+)\s*$/.exec(text);
  if (!match) return { message: `${text} is no precision`, advice: "write a measure and a reach: p99(timeLag) 5%" };
  const wanted = parseWanted(match[1], scenario);
  if (isMistake(wanted)) return wanted;
  const written = match[2];
  const number = /^(\d+(?:\.\d+)?)(%?)$/.exec(written);
  const advice = unitOf(wanted) === "duration" ? "write 5% or 500ms" : "write 5% or a number";
  if (number?.[2] === "%") return positive({ share: Number(number[1]) / 100 });
  const amount = unitOf(wanted) === "duration" ? parseDuration(written) : number ? Number(number[1]) : undefined;
  return amount === undefined ? { message: `${written} is no precision of ${match[1]}`, advice } : positive({ amount });

  function positive(reach: Precision["reach"]): Precision | Mistake {
    const isPositive = Object.values(reach).every((value) => value > 0);
    return isPositive ? { wanted: wanted as Wanted, reach } : { message: `${written} is never reached`, advice };
  }
}

/** The first look. A variance guessed from fewer is too often too small by chance, and would end the search too early. */
const FIRST_LOOK = 30;

/** From one look to the next, the replications grow by a quarter: a few looks instead of hundreds. */
const GROWTH = 1.25;

/**
 * Stops as soon as Student's interval is narrow enough: the sequential procedure of Y. S. Chow and H. Robbins (Annals of
 * Mathematical Statistics 36, 1965), which keeps its coverage as intervals shrink. Looking often at few values does not:
 * whoever stops at the first narrow interval picks the samples that happen to vary little. Hence the first look at 30
 * (A. M. Law: Simulation Modeling and Analysis, 9.4), and few looks after it, each at a number of replications that was
 * fixed beforehand. So the number does not depend on how the work is spread, either.
 *
 * Values that are all the same are taken at their word.
 */
export function precise({ wanted, reach }: Precision, surety: Surety): Need {
  let look = nextLook(0);
  let forecast = look;
  return ([found]: readonly Replications[]) => {
    if (found.count < look) return forecast;
    const need = neededAltogether(found, { wanted, reach }, surety);
    if (need <= found.count) return found.count;
    look = nextLook(found.count);
    forecast = Math.max(look, need);
    return forecast;
  };
}

/** The first number of replications above `count` at which there is a look. */
export function nextLook(count: number): number {
  let look = FIRST_LOOK;
  while (look <= count) look = Math.ceil(look * GROWTH);
  return look;
}

/** Whether the interval is narrow enough: of every group, if the measure names none. */
export function isReached(found: Replications, precision: Precision, surety: Surety): boolean {
  return neededAltogether(found, precision, surety) <= found.count;
}

/** How many replications it takes altogether, if they go on as they began. */
function neededAltogether(found: Replications, { wanted, reach }: Precision, surety: Surety): number {
  const columns = found.columns.filter((_, i) => fits(found.measures[i], wanted));
  return Math.max(
    ...columns.map((column) => needed(moments(column.filter((value) => value !== null)), found.count, reach, surety)),
  );
}

/** The same for one measure, of which the moments are known: those of the replications that have it. */
export function needed(
  { count, mean, variance }: Moments,
  replications: number,
  reach: Precision["reach"],
  surety: Surety,
): number {
  if (count === 0) return replications; // there is nothing to be precise about
  if (count === 1) return Infinity;
  const aim = "share" in reach ? reach.share * Math.abs(mean) : reach.amount;
  const is = studentFactor(count, surety) * Math.sqrt(variance / count);
  if (is <= aim) return replications;
  return aim > 0 ? Math.ceil(replications * (is / aim) * (is / aim)) : Infinity;
}
