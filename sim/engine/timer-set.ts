import { type Calendar, type Source, checkSubject, checkTime } from "./calendar.ts";
import { NONE, resized } from "./records.ts";
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

/** Where a subject's timer is: at this index of the heap, or one of these two. */
const IDLE = -1;
const LISTED = -2;

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
  readonly #calendar: Calendar;
  readonly #number: number;
  readonly #kind: number;
  /** The class, as the upper bits of an order. */
  readonly #orderBits: number;

  /**
   * A row of 32 bytes for each subject, in one buffer that is seen as doubles and as words (see `Records`).
   *
   *     doubles  0 deadline  1                    2                  3
   *     words    0    1      2 place  3 sequence  4 previous 5 next  6   7
   */
  #doubles = new Float64Array(0);
  #words = new Int32Array(0);
  #rows = 0;

  #first = NONE;
  #last = NONE;

  /** Subjects; four children a node. */
  #heap = new Int32Array(16);
  #heapSize = 0;

  /** The deadline that the calendar sees. */
  #shown = Infinity;

  constructor(calendar: Calendar, kind: number) {
    this.#calendar = calendar;
    this.#number = calendar.enter(this);
    this.#kind = kind;
    this.#orderBits = (kind & 7) << 28;
  }

  arm(subject: number, delay: Duration): void {
    this.armAt(subject, this.#calendar.now + delay);
  }

  armAt(subject: number, time: Instant): void {
    const calendar = this.#calendar;
    checkTime(time, calendar.now);
    checkSubject(subject);
    if (subject >= this.#rows) this.#grow(subject);
    const words = this.#words;
    if (words[(subject << 3) | 2] !== -1) {
      calendar.cancelled++;
      this.#remove(subject);
    }
    this.#doubles[subject << 2] = time;
    words[(subject << 3) | 3] = calendar.nextSequence();
    if (!this.#insertIntoList(subject)) this.#insertIntoHeap(subject);
    if (time <= this.#shown) this.#show();
  }

  cancel(subject: number): void {
    if (!this.#isArmed(subject)) return;
    this.#calendar.cancelled++;
    this.#remove(subject);
    this.#words[(subject << 3) | 2] = IDLE;
  }

  deadline(subject: number): Instant | undefined {
    return this.#isArmed(subject) ? this.#doubles[subject << 2] : undefined;
  }

  take(calendar: Calendar): boolean {
    const subject = this.#earliest();
    const { fronts } = calendar;
    if (
      subject === NONE ||
      this.#doubles[subject << 2] !== fronts.time(this.#number) ||
      (this.#orderBits | subject) !== fronts.order(this.#number) ||
      this.#words[(subject << 3) | 3] !== fronts.sequence(this.#number)
    ) {
      this.#show();
      return false;
    }
    calendar.kind = this.#kind;
    calendar.subject = subject;
    calendar.argument = 0;
    this.#remove(subject);
    this.#words[(subject << 3) | 2] = IDLE;
    this.#show();
    return true;
  }

  #isArmed(subject: number): boolean {
    return subject < this.#rows && this.#words[(subject << 3) | 2] !== IDLE;
  }

  #earliest(): number {
    const first = this.#first;
    return this.#heapSize > 0 && (first < 0 || this.#precedes(this.#heap[0], first)) ? this.#heap[0] : first;
  }

  /** Shows the calendar the earliest timer. */
  #show(): void {
    const { fronts } = this.#calendar;
    const subject = this.#earliest();
    if (subject === NONE) {
      this.#shown = Infinity;
      fronts.clear(this.#number);
    } else {
      this.#shown = this.#doubles[subject << 2];
      fronts.set(this.#number, this.#shown, this.#orderBits | subject, this.#words[(subject << 3) | 3]);
    }
  }

  #precedes(a: number, b: number): boolean {
    const time = this.#doubles[a << 2];
    const other = this.#doubles[b << 2];
    return time < other || (time === other && a < b);
  }

  /** Takes an armed timer out of list or heap. Its place is not yet marked as idle. */
  #remove(subject: number): void {
    const words = this.#words;
    if (words[(subject << 3) | 2] !== -2) {
      this.#removeFromHeap(subject);
      return;
    }
    const previous = words[(subject << 3) | 4];
    const next = words[(subject << 3) | 5];
    if (previous < 0) this.#first = next;
    else words[(previous << 3) | 5] = next;
    if (next < 0) this.#last = previous;
    else words[(next << 3) | 4] = previous;
  }

  /** False if its place is too far from the end. */
  #insertIntoList(subject: number): boolean {
    const words = this.#words;
    const last = this.#last;
    if (last >= 0 && this.#precedes(subject, last)) return this.#insertNearTheEnd(subject);
    words[(subject << 3) | 2] = -2;
    words[(subject << 3) | 4] = last;
    words[(subject << 3) | 5] = -1;
    if (last < 0) this.#first = subject;
    else words[(last << 3) | 5] = subject;
    this.#last = subject;
    return true;
  }

  #insertNearTheEnd(subject: number): boolean {
    const words = this.#words;
    let next = this.#last;
    let previous = words[(next << 3) | 4];
    for (let steps = 1; previous >= 0 && this.#precedes(subject, previous); steps++) {
      if (steps === NEAR_THE_END) return false;
      next = previous;
      previous = words[(next << 3) | 4];
    }
    words[(subject << 3) | 2] = LISTED;
    words[(subject << 3) | 4] = previous;
    words[(subject << 3) | 5] = next;
    if (previous < 0) this.#first = subject;
    else words[(previous << 3) | 5] = subject;
    words[(next << 3) | 4] = subject;
    return true;
  }

  #insertIntoHeap(subject: number): void {
    if (this.#heapSize === this.#heap.length) this.#heap = resized(this.#heap, this.#heapSize * 2);
    this.#rise(subject, this.#heapSize++);
  }

  #removeFromHeap(subject: number): void {
    const at = this.#words[(subject << 3) | 2];
    const moved = this.#heap[--this.#heapSize];
    if (moved === subject) return;
    if (at > 0 && this.#precedes(moved, this.#heap[(at - 1) >> 2])) this.#rise(moved, at);
    else this.#sink(moved, at);
  }

  #rise(subject: number, at: number): void {
    while (at > 0) {
      const parent = (at - 1) >> 2;
      if (!this.#precedes(subject, this.#heap[parent])) break;
      this.#put(this.#heap[parent], at);
      at = parent;
    }
    this.#put(subject, at);
  }

  #sink(subject: number, at: number): void {
    for (;;) {
      let child = 4 * at + 1;
      if (child >= this.#heapSize) break;
      const end = Math.min(child + 4, this.#heapSize);
      for (let other = child + 1; other < end; other++) {
        if (this.#precedes(this.#heap[other], this.#heap[child])) child = other;
      }
      if (!this.#precedes(this.#heap[child], subject)) break;
      this.#put(this.#heap[child], at);
      at = child;
    }
    this.#put(subject, at);
  }

  #put(subject: number, at: number): void {
    this.#heap[at] = subject;
    this.#words[(subject << 3) | 2] = at;
  }

  #grow(subject: number): void {
    const before = this.#rows;
    this.#rows = Math.max(2 * before, subject + 1, 16);
    this.#doubles = resized(this.#doubles, this.#rows * 4);
    this.#words = new Int32Array(this.#doubles.buffer);
    for (let row = before; row < this.#rows; row++) this.#words[(row << 3) | 2] = IDLE;
  }
}
