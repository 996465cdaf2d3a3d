import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Executor, Job, Outcome, Task } from "../experiment/executor.ts";
import type { Answer, Order } from "./worker.ts";

export interface ThreadsOptions {
  /** The built worker (`worker.js`). */
  readonly entry: URL;
  /** How many threads; one for each core if absent. */
  readonly count?: number;
}

/** Tasks a thread has in hand: one in work, and the next at the door, so that it never waits for us. */
const IN_HAND = 2;

/** How many outcomes for each thread may wait for an earlier one that takes longer. */
const MOST_WAITING = 64;

/** Makes the runs on threads of this machine. Makes one job at a time. */
export function threads({ entry, count = availableParallelism() }: ThreadsOptions): Executor {
  return new Threads(Array.from({ length: Math.max(1, count) }, () => new Worker(entry)));
}

class Threads implements Executor {
  readonly #workers: readonly Worker[];
  #run = 0;
  /** Why a thread is no more. It may end between two runs, too. */
  #broken: unknown;
  /** Ends the wait of the run that is under way. */
  #wake = (): void => {};

  constructor(workers: readonly Worker[]) {
    this.#workers = workers;
    const fail = (error: unknown): void => {
      this.#broken ??= error;
      this.#wake();
    };
    for (const worker of workers) {
      worker.on("error", fail);
      worker.on("exit", (code) => fail(new Error(`a worker thread ended with status ${code}`)));
    }
  }

  async *run(job: Job, tasks: Iterable<Task>): AsyncGenerator<Outcome> {
    const run = ++this.#run; // answers to a caller who stopped asking come late, and are nobody's
    const queue = tasks[Symbol.iterator]();
    const waiting = new Map<number, Answer["result"]>();
    let sent = 0;
    let told = 0;
    let all = Infinity;

    const give = (worker: Worker): void => {
      if (sent === all || sent - told >= this.#workers.length * MOST_WAITING) return;
      const { done, value: task } = queue.next();
      if (done) all = sent;
      else worker.postMessage({ run, index: sent++, task } satisfies Order);
    };
    const idle: Worker[] = [];
    const watched = this.#workers.map((worker) => {
      const hear = (answer: Answer): void => {
        if (answer.run !== run) return;
        waiting.set(answer.index, answer.result);
        idle.push(worker);
        this.#wake();
      };
      worker.on("message", hear);
      return () => worker.off("message", hear);
    });
    try {
      for (const worker of this.#workers) worker.postMessage({ job } satisfies Order);
      for (let hand = 0; hand < IN_HAND; hand++) idle.push(...this.#workers);
      for (;;) {
        for (const worker of idle.splice(0)) {
          const before = sent;
          give(worker);
          if (sent === before && sent < all) idle.push(worker); // until the one that all wait for is there
        }
        if (told === all) return;
        if (this.#broken !== undefined) throw this.#broken;
        const result = waiting.get(told);
        if (result === undefined) {
          await new Promise<void>((resolve) => (this.#wake = resolve));
          continue;
        }
        waiting.delete(told++);
        if ("failure" in result) throw result.failure;
        yield result.outcome;
      }
    } finally {
      for (const unwatch of watched) unwatch();
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
