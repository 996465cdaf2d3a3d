/**
 * The seam between what an experiment wants to know and where the runs are made: in this process, on threads, on
 * other machines. A run is a pure function of its task, so results are the same whichever executor made them.
 */
import type { Instant } from "../engine/time.ts";
import { evaluate, type Verdict } from "../metrics/expectations.ts";
import { summarise } from "../metrics/summarise.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { LawBroken } from "../simulation/laws.ts";
import { simulate } from "../simulation/simulate.ts";
import { courseOf } from "./course.ts";
import { curvesIn, valuesOf, type CurveOf, type Measure } from "./measures.ts";
import { type Notes, notesOf } from "./notes.ts";

/** What many tasks have in common: sent once, and plain data, like everything that passes through here. */
export interface Job {
  /** Variants of one scenario, or the one. */
  readonly scenarios: readonly Scenario[];
  /** What to keep of each run. */
  readonly measures: readonly Measure[];
  /** Whose course over time to keep, too. */
  readonly curves?: readonly CurveOf[];
  /** These are pilot runs: nothing is measured, kept is how they settle (`warm-up.ts`). */
  readonly pilot?: true;
  /** Stop every run at this simulated time instead of its scenario's end. */
  readonly until?: Instant;
}

/** One run to be made. */
export interface Task {
  /** Which of the job's scenarios. */
  readonly scenario: number;
  readonly seed: string;
}

/** What is kept of a run: numbers and a few notes, however long it was. */
export interface Outcome {
  /** Of each measure; `null` where this run has none. Of a pilot run its course. */
  readonly values: readonly (number | null)[];
  /** Of each curve. */
  readonly curves?: readonly (readonly number[])[];
  /** Of each expectation of the scenario. */
  readonly verdicts: readonly Verdict["outcome"][];
  /** If there is something to note. */
  readonly notes?: Notes;
  /** A law of the model was broken, and this is all there is. */
  readonly broken?: { readonly message: string; readonly at: Instant };
}

export interface Executor {
  /**
   * Makes the runs, and tells of each in the order of the tasks, whoever was first. Takes tasks no further ahead than it
   * needs to keep busy; a caller who has enough stops asking.
   */
  run(job: Job, tasks: Iterable<Task>): AsyncIterable<Outcome>;
  /** Gives back what it holds. */
  close(): Promise<void>;
}

/** Makes one run. */
export function perform(job: Job, { scenario: index, seed }: Task): Outcome {
  const scenario = job.scenarios[index];
  try {
    return job.pilot ? pilot(job, scenario, seed) : measure(job, scenario, seed);
  } catch (error) {
    if (!(error instanceof LawBroken)) throw error;
    return { values: [], verdicts: [], broken: { message: error.message, at: error.at } };
  }
}

function measure({ measures, curves, until }: Job, scenario: Scenario, seed: string): Outcome {
  const summary = summarise({ keep: 0, transit: true });
  simulate(scenario, { seed, to: [summary], ...(until !== undefined && { until }) });
  const result = summary.result();
  const notes = notesOf(result);
  return {
    values: valuesOf(result, measures),
    ...(curves && { curves: curvesIn(result, curves) }),
    verdicts: evaluate(scenario.expect, result).map(({ outcome }) => outcome),
    ...(notes && { notes }),
  };
}

function pilot({ until }: Job, scenario: Scenario, seed: string): Outcome {
  const course = courseOf(scenario);
  simulate(scenario, { seed, to: [course], ...(until !== undefined && { until }) });
  return { values: course.values(), verdicts: [] };
}

/** One run after the other, here. */
export const inProcess: Executor = {
  async *run(job, tasks) {
    for (const task of tasks) yield perform(job, task);
  },
  close: async () => {},
};
