import type { Instant } from "../../engine/time.ts";

/**
 * One partition as a log of single records: when each was produced. Offsets count from 0 and nothing is forgotten, so a
 * position may be set back to any of them; for small scale.
 */
export class LogPartition {
  #producedAt = new Float64Array(64);
  #end = 0;

  /** The log end offset: how many records were produced. */
  get end(): number {
    return this.#end;
  }

  append(t: Instant): void {
    if (this.#end === this.#producedAt.length) {
      const longer = new Float64Array(2 * this.#end);
      longer.set(this.#producedAt);
      this.#producedAt = longer;
    }
    this.#producedAt[this.#end++] = t;
  }

  /** When the record at this offset, below the end, was produced. */
  producedAt(offset: number): Instant {
    return this.#producedAt[offset];
  }
}
