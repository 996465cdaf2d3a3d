import type { Instant } from "../../engine/time.ts";

/**
 * One partition as a log of single records: when each was produced. Offsets count from 0 and nothing is forgotten, so a
 * position may be set back to any of them; for small scale. What can be read ends at the high watermark.
 *
 * Where some that could be read are gone with a leader, what is left moves up, and the first that is left has another offset
 * than 0: so the watermark never goes back, and counts all that could be read.
 */
export class LogPartition {
  #producedAt = new Float64Array(64);
  #end = 0;
  /** The offset of the first. */
  #first = 0;
  /** Where the high watermark stands still; `Infinity`: it is the log's end. */
  #stands = Infinity;

  /** The high watermark: how many records can be read. */
  get watermark(): number {
    return this.#first + Math.min(this.#stands, this.#end);
  }

  /** What was produced after `since` cannot be read; `undefined`: all can. */
  standStill(since: Instant | undefined): void {
    this.#stands = since === undefined ? Infinity : this.#countUntil(since);
  }

  /** What was produced after `to` is gone. Returns how many of that could be read. */
  cutBack(to: Instant): number {
    const readable = Math.min(this.#stands, this.#end);
    this.#end = this.#countUntil(to);
    const gone = Math.max(0, readable - this.#end);
    this.#first += gone;
    return gone;
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
    return this.#producedAt[offset - this.#first];
  }

  #countUntil(t: Instant): number {
    let count = this.#end;
    while (count > 0 && this.#producedAt[count - 1] > t) count--;
    return count;
  }
}
