/** Replications: the same scenarios under many seeds, and what is kept of them. */
import type { Instant } from "../engine/time.ts";
import type { Verdict } from "../metrics/expectations.ts";
import type { Expectation } from "../scenario/scenario.ts";
import type { Executor, Job, Outcome, Task } from "./executor.ts";
import type { Measure } from "./measures.ts";
import { gathered, type GatheredNotes, NO_NOTES } from "./notes.ts";

/**
 * The seed of a replication, counted from 1: `regroup run --seed 7/12` repeats replication 12 of master seed 7. Streams
 * are derived from a run's seed by name, so replications share no stream. All variants of a scenario get the same seed
 * in the same replication: common random numbers.
 */
export function seedOf(master: string, replication: number): string {
  return `${master}/${replication}`;
}

/** What replications of one scenario came to; values are in their order. */
export interface Replications {
  readonly count: number;
  readonly measures: readonly Measure[];
  /** Of each measure its values, one of each replication; `null` in those that have none. */
  readonly columns: readonly (readonly (number | null)[])[];
  readonly expectations: readonly Tally[];
  readonly notes: GatheredNotes;
}

/** How often an expectation came true. */
export interface Tally {
  readonly expectation: Expectation;
  readonly met: number;
  readonly unmet: number;
  readonly unknown: number;
}

/**
 * Looks at the replications so far, after each, and says how many it takes altogether, as far as can be told by now. No
 * more than there are: enough.
 */
export type Need = (soFar: readonly Replications[]) => number;

export interface ReplicateOptions {
  readonly seed: string;
  readonly executor: Executor;
  /** Never more than this. */
  readonly most: number;
  /** Absent: as many as there may be. */
  readonly need?: Need;
  /** Called with the share that is done. */
  readonly progress?: (share: number) => void;
}

/** A run that could not be finished: a defect of ours, told with what repeats it. */
export class RunFailed extends Error {
  readonly task: Task;
  /** When a law of the model was broken; absent if the program broke otherwise. */
  readonly at: Instant | undefined;

  constructor(task: Task, message: string, options: { readonly at?: Instant; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = "RunFailed";
    this.task = task;
    this.at = options.at;
  }
}

/**
 * Runs every scenario of a job under the seeds of replication 1, 2, 3 …; returns what came of each scenario. Keeps the
 * measures of the runs and nothing else.
 *
 * @throws {RunFailed} for the first replication that fails.
 */
export async function replicate(job: Job, options: ReplicateOptions): Promise<readonly Replications[]> {
  const { seed, executor, most, need = () => most, progress } = options;
  const { length } = job.scenarios;
  const samples = job.scenarios.map(({ expect }) => new Sample(job.measures, expect));
  const taskOf = (run: number): Task => ({
    scenario: run % length,
    seed: seedOf(seed, Math.floor(run / length) + 1),
  });
  function* tasks(): Generator<Task> {
    for (let run = 0; run < most * length; run++) yield taskOf(run);
  }

  let run = 0;
  let needed = most;
  const outcomes = executor.run(job, tasks())[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value: outcome } = await next(outcomes, taskOf(run));
      if (done) break;
      if (outcome.broken) throw new RunFailed(taskOf(run), outcome.broken.message, { at: outcome.broken.at });
      samples[run % length].add(outcome);
      run++;
      if (run % length === 0) {
        needed = Math.min(most, need(samples));
        if (needed * length <= run) break;
      }
      progress?.(run / (needed * length));
    }
  } finally {
    await outcomes.return?.();
  }
  return samples;
}

async function next(outcomes: AsyncIterator<Outcome>, task: Task): Promise<IteratorResult<Outcome>> {
  try {
    return await outcomes.next();
  } catch (cause) {
    throw new RunFailed(task, cause instanceof Error ? (cause.stack ?? cause.message) : String(cause), { cause });
  }
}

class Sample implements Replications {
  readonly measures: readonly Measure[];
  readonly columns: (number | null)[][];
  readonly #expect: readonly Expectation[];
  readonly #verdicts: Record<Verdict["outcome"], number>[];
  notes = NO_NOTES;
  count = 0;

  constructor(measures: readonly Measure[], expect: readonly Expectation[]) {
    this.measures = measures;
    this.columns = measures.map(() => []);
    this.#expect = expect;
    this.#verdicts = expect.map(() => ({ met: 0, unmet: 0, unknown: 0 }));
  }

  add({ values, verdicts, notes }: Outcome): void {
    this.count++;
    this.notes = gathered(this.notes, this.count, notes);
    values.forEach((value, i) => this.columns[i].push(value));
    verdicts.forEach((outcome, i) => this.#verdicts[i][outcome]++);
  }

  get expectations(): readonly Tally[] {
    return this.#expect.map((expectation, i) => ({ expectation, ...this.#verdicts[i] }));
  }
}
