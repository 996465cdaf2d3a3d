/**
 * The monotone search: what a candidate misses, a harder one misses, too; what it meets, an easier one meets. So each test
 * settles many candidates, and a few of them suffice.
 *
 * **The answer is right with the confidence asked for, however many tests it takes.** If all tests were right, the search
 * would go a certain way, the same in every repetition; let s count the steps of that way. It goes wrong only where a test
 * on that way is wrong for the first time, and what is tested there does not depend on chance. So the risks of the steps of
 * this one way add up to a bound for the whole, and each step may be given its risk beforehand.
 *
 * A test may also stay open. On a line that misleads nobody: if the candidate in truth meets the targets, so does
 * everything that is left after it, and the answer is not called the last one then.
 */
import { isHarder, type Candidate } from "./candidates.ts";
import type { Trial, Trials } from "./trials.ts";

/** Whether the order in which candidates are wanted is that of how hard they are: of one setting whose price rises with it. */
export function isLine(candidates: readonly Candidate[]): boolean {
  return candidates.every(({ at }, i) => at.length === 1 && at[0] === i);
}

/** A search through so many takes no more tests than they have binary digits. */
export function mostSteps(candidates: number): number {
  let steps = 0;
  for (let rest = candidates; rest > 0; rest = Math.floor(rest / 2)) steps++;
  return steps;
}

/**
 * The risk of each step, counted from 1. On a line the number of steps is known, and each gets the same part of the whole.
 * On a grid it is not, and step s gets 1/(s (s + 1)) of it, which adds up to 1 over any number of them.
 */
export function stepRisk(candidates: readonly Candidate[], whole: number): (step: number) => number {
  if (!isLine(candidates)) return (step) => whole / (step * (step + 1));
  const each = whole / mostSteps(candidates.length);
  return () => each;
}

/** Told before each test: which part of the work it is, from 0 to 1. */
export type Stretch = (from: number, to: number) => void;

/**
 * Looks for the most wanted candidate that meets the targets; `undefined` if none was shown to.
 *
 * The way there needs few runs of each candidate; those that decide about the answer are tested on, to more. If a verdict
 * changes by that, the search goes another way, along what is known already. All verdicts of a candidate come from the same
 * looks, so its risk stays the same.
 */
export async function monotoneSearch(
  candidates: readonly Candidate[],
  trials: Trials,
  risk: (step: number) => number,
  progress: Stretch,
): Promise<number | undefined> {
  for (;;) {
    const found = await searchOnce(candidates, trials, risk, progress);
    const shaky = decisive(candidates, trials, found).filter((one) => trials.countOf(one) < trials.decisive);
    if (shaky.length === 0) return found;
    for (const candidate of shaky)
      await trials.test(candidate, risk(trials.made.get(candidate)!.step), trials.decisive);
  }
}

/** The answer, and of those that were shown to miss a target the easiest: on a line its neighbour. */
function decisive(candidates: readonly Candidate[], trials: Trials, found: number | undefined): readonly number[] {
  const missed = [...trials.made].flatMap(([candidate, { verdict }]) =>
    verdict !== "meets" && candidate < (found ?? Infinity) ? [candidate] : [],
  );
  const easiest = missed.filter(
    (one) => !missed.some((other) => other !== one && isHarder(candidates[one], candidates[other])),
  );
  return [...(found === undefined ? [] : [found]), ...easiest].sort((a, b) => a - b);
}

async function searchOnce(
  candidates: readonly Candidate[],
  trials: Trials,
  risk: (step: number) => number,
  progress: Stretch,
): Promise<number | undefined> {
  const choose = isLine(candidates) ? middle : mostTelling(candidates);
  let remaining = candidates.map((_, i) => i);
  let found: number | undefined;
  for (let step = 1; remaining.length > 0; step++) {
    const [left, all] = [mostSteps(remaining.length), mostSteps(candidates.length)];
    progress(1 - left / all, 1 - (left - 1) / all);
    const candidate = choose(remaining);
    const { verdict }: Trial = await trials.test(candidate, risk(step));
    if (verdict === "meets") {
      found = candidate;
      remaining = remaining.filter((other) => other < candidate);
    } else {
      // Who is not shown to meet the targets is taken for one that does not: the answer errs on the safe side.
      remaining = remaining.filter((other) => !isHarder(candidates[other], candidates[candidate]));
    }
  }
  return found;
}

const middle = (remaining: readonly number[]): number => remaining[Math.floor((remaining.length - 1) / 2)];

/** The candidate whose test settles most others, however it ends: what the middle is on a line. */
function mostTelling(candidates: readonly Candidate[]): (remaining: readonly number[]) => number {
  return (remaining) => {
    let best = remaining[0];
    let most = 0;
    remaining.forEach((candidate, i) => {
      const ifItMeets = remaining.length - i; // those less wanted, and itself
      if (ifItMeets <= most) return;
      const ifNot = remaining.filter((other) => isHarder(candidates[other], candidates[candidate])).length;
      const settled = Math.min(ifItMeets, ifNot);
      if (settled > most) [best, most] = [candidate, settled];
    });
    return best;
  };
}

/** The candidates one after the other, the most wanted first, until one is shown to meet the targets. */
export async function searchInOrder(
  candidates: readonly Candidate[],
  trials: Trials,
  whole: number,
  progress: Stretch,
): Promise<number | undefined> {
  for (let candidate = 0; candidate < candidates.length; candidate++) {
    progress(candidate / candidates.length, (candidate + 1) / candidates.length);
    const risk = whole / candidates.length;
    if ((await trials.test(candidate, risk)).verdict !== "meets") continue;
    if ((await trials.test(candidate, risk, trials.decisive)).verdict === "meets") return candidate;
  }
  return undefined;
}
