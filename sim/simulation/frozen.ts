import type { EventId } from "../trace/event.ts";

/**
 * A process that is stopped (SIGSTOP, a long collection of garbage, a sleeping machine) and will go on: what reached it
 * meanwhile waits. When it goes on, what came over the network is looked at first, then the timers that ended, each as it
 * came.
 */
export class Frozen {
  readonly #arrived: Deed[] = [];
  readonly #ended = new Map<string, Deed>();

  /** Something came from outside. */
  arrived(cause: EventId | null, act: () => void): void {
    this.#arrived.push({ cause, act });
  }

  /** A timer of this name has ended. */
  ended(timer: string, cause: EventId | null, act: () => void): void {
    this.#ended.set(timer, { cause, act });
  }

  /** That timer is armed anew or cancelled: its end counts no longer. */
  forget(timer: string): void {
    this.#ended.delete(timer);
  }

  /** It goes on. `resume` sets the cause of what follows; deeds may make others forgotten. */
  thaw(resume: (cause: EventId | null) => void): void {
    for (let next = this.#arrived.shift(); next; next = this.#arrived.shift()) {
      resume(next.cause);
      next.act();
    }
    for (const [timer, { cause, act }] of this.#ended) {
      this.#ended.delete(timer);
      resume(cause);
      act();
    }
  }
}

interface Deed {
  readonly cause: EventId | null;
  readonly act: () => void;
}
