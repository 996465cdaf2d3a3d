/** The other end of the queue: takes batches of runs and makes them on threads of this machine. */
import type { Executor, Job, Outcome } from "../index.ts";
import { connect, jobKey, QUEUE, queuePackages, type Batch, type BatchResult } from "./queue.ts";
import { threads } from "./threads.ts";

export interface QueueWorkerOptions {
  readonly url: string;
  /** The built worker thread (`worker.js`). */
  readonly entry: URL;
  /** How many batches at a time, each on a thread of its own. */
  readonly count: number;
  /** After this time without a sign of life from here, another worker takes over what is under way: milliseconds. */
  readonly patienceMs: number;
  /** Told of every batch that is done. */
  readonly done?: (runs: number) => void;
}

export interface QueueWorker {
  /** Finishes what is under way and takes nothing more. */
  close(): Promise<void>;
}

/** A batch may be begun so often; who kills more workers than that has another problem. */
const MOST_TAKEOVERS = 100;

/** Serves the queue until it is closed. Runs are made on threads, so that signs of life go out whatever a run takes. */
export async function serveQueue({ url, entry, count, patienceMs, done }: QueueWorkerOptions): Promise<QueueWorker> {
  const { Worker, Redis } = await queuePackages();
  const redis = await connect(url, Redis);
  const idle: Executor[] = [];
  const jobs = new Map<string, Job>();

  const jobOf = async (name: string): Promise<Job> => {
    const known = jobs.get(name);
    if (known) return known;
    const text = await redis.get(jobKey(name));
    if (text === null) throw new Error(`the job ${name} is not in Redis any more`);
    jobs.clear(); // one sweep at a time is what happens
    jobs.set(name, JSON.parse(text) as Job);
    return jobs.get(name)!;
  };

  const make = async ({ job: name, tasks }: Batch): Promise<BatchResult> => {
    const job = await jobOf(name);
    const executor = idle.pop() ?? threads({ entry, count: 1 });
    const began = performance.now();
    const outcomes: Outcome[] = [];
    try {
      for await (const outcome of executor.run(job, tasks)) outcomes.push(outcome);
      idle.push(executor);
      return { outcomes, ms: performance.now() - began };
    } catch (error) {
      await executor.close();
      const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { outcomes, ms: performance.now() - began, failure };
    } finally {
      done?.(outcomes.length);
    }
  };

  const worker = new Worker<Batch, BatchResult>(QUEUE, ({ data }) => make(data), {
    connection: { url, maxRetriesPerRequest: null },
    concurrency: count,
    lockDuration: patienceMs,
    stalledInterval: patienceMs / 2,
    maxStalledCount: MOST_TAKEOVERS,
  });
  worker.on("error", () => {}); // it goes on as soon as the server is back
  await worker.waitUntilReady();
  return {
    async close() {
      await worker.close();
      await Promise.all(idle.map((executor) => executor.close()));
      redis.disconnect();
    },
  };
}
