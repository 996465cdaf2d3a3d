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
   * The ring: rows of 32 bytes in one buffer, which is seen as doubles and as words (see `Records`).
   *
   *     doubles  0 time   1 (argument, wide)   2                    3
   *     words    0   1    2 argument   3       4 order  5 sequence  6   7
   */
  private doubles = new Float64Array(16 * 4);
  private words = new Int32Array(this.doubles.buffer);
  /** Its size is a power of two, and this one less. */
  private mask = 15;
  private head = 0;
  private size = 0;
  /** Whether arguments are kept as doubles: from the first on that was no word of 32 bits. */
  private isWide = false;

  /** The place of the front that is shown: the head; or, as long as the first instant is out of order, its least. */
  private front = 0;
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
    return this.words[(this.front << 3) | 4];
  }

  get frontSequence(): number {
    return this.words[(this.front << 3) | 5];
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
    doubles[at << 2] = time;
    if (this.isWide) doubles[(at << 2) | 1] = argument;
    else if ((argument | 0) === argument) words[(at << 3) | 2] = argument;
    else this.widen(at, argument);
    words[(at << 3) | 4] = order;
    words[(at << 3) | 5] = calendar.nextSequence();
    if (this.size++ === 0) {
      this.front = at;
      calendar.fronts.set(this.number, time);
      return;
    }
    const last = (at - 1) & this.mask;
    if (order < words[(last << 3) | 4] && time === doubles[last << 2]) this.joinOutOfOrder(at);
  }

  take(calendar: Calendar): boolean {
    if (this.frontIsRagged) this.sortFront();
    const head = this.head;
    calendar.kind = this.kind;
    calendar.subject = this.words[(head << 3) | 4] & 0x0fff_ffff;
    calendar.argument = this.argument(head);
    const next = (head + 1) & this.mask;
    this.head = next;
    this.front = next;
    if (--this.size === 0) {
      calendar.fronts.set(this.number, Infinity);
      return true;
    }
    const time = this.doubles[next << 2];
    if (time <= this.raggedUntil && time > this.doubles[head << 2]) this.sortFront();
    calendar.fronts.set(this.number, time);
    return true;
  }

  /** The event that was pushed last precedes one of the same instant before it. */
  private joinOutOfOrder(at: number): void {
    const time = this.doubles[at << 2];
    const order = this.words[(at << 3) | 4];
    this.raggedUntil = time;
    const { fronts } = this.calendar;
    if (time !== fronts.time(this.number)) return;
    this.frontIsRagged = true;
    if (order >= this.frontOrder) return;
    this.front = at;
    fronts.set(this.number, time);
  }

  /** Sorts the events of the first instant by subject; those of one subject stay in the order they were pushed. */
  private sortFront(): void {
    this.frontIsRagged = false;
    this.front = this.head;
    const doubles = this.doubles;
    const time = doubles[this.head << 2];
    let count = 1;
    while (count < this.size && doubles[this.place(count) << 2] === time) count++;
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
      const order = words[(from << 3) | 4];
      const sequence = words[(from << 3) | 5];
      const argument = this.argument(from);
      let to = index;
      for (; to > 0; to--) {
        const left = this.place(to - 1);
        if (words[(left << 3) | 4] <= order) break;
        this.put(this.place(to), words[(left << 3) | 4], words[(left << 3) | 5], this.argument(left));
      }
      this.put(this.place(to), order, sequence, argument);
    }
  }

  private sortByCopy(count: number): void {
    const words = this.words;
    const places = new Int32Array(count).map((_, index) => this.place(index));
    sortByKey(places, count, (place) => words[(place << 3) | 4]);
    const order = places.map((place) => words[(place << 3) | 4]);
    const sequence = places.map((place) => words[(place << 3) | 5]);
    const argument = Float64Array.from(places, (place) => this.argument(place));
    for (let index = 0; index < count; index++) {
      this.put(this.place(index), order[index], sequence[index], argument[index]);
    }
  }

  /** Fills in all but the time. */
  private put(place: number, order: number, sequence: number, argument: number): void {
    this.words[(place << 3) | 4] = order;
    this.words[(place << 3) | 5] = sequence;
    if (this.isWide) this.doubles[(place << 2) | 1] = argument;
    else this.words[(place << 3) | 2] = argument;
  }

  private argument(place: number): number {
    return this.isWide ? this.doubles[(place << 2) | 1] : this.words[(place << 3) | 2];
  }

  private widen(at: number, argument: number): void {
    for (let place = 0; place <= this.mask; place++) this.doubles[(place << 2) | 1] = this.words[(place << 3) | 2];
    this.isWide = true;
    this.doubles[(at << 2) | 1] = argument;
  }

  /** Doubles the full ring, and lets it start at 0. */
  private grow(): void {
    const before = this.doubles;
    const start = this.head * 4;
    this.doubles = resized(before, before.length * 2);
    this.doubles.set(before.subarray(start), 0);
    this.doubles.set(before.subarray(0, start), before.length - start);
    this.words = new Int32Array(this.doubles.buffer);
    this.front = (this.front - this.head) & this.mask;
    this.mask = 2 * this.mask + 1;
    this.head = 0;
  }
}
