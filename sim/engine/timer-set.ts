import { type Calendar, type Source, checkSubject, checkTime } from "./calendar.ts";
import { resized } from "./records.ts";
import type { Duration, Instant } from "./time.ts";

/** Timers of one purpose, at most one for each subject. A timer that was replaced or cancelled never acts. */
export interface Timers {
  /** Starts the subject's timer, in place of the one that may be running. */
  arm(subject: number, delay: Duration): void;
  /** The same, with the instant it is due. */
  armAt(subject: number, time: Instant): void;
  /** Stops the subject's timer; does nothing if none is running. */
  cancel(subject: number): void;
  /** When the subject's timer is due; `undefined` if none is running. */
  deadline(subject: number): Instant | undefined;
}

/** In place of a previous, of timers outside the list: not running; in the heap, at index `HEAPED − previous`. */
const IDLE = -1;
const HEAPED = -2;

/** How far an early deadline may be from the end of the list to be put there all the same. */
const NEAR_THE_END = 8;

/**
 * A set of timers, in two parts.
 *
 * Most are in a list in the order of their deadlines, linked both ways. With one constant timeout a timer that is
 * armed is always the last to be due, as in a list of what was used least recently: so arming, arming again and
 * cancelling take a few moves each, and nothing stale is left behind. A session timeout that every heartbeat pushes
 * back costs no more than the heartbeat.
 *
 * A deadline much earlier than the list's last goes to a heap that knows each subject's place in it.
 *
 * The calendar is shown the earliest timer, but is not told each time that one was pushed back or cancelled: what it
 * sees may be too early, never too late, and is put right when the calendar comes to take it.
 *
 * The rows are as many as the greatest subject: number subjects densely.
 */
export class TimerSet implements Timers, Source {
  declare private readonly calendar: Calendar;
  declare private readonly number: number;
  declare private readonly kind: number;
  /** The class, as the upper bits of an order. */
  declare private readonly orderBits: number;

  /**
   * A row of 32 bytes for each subject, in one buffer that is seen as doubles and as words.
   *
   *     doubles  0 deadline  1                      2           3
   *     words    0    1      2 sequence 3 previous  4 next  5   6   7
   *
   * The list is a ring, closed by row 0, which belongs to nobody and is due before everything: so there is always a
   * previous and a next, and nothing to decide. The row of a subject is the one of its number plus 1.
   */
  private doubles = new Float64Array(4);
  private words = new Int32Array(this.doubles.buffer);
  private rows = 1;

  /** Rows; four children a node. */
  private heap = new Int32Array(16);
  private heapSize = 0;

  /** What the calendar sees: deadline, order and sequence. */
  private shown = Infinity;
  frontOrder = 0;
  frontSequence = 0;

  constructor(calendar: Calendar, kind: number) {
    this.calendar = calendar;
    this.number = calendar.enter(this);
    this.kind = kind;
    this.orderBits = (kind & 7) << 28;
    this.doubles[0] = -Infinity;
  }

  arm(subject: number, delay: Duration): void {
    const calendar = this.calendar;
    const time = calendar.now + delay;
    checkTime(time, calendar.now);
    const row = subject + 1;
    checkSubject(subject);
    if (row >= this.rows) this.grow(row);
    const words = this.words;
    const previous = words[(row << 3) | 3];
    if (previous !== -1) {
      calendar.cancelled++;
      if (previous >= 0) this.unlink(row, previous);
      else this.removeFromHeap(row);
    }
    words[(row << 3) | 2] = calendar.nextSequence();
    const doubles = this.doubles;
    doubles[row << 2] = time;
    const last = words[3];
    const latest = doubles[last << 2];
    if (time > latest || (time === latest && row > last)) this.link(row, last);
    else this.insertEarly(row);
    if (time <= this.shown) this.show();
  }

  armAt(subject: number, time: Instant): void {
    this.arm(subject, time - this.calendar.now);
  }

  cancel(subject: number): void {
    if (!this.isArmed(subject)) return;
    this.calendar.cancelled++;
    this.remove(subject + 1);
  }

  deadline(subject: number): Instant | undefined {
    return this.isArmed(subject) ? this.doubles[(subject + 1) << 2] : undefined;
  }

  take(calendar: Calendar): boolean {
    const row = this.earliest();
    if (
      row === 0 ||
      this.doubles[row << 2] !== this.shown ||
      (this.orderBits | (row - 1)) !== this.frontOrder ||
      this.words[(row << 3) | 2] !== this.frontSequence
    ) {
      this.show();
      return false;
    }
    calendar.kind = this.kind;
    calendar.order = this.frontOrder;
    calendar.argument = 0;
    this.remove(row);
    this.show();
    return true;
  }

  private isArmed(subject: number): boolean {
    return subject + 1 < this.rows && this.words[((subject + 1) << 3) | 3] !== IDLE;
  }

  /** The row of the earliest timer; 0 if none is running. */
  private earliest(): number {
    const first = this.words[4];
    return this.heapSize > 0 && (first === 0 || this.precedes(this.heap[0], first)) ? this.heap[0] : first;
  }

  /** Shows the calendar the earliest timer. */
  private show(): void {
    const row = this.earliest();
    if (row === 0) {
      this.shown = Infinity;
    } else {
      this.shown = this.doubles[row << 2];
      this.frontOrder = this.orderBits | (row - 1);
      this.frontSequence = this.words[(row << 3) | 2];
    }
    this.calendar.fronts.set(this.number, this.shown);
  }

  private precedes(a: number, b: number): boolean {
    const time = this.doubles[a << 2];
    const other = this.doubles[b << 2];
    return time < other || (time === other && a < b);
  }

  /** Stops a timer that is armed. */
  private remove(row: number): void {
    const previous = this.words[(row << 3) | 3];
    if (previous >= 0) this.unlink(row, previous);
    else this.removeFromHeap(row);
    this.words[(row << 3) | 3] = IDLE;
  }

  private unlink(row: number, previous: number): void {
    const words = this.words;
    const next = words[(row << 3) | 4];
    words[(previous << 3) | 4] = next;
    words[(next << 3) | 3] = previous;
  }

  /** Puts a timer into the list, behind another. */
  private link(row: number, previous: number): void {
    const words = this.words;
    const next = words[(previous << 3) | 4];
    words[(row << 3) | 3] = previous;
    words[(row << 3) | 4] = next;
    words[(previous << 3) | 4] = row;
    words[(next << 3) | 3] = row;
  }

  /** Puts a timer that is due before the list's last near its end or, if its place is not there, into the heap. */
  private insertEarly(row: number): void {
    let previous = this.words[3];
    for (let steps = 0; steps < NEAR_THE_END; steps++) {
      previous = this.words[(previous << 3) | 3];
      if (!this.precedes(row, previous)) {
        this.link(row, previous);
        return;
      }
    }
    this.insertIntoHeap(row);
  }

  private insertIntoHeap(row: number): void {
    if (this.heapSize === this.heap.length) this.heap = resized(this.heap, this.heapSize * 2);
    this.rise(row, this.heapSize++);
  }

  private removeFromHeap(row: number): void {
    const at = HEAPED - this.words[(row << 3) | 3];
    const moved = this.heap[--this.heapSize];
    if (moved === row) return;
    if (at > 0 && this.precedes(moved, this.heap[(at - 1) >> 2])) this.rise(moved, at);
    else this.sink(moved, at);
  }

  private rise(row: number, at: number): void {
    while (at > 0) {
      const parent = (at - 1) >> 2;
      if (!this.precedes(row, this.heap[parent])) break;
      this.put(this.heap[parent], at);
      at = parent;
    }
    this.put(row, at);
  }

  private sink(row: number, at: number): void {
    for (;;) {
      let child = 4 * at + 1;
      if (child >= this.heapSize) break;
      const end = Math.min(child + 4, this.heapSize);
      for (let other = child + 1; other < end; other++) {
        if (this.precedes(this.heap[other], this.heap[child])) child = other;
      }
      if (!this.precedes(this.heap[child], row)) break;
      this.put(this.heap[child], at);
      at = child;
    }
    this.put(row, at);
  }

  private put(row: number, at: number): void {
    this.heap[at] = row;
    this.words[(row << 3) | 3] = HEAPED - at;
  }

  private grow(row: number): void {
    const before = this.rows;
    this.rows = Math.max(2 * before, row + 1, 16);
    this.doubles = resized(this.doubles, this.rows * 4);
    this.words = new Int32Array(this.doubles.buffer);
    for (let idle = before; idle < this.rows; idle++) this.words[(idle << 3) | 3] = IDLE;
  }
}
