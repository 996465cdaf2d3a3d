/** The answer to a plan in a sentence or two. */
import type { Evidence, Goal } from "../experiment/plan/goals.ts";
import type { CandidateResult, Plan, Surprise } from "../experiment/plan/plan.ts";
import { percentage } from "./humane.ts";
import { intervalText, valueText } from "./measures.ts";

/** `members = 12 and capacity = 500/s`. */
export function nameOfCandidate({ question }: Plan, { at }: CandidateResult): string {
  return listed(question.find.map(({ name, points }, axis) => `${name} = ${points[at[axis]].label}`));
}

/** A price, by the hour where it is one. */
export function costText({ question }: Plan, cost: number): string {
  return `${Number(cost.toPrecision(4))}${question.cost?.isPerHour ? "/h" : ""}`;
}

/** The value of a goal in its unit. */
export function goalText({ unit }: Goal, value: number): string {
  return unit === "chance" ? percentage(value) : valueText(value, unit);
}

/** `members = 12 is the least that meets p99(timeLag) < 30s: …`. */
export function planSentence(plan: Plan): string {
  const { answer, question, candidates } = plan;
  const sure = percentage(question.confidence);
  switch (answer.kind) {
    case "found": {
      const found = candidates[answer.candidate];
      const price = found.cost === null ? "" : `, at ${costText(plan, found.cost)}`;
      const meets = `meets ${targets(plan)}${price}: ${evidenceText(plan, found)}`;
      if (!answer.isLast) {
        const open = candidates.filter(({ verdict }, place) => verdict === "open" && place < answer.candidate);
        const why = open.length > 0 ? `: ${whatIsOpen(plan, open)}` : "";
        return `${nameOfCandidate(plan, found)} ${meets} (${sure}). Whether it is ${superlative(plan)} that does is not shown${why}.`;
      }
      if (found.at.every((place) => place === 0))
        return `${nameOfCandidate(plan, found)}, ${superlative(plan)} of all, ${meets} (${sure}).`;
      const before = question.find.length === 1 ? neighbour(plan, found) : undefined;
      const next = before
        ? `; with ${nameOfCandidate(plan, before)} ${missed(plan, before)}`
        : "; everything that is wanted more misses a target";
      return `${nameOfCandidate(plan, found)} is ${superlative(plan)} that ${meets}${next} (${sure}).`;
    }
    case "none": {
      const last = candidates.filter(({ verdict }) => verdict !== null).at(-1);
      const best = last ? `; with ${nameOfCandidate(plan, last)} ${missed(plan, last)}` : "";
      return answer.isShown
        ? `Nothing meets ${targets(plan)} ${range(plan)}${best} (${sure}).`
        : `Nothing ${range(plan)} was shown to meet ${targets(plan)}, nor that nothing does${best}.`;
    }
    case "best": {
      const best = candidates[answer.candidate];
      const [objective] = question.objectives;
      const within = objective.kind === "measure" ? valueText(objective.within!, objective.measure.unit) : "";
      const what = `${objective.name}: ${objectiveText(plan, best, 0)}`;
      const among = question.goals.length > 0 ? ` of all that meet ${targets(plan)}` : "";
      return answer.isShown
        ? `${nameOfCandidate(plan, best)} has the least ${what}${among}, or is not worse by ${within} (${sure}).`
        : `${nameOfCandidate(plan, best)} has so far the least ${what}${among}; that it is the best is not shown.`;
    }
    case "front": {
      const [first, second] = question.objectives.map(({ name }) => name);
      const { length } = answer.candidates;
      const among = question.goals.length > 0 ? ` Only those count that meet ${targets(plan)}.` : "";
      const rest = answer.isShown
        ? `every other is beaten in one and no better in the other (${sure})`
        : "of others that is not shown yet";
      const found = `${length} of ${question.possible} candidates are on the front of ${first} and ${second}`;
      return `${found}${length < question.possible || !answer.isShown ? `; ${rest}` : ` (${sure})`}.${among}`;
    }
  }
}

/** What an easier value that does worse means for the answer. */
export function surpriseSentence(
  plan: Plan,
  { goal, harder, easier, difference, interval, matters }: Surprise,
): string {
  const { question, candidates, method } = plan;
  const is = question.goals[goal];
  const write = (value: number): string => (value < 0 ? `-${goalText(is, -value)}` : goalText(is, value));
  const by = goalText(is, Math.abs(difference));
  const direction = difference > 0 ? "higher" : "lower";
  const found =
    `Not monotone: ${is.name} is ${direction} with ${nameOfCandidate(plan, candidates[easier])} than with ` +
    `${nameOfCandidate(plan, candidates[harder])}, by ${by} (${intervalText(interval, write)})`;
  if (method.wasGivenUp) return `${found}; so the values were examined one after the other.`;
  if (!matters) return `${found}; the target is met there all the same, so the answer stands.`;
  return `${found}. The search counts on the opposite: ask again with --not-monotone, of fewer values (by …, log …).`;
}

const targets = ({ question }: Plan): string => listed([...new Set(question.goals.map(({ target }) => target.text))]);

function superlative({ question }: Plan): string {
  if (question.cost) return "the cheapest";
  return question.find.length === 1 ? `the ${question.find[0].wanted}` : "the most wanted";
}

/** `from members = 1 to 200`. */
function range({ question }: Plan): string {
  return listed(
    question.find.map(({ name, points }) => `from ${name} = ${points[0].label} to ${points.at(-1)!.label}`),
  );
}

/** The next more wanted value of the only setting. */
function neighbour({ candidates }: Plan, { at: [place] }: CandidateResult): CandidateResult | undefined {
  return candidates.find(({ at }) => at[0] === place - 1);
}

/** `p99(timeLag) is 12.1 s – 13.0 s`, of every goal. */
function evidenceText({ question }: Plan, { evidence }: CandidateResult): string {
  return listed(evidence.map((one, goal) => goalEvidence(question.goals[goal], one)));
}

/** What a candidate misses, or, if nothing is shown, where it stands. */
function missed({ question }: Plan, { evidence }: CandidateResult): string {
  const worst = evidence.findIndex(({ verdict }) => verdict === "unmet");
  const goal = worst >= 0 ? worst : evidence.findIndex(({ verdict }) => verdict === "open");
  return goalEvidence(question.goals[goal], evidence[goal]);
}

function goalEvidence(goal: Goal, { value, interval }: Evidence): string {
  const isCertain = interval.low === interval.high;
  const written = isCertain ? goalText(goal, value!) : intervalText(interval, (end) => goalText(goal, end));
  return `${goal.name} is ${written}`;
}

function whatIsOpen(plan: Plan, open: readonly CandidateResult[]): string {
  const [first] = open.toReversed();
  const more = open.length > 1 ? `, and ${open.length - 1} more` : "";
  return `${nameOfCandidate(plan, first)} is open after ${first.runs} runs (${missed(plan, first)})${more}`;
}

/** The mean of an objective and its interval. */
function objectiveText(plan: Plan, candidate: CandidateResult, place: number): string {
  const objective = plan.question.objectives[place];
  const estimate = candidate.objectives[place];
  if (objective.kind === "cost" || estimate === null) return costText(plan, candidate.cost!);
  const write = (value: number): string => valueText(value, objective.measure.unit);
  return `${write(estimate.value)} (${intervalText(estimate.interval, write)})`;
}

/** `a`, `a and b`, `a, b and c`. */
function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
