import type { Instant } from "../engine/time.ts";
import { SECOND } from "../engine/time.ts";

/** From `at` on, so many records per second are produced to the whole topic; `total` of them since the begin. */
interface Step {
  readonly at: Instant;
  readonly total: number;
  readonly recordsPerSecond: number;
}

/**
 * From `from` on, a partition's log grows by a share of what the topic produces and by a rate of its own. `total` is
 * the topic's at that instant.
 */
interface Piece {
  readonly from: Instant;
  readonly offset: number;
  readonly total: number;
  readonly share: number;
  readonly recordsPerSecond: number;
}

/**
 * The log of one topic: what has been written to each partition and when, whoever reads it.
 *
 * What the whole topic produces is one cumulative curve of straight lines, and the end of a partition's log follows it:
 *
 *     end(p, t) = offset + share · (total(t) − total(from)) + rate · (t − from)
 *
 * from the last of its pieces on. So a change of the topic's rate costs one step, not one a partition, and a partition
 * has a piece of its own only where it goes its own way: when the topic grows, when its leader is gone and nothing can
 * be written, when afterwards more comes than usual.
 *
 * Every group integrates its production by itself, breakpoint by breakpoint; this is the truth its books are held
 * against.
 *
 * What can be read ends at the high watermark: at the log's end, unless that stands still because not all copies that
 * count have what is written.
 */
export class TopicLog {
  /** Partitions there will ever be room for, present or not. */
  readonly partitions: number;
  readonly #steps: Step[] = [{ at: 0, total: 0, recordsPerSecond: 0 }];
  readonly #pieces: Piece[][];
  /** Log start offsets. */
  readonly #start: Float64Array;
  /** Offsets at which high watermarks stand still; `Infinity`: it is the log's end. */
  readonly #stands: Float64Array;

  constructor(partitions: number) {
    this.partitions = partitions;
    this.#pieces = Array.from({ length: partitions }, () => [NOTHING]);
    this.#start = new Float64Array(partitions);
    this.#stands = new Float64Array(partitions).fill(Infinity);
  }

  // ── What happens ──────────────────────────────────────────────────────────────────────────────────────────────

  /** The whole topic is produced at this rate from now on. */
  setRate(t: Instant, recordsPerSecond: number): void {
    const last = this.#steps[this.#steps.length - 1];
    if (recordsPerSecond === last.recordsPerSecond) return;
    if (t > last.at) this.#steps.push({ at: t, total: totalAt(last, t), recordsPerSecond });
    else this.#steps[this.#steps.length - 1] = { ...last, recordsPerSecond };
  }

  /** From now on a partition gets this share of the topic's production, and so many records per second besides. */
  setShare(t: Instant, partition: number, share: number, recordsPerSecond = 0): void {
    const last = this.#last(partition);
    if (share === last.share && recordsPerSecond === last.recordsPerSecond) return;
    this.#append(partition, { from: t, offset: this.end(partition, t), total: this.total(t), share, recordsPerSecond });
  }

  /** So many records are written at once. */
  write(t: Instant, partition: number, records: number): void {
    const { share, recordsPerSecond } = this.#last(partition);
    const offset = this.end(partition, t) + records;
    this.#append(partition, { from: t, offset, total: this.total(t), share, recordsPerSecond });
  }

  /** Nothing can be read that was written after `since`; `undefined`: all that is written can be. */
  standStill(partition: number, since: Instant | undefined): void {
    this.#stands[partition] = since === undefined ? Infinity : this.end(partition, since);
  }

  /** What was written after `to` is gone, and the log goes on from there. Returns how many records that are. */
  cutBack(t: Instant, partition: number, to: Instant): number {
    const offset = this.end(partition, to);
    const gone = this.end(partition, t) - offset;
    const pieces = this.#pieces[partition];
    const { share, recordsPerSecond } = this.#last(partition);
    while (pieces.length > 1 && this.#last(partition).from > to) pieces.pop();
    // Of what was written in between nothing is left.
    this.#append(partition, { from: to, offset, total: this.total(to), share: 0, recordsPerSecond: 0 });
    this.#append(partition, { from: t, offset, total: this.total(t), share, recordsPerSecond });
    this.#start[partition] = Math.min(this.#start[partition], offset);
    return gone;
  }

  /** The log is another from now on, in which nothing is. */
  beginAnew(t: Instant, partition: number): void {
    const { share, recordsPerSecond } = this.#last(partition);
    this.#pieces[partition] = [{ from: t, offset: 0, total: this.total(t), share, recordsPerSecond }];
    this.#start[partition] = 0;
    this.#stands[partition] = Infinity;
  }

  /** Everything before this offset has been deleted. */
  deleteBefore(partition: number, offset: number): void {
    this.#start[partition] = offset; // how they came is kept: a copy that ended there may lead yet
  }

  // ── What is so ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Records per second that the whole topic is meant to get. */
  get recordsPerSecond(): number {
    return this.#steps[this.#steps.length - 1].recordsPerSecond;
  }

  /** Records per second that are written to a partition. */
  rateOf(partition: number): number {
    const { share, recordsPerSecond } = this.#last(partition);
    return share * this.recordsPerSecond + recordsPerSecond;
  }

  shareOf(partition: number): number {
    return this.#last(partition).share;
  }

  /** What was produced to the whole topic up to an instant, which may be past. */
  total(t: Instant): number {
    return totalAt(this.#steps[lastWhere(this.#steps, (step) => step.at <= t)], t);
  }

  /** Records per second that were produced to the whole topic at an instant, which may be past. */
  rateAt(t: Instant): number {
    return this.#steps[lastWhere(this.#steps, (step) => step.at <= t)].recordsPerSecond;
  }

  /** When that changed next; never, if it has not since. */
  changesAfter(t: Instant): Instant {
    return this.#steps[lastWhere(this.#steps, (step) => step.at <= t) + 1]?.at ?? Infinity;
  }

  /** The log start offset: what is before it is deleted. */
  start(partition: number): number {
    return this.#start[partition];
  }

  /** Whether the high watermark of a partition stands still. */
  standsStill(partition: number): boolean {
    return this.#stands[partition] < Infinity;
  }

  /** The high watermark now, or, if it did not stand still since, at an instant that is past. */
  watermark(partition: number, t: Instant): number {
    return Math.min(this.#stands[partition], this.end(partition, t));
  }

  /** The log end offset at an instant, which may be past: of what is left now. Fluid: not always whole. */
  end(partition: number, t: Instant): number {
    const pieces = this.#pieces[partition];
    const piece = pieces[lastWhere(pieces, ({ from }) => from <= t)];
    return offsetAt(piece, this.total(t), t);
  }

  /**
   * The first instant at which the log reached this offset, so that the records before it were written. Not always
   * whole. The offset is between log start and log end.
   */
  reachedAt(partition: number, offset: number): Instant {
    const pieces = this.#pieces[partition];
    const place = lastWhere(pieces, (piece) => piece.offset < offset);
    const piece = pieces[place];
    if (piece.offset >= offset) return piece.from;
    const bound = place + 1 < pieces.length ? pieces[place + 1].from : Infinity;
    // The last breakpoint of the topic's curve at which this piece had not reached the offset yet.
    const behind = ({ at, total }: Step): boolean => at <= piece.from || offsetAt(piece, total, at) < offset;
    const step = this.#steps[lastWhere(this.#steps, behind)];
    const from = Math.max(piece.from, step.at);
    const missing = offset - offsetAt(piece, totalAt(step, from), from);
    const rate = piece.share * step.recordsPerSecond + piece.recordsPerSecond;
    return Math.min(bound, rate > 0 ? from + (missing * SECOND) / rate : from);
  }

  #last(partition: number): Piece {
    const pieces = this.#pieces[partition];
    return pieces[pieces.length - 1];
  }

  #append(partition: number, piece: Piece): void {
    const pieces = this.#pieces[partition];
    // Of two pieces at one instant the first has nothing on it; but what it began with was reached then, too.
    if (pieces[pieces.length - 1].from === piece.from) pieces.pop();
    pieces.push(piece);
  }
}

/** A partition before anything is written to it. */
const NOTHING: Piece = { from: 0, offset: 0, total: 0, share: 0, recordsPerSecond: 0 };

const totalAt = ({ at, total, recordsPerSecond }: Step, t: Instant): number =>
  total + (recordsPerSecond * (t - at)) / SECOND;

const offsetAt = ({ from, offset, total, share, recordsPerSecond }: Piece, produced: number, t: Instant): number =>
  offset + share * (produced - total) + (recordsPerSecond * (t - from)) / SECOND;

/** The last place at which this holds of an ordered list: it holds up to there, and not after. At least 0. */
function lastWhere<T>(list: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (holds(list[middle])) low = middle;
    else high = middle;
  }
  return low;
}
