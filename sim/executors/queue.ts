/**
 * Runs made by workers on many machines: BullMQ on Redis. Every batch of tasks has a name of its own by what is in it, so
 * it is in the queue once however often it is handed in, and its result is taken once however often it is made: a worker
 * that dies in the middle is followed by another one, and all of them come to the same.
 *
 * Redis holds a job (scenarios and measures) once, under its name, and batches that refer to it.
 */
import type { Job as QueuedJob, Queue as BullQueue } from "bullmq";
import type { Redis as RedisClient } from "ioredis";
import { fingerprintOf, VERSION, type Executor, type Job, type Outcome, type Task } from "../index.ts";

/** Only workers of the same version take part: another one's numbers may be others. BullMQ wants no colon in it. */
export const QUEUE = `regroup-${VERSION}`;

/** Where a job is in Redis. */
export const jobKey = (job: string): string => `regroup:job:${job}`;

/** What a batch asks of a worker. */
export interface Batch {
  /** The name of the job its tasks belong to. */
  readonly job: string;
  readonly tasks: readonly Task[];
}

/** What a worker answers. */
export interface BatchResult {
  readonly outcomes: readonly Outcome[];
  /** How long it took. */
  readonly ms: number;
  /** Why there are fewer outcomes than tasks: a defect of ours. */
  readonly failure?: string;
}

/** As long as this a batch should take: far more than handing it over, far less than anybody's patience. */
const BATCH_MS = 1_000;
const MOST_TASKS = 256;

/** Batches that are handed in and not yet told: few as long as nobody knows how long a run takes, … */
const FIRST_AHEAD = 16;
/** … later enough for some hundred threads. */
const MOST_AHEAD = 512;

/** How often it is looked what became of a batch; workers that take longer are waited for. */
const LOOK_MS = 50;

/** What nobody asks for any more is gone from Redis after this: seconds. */
const KEPT_SECONDS = 24 * 3_600;

/** A batch is handed in again so often when workers were lost with it. */
const MOST_TRIES = 20;

/** The queue could not be reached, or is not installed. */
export class QueueError extends Error {}

/** Loads the optional packages. */
export async function queuePackages() {
  try {
    const [{ Queue, Worker }, { Redis }] = await Promise.all([import("bullmq"), import("ioredis")]);
    return { Queue, Worker, Redis };
  } catch (error) {
    throw new QueueError(`a queue needs two more packages: npm install bullmq ioredis (${(error as Error).message})`);
  }
}

/**
 * Connects to Redis.
 *
 * @throws {QueueError} if there is none.
 */
export async function connect(url: string, Redis: typeof RedisClient): Promise<RedisClient> {
  let client: RedisClient;
  try {
    client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: null, retryStrategy: () => null });
    client.on("error", () => {}); // the connecting below says it
    await client.connect();
  } catch (error) {
    throw new QueueError(`there is no Redis at ${url}: ${(error as Error).message}`);
  }
  // From now on a server that is away for a while is waited for.
  client.options.retryStrategy = (times) => Math.min(times * 100, 2_000);
  return client;
}

/** Hands runs in to the queue at `url`, for `regroup worker`. */
export async function queue({ url }: { readonly url: string }): Promise<Executor> {
  const { Queue, Redis } = await queuePackages();
  const redis = await connect(url, Redis);
  const bull = new Queue(QUEUE, { connection: { url, maxRetriesPerRequest: null } });
  bull.on("error", () => {}); // it goes on as soon as the server is back
  return new QueueExecutor(bull, redis);
}

class QueueExecutor implements Executor {
  readonly #bull: BullQueue<Batch, BatchResult>;
  readonly #redis: RedisClient;

  constructor(bull: BullQueue, redis: RedisClient) {
    this.#bull = bull;
    this.#redis = redis;
  }

  async *run(job: Job, tasks: Iterable<Task>): AsyncGenerator<Outcome> {
    const text = JSON.stringify(job);
    const name = fingerprintOf(text);
    const source = tasks[Symbol.iterator]();
    const ahead: { readonly id: string; readonly batch: Batch }[] = [];
    let size = 1;
    let most = FIRST_AHEAD;
    let isAll = false;
    try {
      await this.#keep(name, text);
      for (;;) {
        const fresh: typeof ahead = [];
        while (!isAll && ahead.length + fresh.length < most) {
          const some: Task[] = [];
          while (some.length < size) {
            const { done, value } = source.next();
            if (done) isAll = true;
            if (done) break;
            some.push(value);
          }
          if (some.length > 0) fresh.push({ id: idOf(name, some), batch: { job: name, tasks: some } });
        }
        if (fresh.length > 0) await this.#handIn(fresh);
        ahead.push(...fresh);
        const [first] = ahead;
        if (!first) return;
        const { outcomes, ms, failure } = await this.#resultOf(first, { name, text });
        ahead.shift();
        yield* outcomes;
        if (failure !== undefined) throw new Error(failure);
        size = Math.max(1, Math.min(MOST_TASKS, Math.round((BATCH_MS * first.batch.tasks.length) / Math.max(ms, 1))));
        most = MOST_AHEAD;
      }
    } finally {
      // Whoever stops asking leaves nothing behind that others would work for in vain.
      await Promise.allSettled(ahead.map(({ id }) => this.#bull.remove(id)));
    }
  }

  async close(): Promise<void> {
    await this.#bull.close();
    this.#redis.disconnect();
  }

  async #keep(name: string, text: string): Promise<void> {
    await this.#redis.set(jobKey(name), text, "EX", KEPT_SECONDS);
  }

  async #handIn(batches: readonly { readonly id: string; readonly batch: Batch }[]): Promise<void> {
    const removal = { age: KEPT_SECONDS };
    await this.#bull.addBulk(
      batches.map(({ id, batch }) => ({
        name: "runs",
        data: batch,
        opts: { jobId: id, removeOnComplete: removal, removeOnFail: removal },
      })),
    );
  }

  /** Waits for the result of a batch, and takes it out of the queue. What is lost on the way is handed in again. */
  async #resultOf(
    { id, batch }: { readonly id: string; readonly batch: Batch },
    job: { readonly name: string; readonly text: string },
  ): Promise<BatchResult> {
    for (let tries = 0; ;) {
      const found: QueuedJob<Batch, BatchResult> | undefined = await this.#bull.getJob(id);
      if (found?.finishedOn !== undefined && found.failedReason === undefined && found.returnvalue) {
        await found.remove();
        return found.returnvalue;
      }
      const isLost = found === undefined; // a server that forgot all when it was started again
      if (isLost || (await found.isFailed())) {
        if (++tries > MOST_TRIES) throw new Error(`workers fail at a batch: ${found?.failedReason ?? "it is lost"}`);
        if (found) await found.remove();
        await this.#keep(job.name, job.text);
        await this.#handIn([{ id, batch }]);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}

const idOf = (job: string, tasks: readonly Task[]): string => `${job}-${fingerprintOf(JSON.stringify(tasks))}`;
