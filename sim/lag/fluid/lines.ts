import type { Instant } from "../../engine/time.ts";
import { SECOND } from "../../engine/time.ts";
import { Ledger } from "../ledger.ts";
import { type Passage, Trail } from "../passages.ts";
import type { FluidHost } from "./host.ts";
import { Marks } from "./marks.ts";
import { OwnLines } from "./own-lines.ts";
import { flow } from "./rates.ts";

/** Who reads a partition that nobody reads. */
export const NOBODY = -1;

/**
 * The quotient that says when a partition is empty carries the noise of its floats. So much of a microsecond is
 * forgiven, so that an exact answer is not pushed to the next one.
 */
const GRACE = 0.01;

type LinesHost = Pick<FluidHost, "now" | "changed" | "marks">;

/**
 * The lag of each partition as a straight line, from the instant at which it last bent:
 *
 *     lag(t) = lag + (inflow − outflow) · (t − since)     until it is dry
 *
 * Behind those of the partitions are the lines of readers on their own account (`own-lines.ts`), which are in no books.
 * Who changes a line `settle`s it first, up to now: the books get what has come in and what has been drained since. All
 * changes of one instant belong together, from `open` to `close`.
 *
 * **Rounding.** Time is whole microseconds, but a line reaches zero at a real instant. The partition is dry at the
 * first whole microsecond at or after it. By then the straight line has gone below zero by less than a microsecond's
 * worth of draining; so much was never there, is not counted as read, and the lag is exactly 0.
 */
export class Lines {
  readonly partitions: number;
  readonly ledger: Ledger;
  readonly #host: LinesHost;

  // By line.
  #since: Float64Array;
  #lag: Float64Array;
  #inflow: Float64Array;
  #outflow: Float64Array;
  #dryAt: Float64Array;
  #reader: Int32Array;
  /** Whether nobody gets anything of it at present, not even its reader. */
  #held: Uint8Array;

  readonly #own: OwnLines;
  readonly #marks: Marks;

  /** The instant whose changes are not closed yet. */
  #open: Instant | undefined;
  /** The partitions that were settled in it. */
  #touched: number[] = [];
  /** Whether they are ascending, as they come when only one client is touched. */
  #ascending = true;
  readonly #isTouched: Uint8Array;
  /** The first violation of the law of conservation. */
  #imbalance: string | undefined;

  constructor(partitions: number, host: LinesHost) {
    this.partitions = partitions;
    this.ledger = new Ledger(partitions);
    this.#host = host;
    this.#since = new Float64Array(partitions).fill(host.now());
    this.#lag = new Float64Array(partitions);
    this.#inflow = new Float64Array(partitions);
    this.#outflow = new Float64Array(partitions);
    this.#dryAt = new Float64Array(partitions).fill(Infinity);
    this.#reader = new Int32Array(partitions).fill(NOBODY);
    this.#held = new Uint8Array(partitions);
    this.#own = new OwnLines(partitions);
    this.#marks = new Marks(partitions);
    this.#isTouched = new Uint8Array(partitions);
  }

  // ── What is so ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Records not yet read, when each line last bent. */
  get lag(): ArrayLike<number> {
    return this.#lag;
  }

  /** Records per second that come in and can be read. */
  get inflow(): ArrayLike<number> {
    return this.#inflow;
  }

  /** Records per second that are read. */
  get outflow(): ArrayLike<number> {
    return this.#outflow;
  }

  /** Who reads each, or `NOBODY`. */
  get reader(): ArrayLike<number> {
    return this.#reader;
  }

  isHeld(line: number): boolean {
    return this.#held[line] === 1;
  }

  /** Is it caught up, and its reader takes what arrives? */
  isFlat(line: number): boolean {
    return this.#lag[line] === 0 && this.#outflow[line] === this.#inflow[line];
  }

  /** Records not yet read: what came in behind the position. From the last breakpoint on, at any `t`. */
  lagAt(line: number, t: Instant): number {
    return t >= this.#dryAt[line] ? 0 : Math.max(0, this.#at(line, t));
  }

  /** Records produced since the run began, as far as they can be read: the high watermark. */
  produced(line: number, t: Instant): number {
    const partition = this.partitionOf(line);
    return this.ledger.produced(partition) + flow(this.#inflow[partition], t - this.#since[partition]);
  }

  /** The offset of the next record to be read. */
  position(line: number, t: Instant): number {
    return this.produced(line, t) - this.lagAt(line, t);
  }

  /** The same, now. */
  positionNow(line: number): number {
    return this.position(line, this.#host.now());
  }

  /** Where it stood at an instant that the host's `marks` named, or stands now. */
  positionAt(partition: number, t: Instant): number {
    return this.#marks.at(partition, t) ?? this.position(partition, t);
  }

  /** The partition that a line is of. */
  partitionOf(line: number): number {
    return line < this.partitions ? line : this.#own.partitionOf(line);
  }

  /** The lines of those who read a partition on their own account. */
  ownLinesOf(partition: number): readonly number[] {
    return this.#own.of(partition);
  }

  /** What the reader of a line of its own has gone through since this was last asked, and when. */
  passages(line: number): readonly Passage[] {
    const trail = this.#own.trailOf(line);
    trail.reach(this.#host.now(), this.positionNow(line));
    return trail.take();
  }

  /** What was wrong with the books of anything touched up to the last instant that is closed, or nothing. */
  audit(): string | undefined {
    return this.#imbalance;
  }

  // ── What happens ──────────────────────────────────────────────────────────────────────────────────────────────

  /** Something changes now; returns when that is. */
  open(): Instant {
    const now = this.#host.now();
    if (this.#open === now) return now;
    if (this.#open !== undefined) throw new Error(`the changes of ${this.#open} must be flushed before ${now}`);
    this.#open = now;
    this.#host.changed();
    return now;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** The instant is over: its books are looked at. Returns the partitions that may have bent, ascending. */
  close(): readonly number[] {
    const touched = this.#ascending ? this.#touched : this.#touched.sort((a, b) => a - b);
    for (const partition of touched) {
      this.#isTouched[partition] = 0;
      this.#imbalance ??= this.ledger.check(partition, this.#lag[partition]);
    }
    this.#touched = [];
    this.#ascending = true;
    this.#open = undefined;
    return touched;
  }

  /** Brings a line up to now; and the books, if it is a partition's. */
  settle(line: number): void {
    const now = this.open();
    const isPartition = line < this.partitions;
    if (isPartition) this.#touch(line);
    const elapsed = now - this.#since[line];
    if (elapsed === 0) return;
    const isDry = now >= this.#dryAt[line];
    if (now > this.#dryAt[line]) {
      throw new Error(`partition ${line} ran dry at ${this.#dryAt[line]}, but nobody said so until ${now}`);
    }
    if (isPartition) this.#mark(line);
    else this.#own.trailOf(line).reach(now, this.positionNow(line));
    const lag = this.#at(line, now);
    if (isPartition) {
      const drained = flow(this.#outflow[line], elapsed);
      this.ledger.produce(line, flow(this.#inflow[line], elapsed));
      this.ledger.consume(line, isDry ? drained + lag : drained); // `lag`: what the last microsecond drained beyond the bottom
    }
    this.#lag[line] = isDry ? 0 : Math.max(0, lag);
    this.#since[line] = now;
  }

  /** Records per second come in from now on. */
  setInflow(line: number, recordsPerSecond: number): void {
    this.settle(line);
    this.#inflow[line] = recordsPerSecond;
  }

  /** So many records come in at once. */
  add(line: number, records: number): void {
    this.settle(line);
    this.#lag[line] += records;
  }

  /** So many records are gone, the newest, read or not; the books are told elsewhere. */
  cutBack(line: number, records: number): void {
    this.settle(line);
    this.#lag[line] = Math.max(0, this.#lag[line] - records);
    const end = this.ledger.produced(this.partitionOf(line));
    if (line < this.partitions) this.#marks.cutBack(line, records, end);
    else this.#own.trailOf(line).cutBack(records, end);
  }

  /** Whoever reads it goes on from there. The line is settled. */
  setPosition(partition: number, to: number): void {
    this.#lag[partition] = Math.max(0, this.ledger.produced(partition) - to);
  }

  /** Draws the line from now on, so fast; returns the instant at which it runs dry. What waits in it is settled. */
  drain(line: number, outflow: number): Instant {
    if (outflow !== this.#outflow[line]) {
      this.settle(line);
      this.#outflow[line] = outflow;
    }
    const lag = this.#lag[line];
    const inflow = this.#inflow[line];
    if (lag === 0 || outflow <= inflow) return (this.#dryAt[line] = Infinity);
    const left = (lag * SECOND) / (outflow - inflow);
    return (this.#dryAt[line] = this.#since[line] + Math.max(1, Math.ceil(left - GRACE)));
  }

  /** Nothing of it is read for the time being. */
  halt(line: number): void {
    this.settle(line);
    this.#outflow[line] = 0;
    this.#dryAt[line] = Infinity;
  }

  /** Nothing of it can be had at present, or it can again. */
  hold(line: number, held: boolean): void {
    this.halt(line);
    this.#held[line] = held ? 1 : 0;
  }

  /** Who reads it from now on; his marks tell where it was before, too. */
  hand(line: number, reader: number): void {
    this.#reader[line] = reader;
    this.settle(line);
  }

  /** A line beside that of a partition, which is settled, at this position. */
  branch(partition: number, reader: number, from: number): number {
    const line = this.#own.add(partition, new Trail(this.#host.now(), from));
    if (line >= this.#lag.length) this.#grow();
    this.#since[line] = this.#since[partition];
    this.#lag[line] = Math.max(0, this.#lag[partition] + this.positionNow(partition) - from);
    this.#inflow[line] = this.#inflow[partition];
    this.#outflow[line] = 0;
    this.#dryAt[line] = Infinity;
    this.#held[line] = this.#held[partition];
    this.#reader[line] = reader;
    return line;
  }

  /** Such a line is no more. Its number may be given to another. */
  prune(line: number): void {
    this.#own.remove(line);
  }

  #at(line: number, t: Instant): number {
    const slope = this.#inflow[line] - this.#outflow[line];
    return this.#lag[line] + flow(slope, t - this.#since[line]);
  }

  #touch(partition: number): void {
    if (this.#isTouched[partition]) return;
    this.#isTouched[partition] = 1;
    const touched = this.#touched.push(partition);
    if (touched > 1 && this.#touched[touched - 2] > partition) this.#ascending = false;
  }

  /** The line is about to bend: keeps where it stood at the instants that were marked since the last bend. */
  #mark(partition: number): void {
    const reader = this.#reader[partition];
    if (reader === NOBODY) return;
    const marks = this.#host.marks?.(reader);
    if (!marks) return;
    const [last, previous] = marks;
    if (previous !== undefined) this.#markAt(partition, previous);
    this.#markAt(partition, last);
  }

  #markAt(partition: number, t: Instant): void {
    if (t <= this.#since[partition] || t <= this.#marks.lastOf(partition)) return; // known already
    this.#marks.keep(partition, t, this.position(partition, t));
  }

  /** Makes room for more lines. */
  #grow(): void {
    const lines = 2 * this.#lag.length + 1;
    const longer = <A extends Float64Array | Int32Array | Uint8Array>(made: A, from: A): A => {
      made.set(from);
      return made;
    };
    this.#since = longer(new Float64Array(lines), this.#since);
    this.#lag = longer(new Float64Array(lines), this.#lag);
    this.#inflow = longer(new Float64Array(lines), this.#inflow);
    this.#outflow = longer(new Float64Array(lines), this.#outflow);
    this.#dryAt = longer(new Float64Array(lines), this.#dryAt);
    this.#reader = longer(new Int32Array(lines), this.#reader);
    this.#held = longer(new Uint8Array(lines), this.#held);
  }
}
