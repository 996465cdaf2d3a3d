import { availableParallelism } from "node:os";
import process from "node:process";
import { parseDuration } from "../../engine/time.ts";
import { workerEntry } from "../experiments.ts";
import { EXIT, Mistake } from "../failure.ts";

export interface WorkerOptions {
  readonly redis: string;
  readonly threads?: number;
  readonly patience: string;
}

/** Makes runs for the sweeps of a queue until it is told to stop; returns the exit status. */
export async function work({ redis: url, threads, patience }: WorkerOptions): Promise<number> {
  const patienceUs = parseDuration(patience);
  if (patienceUs === undefined || patienceUs < 1_000_000)
    throw new Mistake(`--patience ${patience}: write a time of at least 1s`);
  const count = threads ?? availableParallelism();
  if (!(Number.isInteger(count) && count >= 1 && count <= 1024))
    throw new Mistake(`--threads ${count}: write a whole number from 1 to 1024`);
  const { QueueError } = await import("../../executors/queue.ts");
  const { serveQueue } = await import("../../executors/queue-worker.ts");
  let runs = 0;
  try {
    const options = { url, entry: workerEntry(), count, patienceMs: patienceUs / 1_000 };
    const worker = await serveQueue({ ...options, done: (more) => (runs += more) });
    const told = new Promise<void>((resolve) => {
      process.once("SIGINT", resolve);
      process.once("SIGTERM", resolve);
    });
    console.error(`working for ${url} on ${count} threads; Ctrl-C finishes what is under way and stops`);
    await told;
    await worker.close();
  } catch (error) {
    if (error instanceof QueueError) throw new Mistake(error.message);
    throw error;
  }
  console.error(`${runs} runs made`);
  return EXIT.done;
}
