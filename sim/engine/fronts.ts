import { isBefore, resized } from "./records.ts";

/**
 * Which of several sorted sources has the earliest event: a tournament over their fronts, in which only the matches of
 * the source that changed are played again. With one source there is no match, with two there is one.
 *
 *           [1]            the winner
 *        [2]    [3]
 *       4   5  6   7       the sources, in order of entry
 */
export class Fronts {
  /** The front of each source; `Infinity` when it has no event. */
  time = new Float64Array(1).fill(Infinity);
  order = new Int32Array(1);
  sequence = new Int32Array(1);

  #winners = new Int32Array(2);
  #entered = 0;

  /** Enters a source, which is empty for now. Returns its number. */
  enter(): number {
    if (this.#entered === this.time.length) this.#grow();
    return this.#entered++;
  }

  /** The number of the source with the earliest event. */
  first = 0;
  /** When that is due; `Infinity` if all sources are empty. */
  least = Infinity;

  /** Tells the front of a source. */
  set(source: number, time: number, order: number, sequence: number): void {
    this.time[source] = time;
    this.order[source] = order;
    this.sequence[source] = sequence;
    this.#replay(source);
  }

  /** Tells that a source has no event. */
  clear(source: number): void {
    this.time[source] = Infinity;
    this.#replay(source);
  }

  #replay(source: number): void {
    const winners = this.#winners;
    for (let match = (this.time.length + source) >> 1; match > 0; match >>= 1) {
      const left = winners[2 * match];
      const right = winners[2 * match + 1];
      winners[match] = this.#precedes(right, left) ? right : left;
    }
    this.first = winners[1];
    this.least = this.time[this.first];
  }

  #precedes(a: number, b: number): boolean {
    const { time, order, sequence } = this;
    if (time[a] !== time[b]) return time[a] < time[b];
    if (order[a] !== order[b]) return order[a] < order[b];
    return isBefore(sequence[a], sequence[b]);
  }

  #grow(): void {
    const entered = this.#entered;
    this.time = resized(this.time, entered * 2).fill(Infinity, entered);
    this.order = resized(this.order, entered * 2);
    this.sequence = resized(this.sequence, entered * 2);
    this.#winners = new Int32Array(entered * 4);
    for (let source = 0; source < entered * 2; source++) this.#winners[entered * 2 + source] = source;
    for (let source = 0; source < entered * 2; source += 2) this.#replay(source);
  }
}
