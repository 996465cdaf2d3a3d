/** The most wanted candidate that meets the targets: by a monotone search, or, where that has no ground, one by one. */
import type { Bench, Outcome } from "./bench.ts";
import { percent } from "./bench.ts";
import { isLine, monotoneSearch, mostSteps, searchInOrder, stepRisk } from "./search.ts";
import type { Surprise } from "./plan.ts";
import { surprisesOf } from "./surprises.ts";

/** More candidates than this are not examined one by one. */
export const MOST_IN_ORDER = 64;

/** What a monotone search keeps of the risk, for the case that it has to be given up. */
const IN_RESERVE = 0.1;

export async function bySearch(bench: Bench, isMonotone: boolean): Promise<Outcome> {
  return isMonotone ? byMonotoneSearch(bench) : inOrder(bench, bench.risk, []);
}

async function byMonotoneSearch(bench: Bench): Promise<Outcome> {
  const { candidates, goals, trials, sampler, risk, looks, enter } = bench;
  const spent = risk * (1 - IN_RESERVE);
  const found = await monotoneSearch(candidates, trials, stepRisk(candidates, spent), enter);
  const surprises = surprisesOf(candidates, goals, trials, sampler, risk / looks.length);
  const hasGround = !surprises.some(({ matters }) => matters);
  if (!hasGround && candidates.length <= MOST_IN_ORDER) {
    trials.made.clear();
    return inOrder(bench, risk * IN_RESERVE, surprises);
  }
  const steps = isLine(candidates)
    ? `in equal parts over the ${mostSteps(candidates.length)} tests it can take`
    : "1/(s (s + 1)) of that on step s";
  return {
    answer: answerOf(bench, found, hasGround),
    method: {
      kind: isLine(candidates) ? "bisection" : "elimination",
      wasGivenUp: false,
      spending:
        `Of the risk of ${percent(risk)}, ${percent(1 - IN_RESERVE)} is spent on the search, ${steps}; the rest is kept ` +
        "for the case that it has to be given up.",
    },
    surprises,
    beatenBy: new Map(),
  };
}

/** All of them, one after the other. `surprises`: why a monotone search was given up, if one was. */
async function inOrder(bench: Bench, spent: number, surprises: readonly Surprise[]): Promise<Outcome> {
  const { candidates, trials, risk, enter } = bench;
  const found = await searchInOrder(candidates, trials, spent, enter);
  const wasGivenUp = surprises.length > 0;
  const whole = wasGivenUp
    ? `What was kept of the risk of ${percent(risk)}, ${percent(IN_RESERVE)} of it,`
    : `The risk of ${percent(risk)}`;
  return {
    answer: answerOf(bench, found, true),
    method: {
      kind: "in-order",
      wasGivenUp,
      spending: `${whole} is spent in equal parts on the tests of ${candidates.length} candidates.`,
    },
    surprises,
    beatenBy: new Map(),
  };
}

/** `hasGround`: nothing speaks against what the way rests upon. */
function answerOf({ trials }: Bench, found: number | undefined, hasGround: boolean): Outcome["answer"] {
  // What was tested of those that are more wanted stands for all of them.
  const missAll = [...trials.made].every(
    ([candidate, { verdict }]) => candidate >= (found ?? Infinity) || verdict === "fails",
  );
  const isClear = missAll && hasGround;
  return found === undefined
    ? { kind: "none", isShown: isClear }
    : { kind: "found", candidate: found, isLast: isClear };
}
