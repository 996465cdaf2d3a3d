import { Heap } from "./heap.ts";
import { NONE, type EventList, type Records, type Slot, resized } from "./records.ts";
import { sortByKey } from "./sort.ts";
import type { Instant } from "./time.ts";

/**
 * More events than this are dealt into buckets rather than sorted, and no insertion looks past more than this. (As the
 * other numbers here, it stands as a plain one in code that runs for every event: see `records.ts`.)
 */
const MANY = 64;

/** With so few events in all, they are best kept sorted: everything new goes to the bottom. */
const FEW = 32;

/**
 * An empty bottom is filled, bucket after bucket, until it has at least so many events. A bucket mostly has one or two:
 * too few to be worth a visit of their own.
 */
const ENOUGH = 8;

/** Where an empty bottom begins: so many places before it are left for what comes in front of all others. */
const START = 64;

/**
 * With this many rungs a long bottom is not divided again, or events that always come in front of all others would
 * add a rung for each hundred of them. (Full buckets can still add a few: each divides by 64 at least.)
 */
const DEEP = 8;

/**
 * The ladder queue: a future event list in which inserting and removing take constant time, whatever the number of
 * events, as long as their times spread at all.
 *
 * What is far away lies unsorted in the **top**. When the near runs out, the top is dealt into the buckets of a
 * **rung**, as many as there are events; a bucket that is still too full is dealt into a finer rung below it; and a
 * bucket with few events is sorted and becomes the **bottom**, from which events leave. So an event is only compared
 * with others shortly before its turn.
 *
 *     bottom   [now … 3.1)   sorted
 *     rung 1   [3.1 … 4)     0.1 a bucket    (was one bucket of rung 0)
 *     rung 0   [4 … 90]      1 a bucket
 *     top      (90 …         as they came
 *
 * W. T. Tang, R. S. M. Goh, I. L.-J. Thng: Ladder queue, ACM TOMACS 15 (2005), with four changes:
 *
 * - Every step is stable: equal times meet in the order they were scheduled. So sorting has only class and subject to
 *   consider: the sequence number is never looked at.
 * - What happens to be in order becomes the bottom as it is, however much it is; what arrives in order is appended.
 * - Events that all share one instant are not dealt into buckets; they are sorted by class and subject.
 * - A bottom that has grown long is divided into a rung again, when an event is to be inserted into its midst. If it
 *   cannot be divided, being all one instant, the late event waits beside the bottom in a heap.
 *
 * The textbook's ladder takes a thousand times as long when many events share an instant or fall into the near future;
 * this one takes a few times as long at worst.
 */
export class Ladder implements EventList {
  declare private readonly records: Records;

  /**
   * The bottom, in order, from `head` to before `tail`: times, and the slots they belong to. With no event left anywhere,
   * the time at the head is `Infinity`.
   */
  private times = new Float64Array(256);
  private slots = new Int32Array(256);
  private head = 0;
  private tail = 0;

  /** Later than every event in a rung or the bottom: `topStart < time`, slots in the order of insertion. */
  private top = new Int32Array(64);
  private topSize = 0;
  private topStart = -Infinity;

  /** Coarse to fine; each lies before the current bucket of the one before it. The first `depth` are in use. */
  private readonly rungs: Rung[] = [];
  private depth = 0;

  /** Where lists are spread out for sorting. */
  private list = new Int32Array(64);

  /** Events too late to be sorted with a long bottom that cannot be divided. Almost always empty. */
  declare private readonly late: Heap;
  private isLate = false;

  constructor(records: Records) {
    this.records = records;
    this.late = new Heap(records);
  }

  insert(slot: Slot): void {
    const time = this.records.time(slot);
    const times = this.times;
    const head = this.head;
    let at = this.tail;
    if (this.depth > 0 || at - head > 16 || at === times.length || time > this.topStart) {
      this.insertElsewhere(slot);
      return;
    }
    // Of few events, and without rungs, the place is found from behind.
    const slots = this.slots;
    this.tail = at + 1;
    for (; at > head; at--) {
      const before = times[at - 1];
      if (before < time || (before === time && !this.isTiedBefore(slot, at - 1))) break;
      times[at] = before;
      slots[at] = slots[at - 1];
    }
    times[at] = time;
    slots[at] = slot;
  }

  nextTime(): Instant {
    const time = this.times[this.head];
    if (this.head !== this.tail) {
      if (!this.isLate) return time;
    } else if (time === Infinity) {
      return time;
    }
    this.prepare();
    return this.times[this.head];
  }

  first(): Slot {
    return this.slots[this.head];
  }

  takeNext(): Slot {
    return this.slots[this.head++];
  }

  /** Brings what comes next to the front of the bottom. */
  private prepare(): void {
    if (this.head === this.tail && !this.isLate) this.refill();
    if (this.isLate) this.takeLate();
  }

  /** Moves the first of those that wait to the front of the bottom, if it comes next. */
  private takeLate(): void {
    const slot = this.late.first();
    const time = this.records.time(slot);
    if (this.head < this.tail) {
      const first = this.times[this.head];
      if (first < time || (first === time && !this.records.precedesAtOnce(slot, this.first()))) return;
    }
    if (this.head === 0) this.makeRoom();
    this.putInFront(slot, time);
    this.late.removeFirst();
    this.isLate = this.late.size > 0;
  }

  private putInFront(slot: Slot, time: Instant): void {
    const head = --this.head;
    this.times[head] = time;
    this.slots[head] = slot;
  }

  /** Whether a new event comes before one in the bottom that has the same time, but was scheduled before it. */
  private isTiedBefore(slot: Slot, at: number): boolean {
    return this.records.order(slot) < this.records.order(this.slots[at]);
  }

  /** Inserts wherever the event belongs. (Its time is not handed on: for a call it would be allocated.) */
  private insertElsewhere(slot: Slot): void {
    const time = this.records.time(slot);
    if (time > this.topStart) {
      if (this.topSize === this.top.length) this.top = resized(this.top, this.topSize * 2);
      this.top[this.topSize++] = slot;
      return;
    }
    for (let level = 0; level < this.depth; level++) {
      if (this.rungs[level].insert(slot, this.records)) return;
    }
    if (!this.insertIntoBottom(slot)) this.insertIntoLongBottom(slot);
  }

  /** Inserts behind all that precede it. False if its place is too far from both ends. */
  private insertIntoBottom(slot: Slot): boolean {
    const time = this.records.time(slot);
    if (this.tail === this.times.length) this.makeRoom();
    const head = this.head;
    let at = this.tail;
    if (at > head && this.isBefore(slot, time, at - 1)) {
      if (head > 0 && this.isBefore(slot, time, head)) {
        this.putInFront(slot, time);
        return true;
      }
      if (at - head > 64 && this.isBefore(slot, time, at - 64)) return false;
      const times = this.times;
      const slots = this.slots;
      do {
        times[at] = times[at - 1];
        slots[at] = slots[at - 1];
        at--;
      } while (at > head && this.isBefore(slot, time, at - 1));
    }
    this.times[at] = time;
    this.slots[at] = slot;
    this.tail++;
    return true;
  }

  /** Of an event, and one in the bottom that was scheduled before it. */
  private isBefore(slot: Slot, time: Instant, at: number): boolean {
    const other = this.times[at];
    return time < other || (time === other && this.isTiedBefore(slot, at));
  }

  /** Moves the bottom to the start of its arrays, or to that of larger ones. */
  private makeRoom(): void {
    const { head, tail } = this;
    const room = this.times.length;
    if (tail - head > room / 2) {
      this.times = resized(this.times, room * 2);
      this.slots = resized(this.slots, room * 2);
    }
    this.times.copyWithin(START, head, tail);
    this.slots.copyWithin(START, head, tail);
    this.head = START;
    this.tail = START + tail - head;
  }

  /**
   * Divides the bottom, and inserts then; or lets the event wait beside it. As long as one waits, the bottom stays as it
   * is: what waits has to come before everything that is not in the bottom.
   */
  private insertIntoLongBottom(slot: Slot): void {
    const least = this.times[this.head];
    const most = this.times[this.tail - 1];
    while (this.depth > 0 && this.rungs[this.depth - 1].isUsedUp) this.depth--;
    if (this.topStart === Infinity) {
      // They are no longer few: from the top on, then.
      this.topStart = least - 1;
      for (let at = this.head; at < this.tail; at++) this.insertElsewhere(this.slots[at]);
    } else if (least < most && this.depth < DEEP && !this.isLate) {
      const rung = this.addRung(least, most, this.tail - this.head);
      for (let at = this.head; at < this.tail; at++) rung.insert(this.slots[at], this.records);
    } else {
      this.late.insert(slot);
      this.isLate = true;
      return;
    }
    this.empty();
    this.insert(slot);
  }

  private empty(): void {
    this.head = START;
    this.tail = START;
  }

  /**
   * Fills the empty bottom with the events that come next, if there are any: with enough of them, as far as the finest
   * rung has them.
   */
  private refill(): void {
    this.empty();
    while (this.tail < START + ENOUGH) {
      const rung = this.depth > 0 ? this.rungs[this.depth - 1] : undefined;
      if (rung?.advance()) {
        this.gather(rung.takeCurrent());
      } else if (this.tail > START) {
        return;
      } else if (this.depth > 0) {
        this.depth--;
      } else {
        if (this.topSize === 0) {
          this.topStart = Infinity;
          this.times[this.head] = Infinity;
          return;
        }
        this.settleTop();
      }
    }
  }

  /**
   * Appends a bucket to the bottom, sorted; or settles it, if it has many. A bucket is a list that starts with its last
   * event: so an equal one that is met later was scheduled earlier.
   */
  private gather(last: Slot): void {
    const records = this.records;
    const times = this.times;
    const slots = this.slots;
    const start = this.tail;
    let tail = start;
    for (let slot = last; slot >= 0; slot = records.next(slot)) {
      const time = records.time(slot);
      let at = tail;
      for (; at > start; at--) {
        const before = times[at - 1];
        if (before < time || (before === time && records.order(slots[at - 1]) < records.order(slot))) break;
        times[at] = before;
        slots[at] = slots[at - 1];
      }
      times[at] = time;
      slots[at] = slot;
      if (++tail > start + 64) {
        this.gatherMany(last);
        return;
      }
    }
    this.tail = tail;
  }

  private gatherMany(last: Slot): void {
    let count = 0;
    for (let slot = last; slot >= 0; slot = this.records.next(slot)) {
      if (count === this.list.length) this.list = resized(this.list, count * 2);
      this.list[count++] = slot;
    }
    this.settle(this.list.subarray(0, count).reverse());
  }

  private settleTop(): void {
    const size = this.topSize;
    this.topSize = 0;
    this.topStart = this.settle(this.top.subarray(0, size));
    if (size <= FEW) this.topStart = Infinity;
  }

  /**
   * Makes these events, in the order they came, the bottom, sorted; or deals them into a rung, if they are many. Gives the
   * latest instant.
   */
  private settle(slots: Int32Array): Instant {
    const records = this.records;
    let least = Infinity;
    let most = -Infinity;
    for (let index = 0; index < slots.length; index++) {
      const time = records.time(slots[index]);
      if (time < least) least = time;
      if (time > most) most = time;
    }
    if (slots.length > MANY && least < most && !this.isSorted(slots)) {
      const rung = this.addRung(least, most, slots.length);
      for (let index = 0; index < slots.length; index++) rung.insert(slots[index], records);
    } else {
      if (least === most) sortByKey(slots, slots.length, (slot) => records.order(slot));
      for (let index = 0; index < slots.length; index++) this.insertIntoBottom(slots[index]);
    }
    return most;
  }

  private isSorted(slots: Int32Array): boolean {
    const records = this.records;
    for (let index = 1; index < slots.length; index++) {
      const later = records.time(slots[index]) - records.time(slots[index - 1]);
      if (later < 0) return false;
      if (later === 0 && records.order(slots[index]) < records.order(slots[index - 1])) return false;
    }
    return true;
  }

  /** A new rung below the others. */
  private addRung(least: Instant, most: Instant, count: number): Rung {
    if (this.depth === this.rungs.length) this.rungs.push(new Rung());
    const rung = this.rungs[this.depth++];
    rung.span(least, most, count);
    return rung;
  }
}

/**
 * One rung: buckets of equal width, each a list that starts with the event that came last; so that putting one in does
 * not have to touch another.
 */
class Rung {
  /** The first bucket that was not yet emptied. Times before it belong further down. */
  current = 0;
  private start = NaN;
  /** Buckets a microsecond. */
  private density = NaN;
  private buckets = 0;
  /** The last event of each. */
  private lasts = new Int32Array(0);

  /** Lays out as many buckets as there are events between `least` and `most`, none narrower than a microsecond. */
  span(least: Instant, most: Instant, count: number): void {
    const width = Math.ceil((most - least + 1) / count);
    this.start = least;
    this.density = 1 / width;
    this.buckets = Math.floor((most - least) * this.density) + 1;
    this.current = 0;
    if (this.buckets > this.lasts.length) this.lasts = new Int32Array(this.buckets * 1.5);
    this.lasts.fill(NONE, 0, this.buckets);
  }

  /**
   * Puts an event into the bucket of its time. False if that is not before us any more.
   *
   * The last bucket also takes what is later than all that the rung was laid out for. Rounding cannot do harm: the index
   * never falls while time rises.
   */
  insert(slot: Slot, records: Records): boolean {
    const position = (records.time(slot) - this.start) * this.density;
    const bucket = position < this.buckets ? Math.floor(position) : this.buckets - 1;
    if (bucket < this.current) return false;
    const lasts = this.lasts;
    records.setNext(slot, lasts[bucket]);
    lasts[bucket] = slot;
    return true;
  }

  /** Whether its last bucket was emptied. */
  get isUsedUp(): boolean {
    return this.current === this.buckets;
  }

  /** Goes to the next bucket with events. False when there is none. */
  advance(): boolean {
    const lasts = this.lasts;
    let current = this.current;
    while (current < this.buckets && lasts[current] < 0) current++;
    this.current = current;
    return current < this.buckets;
  }

  /** The last event of the current bucket, which is left behind. */
  takeCurrent(): Slot {
    return this.lasts[this.current++];
  }
}
