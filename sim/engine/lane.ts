import { type Calendar, type Source, checkSubject } from "./calendar.ts";
import { resized } from "./records.ts";
import { sortByKey } from "./sort.ts";
import type { Duration } from "./time.ts";

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
  declare private readonly calendar: Calendar;
  declare private readonly number: number;
  declare private readonly delay: Duration;
  declare private readonly kind: number;
  /** The class, as the upper bits of an order. */
  declare private readonly orderBits: number;

  /**
   * The ring: rows of 16 bytes in one buffer, which is seen as doubles and as words (see `Records`).
   *
   *     doubles  0 time   1
   *     words    0   1    2 order  3 sequence
   */
  private doubles = new Float64Array(16 * 2);
  private words = new Int32Array(this.doubles.buffer);
  /** Its size is a power of two, and this one less. */
  private mask = 15;
  private head = 0;
  private size = 0;
  /** The arguments, a place each: from the first on that was not 0. */
  private arguments: Float64Array<ArrayBuffer> | undefined;

  /** The place of the least of the first instant's events, while those are out of order. */
  private least = 0;
  /** The last instant whose events were pushed out of order. */
  private raggedUntil = -Infinity;
  /** Whether those of the first instant are out of order. */
  private frontIsRagged = false;

  constructor(calendar: Calendar, delay: Duration, kind: number) {
    this.calendar = calendar;
    this.number = calendar.enter(this);
    this.delay = delay;
    this.kind = kind;
    this.orderBits = (kind & 7) << 28;
  }

  get frontOrder(): number {
    return this.words[(this.front << 2) | 2];
  }

  get frontSequence(): number {
    return this.words[(this.front << 2) | 3];
  }

  /** The place of the front that is shown. */
  private get front(): number {
    return this.frontIsRagged ? this.least : this.head;
  }

  push(subject: number, argument = 0): void {
    checkSubject(subject);
    if (this.size > this.mask) this.grow();
    const calendar = this.calendar;
    const doubles = this.doubles;
    const words = this.words;
    const at = (this.head + this.size) & this.mask;
    const time = calendar.now + this.delay;
    const order = this.orderBits | subject;
    doubles[at << 1] = time;
    words[(at << 2) | 2] = order;
    words[(at << 2) | 3] = calendar.nextSequence();
    if (argument !== 0 || this.arguments !== undefined) this.keepArgument(at, argument);
    if (this.size++ === 0) {
      calendar.fronts.set(this.number, time);
      return;
    }
    const last = (at - 1) & this.mask;
    if (order < words[(last << 2) | 2] && time === doubles[last << 1]) this.joinOutOfOrder(at);
  }

  take(calendar: Calendar): boolean {
    if (this.frontIsRagged) this.sortFront();
    const head = this.head;
    calendar.kind = this.kind;
    calendar.order = this.words[(head << 2) | 2];
    calendar.argument = this.arguments === undefined ? 0 : this.arguments[head];
    const next = (head + 1) & this.mask;
    this.head = next;
    if (--this.size === 0) {
      calendar.fronts.set(this.number, Infinity);
      return true;
    }
    const time = this.doubles[next << 1];
    if (time <= this.raggedUntil && time > this.doubles[head << 1]) this.sortFront();
    calendar.fronts.set(this.number, time);
    return true;
  }

  private keepArgument(at: number, argument: number): void {
    this.arguments ??= new Float64Array(this.mask + 1);
    this.arguments[at] = argument;
  }

  /** The event that was pushed last precedes one of the same instant before it. */
  private joinOutOfOrder(at: number): void {
    const time = this.doubles[at << 1];
    this.raggedUntil = time;
    if (time !== this.doubles[this.head << 1]) return;
    const precedes = this.words[(at << 2) | 2] < this.frontOrder;
    if (precedes) this.least = at;
    else if (!this.frontIsRagged) this.least = this.head;
    this.frontIsRagged = true;
    if (precedes) this.calendar.fronts.set(this.number, time);
  }

  /** Sorts the events of the first instant by subject; those of one subject stay in the order they were pushed. */
  private sortFront(): void {
    this.frontIsRagged = false;
    const doubles = this.doubles;
    const time = doubles[this.head << 1];
    let count = 1;
    while (count < this.size && doubles[this.place(count) << 1] === time) count++;
    if (count <= FEW) this.sortInPlace(count);
    else this.sortByCopy(count);
  }

  /** Where in the ring the index-th event is. */
  private place(index: number): number {
    return (this.head + index) & this.mask;
  }

  private sortInPlace(count: number): void {
    const words = this.words;
    for (let index = 1; index < count; index++) {
      const from = this.place(index);
      const order = words[(from << 2) | 2];
      const sequence = words[(from << 2) | 3];
      const argument = this.argument(from);
      let to = index;
      for (; to > 0; to--) {
        const left = this.place(to - 1);
        if (words[(left << 2) | 2] <= order) break;
        this.put(this.place(to), words[(left << 2) | 2], words[(left << 2) | 3], this.argument(left));
      }
      this.put(this.place(to), order, sequence, argument);
    }
  }

  private sortByCopy(count: number): void {
    const words = this.words;
    const places = new Int32Array(count).map((_, index) => this.place(index));
    sortByKey(places, count, (place) => words[(place << 2) | 2]);
    const order = places.map((place) => words[(place << 2) | 2]);
    const sequence = places.map((place) => words[(place << 2) | 3]);
    const argument = Float64Array.from(places, (place) => this.argument(place));
    for (let index = 0; index < count; index++) {
      this.put(this.place(index), order[index], sequence[index], argument[index]);
    }
  }

  /** Fills in all but the time. */
  private put(place: number, order: number, sequence: number, argument: number): void {
    this.words[(place << 2) | 2] = order;
    this.words[(place << 2) | 3] = sequence;
    if (this.arguments !== undefined) this.arguments[place] = argument;
  }

  private argument(place: number): number {
    return this.arguments === undefined ? 0 : this.arguments[place];
  }

  /** Doubles the full ring, and lets it start at 0. */
  private grow(): void {
    const { head, mask } = this;
    const before = this.arguments;
    this.doubles = unrolled(this.doubles, head * 2);
    this.words = new Int32Array(this.doubles.buffer);
    if (before !== undefined) this.arguments = unrolled(before, head);
    this.least = (this.least - head) & mask;
    this.mask = 2 * mask + 1;
    this.head = 0;
  }
}

/** A copy of a full ring that begins at `start`, twice as long. */
function unrolled(ring: Float64Array<ArrayBuffer>, start: number): Float64Array<ArrayBuffer> {
  const larger = resized(ring, ring.length * 2);
  larger.set(ring.subarray(start), 0);
  larger.set(ring.subarray(0, start), ring.length - start);
  return larger;
}
