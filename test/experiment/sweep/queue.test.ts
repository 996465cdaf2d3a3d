import type { ChildProcess } from "node:child_process";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inProcess, type Executor } from "../../../sim/experiment/executor.ts";
import { memoryStore } from "../../../sim/experiment/sweep/store.ts";
import { resultsOf, sweep } from "../../../sim/experiment/sweep/sweep.ts";
import { queue, QUEUE } from "../../../sim/executors/queue.ts";
import { shell } from "../../support/cli.ts";
import { hasRedis, redisServer, type RedisServer } from "../../support/redis.ts";
import { experiment, GRID } from "./support.ts";

/* The queue as it is: a Redis of our own, workers as processes of the built program, killed as it happens. */

const PATIENT = { timeout: 120_000 };
const parsed = experiment(GRID, "replications: 8", "set: { duration: 2m }");

async function told(executor: Executor, disturb: (made: number) => Promise<void> | void = () => {}): Promise<string> {
  const store = memoryStore();
  const disturbed: Executor = {
    async *run(job, tasks) {
      let made = 0;
      for await (const outcome of executor.run(job, tasks)) {
        await disturb(++made);
        yield outcome;
      }
    },
    close: () => executor.close(),
  };
  try {
    await sweep(parsed, { executor: disturbed, store });
  } finally {
    await executor.close();
  }
  return JSON.stringify(resultsOf(parsed, store, (set, seed) => `${seed} ${set.join(" ")}`));
}

describe.skipIf(!hasRedis)("a queue on Redis", () => {
  const sh = shell(afterAll);
  let redis: RedisServer;
  let undisturbed = "";
  const workers: ChildProcess[] = [];
  beforeAll(async () => {
    redis = await redisServer();
    undisturbed = await told(inProcess);
  }, PATIENT.timeout);
  afterAll(() => {
    for (const worker of workers.splice(0)) worker.kill("SIGKILL");
    return redis.stop();
  });

  /** Starts a worker and waits until it serves. */
  async function worker(): Promise<ChildProcess> {
    const child = sh.start(`exec regroup worker --redis ${redis.url} --threads 1 --patience 1s`);
    workers.push(child);
    await new Promise<void>((serves, failed) => {
      child.on("exit", (status) => failed(new Error(`the worker ended with status ${status}`)));
      child.stderr.on("data", (text: Buffer) => {
        if (text.toString().includes("working for")) serves();
      });
    });
    return child;
  }

  /** The end of a worker that is taken off the list, by this signal. */
  async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
    workers.splice(workers.indexOf(child), 1);
    const end = new Promise<number | null>((done) => child.removeAllListeners("exit").on("exit", done));
    child.kill(signal);
    return end;
  }

  /** Sees to it that just so many workers serve. A process takes seconds to begin, so those that are there stay for the next case. */
  async function serving(count: number): Promise<readonly ChildProcess[]> {
    while (workers.length > count) await ended(workers.at(-1)!, "SIGKILL");
    await Promise.all(Array.from({ length: count - workers.length }, worker));
    return workers;
  }

  test("waits for workers that come later, and leaves nothing behind that they would work for", PATIENT, async () => {
    await serving(0);
    const stopped = await queue({ url: redis.url });
    const tasks = Array.from({ length: 40 }, (_, i) => ({ scenario: 0, seed: `${i}` }));
    const run = stopped.run({ scenarios: [parsed.scenarioWith([])], measures: [] }, tasks);
    const first = run[Symbol.asyncIterator]();
    const answer = first.next();
    await serving(1);
    expect((await answer).value).toEqual({ values: [], verdicts: expect.any(Array) as unknown[] });
    await first.return!();
    await stopped.close();
    const client = new Redis(redis.url);
    const waiting = await client.llen(`bull:${QUEUE}:wait`);
    client.disconnect();
    expect(waiting).toBe(0);
  });

  test("gives the same results to the byte as this process alone", PATIENT, async () => {
    await serving(2);
    expect(await told(await queue({ url: redis.url }))).toBe(undisturbed);
  });

  test("a worker that is asked to stop finishes what it is at", PATIENT, async () => {
    const [child] = await serving(2);
    expect(await ended(child, "SIGTERM")).toBe(0);
  });

  test("goes on when Redis forgets everything", PATIENT, async () => {
    await serving(1);
    const client = new Redis(redis.url);
    try {
      const results = await told(await queue({ url: redis.url }), async (made) => {
        if (made === 7) await client.flushall();
      });
      expect(results).toBe(undisturbed);
    } finally {
      client.disconnect();
    }
  });

  test("loses nothing when a worker is killed in the middle of its work", PATIENT, async () => {
    // A new one, which is slow at first, has most of its work still before it.
    await serving(0);
    const [first] = await serving(1);
    const results = await told(await queue({ url: redis.url }), async (made) => {
      if (made === 5) {
        await ended(first, "SIGKILL");
        await worker();
      }
    });
    expect(results).toBe(undisturbed);
  });
});

test("a queue that is not there is told of", async () => {
  await expect(queue({ url: "redis://127.0.0.1:1" })).rejects.toThrow("there is no Redis at redis://127.0.0.1:1");
});
