/**
 * Runs of candidates, made when they are asked for and kept as long as the plan lasts: their measures, nothing else.
 * Replication n is the run of seed `<master>/n` whichever the candidate, so all of them meet the same fate (common random
 * numbers).
 */
import type { Scenario } from "../../scenario/scenario.ts";
import type { Executor, Task } from "../executor.ts";
import type { Measure } from "../measures.ts";
import { RunFailed, seedOf } from "../replicate.ts";

/** Of each measure its values, one of each replication; `null` in those that have none. */
export type Columns = readonly (readonly (number | null)[])[];

export interface SamplerOptions {
  readonly seed: string;
  readonly executor: Executor;
  readonly measures: readonly Measure[];
  /** The scenario of a candidate: called once for each that is run. */
  readonly scenarioOf: (candidate: number) => Promise<Scenario>;
  /** Called after every run. */
  readonly ran: () => void;
}

export class Sampler {
  readonly #options: SamplerOptions;
  readonly #scenarios = new Map<number, Scenario>();
  readonly #columns = new Map<number, (number | null)[][]>();
  #runs = 0;

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  /** Made so far, of all candidates. */
  get runs(): number {
    return this.#runs;
  }

  count(candidate: number): number {
    return this.#columns.get(candidate)?.[0].length ?? 0;
  }

  columns(candidate: number): Columns {
    return this.#columns.get(candidate) ?? this.#options.measures.map(() => []);
  }

  /**
   * Makes the runs that these candidates lack of so many.
   *
   * @throws {RunFailed} for the first one that fails, with the candidate in the place of the task's scenario.
   */
  async extend(candidates: readonly number[], replications: number): Promise<void> {
    const { seed, executor, measures, scenarioOf, ran } = this.#options;
    const lacking = candidates.filter((candidate) => this.count(candidate) < replications);
    const tasks: Task[] = [];
    for (const [scenario, candidate] of lacking.entries()) {
      if (!this.#scenarios.has(candidate)) this.#scenarios.set(candidate, await scenarioOf(candidate));
      if (!this.#columns.has(candidate))
        this.#columns.set(
          candidate,
          measures.map(() => []),
        );
      for (let n = this.count(candidate) + 1; n <= replications; n++) tasks.push({ scenario, seed: seedOf(seed, n) });
    }
    const job = { scenarios: lacking.map((candidate) => this.#scenarios.get(candidate)!), measures };
    let run = 0;
    try {
      for await (const { values, broken } of executor.run(job, tasks)) {
        const candidate = lacking[tasks[run].scenario];
        if (broken) throw new RunFailed({ ...tasks[run], scenario: candidate }, broken.message, { at: broken.at });
        const columns = this.#columns.get(candidate)!;
        values.forEach((value, i) => columns[i].push(value));
        run++;
        this.#runs++;
        ran();
      }
    } catch (cause) {
      if (cause instanceof RunFailed) throw cause;
      const message = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
      throw new RunFailed({ ...tasks[run], scenario: lacking[tasks[run].scenario] }, message, { cause });
    }
  }
}
