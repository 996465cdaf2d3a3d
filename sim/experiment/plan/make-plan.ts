/** From a question to its answer: chooses the way, spends the risk, and writes down what was found. */
import type { Scenario } from "../../scenario/scenario.ts";
import type { Target } from "../../scenario/targets.ts";
import type { Estimated } from "../estimates.ts";
import type { Executor } from "../executor.ts";
import { measuresOf, nameOf, type Measure, type Wanted } from "../measures.ts";
import { meanInterval, moments } from "../statistics.ts";
import { fits } from "../wanted.ts";
import type { Axis } from "./axes.ts";
import { contestOf } from "./best.ts";
import type { Candidate } from "./candidates.ts";
import type { Cost } from "./cost.ts";
import { frontOf } from "./front.ts";
import { goalsOf, leastRuns, type Goal } from "./goals.ts";
import type { Answer, CandidateResult, Method, Objective, Plan } from "./plan.ts";
import { Sampler } from "./sampler.ts";
import { isLine, monotoneSearch, searchInOrder, spendingOf, type Stretch } from "./search.ts";
import { surprisesOf, type FoundSurprise } from "./surprises.ts";
import { looksUpTo, Trials, Unanswerable } from "./trials.ts";

export interface PlanOptions {
  /** As it is, without any candidate's values. */
  readonly scenario: Scenario;
  readonly axes: readonly Axis[];
  /** All there are, the most wanted first (`candidatesOf`). */
  readonly candidates: readonly Candidate[];
  readonly targets: readonly Target[];
  readonly cost?: Cost;
  /** Find the candidate in which this is least; differences below `within` do not matter. */
  readonly minimise?: { readonly wanted: Wanted; readonly within: number };
  /** Find the front of these two. */
  readonly pareto?: readonly (Wanted | "cost")[];
  /** Whether easier values may be taken to be easier. */
  readonly isMonotone: boolean;
  readonly confidence: number;
  /** Runs that a candidate may have; absent: 1,000, or as many as the targets need. */
  readonly most?: number;
  readonly seed: string;
  readonly executor: Executor;
  /** The scenario with a candidate's values put in. */
  readonly scenarioOf: (candidate: Candidate) => Promise<Scenario>;
  /** Called with the share that is done, roughly, and how many runs that took. */
  readonly progress?: (share: number, runs: number) => void;
}

/** Runs a candidate may have, if nobody says. */
const USUAL_MOST = 1_000;

/** More candidates than this are not examined one by one. */
export const MOST_IN_ORDER = 64;

/** What a monotone search keeps of the risk, for the case that it has to be given up. */
const IN_RESERVE = 0.1;

const SOURCES = {
  search:
    "sequential tests of equal parts of the risk at each look (Bonferroni); intersection-union tests: R. L. Berger, Technometrics 24, 1982",
  best: "S.-H. Kim, B. L. Nelson: A fully sequential procedure for indifference-zone selection in simulation, ACM TOMACS 11, 2001",
  front: "Student's intervals of paired differences, all true at once (Bonferroni)",
  chance: "C. J. Clopper, E. S. Pearson, Biometrika 26, 1934",
} as const;

/**
 * Makes the runs that the answer takes.
 *
 * @throws {Unanswerable} if the question has no answer in numbers.
 * @throws {RunFailed} if a run fails.
 */
export async function makePlan(options: PlanOptions): Promise<Plan> {
  const { scenario, candidates, targets, confidence, seed, executor, isMonotone, progress = () => {} } = options;
  const { goals, measures: needed } = goalsOf(targets, scenario);
  const measures = [...needed];
  const objectives = objectivesOf(options, measures);
  const risk = 1 - confidence;
  const looks = looksFor(options, goals, risk);
  let share = 0;
  const update = (is: number): void => progress((share = Math.max(share, is)), sampler.runs);
  // Where the test under way begins and ends.
  let stretch = { from: 0, to: 1 };
  const enter: Stretch = (from, to) => update((stretch = { from, to }).from);
  const sampler = new Sampler({
    seed,
    executor,
    measures,
    scenarioOf: (candidate) => options.scenarioOf(candidates[candidate]),
    ran: () => update(share),
  });
  const within = (is: number): void => update(stretch.from + is * (stretch.to - stretch.from));
  const trials = new Trials({ sampler, goals, looks, progress: within });

  const isContest = objectives.length > 0;
  let surprises: readonly FoundSurprise[] = [];
  let answer: Answer; // with candidates by their places among all
  let beatenBy: ReadonlyMap<number, number> = new Map();
  let method: Pick<Method, "kind" | "wasGivenUp" | "spending">;

  if (isContest) {
    const isFront = options.pareto !== undefined;
    // Half of the risk, if there are targets, for who takes part; the rest for the contest.
    const whole = goals.length > 0 ? risk / 2 : risk;
    const among: number[] = [];
    for (const [candidate] of candidates.entries()) {
      enter((candidate / candidates.length) * 0.5, ((candidate + 1) / candidates.length) * 0.5);
      if (goals.length === 0 || (await trials.test(candidate, whole / candidates.length)).verdict === "meets")
        among.push(candidate);
    }
    const contest = { among, risk: whole, progress: (is: number) => enter(0.5 + is / 2, 1) };
    const ofTargets = goals.length > 0 ? "half of it in equal parts over the tests of all candidates, half " : "all ";
    if (among.length === 0) {
      answer = { kind: "none", isShown: noTrialIsOpen() };
      method = { kind: isFront ? "front" : "best", wasGivenUp: false, spending: `${ofTargets}on the contest` };
    } else if (isFront) {
      const values = objectives.map((objective) => (candidate: number) => valuesOf(objective, candidate));
      const front = await frontOf(sampler, { ...contest, looks, objectives: values });
      answer = { kind: "front", candidates: front.members, isShown: front.isShown && noTrialIsOpen() };
      beatenBy = front.beatenBy;
      method = { kind: "front", wasGivenUp: false, spending: `${ofTargets}in equal parts over all comparisons of two` };
    } else {
      const [objective] = objectives;
      await sampler.extend(among, looks[0]);
      for (const candidate of among) valuesOf(objective, candidate);
      const column = columnOf(objective);
      const most = looks.at(-1)!;
      const won = await contestOf(sampler, { ...contest, column, within: options.minimise!.within, most });
      answer = { kind: "best", candidate: won.winner, isShown: won.isShown && noTrialIsOpen() };
      beatenBy = won.beatenBy;
      method = { kind: "best", wasGivenUp: false, spending: `${ofTargets}on the contest, as Kim and Nelson do` };
    }
  } else {
    const spending = spendingOf(candidates, risk * (isMonotone ? 1 - IN_RESERVE : 1));
    let found: number | undefined;
    let wasGivenUp = false;
    if (isMonotone) {
      found = await monotoneSearch(candidates, trials, spending, enter);
      surprises = surprisesOf(candidates, goals, trials, sampler, risk / looks.length);
      wasGivenUp = surprises.some(({ matters }) => matters) && candidates.length <= MOST_IN_ORDER;
    }
    if (!isMonotone || wasGivenUp) {
      trials.made.clear();
      share = 0;
      found = await searchInOrder(candidates, trials, risk * (wasGivenUp ? IN_RESERVE : 1), enter);
    }
    const inOrder = `in equal parts over the ${candidates.length} candidates`;
    const saved = `${Math.round((1 - IN_RESERVE) * 100)} % of it ${spending.text}, the rest in reserve`;
    method =
      !isMonotone || wasGivenUp
        ? { kind: "in-order", wasGivenUp, spending: wasGivenUp ? `what was in reserve, ${inOrder}` : inOrder }
        : { kind: isLine(candidates) ? "bisection" : "elimination", wasGivenUp, spending: saved };
    const isClear = everyOtherTrialFails(found);
    const isSound = !surprises.some(({ matters }) => matters) || wasGivenUp;
    answer =
      found === undefined
        ? { kind: "none", isShown: isClear && isSound }
        : { kind: "found", candidate: found, isLast: isClear && isSound };
  }
  update(1);

  const examined = candidates.flatMap((_, candidate) => (sampler.count(candidate) > 0 ? [candidate] : []));
  const placeOf = new Map(examined.map((candidate, place) => [candidate, place]));
  const place = (candidate: number): number => placeOf.get(candidate)!;
  return {
    name: scenario.name,
    question: {
      find: options.axes,
      goals,
      cost: options.cost ? { text: options.cost.text, isPerHour: options.cost.isPerHour } : null,
      objectives,
      confidence,
      seed,
      possible: candidates.length,
    },
    answer: relocated(answer, place),
    candidates: examined.map((candidate) => resultOf(candidate)),
    surprises: surprises.flatMap((surprise) => ({
      ...surprise,
      harder: place(surprise.harder),
      easier: place(surprise.easier),
    })),
    method: {
      ...method,
      looks,
      spending: `the risk of ${percent(risk)} is spent ${method.spending}; of each test the ${looks.length} looks get equal parts`,
      sources: sourcesOf(),
    },
    runs: sampler.runs,
  };

  function noTrialIsOpen(): boolean {
    return [...trials.made.values()].every(({ verdict }) => verdict !== "open");
  }

  /** Of all that are more wanted than the one that was found it is shown that they do not meet the targets. */
  function everyOtherTrialFails(found = Infinity): boolean {
    return [...trials.made].every(([candidate, { verdict }]) => candidate >= found || verdict === "fails");
  }

  function columnOf(objective: Objective): number {
    return objective.kind === "cost" ? -1 : measures.indexOf(objective.measure);
  }

  function valuesOf(objective: Objective, candidate: number): readonly number[] | number {
    if (objective.kind === "cost") return candidates[candidate].cost!;
    const column = sampler.columns(candidate)[columnOf(objective)];
    const values = column.filter((value) => value !== null);
    if (values.length < column.length) throw new Unanswerable(`some runs have no number for ${objective.name}`);
    return values;
  }

  function resultOf(candidate: number): CandidateResult {
    const trial = trials.made.get(candidate);
    const beater = beatenBy.get(candidate);
    return {
      ...candidates[candidate],
      runs: sampler.count(candidate),
      step: trial?.step ?? candidate + 1,
      verdict: trial?.verdict ?? null,
      evidence: trial?.evidence ?? [],
      objectives: objectives.map((objective): Estimated | null => {
        const values = valuesOf(objective, candidate);
        if (typeof values === "number") return null;
        return { value: moments(values).mean, interval: meanInterval(values, { confidence }) };
      }),
      beatenBy: beater === undefined ? null : place(beater),
    };
  }

  function sourcesOf(): readonly string[] {
    const sources: string[] = [];
    if (goals.length > 0) sources.push(SOURCES.search);
    if (goals.some(({ target }) => target.of === "chance")) sources.push(SOURCES.chance);
    if (method.kind === "best" || method.kind === "front") sources.push(SOURCES[method.kind]);
    return sources;
  }
}

/** The objectives of a contest; their measures are added to those that are kept. */
function objectivesOf({ scenario, minimise, pareto }: PlanOptions, measures: Measure[]): readonly Objective[] {
  const asked = minimise
    ? [minimise]
    : (pareto ?? []).map((one) => (one === "cost" ? one : { wanted: one, within: null }));
  return asked.map((one): Objective => {
    if (one === "cost") return { kind: "cost", name: "cost" };
    const found = measuresOf(scenario, [one.wanted]).filter((measure) => fits(measure, one.wanted));
    if (found.length > 1)
      throw new Unanswerable(
        `${nameOf(found[0], false)} is of several groups: say of which, ${nameOf(found[0], true)}`,
      );
    const [wanted] = found;
    const same = measures.find((measure) => fits(measure, wanted));
    if (!same) measures.push(wanted);
    return {
      kind: "measure",
      name: nameOf(wanted, scenario.groups.length > 1),
      measure: same ?? wanted,
      within: one.within,
    };
  });
}

/** When a candidate is looked at; often enough to show what the targets ask for. */
function looksFor({ targets, candidates, most }: PlanOptions, goals: readonly Goal[], risk: number): readonly number[] {
  // No test gets less than this, whatever the way, as far as the number of runs goes.
  const least = (looks: readonly number[]): number => {
    const each = risk / Math.min(candidates.length, MOST_IN_ORDER) / looks.length;
    return Math.max(2, ...targets.map((target) => leastRuns(target, each)));
  };
  if (most !== undefined) {
    const looks = looksUpTo(most);
    const needed = least(looks);
    if (goals.length > 0 && needed > most)
      throw new Unanswerable(`${most} replications of a candidate can never show the targets met: it takes ${needed}`);
    return looks;
  }
  let looks = looksUpTo(USUAL_MOST);
  while (least(looks) * 2 > looks.at(-1)!) looks = looksUpTo(looks.at(-1)! * 2);
  return looks;
}

function relocated(answer: Answer, place: (candidate: number) => number): Answer {
  switch (answer.kind) {
    case "none":
      return answer;
    case "front":
      return { ...answer, candidates: answer.candidates.map(place) };
    default:
      return { ...answer, candidate: place(answer.candidate) };
  }
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;
