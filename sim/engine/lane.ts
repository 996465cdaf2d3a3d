import { type Calendar, type Source, checkSubject } from "./calendar.ts";
import { orderOf, resized, subjectOf } from "./records.ts";
import { sortByKey } from "./sort.ts";
import type { Duration, Instant } from "./time.ts";

/** Up to here, a run is sorted where it stands. */
const FEW = 32;

/** Events of one kind that all come the same delay after they were scheduled. */
export interface Lane {
  /** Schedules an event for `subject`, the lane's delay from now. */
  push(subject: number, argument?: number): void;
}

/**
 * A lane: a ring of events, first in, first out. As the clock never goes back, neither do the times in it, and pushing
 * and taking are a few moves each. For heartbeats, polls, a constant network delay, a retry back-off.
 *
 * Only the events of one instant can be out of order, when they were not pushed in the order of their subjects. Such a
 * run is sorted when it comes to the front and, if more joined it there, once more when its time has come; then it is
 * complete, because what is pushed now is due later. (For a delay of zero that would not hold: no ring for that.)
 */
export class Ring implements Lane, Source {
  readonly #calendar: Calendar;
  readonly #number: number;
  readonly #delay: Duration;
  readonly #kind: number;

  /** The ring; its size is a power of two. */
  #time = new Float64Array(16);
  #order = new Int32Array(16);
  #sequence = new Int32Array(16);
  #argument = new Float64Array(16);
  #head = 0;
  #size = 0;

  /** The last instant whose events were pushed out of order. */
  #raggedUntil: Instant = -1;
  /** Out of order, but the front shows its least nevertheless. */
  #frontIsRagged = false;

  constructor(calendar: Calendar, delay: Duration, kind: number) {
    this.#calendar = calendar;
    this.#number = calendar.enter(this);
    this.#delay = delay;
    this.#kind = kind;
  }

  push(subject: number, argument = 0): void {
    checkSubject(subject);
    if (this.#size === this.#time.length) this.#grow();
    const calendar = this.#calendar;
    const time = calendar.now + this.#delay;
    const order = orderOf(this.#kind, subject);
    const sequence = calendar.nextSequence();
    const mask = this.#time.length - 1;
    const at = (this.#head + this.#size) & mask;
    this.#time[at] = time;
    this.#order[at] = order;
    this.#sequence[at] = sequence;
    this.#argument[at] = argument;
    if (this.#size++ === 0) {
      calendar.fronts.set(this.#number, time, order, sequence);
      return;
    }
    const last = (at - 1) & mask;
    if (order < this.#order[last] && time === this.#time[last]) this.#joinOutOfOrder(time, order, sequence);
  }

  take(calendar: Calendar): void {
    if (this.#frontIsRagged) this.#sortFront();
    const head = this.#head;
    calendar.kind = this.#kind;
    calendar.subject = subjectOf(this.#order[head]);
    calendar.argument = this.#argument[head];
    const next = (head + 1) & (this.#time.length - 1);
    this.#head = next;
    if (--this.#size === 0) {
      calendar.fronts.clear(this.#number);
      return;
    }
    const time = this.#time[next];
    if (time <= this.#raggedUntil && time > this.#time[head]) this.#sortFront();
    calendar.fronts.set(this.#number, time, this.#order[next], this.#sequence[next]);
  }

  /** An event was pushed after one of the same instant that it precedes. */
  #joinOutOfOrder(time: Instant, order: number, sequence: number): void {
    this.#raggedUntil = time;
    const { fronts } = this.#calendar;
    if (time !== fronts.time[this.#number]) return;
    this.#frontIsRagged = true;
    if (order < fronts.order[this.#number]) fronts.set(this.#number, time, order, sequence);
  }

  /** Sorts the events of the first instant by subject; those of one subject stay in the order they were pushed. */
  #sortFront(): void {
    this.#frontIsRagged = false;
    const mask = this.#time.length - 1;
    const head = this.#head;
    const time = this.#time[head];
    let count = 1;
    while (count < this.#size && this.#time[(head + count) & mask] === time) count++;
    if (count <= FEW) this.#sortInPlace(count);
    else this.#sortByCopy(count);
  }

  #sortInPlace(count: number): void {
    const mask = this.#time.length - 1;
    for (let index = 1; index < count; index++) {
      let at = (this.#head + index) & mask;
      const order = this.#order[at];
      const sequence = this.#sequence[at];
      const argument = this.#argument[at];
      for (let left = index; left > 0; left--) {
        const before = (at - 1) & mask;
        if (this.#order[before] <= order) break;
        this.#order[at] = this.#order[before];
        this.#sequence[at] = this.#sequence[before];
        this.#argument[at] = this.#argument[before];
        at = before;
      }
      this.#order[at] = order;
      this.#sequence[at] = sequence;
      this.#argument[at] = argument;
    }
  }

  #sortByCopy(count: number): void {
    const mask = this.#time.length - 1;
    const places = new Int32Array(count).map((_, index) => (this.#head + index) & mask);
    sortByKey(places, count, (place) => this.#order[place]);
    const order = places.map((place) => this.#order[place]);
    const sequence = places.map((place) => this.#sequence[place]);
    const argument = Float64Array.from(places, (place) => this.#argument[place]);
    for (let index = 0; index < count; index++) {
      const at = (this.#head + index) & mask;
      this.#order[at] = order[index];
      this.#sequence[at] = sequence[index];
      this.#argument[at] = argument[index];
    }
  }

  #grow(): void {
    const size = this.#time.length * 2;
    this.#time = this.#unrolled(this.#time, size);
    this.#order = this.#unrolled(this.#order, size);
    this.#sequence = this.#unrolled(this.#sequence, size);
    this.#argument = this.#unrolled(this.#argument, size);
    this.#head = 0;
  }

  /** A larger copy of a full column that starts at index 0. */
  #unrolled<Column extends Float64Array | Int32Array>(column: Column, size: number): Column {
    const larger = resized(column, size);
    larger.set(column.subarray(this.#head), 0);
    larger.set(column.subarray(0, this.#head), column.length - this.#head);
    return larger;
  }
}
