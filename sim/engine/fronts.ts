import type { Source } from "./calendar.ts";
import { isBefore, resized } from "./records.ts";

/**
 * Which of several sorted sources has the earliest event: a tournament over their fronts, in which only the matches of
 * the source that changed are played again; and none of them, as long as the winner stays ahead of all it has beaten.
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

  /** The earliest front of the sources that lost to `first`: before that, `first` remains first. */
  private second = Infinity;

  /** The source with the earliest event; only if there is one. */
  declare earliest: Source;

  private readonly sources: Source[] = [];
  /** When the front of each source is due, `Infinity` when it has no event; not kept up for `first`, which has `least`. */
  private times = new Float64Array(1).fill(Infinity);
  private winners = new Int32Array(2);

  /** Enters a source, which is empty for now. Returns its number. */
  enter(source: Source): number {
    if (this.sources.length === this.times.length) this.grow();
    const number = this.sources.push(source) - 1;
    if (number === this.first) this.earliest = source;
    return number;
  }

  /** Tells when the front of a source is due, or that the source shows another one; `Infinity` when it has no event. */
  set(source: number, time: number): void {
    if (source === this.first) {
      this.least = time;
      if (time < this.second) return;
    } else {
      this.times[source] = time;
    }
    this.replay(source);
  }

  private replay(source: number): void {
    this.times[this.first] = this.least;
    const winners = this.winners;
    let winner = source;
    for (let match = this.times.length + source; match > 1; match >>= 1) {
      const other = winners[match ^ 1];
      if (this.precedes(other, winner)) winner = other;
      winners[match >> 1] = winner;
    }
    this.first = winner;
    this.earliest = this.sources[winner];
    this.least = this.times[winner];
    this.second = this.earliestBeatenBy(winner);
  }

  private earliestBeatenBy(winner: number): number {
    let least = Infinity;
    for (let match = this.times.length + winner; match > 1; match >>= 1) {
      const time = this.times[this.winners[match ^ 1]];
      if (time < least) least = time;
    }
    return least;
  }

  private precedes(a: number, b: number): boolean {
    const time = this.times[a];
    const other = this.times[b];
    return time < other || (time === other && time < Infinity && this.precedesAtOnce(this.sources[a], this.sources[b]));
  }

  /** Of two fronts of one instant. */
  private precedesAtOnce(a: Source, b: Source): boolean {
    const lower = a.frontOrder - b.frontOrder;
    return lower < 0 || (lower === 0 && isBefore(a.frontSequence, b.frontSequence));
  }

  private grow(): void {
    const room = this.times.length * 2;
    this.times = resized(this.times, room).fill(Infinity, room / 2);
    this.winners = new Int32Array(room * 2).map((_, match) => Math.max(0, match - room));
    for (let source = 0; source < room; source++) this.replay(source);
  }
}
