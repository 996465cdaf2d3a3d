import type { LagBatch } from "../../sim/lag/flow.ts";
import type { FluidHost } from "../../sim/lag/fluid/host.ts";
import { FluidLag } from "../../sim/lag/fluid.ts";
import { NOTHING_IN_HAND } from "../../sim/lag/moves.ts";
import type { Instant } from "../../sim/engine/time.ts";

/** The least world a fluid can live in: a clock, the wakes it asked for, and what it said. Checks its books on the way. */
export class World implements FluidHost {
  readonly lag: FluidLag;
  readonly said: (LagBatch & { readonly t: Instant })[] = [];
  /** What was said of clients falling behind and catching up. */
  readonly saturated: { readonly t: Instant; readonly client: number; readonly backlogged: boolean }[] = [];
  /** When everybody committed last, and before that. */
  marked: readonly [last: Instant, previous: Instant | undefined] | undefined;
  readonly #wakes = new Map<number, Instant>();
  #now = 0;
  #open = false;

  constructor(topics: readonly number[]) {
    this.lag = new FluidLag(topics, this);
  }

  now = (): Instant => this.#now;

  wake(client: number, at: Instant | undefined): void {
    if (at === undefined) this.#wakes.delete(client);
    else this.#wakes.set(client, at);
  }

  saturationChanged(client: number): void {
    this.saturated.push({ t: this.#now, client, backlogged: this.lag.backlogged(client) });
  }

  marks(): typeof this.marked {
    return this.marked;
  }

  changed(): void {
    if (this.#open) throw new Error("changed() twice in one instant");
    this.#open = true;
  }

  emit(batch: LagBatch): void {
    this.said.push({ t: this.#now, ...batch });
  }

  /** This client begins to read these partitions, each at such a position. */
  readFrom(client: number, partitions: readonly number[], from: readonly number[], cause: string): void {
    this.lag.read(client, partitions);
    partitions.forEach((partition, i) =>
      this.lag.seek(partition, from[i], { reread: cause, lost: cause }, NOTHING_IN_HAND),
    );
  }

  /** So many records per second come into consecutive partitions, from `first` on. */
  setRates(recordsPerSecond: readonly number[], first = 0): void {
    recordsPerSecond.forEach((rate, i) => this.lag.setRate(first + i, rate));
  }

  /** This client reads nothing any more. */
  stopAll(client: number): void {
    this.lag.stop(client, Array(this.lag.partitions).keys());
  }

  /** Lets time pass, and stops at `t` with everything due until then done. */
  until(t: Instant): this {
    this.flush();
    for (let next = this.#nextWake(); next <= t; next = this.#nextWake()) {
      this.#now = next;
      for (const [client, at] of this.#wakes) {
        if (at !== next) continue;
        this.#wakes.delete(client);
        this.lag.wake(client);
      }
      this.flush();
    }
    this.#now = t;
    return this;
  }

  flush(): void {
    this.lag.flush();
    this.#open = false;
    const wrong = this.lag.audit();
    if (wrong) throw new Error(`at ${this.#now}: ${wrong}`);
  }

  lags(): number[] {
    return Array.from({ length: this.lag.partitions }, (_, partition) => this.lag.lagAt(partition, this.#now));
  }

  #nextWake(): Instant {
    return Math.min(Infinity, ...this.#wakes.values());
  }
}
