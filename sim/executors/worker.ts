/** What runs on a thread: takes a job, then its tasks one after the other, and answers each with its outcome. */
import { parentPort, type MessagePort } from "node:worker_threads";
import { perform, type Job, type Outcome, type Task } from "../experiment/executor.ts";

/** To a thread. Tasks belong to the job that was sent last. */
export type Order = { readonly job: Job } | { readonly run: number; readonly index: number; readonly task: Task };

/** From a thread. */
export interface Answer {
  readonly run: number;
  readonly index: number;
  readonly result: { readonly outcome: Outcome } | { readonly failure: unknown };
}

function serve(port: MessagePort): void {
  let job: Job | undefined;
  port.on("message", (order: Order) => {
    if ("job" in order) {
      job = order.job;
      return;
    }
    const { run, index, task } = order;
    const answer = (result: Answer["result"]): void => port.postMessage({ run, index, result } satisfies Answer);
    try {
      answer({ outcome: perform(job!, task) });
    } catch (failure) {
      answer({ failure });
    }
  });
}

if (parentPort === null) throw new Error("this is the code of a worker thread");
serve(parentPort);
