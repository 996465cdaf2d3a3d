import { type Calendar, type Source, checkSubject, checkTime } from "./calendar.ts";
import { NONE, orderOf, resized } from "./records.ts";
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
 * The columns are as long as the greatest subject: number subjects densely.
 */
export class TimerSet implements Timers, Source {
  readonly #calendar: Calendar;
  readonly #number: number;
  readonly #kind: number;

  /** By subject. */
  #deadline = new Float64Array(16);
  #sequence = new Int32Array(16);
  #place = new Int32Array(16).fill(IDLE);
  #previous = new Int32Array(16);
  #next = new Int32Array(16);

  #first = NONE;
  #last = NONE;

  /** Subjects; four children a node. */
  #heap = new Int32Array(16);
  #heapSize = 0;

  /** The subject of the timer that the calendar sees. */
  #front = NONE;

  constructor(calendar: Calendar, kind: number) {
    this.#calendar = calendar;
    this.#number = calendar.enter(this);
    this.#kind = kind;
  }

  arm(subject: number, delay: Duration): void {
    this.armAt(subject, this.#calendar.now + delay);
  }

  armAt(subject: number, time: Instant): void {
    checkTime(time, this.#calendar.now);
    checkSubject(subject);
    if (subject >= this.#place.length) this.#grow(subject);
    if (this.#place[subject] !== IDLE) this.#withdraw(subject);
    this.#deadline[subject] = time;
    this.#sequence[subject] = this.#calendar.nextSequence();
    if (!this.#insertIntoList(subject)) this.#insertIntoHeap(subject);
    this.#showFront(subject);
  }

  cancel(subject: number): void {
    if (!this.#isArmed(subject)) return;
    this.#withdraw(subject);
    this.#showFront(subject);
  }

  deadline(subject: number): Instant | undefined {
    return this.#isArmed(subject) ? this.#deadline[subject] : undefined;
  }

  take(calendar: Calendar): void {
    const subject = this.#front;
    calendar.kind = this.#kind;
    calendar.subject = subject;
    calendar.argument = 0;
    this.#remove(subject);
    this.#showFront(subject);
  }

  #isArmed(subject: number): boolean {
    return subject < this.#place.length && this.#place[subject] !== IDLE;
  }

  /** Shows the calendar the earliest timer, after that of `touched` was changed. */
  #showFront(touched: number): void {
    let front = this.#first;
    if (this.#heapSize > 0 && (front === NONE || this.#precedes(this.#heap[0], front))) front = this.#heap[0];
    if (front === this.#front && front !== touched) return;
    this.#front = front;
    const { fronts } = this.#calendar;
    if (front === NONE) fronts.clear(this.#number);
    else fronts.set(this.#number, this.#deadline[front], orderOf(this.#kind, front), this.#sequence[front]);
  }

  #precedes(a: number, b: number): boolean {
    const difference = this.#deadline[a] - this.#deadline[b];
    return difference < 0 || (difference === 0 && a < b);
  }

  #withdraw(subject: number): void {
    this.#calendar.cancelled++;
    this.#remove(subject);
  }

  #remove(subject: number): void {
    if (this.#place[subject] === LISTED) this.#unlink(subject);
    else this.#removeFromHeap(subject);
    this.#place[subject] = IDLE;
  }

  /** False if its place is too far from the end. */
  #insertIntoList(subject: number): boolean {
    let previous = this.#last;
    for (let steps = 0; previous !== NONE && this.#precedes(subject, previous); steps++) {
      if (steps === NEAR_THE_END) return false;
      previous = this.#previous[previous];
    }
    const next = previous === NONE ? this.#first : this.#next[previous];
    this.#previous[subject] = previous;
    this.#next[subject] = next;
    if (previous === NONE) this.#first = subject;
    else this.#next[previous] = subject;
    if (next === NONE) this.#last = subject;
    else this.#previous[next] = subject;
    this.#place[subject] = LISTED;
    return true;
  }

  #unlink(subject: number): void {
    const previous = this.#previous[subject];
    const next = this.#next[subject];
    if (previous === NONE) this.#first = next;
    else this.#next[previous] = next;
    if (next === NONE) this.#last = previous;
    else this.#previous[next] = previous;
  }

  #insertIntoHeap(subject: number): void {
    if (this.#heapSize === this.#heap.length) this.#heap = resized(this.#heap, this.#heapSize * 2);
    this.#rise(subject, this.#heapSize++);
  }

  #removeFromHeap(subject: number): void {
    const at = this.#place[subject];
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
    this.#place[subject] = at;
  }

  #grow(subject: number): void {
    const before = this.#place.length;
    const size = Math.max(2 * before, subject + 1);
    this.#deadline = resized(this.#deadline, size);
    this.#sequence = resized(this.#sequence, size);
    this.#place = resized(this.#place, size).fill(IDLE, before);
    this.#previous = resized(this.#previous, size);
    this.#next = resized(this.#next, size);
  }
}
