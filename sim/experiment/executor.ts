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
import { valuesOf, type Measure } from "./measures.ts";

/** What many tasks have in common: sent once, and plain data, like everything that passes through here. */
export interface Job {
  /** Variants of one scenario, or the one. */
  readonly scenarios: readonly Scenario[];
  /** What to keep of each run. */
  readonly measures: readonly Measure[];
  /** Stop every run at this simulated time instead of its scenario's end. */
  readonly until?: Instant;
}

/** One run to be made. */
export interface Task {
  /** Which of the job's scenarios. */
  readonly scenario: number;
  readonly seed: string;
}

/** What is kept of a run: numbers, however long it was. */
export interface Outcome {
  /** Of each measure; `null` where this run has none. */
  readonly values: readonly (number | null)[];
  /** Of each expectation of the scenario. */
  readonly verdicts: readonly Verdict["outcome"][];
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
export function perform({ scenarios, measures, until }: Job, { scenario: index, seed }: Task): Outcome {
  const scenario = scenarios[index];
  const summary = summarise({ keep: 0 });
  try {
    simulate(scenario, { seed, to: [summary], ...(until !== undefined && { until }) });
  } catch (error) {
    if (!(error instanceof LawBroken)) throw error;
    return { values: [], verdicts: [], broken: { message: error.message, at: error.at } };
  }
  const result = summary.result();
  return {
    values: valuesOf(result, measures),
    verdicts: evaluate(scenario.expect, result).map(({ outcome }) => outcome),
  };
}

/** One run after the other, here. */
export const inProcess: Executor = {
  async *run(job, tasks) {
    for (const task of tasks) yield perform(job, task);
  },
  close: async () => {},
};
