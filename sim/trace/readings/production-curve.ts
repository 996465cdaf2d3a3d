import type { Instant } from "../../engine/time.ts";
import { SECOND } from "../../engine/time.ts";

/** From an instant on so many records per second come in, until the next of these; `produced` came in before. */
interface Stretch {
  readonly from: Instant;
  readonly recordsPerSecond: number;
  readonly produced: number;
}

/** A stretch of the curve as a position meets it. */
export interface ProducedStretch {
  readonly recordsPerSecond: number;
  /** The first position that belongs to the next stretch; absent: there is none yet. */
  readonly ends?: number;
}

/** What came into a partition otherwise than at its rate. */
export interface Came {
  /** Records that could be read and are gone now, the newest. */
  readonly gone: number;
  /** Records that can be read from this instant on: what was written above the watermark, if there is any, or all at once. */
  readonly arrived: number;
  /** Records per second that are written from now on and cannot be read yet; `null`: all that are written can. */
  readonly above: number | null;
}

/** From an instant on so many records per second were written above the watermark, until the next of these. */
interface Hidden {
  readonly from: Instant;
  readonly recordsPerSecond: number;
}

/** Less than this many records is none: what rounding leaves behind. */
export const NONE = 1e-6;

/**
 * What came into one partition, and when: a cumulative curve of straight lines. It begins with what the trace first
 * says of the partition; `produced` counts from there.
 *
 * A position may be set back behind rates that are long over, so these are kept; but not for ever, as a trace may have a
 * day of them for each of 10,000 partitions. Of those behind the position the newest are kept as they were, and the
 * oldest are joined two and two when they get too many (`forget`): what was produced up to those that stay is exact then,
 * and in between it is the straight line from one to the next.
 *
 * What was written above a watermark that stood still becomes part of the curve when it can be read, as it was written:
 *
 *     300/s, none of which can be read from 10 s to 19 s: then 2700 arrive, the first of them 9 s old
 *
 * The newest of it may be gone with a leader (`cutBack`), so that what is written afterwards follows what is left. Where that is
 * so of what could be read, the rest moves up: positions of what comes in go on as they were.
 */
export class ProductionCurve {
  /** Oldest first. */
  #stretches: Stretch[] = [];
  /** What was written and cannot be read yet, oldest first; empty while the watermark moves. */
  #hidden: Hidden[] = [];
  /** Where the record that was looked for last was produced: positions mostly grow. */
  #front = 0;

  /** From now on so many records per second come in, after those that came in at once. */
  bend(t: Instant, recordsPerSecond: number, { gone, arrived, above }: Came): void {
    if (gone > NONE) this.#moveUp(t, gone);
    const atOnce = this.#hidden.length > 0 && arrived > 0 ? this.#show(t, arrived) : arrived;
    if (above === null) this.#hidden = [];
    else if (this.#hidden.at(-1)?.recordsPerSecond !== above) this.#hidden.push({ from: t, recordsPerSecond: above });
    this.#come(t, recordsPerSecond, atOnce);
  }

  /** So many of what cannot be read yet are gone, the newest. */
  cutBack(t: Instant, records: number): void {
    let until = t;
    for (let left = records; left > NONE;) {
      const newest = this.#hidden.at(-1);
      if (!newest) return;
      const { from, recordsPerSecond } = newest;
      const written = (recordsPerSecond * (until - from)) / SECOND;
      until = written > left ? until - (left / recordsPerSecond) * SECOND : from;
      left -= written;
      if (until === from) this.#hidden.pop();
    }
    this.#hidden.push({ from: until, recordsPerSecond: 0 });
  }

  /** So many of what could be read are gone, the newest; the others count as if they had come in so much later. */
  #moveUp(t: Instant, gone: number): void {
    const end = this.producedUntil(t);
    const left = this.#stretches.filter(({ produced }) => end - gone - produced > NONE);
    const moved = left.map((stretch) => ({ ...stretch, produced: stretch.produced + gone }));
    const last = moved.at(-1);
    const rate = last?.recordsPerSecond ?? 0;
    const from = last && rate > 0 ? Math.min(t, last.from + ((end - last.produced) / rate) * SECOND) : t;
    this.#stretches = [...moved, { from, recordsPerSecond: 0, produced: end }];
    this.#front = Math.min(this.#front, this.#stretches.length - 1);
  }

  /** So many of what could not be read can be now, the oldest first. Returns how many there are beyond that. */
  #show(t: Instant, records: number): number {
    let produced = this.producedUntil(t);
    let left = records;
    while (left > 0 && this.#hidden.length > 0) {
      const [{ from, recordsPerSecond }, next] = this.#hidden;
      const until = next?.from ?? t;
      const written = (recordsPerSecond * (until - from)) / SECOND;
      const ends = written > left ? from + (left / recordsPerSecond) * SECOND : until;
      this.#append({ from, recordsPerSecond, produced });
      produced += Math.min(written, left);
      left -= Math.min(written, left);
      this.#append({ from: ends, recordsPerSecond: 0, produced });
      if (ends < until) this.#hidden[0] = { from: ends, recordsPerSecond };
      else this.#hidden.shift();
    }
    return left > NONE ? left : 0;
  }

  #come(t: Instant, recordsPerSecond: number, arrived: number): void {
    const newest = this.#stretches.at(-1);
    if (!newest) {
      this.#stretches.push({ from: t, recordsPerSecond: arrived > 0 ? 0 : recordsPerSecond, produced: 0 });
      if (arrived === 0) return;
    } else if (arrived === 0 && recordsPerSecond === newest.recordsPerSecond) return;
    const produced = this.producedUntil(t);
    // Records that come in at once are a stretch without a rate, which takes no time; if need be, one of its own.
    if (arrived > 0 && newest && newest.recordsPerSecond > 0) this.#append({ from: t, recordsPerSecond: 0, produced });
    this.#append({ from: t, recordsPerSecond, produced: produced + arrived });
  }

  /** Nothing, before the trace speaks of the partition. */
  producedUntil(t: Instant): number {
    const newest = this.#stretches.at(-1);
    if (!newest) return 0;
    const { from, recordsPerSecond, produced } = newest;
    return produced + (recordsPerSecond * (t - from)) / SECOND;
  }

  /** Since when it has come in at the present rate, records per second. */
  get newest(): { readonly from: Instant; readonly recordsPerSecond: number } {
    return this.#stretches.at(-1)!;
  }

  /**
   * When the record at this position was produced. One before the begin (a group that begins with a backlog) is reckoned
   * as if the first rate had always been so.
   */
  producedAt(position: number): Instant {
    const place = this.#placeOf(position);
    const { from, recordsPerSecond, produced } = this.#stretches[place];
    if (recordsPerSecond > 0) return from + ((position - produced) / recordsPerSecond) * SECOND;
    return this.#stretches[place + 1]?.from ?? from; // the next record came when that began
  }

  /** The stretch in which the record at this position was produced. */
  stretchOf(position: number): ProducedStretch {
    const place = this.#placeOf(position);
    const { recordsPerSecond } = this.#stretches[place];
    return { recordsPerSecond, ends: this.#stretches[place + 1]?.produced };
  }

  /** Reading has come to this position: of what is behind it, only so many stretches need to be known. */
  forget(position: number, most: number): void {
    if (this.#stretches.length <= most) return;
    const behind = this.#placeOf(position);
    if (behind <= most) return;
    const old = behind >>> 1;
    const kept: Stretch[] = [];
    for (let i = 0; i < old; i += 2) {
      const { from, produced } = this.#stretches[i];
      const next = this.#stretches[Math.min(i + 2, old)];
      const recordsPerSecond = next.from > from ? ((next.produced - produced) * SECOND) / (next.from - from) : 0;
      kept.push({ from, recordsPerSecond, produced });
    }
    this.#front = behind - old + kept.length;
    for (let i = old; i < this.#stretches.length; i++) kept.push(this.#stretches[i]);
    this.#stretches = kept;
  }

  /** Of two stretches that begin at one instant the first counts only if records came in at once. */
  #append(stretch: Stretch): void {
    const newest = this.#stretches.at(-1);
    if (newest && newest.from === stretch.from && newest.produced === stretch.produced) this.#stretches.pop();
    this.#stretches.push(stretch);
    this.#front = Math.min(this.#front, this.#stretches.length - 1);
  }

  #placeOf(position: number): number {
    const stretches = this.#stretches;
    let front = this.#front;
    while (front > 0 && stretches[front].produced > position) front--;
    while (front + 1 < stretches.length && stretches[front + 1].produced <= position + NONE / 2) front++;
    return (this.#front = front);
  }
}
