import { availableParallelism } from "node:os";
import path from "node:path";
import type { Executor } from "../../experiment/executor.ts";
import type { ParsedExperiment } from "../../experiment/sweep/parse.ts";
import { CellFailed } from "../../experiment/sweep/store.ts";
import { sweep, Unsettled, type Shard } from "../../experiment/sweep/sweep.ts";
import { checkManyRuns, executorOf, NOT_SETTLED, replayLine, tellFailed } from "../experiments.ts";
import { EXIT, Mistake } from "../failure.ts";
import { loadExperiment } from "../files.ts";
import { progressBar } from "../progress.ts";
import { openResults } from "./results-folder.ts";
import { resultsIn, resultsJson, tell, type TellOptions } from "./tell.ts";

export interface SweepOptions extends TellOptions {
  readonly experiment: string;
  readonly replications?: number;
  readonly seed?: string;
  readonly threads?: number;
  readonly results?: string;
  readonly shard?: string;
  readonly redis?: string;
}

/** Makes the runs of an experiment that are not made yet, tells what all of them come to; returns the exit status. */
export async function sweepExperiment(options: SweepOptions): Promise<number> {
  const { experiment: file, replications, seed } = options;
  checkManyRuns({ ...options, confidence: 0.95 });
  const shard = options.shard === undefined ? undefined : shardOf(options.shard);
  if (shard && (options.json || options.csv !== undefined || options.parquet !== undefined))
    throw new Mistake("a shard has no results to tell yet; regroup merge has, and takes --json, --csv and --parquet");
  const read = await loadExperiment(file);
  const asked = { ...(replications !== undefined && { replications }), ...(seed !== undefined && { seed }) };
  const parsed = { ...read, experiment: { ...read.experiment, ...asked } };

  const folder = options.results ?? `${file.replace(/\.ya?ml$/, "")}.results`;
  const results = openResults(shard ? path.join(folder, `shard-${shard.index}-of-${shard.of}`) : folder, parsed);
  const progress = await progressBar(parsed.experiment.name);
  let executor: Executor | undefined;
  try {
    // A queue that is not there is told before anything; threads are only made for something to do.
    executor = options.redis === undefined ? lazily(() => executorFor(options)) : await executorFor(options);
    const update = (share: number): void => progress.update(share);
    const { made, kept } = await sweep(parsed, { executor, store: results, ...(shard && { shard }), progress: update });
    progress.done();
    if (kept > 0) console.error(`${kept} of ${kept + made} runs were in ${results.folder} already`);
    if (shard) {
      console.log(`shard ${shard.index} of ${shard.of}: ${kept + made} runs, in ${results.folder}`);
      console.log(`when all ${shard.of} are there: regroup merge ${folder}`);
      return EXIT.done;
    }
    const told = resultsIn(parsed, results);
    results.write("results.json", `${resultsJson(told)}\n`);
    await tell(parsed, results, told, options);
    return EXIT.done;
  } catch (error) {
    progress.done();
    if (error instanceof CellFailed) {
      const { set, seed, at } = error;
      return tellFailed(error, replayLine(parsed.scenario.file, seed, set, at === undefined ? undefined : `${at}us`));
    }
    if (error instanceof Unsettled) throw unsettled(error, parsed);
    if (error instanceof Error && "syscall" in error)
      throw new Mistake(`results cannot be kept in ${results.folder}: ${error.message}`);
    throw error;
  } finally {
    results.close();
    await executor?.close();
  }
}

/** `2/8`: part 2 of 8. */
function shardOf(text: string): Shard {
  const [, index, of] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).map(Number);
  if (!(index >= 1 && index <= of)) throw new Mistake(`--shard ${text}: write 2/8 for part 2 of 8; they count from 1`);
  return { index, of };
}

async function executorFor({ redis, threads = availableParallelism() }: SweepOptions): Promise<Executor> {
  if (redis === undefined) return executorOf(threads);
  const { queue, QueueError } = await import("../../executors/queue.ts");
  try {
    return await queue({ url: redis });
  } catch (error) {
    if (error instanceof QueueError) throw new Mistake(error.message);
    throw error;
  }
}

/** An executor that is made when there is something to do. */
function lazily(make: () => Promise<Executor>): Executor {
  let made: Executor | undefined;
  return {
    async *run(job, tasks) {
      made ??= await make();
      yield* made.run(job, tasks);
    },
    close: async () => made?.close(),
  };
}

/** Told as a mistake: the scenario never becomes steady, or is too short to see it. */
export function unsettled({ cell }: Unsettled, { experiment: { parameters } }: ParsedExperiment): Mistake {
  const where = cell.at.map((point, axis) => `${parameters[axis].name} ${parameters[axis].points[point].label}`);
  return new Mistake(`warmUp: auto finds none for the cell ${where.join(", ")}: ${NOT_SETTLED}`);
}
