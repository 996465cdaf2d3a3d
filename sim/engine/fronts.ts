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

  private readonly sources: Source[] = [];
  /** When the front of each source is due; `Infinity` when it has no event. */
  private times = new Float64Array(1).fill(Infinity);
  private winners = new Int32Array(2);

  /** Enters a source, which is empty for now. Returns its number. */
  enter(source: Source): number {
    if (this.sources.length === this.times.length) this.grow();
    return this.sources.push(source) - 1;
  }

  /** The source with the earliest event; only if there is one. */
  get earliest(): Source {
    return this.sources[this.first];
  }

  /** When the front of a source is due. */
  time(source: number): number {
    return this.times[source];
  }

  /** Tells when the front of a source is due, or that the source shows another one; `Infinity` when it has no event. */
  set(source: number, time: number): void {
    this.times[source] = time;
    if (source === this.first && time < this.second) this.least = time;
    else this.replay(source);
  }

  private replay(source: number): void {
    const winners = this.winners;
    let winner = source;
    for (let match = this.times.length + source; match > 1; match >>= 1) {
      const other = winners[match ^ 1];
      if (this.precedes(other, winner)) winner = other;
      winners[match >> 1] = winner;
    }
    this.first = winner;
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
