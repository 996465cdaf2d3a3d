import type { Duration, Instant } from "../../../sim/engine/time.ts";

interface Pending {
  readonly name: string;
  readonly due: Instant;
  readonly order: number;
  readonly act: () => void;
}

/**
 * The stage's time. At one instant the log answers and messages arrive first, then timers end, each kind in the order in which they were
 * set; what the script does at that instant comes before both.
 */
export class Clock {
  now: Instant = 0;
  readonly #pending = new Map<string, Pending>();
  #order = 0;

  set(name: string, delay: Duration, act: () => void): void {
    this.#order++;
    this.#pending.delete(name);
    this.#pending.set(name, { name, due: this.now + delay, order: this.#order, act });
  }

  cancel(name: string): void {
    this.#pending.delete(name);
  }

  cancelAll(): void {
    this.#pending.clear();
  }

  /** What is to come, soonest first. */
  get pending(): readonly Pending[] {
    const isTimer = ({ name }: Pending): number => (/^(append|message) /.test(name) ? 0 : 1);
    return [...this.#pending.values()].sort((a, b) => a.due - b.due || isTimer(a) - isTimer(b) || a.order - b.order);
  }

  /** Goes to what comes next, and lets it happen. */
  runNext(): void {
    const [first] = this.pending;
    this.#pending.delete(first.name);
    this.now = first.due;
    first.act();
  }

  /** Lets everything happen that is due before `end`, or also what is due then; the clock stands at `end` afterwards. */
  runTo(end: Instant, including: boolean): void {
    if (end < this.now) throw new Error("time only goes on");
    for (;;) {
      const [first] = this.pending;
      if (!first || first.due > end || (first.due === end && !including)) break;
      this.runNext();
    }
    this.now = end;
  }
}
