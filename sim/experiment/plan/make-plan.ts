/** From a question to its answer: chooses the way, spends the risk, and writes down what was found. */
import type { Scenario } from "../../scenario/scenario.ts";
import type { Target } from "../../scenario/targets.ts";
import type { Estimated } from "../estimates.ts";
import type { Executor } from "../executor.ts";
import { measuresOf, nameOf, type Measure, type Wanted } from "../measures.ts";
import { meanInterval, moments } from "../statistics.ts";
import { fits } from "../wanted.ts";
import type { Axis } from "./axes.ts";
import { valuesOf, type Bench, type Outcome } from "./bench.ts";
import type { Candidate } from "./candidates.ts";
import type { Cost } from "./cost.ts";
import { goalsOf, leastRuns, type Goal } from "./goals.ts";
import type { Answer, CandidateResult, Method, Objective, Plan } from "./plan.ts";
import { Sampler } from "./sampler.ts";
import { looksUpTo, Trials, Unanswerable } from "./trials.ts";
import { byContest, byFront } from "./way-of-contest.ts";
import { bySearch, MOST_IN_ORDER } from "./way-of-search.ts";

export interface PlanOptions {
  /** What the plan is called. */
  readonly name: string;
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
  /** Called after every run with the share that is done, roughly. */
  readonly progress?: (share: number) => void;
}

/** Runs a candidate may have, if nobody says. */
const USUAL_MOST = 1_000;

/**
 * Makes the runs that the answer takes.
 *
 * @throws {Unanswerable} if the question has no answer in numbers.
 * @throws {RunFailed} if a run fails.
 */
export async function makePlan(options: PlanOptions): Promise<Plan> {
  const { scenario, candidates, targets, minimise, isMonotone, seed, executor, progress = () => {} } = options;
  const { goals, measures: needed } = goalsOf(targets, scenario);
  const measures = [...needed];
  const objectives = objectivesOf(options, measures);
  const risk = 1 - options.confidence;
  const looks = looksFor(options, goals, risk);

  // The share that is done grows within the stretch that the test under way takes, and never falls.
  let stretch = { from: 0, to: 1 };
  let done = 0;
  const advance = (share: number): void =>
    progress((done = Math.max(done, stretch.from + share * (stretch.to - stretch.from))));
  const sampler = new Sampler({
    seed,
    executor,
    measures,
    scenarioOf: (candidate) => options.scenarioOf(candidates[candidate]),
    ran: () => progress(done),
  });
  const bench: Bench = {
    candidates,
    goals,
    objectives,
    columns: objectives.map((one) => (one.kind === "cost" ? -1 : measures.indexOf(one.measure))),
    sampler,
    trials: new Trials({ sampler, goals, looks, progress: advance }),
    looks,
    risk,
    enter(from, to) {
      stretch = { from, to };
      advance(0);
    },
  };
  const outcome = minimise
    ? await byContest(bench, minimise.within)
    : await (options.pareto ? byFront(bench) : bySearch(bench, isMonotone));
  return planOf(options, bench, outcome);
}

/** Writes down what was found: of the candidates those of which runs were made, by their places among these. */
function planOf(options: PlanOptions, bench: Bench, { answer, method, surprises, beatenBy }: Outcome): Plan {
  const { name, axes, cost, confidence, seed } = options;
  const { candidates, goals, objectives, sampler, trials, looks } = bench;
  const examined = candidates.flatMap((_, candidate) => (sampler.count(candidate) > 0 ? [candidate] : []));
  const places = new Map(examined.map((candidate, place) => [candidate, place]));
  const placeOf = (candidate: number): number => places.get(candidate)!;
  const resultOf = (candidate: number): CandidateResult => {
    const trial = trials.made.get(candidate);
    const beater = beatenBy.get(candidate);
    return {
      ...candidates[candidate],
      runs: sampler.count(candidate),
      step: trial?.step ?? null,
      verdict: trial?.verdict ?? null,
      evidence: trial?.evidence ?? [],
      objectives: objectives.map((_, place): Estimated | null => {
        const values = valuesOf(bench, place, candidate);
        if (typeof values === "number") return null;
        return { value: moments(values).mean, interval: meanInterval(values, { confidence }) };
      }),
      beatenBy: beater === undefined ? null : placeOf(beater),
    };
  };
  return {
    name,
    question: {
      find: axes,
      goals,
      cost: cost ? { text: cost.text, isPerHour: cost.isPerHour } : null,
      objectives,
      confidence,
      seed,
      possible: candidates.length,
    },
    answer: relocated(answer, placeOf),
    candidates: examined.map(resultOf),
    surprises: surprises.map((surprise) => ({
      ...surprise,
      harder: placeOf(surprise.harder),
      easier: placeOf(surprise.easier),
    })),
    method: {
      ...method,
      looks,
      spending:
        goals.length > 0
          ? `${method.spending} Each test shares its part equally among ${looks.length} looks.`
          : method.spending,
      sources: sourcesOf(goals, method.kind),
    },
    runs: sampler.runs,
  };
}

function sourcesOf(goals: readonly Goal[], kind: Method["kind"]): readonly string[] {
  return [
    ...(goals.length > 0 ? [SOURCES.tests] : []),
    ...(goals.some(({ target }) => target.of === "chance") ? [SOURCES.chance] : []),
    ...(kind === "best" || kind === "front" ? [SOURCES[kind]] : []),
  ];
}

const SOURCES = {
  tests: "intersection-union tests: R. L. Berger, Technometrics 24, 1982; looks by Bonferroni",
  chance: "bounds of probabilities: C. J. Clopper, E. S. Pearson, Biometrika 26, 1934",
  best: "S.-H. Kim, B. L. Nelson: A fully sequential procedure for indifference-zone selection in simulation, ACM TOMACS 11, 2001",
  front: "Student's intervals of paired differences, all true at once (Bonferroni)",
} as const;

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
