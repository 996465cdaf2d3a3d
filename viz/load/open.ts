// oxlint-disable-next-line import/default -- made by vite
import LoadWorker from "./load.worker.ts?worker&inline";
import type { Answer, Question } from "./messages.ts";
import type { LagCurves, Picture } from "./picture.ts";
import type { RunOrder } from "./simulated.ts";

/** Where a trace comes from: a file of the user's, an address on this server, or a run that is simulated here and now. */
export interface Source {
  readonly name: string;
  readonly from: Blob | string | RunOrder;
}

/** A trace that was read, and the worker that still holds it. */
export interface OpenTrace {
  readonly picture: Picture;
  /** The lag of a group in this stretch of time, more closely; a newer question makes an older one be forgotten. */
  lookAtLag(group: number, from: number, to: number, count: number, then: (curves: LagCurves) => void): void;
  close(): void;
}

/** A file that is no trace; the message is for people. */
export class Unreadable extends Error {}

/** @throws {Unreadable} through its promise. */
export function openTrace({ name, from }: Source, progress: (share: number) => void): Promise<OpenTrace> {
  const worker = new LoadWorker(); // it comes with the page, which may be a single file
  const ask = (question: Question) => worker.postMessage(question);
  return new Promise((resolve, reject) => {
    const looks = new Map<number, Look>();
    worker.addEventListener("error", (event) => {
      worker.terminate();
      reject(new Unreadable(event.message || "the reader of traces did not start"));
    });
    worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      switch (data.tell) {
        case "progress":
          return progress(data.share);
        case "failure":
          worker.terminate();
          return reject(new Unreadable(data.problem));
        case "lag": {
          const look = looks.get(data.group)!;
          const { waiting, then } = look;
          look.under = false;
          look.waiting = undefined;
          if (waiting) start(look, waiting);
          else then(data.curves);
          return;
        }
        case "picture":
          return resolve({
            picture: data.picture,
            lookAtLag(group, first, last, count, then) {
              let look = looks.get(group);
              if (!look) looks.set(group, (look = { under: false, then }));
              look.then = then;
              const question: Question = { ask: "lag", group, from: first, to: last, count };
              if (look.under) look.waiting = question;
              else start(look, question);
            },
            close: () => worker.terminate(),
          });
      }
    });
    const start = (look: Look, question: Question) => {
      look.under = true;
      ask(question);
    };
    const order = typeof from === "object" && !(from instanceof Blob) ? from : undefined;
    ask(order ? { ask: "simulate", order } : { ask: "load", source: from as Blob | string, file: name });
  });
}

/** At most one question is under way for a group, and only the newest one waits behind it. */
interface Look {
  under: boolean;
  waiting?: Question;
  then: (curves: LagCurves) => void;
}
