import type { Duration } from "../../../../engine/time.ts";
import type { Operation, ZooKeeperReply } from "../messages.ts";

/** What a thread of the consumer waits for: an answer of ZooKeeper's, the end of a sleep, a lock. */
export type Wait =
  { readonly ask: Operation } | { readonly sleep: Duration; readonly timer: Sleep } | { readonly lock: Lock };

/** The timers that threads sleep by; no two threads sleep by the same one. */
export type Sleep = "register" | "backoff";

/** What a thread does, step by step, standing still between two of them; it comes to a `T`. */
export type Steps<T = void> = Generator<Wait, T, ZooKeeperReply | undefined>;

/** A lock of Kafka's consumer: who finds it taken waits, first come, first served (Java promises no order). */
export class Lock {
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  get taken(): boolean {
    return this.#taken;
  }

  /** Calls `enter` as soon as it is free, and is taken from then on. */
  take(enter: () => void): void {
    if (this.#taken) this.#waiting.push(enter);
    else {
      this.#taken = true;
      enter();
    }
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken = false;
  }
}

/** How threads are given what they wait for. */
export interface ThreadsHost {
  ask(operation: Operation, then: (reply: ZooKeeperReply) => void): void;
  sleep(lasts: Duration, timer: Sleep): void;
}

/** The threads of one consumer. */
export class Threads {
  readonly #host: ThreadsHost;
  readonly #sleeping = new Map<Sleep, () => void>();

  constructor(host: ThreadsHost) {
    this.#host = host;
  }

  /** A thread begins; `then` is called when it is through. */
  run<T>(steps: Steps<T>, then: (result: T) => void = () => {}): void {
    this.#go(steps, undefined, then);
  }

  /** A sleep is over. */
  wake(timer: Sleep): void {
    const goOn = this.#sleeping.get(timer)!;
    this.#sleeping.delete(timer);
    goOn();
  }

  #go<T>(steps: Steps<T>, answer: ZooKeeperReply | undefined, then: (result: T) => void): void {
    const step = steps.next(answer);
    if (step.done) return then(step.value);
    const wait = step.value;
    if ("ask" in wait) return this.#host.ask(wait.ask, (reply) => this.#go(steps, reply, then));
    if ("lock" in wait) return wait.lock.take(() => this.#go(steps, undefined, then));
    this.#sleeping.set(wait.timer, () => this.#go(steps, undefined, then));
    this.#host.sleep(wait.sleep, wait.timer);
  }
}

/** Asks ZooKeeper, and waits for its answer. */
export function* ask(operation: Operation): Steps<ZooKeeperReply> {
  return (yield { ask: operation })!;
}

export function* sleep(lasts: Duration, timer: Sleep): Steps {
  yield { sleep: lasts, timer };
}

/** Does this with the lock in hand. */
export function* locked<T>(lock: Lock, steps: Steps<T>): Steps<T> {
  yield { lock };
  const result = yield* steps;
  lock.release();
  return result;
}
