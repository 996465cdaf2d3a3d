import type { Duration, Instant } from "../engine/time.ts";
import type { RecordFlow } from "../lag/records/record-flow.ts";
import type { Polls } from "../workload/service.ts";

/**
 * When an application polls whose records are simulated one by one: after each batch, and at any instant while nothing
 * waits. How long a batch takes is known as soon as it is handed out; where something keeps the application from working
 * on it, the rest of it comes after that: at the end of a batch that takes longer, or with all that stood still.
 */
export class RecordLoop implements Polls {
  readonly #flow: RecordFlow;
  readonly #client: number;
  readonly #now: () => Instant;
  #heldUntil: Instant = 0;
  /** It was told of the batch in hand. */
  #told = false;
  /** With which poll() that began, or what holds it up. */
  #polledAt: Instant = 0;

  constructor(flow: RecordFlow, client: number, now: () => Instant) {
    this.#flow = flow;
    this.#client = client;
    this.#now = now;
  }

  get working(): boolean {
    return this.#flow.backlogged(this.#client);
  }

  /** Each batch is one, however short. */
  readonly continuous = false;

  /** Whoever has fetched something gets it when everything else at this instant has happened. */
  readonly handsOutLast = true;

  /** What arrives and waits the flow knows by itself. The work that begins is a batch, at its end is the next poll. */
  supply(t: Instant): Instant | undefined {
    const { working } = this;
    const begins = working && !this.#told;
    this.#told = working;
    if (begins) this.#polledAt = t;
    return begins ? this.nextPoll(t) : undefined;
  }

  /** The work that is left of the batch in hand comes last, so that this ends in time. */
  hold(t: Instant, lasts: Duration): Instant {
    this.#polledAt = this.lastPoll(t);
    const work = (this.#flow.batchEnd(this.#client) ?? t) - t;
    this.#heldUntil = Math.max(this.#heldUntil, t + lasts - work);
    return Math.max(this.#heldUntil, t); // a batch that takes longer by itself is not held up at all
  }

  stop(t: Instant, lasts: Duration): void {
    this.#polledAt = this.lastPoll(t);
    this.#heldUntil = Math.max(this.#heldUntil, t) + lasts;
  }

  /** Between two batches nothing is in hand. */
  resume(): void {}

  lastPoll(t: Instant): Instant {
    return this.working || t < this.#heldUntil ? this.#polledAt : t;
  }

  nextPoll(t: Instant): Instant {
    const batchEnd = this.#flow.batchEnd(this.#client);
    if (batchEnd === undefined) return Math.max(t, this.#heldUntil);
    const standsFor = this.#flow.isHeld(this.#client) ? Math.max(0, this.#heldUntil - this.#now()) : 0;
    return Math.max(t, this.#heldUntil, batchEnd + standsFor);
  }
}
