/** What all commands that make many runs have in common. */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { inProcess, type Executor, type Job } from "../experiment/executor.ts";
import { replicate, RunFailed, type Need, type Replications } from "../experiment/replicate.ts";
import { isMistake } from "../experiment/wanted.ts";
import type { Mistake as Wrong } from "../scenario/quantities.ts";
import { EXIT, Mistake, quoted } from "./failure.ts";
import { packageFolder } from "./package-folder.ts";
import { progressBar } from "./progress.ts";

/** Options of all of them. */
export interface ManyRuns {
  readonly seed: string;
  readonly replications?: number;
  readonly confidence: number;
  readonly threads?: number;
}

/** Why there may be no warm-up to be found, and what to do about it. */
export const NOT_SETTLED =
  "it does not settle in the first half of its run\n" +
  " = simulate longer (duration), or give a warm-up (warmUp); a group that cannot keep up never settles";

const MOST_REPLICATIONS = 1_000_000;

/** @throws {Mistake} for numbers that cannot be. */
export function checkManyRuns({ replications, confidence, threads }: Omit<ManyRuns, "seed">): void {
  const isCount = (count: number | undefined, most: number) =>
    count === undefined || (Number.isInteger(count) && count >= 1 && count <= most);
  if (!isCount(replications, MOST_REPLICATIONS))
    throw new Mistake(`--replications ${replications}: write a whole number from 1 to ${MOST_REPLICATIONS}`);
  if (!isCount(threads, 1024)) throw new Mistake(`--threads ${threads}: write a whole number from 1 to 1024`);
  if (!(confidence >= 0.5 && confidence <= 0.9999))
    throw new Mistake(`--confidence ${confidence}: write a share from 0.5 to 0.9999, for instance 0.95`);
}

/** What was read of an option, unless it is a mistake. */
export function understood<T extends object>(option: string, read: T | Wrong): T {
  if (isMistake(read)) throw new Mistake(`${option}: ${read.message}\n = ${read.advice}`);
  return read;
}

export interface Replicating {
  readonly what: string;
  readonly most: number;
  readonly need?: Need;
}

/** Makes the runs of a job on as many threads as are wanted, with a progress bar. */
export async function replicateHere(
  job: Job,
  { seed, threads: count = availableParallelism() }: ManyRuns,
  { what, most, need }: Replicating,
): Promise<readonly Replications[]> {
  const executor = await executorOf(Math.min(count, most * job.scenarios.length));
  const progress = await progressBar(what);
  try {
    return await replicate(job, {
      seed,
      executor,
      most,
      ...(need && { need }),
      progress: (share) => progress.update(share),
    });
  } finally {
    progress.done();
    await executor.close();
  }
}

/** Makes runs on so many threads; one is this one. */
export async function executorOf(count: number): Promise<Executor> {
  if (count === 1) return inProcess;
  const { threads } = await import("../executors/threads.ts");
  return threads({ entry: workerEntry(), count });
}

/**
 * The built code of worker threads.
 *
 * @throws {Mistake} if it is not built.
 */
export function workerEntry(): URL {
  const worker = path.join(packageFolder(), "dist", "cli", "worker.js");
  if (!existsSync(worker)) throw new Mistake("threads are not built yet: run `npm run build`, or add --threads 1");
  return pathToFileURL(worker);
}

/** The line that repeats one run of a scenario file. */
export function replayLine(file: string, seed: string, set: readonly string[], until?: string): string {
  const words = ["regroup", "run", file, "--seed", seed, ...set.flatMap((field) => ["--set", field])];
  if (until !== undefined) words.push("--until", until);
  return words.map(quoted).join(" ");
}

/** Tells of a run that failed, with the line that repeats it, and returns the exit status. */
export function tellFailed({ message }: Pick<RunFailed, "message">, replay: string): number {
  console.error(
    `A replication failed. This is a bug of regroup's, please report it.\n  ${message}\n  replay: ${replay}`,
  );
  return EXIT.bug;
}

/** How a person reads it: as wide as the terminal, in colours if it shows them. */
export function looks(): { readonly width: number; readonly colour: boolean } {
  const { isTTY, columns } = process.stdout;
  return { width: Math.min(columns ?? 100, 110), colour: Boolean(isTTY) && !process.env.NO_COLOR };
}
