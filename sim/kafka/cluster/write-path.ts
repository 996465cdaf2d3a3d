import type { Duration, Instant } from "../../engine/time.ts";

/** What the log of one partition on one broker needs of the world. */
export interface WritePathHost {
  now(): Instant;
  /** Runs `then` after `delay`, continuing the event that is being handled. */
  later(delay: Duration, then: () => void): void;
  /** Whether everybody who has to have a record would take it at present. */
  commits(): boolean;
  /** How long whoever wrote waits for the record to be safe: `offsets.commit.timeout.ms`. */
  readonly timeout: Duration;
}

interface Append {
  readonly done: () => void;
  readonly overdue: () => void;
  /** When it is safe, if nothing stands in its way. */
  readonly due: Instant;
}

/**
 * Appends under way to one log, in order: none is committed before the one in front of it. The high watermark is the
 * least of what the copies in sync have, so where one of their brokers is gone nothing is committed until the controller
 * takes it out; what was written meanwhile is safe then, but those who wrote it have waited in vain. Kafka:
 * `CoordinatorRuntime`, `Partition.maybeIncrementLeaderHW`.
 */
export class WritePath {
  readonly #host: WritePathHost;
  #appends: Append[] = [];
  #lastDue: Instant = 0;

  constructor(host: WritePathHost) {
    this.#host = host;
  }

  /** How many are under way. */
  get pending(): number {
    return this.#appends.length;
  }

  /**
   * Appends a record that takes so long to reach all copies. `done` is called when it is safe; `overdue` before that, if
   * its writer has waited too long.
   */
  append(duration: Duration, done: () => void, overdue: () => void): void {
    const { now, later, timeout } = this.#host;
    const began = now();
    this.#lastDue = Math.max(this.#lastDue, began + duration);
    const append = { done, overdue, due: this.#lastDue };
    this.#appends.push(append);
    const giveUp = (): void => {
      if (this.#appends.includes(append)) overdue();
    };
    if (append.due - began > timeout) later(timeout, giveUp);
    later(append.due - began, () => {
      this.proceed();
      const waited = now() - began;
      if (waited < timeout && this.#appends.includes(append)) later(timeout - waited, giveUp);
    });
  }

  /** Commits what can be: something that stood in the way may be gone. */
  proceed(): void {
    const { now, commits } = this.#host;
    while (this.#appends.length > 0 && this.#appends[0].due <= now() && commits()) this.#appends.shift()!.done();
  }

  /** The log is somebody else's now: what is not safe yet is lost. */
  abandon(): void {
    this.#appends = [];
  }
}
