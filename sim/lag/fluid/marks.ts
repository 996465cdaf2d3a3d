import type { Instant } from "../../engine/time.ts";
import { movedUp } from "../moves.ts";

/** Where reading of each partition stood at the last two instants that were marked, if its line has bent since. */
export class Marks {
  readonly #lastAt: Float64Array;
  readonly #last: Float64Array;
  readonly #previousAt: Float64Array;
  readonly #previous: Float64Array;

  constructor(partitions: number) {
    this.#lastAt = new Float64Array(partitions).fill(-1);
    this.#last = new Float64Array(partitions);
    this.#previousAt = new Float64Array(partitions).fill(-1);
    this.#previous = new Float64Array(partitions);
  }

  /** The last instant of which it is known; before the run if there is none. */
  lastOf(partition: number): Instant {
    return this.#lastAt[partition];
  }

  /** The position that was reached at an instant later than those before. */
  keep(partition: number, t: Instant, position: number): void {
    this.#previousAt[partition] = this.#lastAt[partition];
    this.#previous[partition] = this.#last[partition];
    this.#lastAt[partition] = t;
    this.#last[partition] = position;
  }

  /** So many records before this position are gone. */
  cutBack(partition: number, records: number, end: number): void {
    this.#last[partition] = movedUp(this.#last[partition], records, end);
    this.#previous[partition] = movedUp(this.#previous[partition], records, end);
  }

  /** Where it stood then, if that is known. */
  at(partition: number, t: Instant): number | undefined {
    if (this.#lastAt[partition] === t) return this.#last[partition];
    if (this.#previousAt[partition] === t) return this.#previous[partition];
    return undefined;
  }
}
