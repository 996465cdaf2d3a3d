import type { Stream } from "../../engine/random.ts";
import type { Instant } from "../../engine/time.ts";
import { SECOND, wholeMicroseconds } from "../../engine/time.ts";
import { exponentialGap } from "../../engine/variates.ts";

/** How the records of a partition follow one another: evenly, or by chance (a Poisson process). */
type ArrivalLaw = "even" | "poisson";

/**
 * When the next record of a partition is produced. Even records lie on a grid that begins with the rate, each a whole
 * distance after it, so rounding to microseconds never adds up.
 */
export class Arrivals {
  readonly #law: ArrivalLaw;
  readonly #stream: Stream;
  #recordsPerSecond = 0;
  #since: Instant = 0;
  #count = 0;

  constructor(law: ArrivalLaw, stream: Stream) {
    this.#law = law;
    this.#stream = stream;
  }

  get recordsPerSecond(): number {
    return this.#recordsPerSecond;
  }

  /** So many from `t` on. */
  setRate(recordsPerSecond: number, t: Instant): void {
    this.#recordsPerSecond = recordsPerSecond;
    this.#since = t;
    this.#count = 0;
  }

  /** The instant of the record after the one at `t` (or after the rate began); nothing comes at a rate of 0. */
  next(t: Instant): Instant | undefined {
    const rate = this.#recordsPerSecond;
    if (rate === 0) return undefined;
    if (this.#law === "poisson") return t + exponentialGap(rate, this.#stream);
    return this.#since + wholeMicroseconds((++this.#count * SECOND) / rate);
  }
}
