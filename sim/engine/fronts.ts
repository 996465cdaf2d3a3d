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
  /** The number of the source with the earliest event. */
  first = 0;
  /** When that is due; `Infinity` if all sources are empty. */
  least = Infinity;

  /** The front of each source in a row of four: time (`Infinity` when it has no event), order, sequence, nothing. */
  private fronts = new Float64Array(4).fill(Infinity);
  private winners = new Int32Array(2);
  private sources = 1;
  private entered = 0;

  /** Enters a source, which is empty for now. Returns its number. */
  enter(): number {
    if (this.entered === this.sources) this.grow();
    return this.entered++;
  }

  /** When the front of a source is due. */
  time(source: number): number {
    return this.fronts[source << 2];
  }

  order(source: number): number {
    return this.fronts[(source << 2) | 1];
  }

  sequence(source: number): number {
    return this.fronts[(source << 2) | 2];
  }

  /** Tells the front of a source. */
  set(source: number, time: number, order: number, sequence: number): void {
    const fronts = this.fronts;
    fronts[source << 2] = time;
    fronts[(source << 2) | 1] = order;
    fronts[(source << 2) | 2] = sequence;
    this.replay(source);
  }

  /** Tells that a source has no event. */
  clear(source: number): void {
    this.set(source, Infinity, 0, 0);
  }

  private replay(source: number): void {
    const winners = this.winners;
    let winner = source;
    for (let match = this.sources + source; match > 1; match >>= 1) {
      const other = winners[match ^ 1];
      if (this.precedes(other, winner)) winner = other;
      winners[match >> 1] = winner;
    }
    this.first = winner;
    this.least = this.fronts[winner << 2];
  }

  private precedes(a: number, b: number): boolean {
    const fronts = this.fronts;
    const time = fronts[a << 2];
    const other = fronts[b << 2];
    return time < other || (time === other && this.precedesAtOnce(a, b));
  }

  /** Of two fronts of one instant. */
  private precedesAtOnce(a: number, b: number): boolean {
    const lower = this.order(a) - this.order(b);
    return lower < 0 || (lower === 0 && isBefore(this.sequence(a), this.sequence(b)));
  }

  private grow(): void {
    const entered = this.sources;
    this.sources *= 2;
    this.fronts = resized(this.fronts, this.sources * 4).fill(Infinity, entered * 4);
    this.winners = new Int32Array(this.sources * 2).map((_, match) => Math.max(0, match - this.sources));
    for (let source = 0; source < this.sources; source++) this.replay(source);
  }
}
