import { Heap } from "./heap.ts";
import { NONE, type EventList, type Records, type Slot, resized } from "./records.ts";
import { sortByKey } from "./sort.ts";
import type { Instant } from "./time.ts";

/** More events than this are dealt into buckets rather than sorted, and no insertion looks past more than this. */
const MANY = 64;

/** With so few events in all, they are best kept sorted: everything new goes to the bottom. */
const FEW = 32;

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
 * - Buckets are first in, first out, and every step is stable. So equal times meet in the order they were scheduled,
 *   and sorting has only class and subject to consider: the sequence number is never looked at.
 * - What happens to be in order becomes the bottom as it is, however much it is; what arrives in order is appended.
 * - Events that all share one instant are not dealt into buckets; they are sorted by class and subject.
 * - A bottom that has grown long is divided into a rung again, when an event is to be inserted into its midst. If it
 *   cannot be divided, being all one instant, the late event waits beside the bottom in a heap.
 *
 * The textbook's ladder takes a thousand times as long when many events share an instant or fall into the near future;
 * this one takes a few times as long at worst.
 */
export class Ladder implements EventList {
  readonly #records: Records;

  /** A sorted list of slots. */
  #first: Slot = NONE;
  #last: Slot = NONE;

  /** Later than every event in a rung or the bottom: `#topStart < time`, in the order of insertion. */
  #top = new Int32Array(64);
  #topSize = 0;
  #topStart = -1;

  /** Coarse to fine; each lies before the current bucket of the one before it. The first `#depth` are in use. */
  readonly #rungs: Rung[] = [];
  #depth = 0;

  /** Where lists are spread out for sorting. */
  #list = new Int32Array(64);

  /** Events too late to be sorted with a long bottom that cannot be divided. Almost always empty. */
  readonly #late: Heap;

  constructor(records: Records) {
    this.#records = records;
    this.#late = new Heap(records);
  }

  insert(slot: Slot): void {
    const time = this.#records.time(slot);
    if (time > this.#topStart) {
      this.#appendToTop(slot);
      return;
    }
    for (let level = 0; level < this.#depth; level++) {
      const rung = this.#rungs[level];
      const bucket = rung.bucketOf(time);
      if (bucket >= rung.current) {
        rung.append(bucket, slot, this.#records);
        return;
      }
    }
    if (!this.#insertIntoBottom(slot)) this.#insertIntoLongBottom(slot);
  }

  first(): Slot {
    if (this.#late.size > 0) return this.#lateIsFirst() ? this.#late.first() : this.#first;
    if (this.#first < 0) this.#refill();
    return this.#first;
  }

  removeFirst(): void {
    if (this.#late.size > 0 && this.#lateIsFirst()) this.#late.removeFirst();
    else this.#first = this.#records.next(this.#first);
  }

  #lateIsFirst(): boolean {
    return this.#first === NONE || this.#records.precedes(this.#late.first(), this.#first);
  }

  #appendToTop(slot: Slot): void {
    if (this.#topSize === this.#top.length) this.#top = resized(this.#top, this.#topSize * 2);
    this.#top[this.#topSize++] = slot;
  }

  /** Inserts behind all that precede it. False if its place is too far from both ends. */
  #insertIntoBottom(slot: Slot): boolean {
    const records = this.#records;
    const first = this.#first;
    if (first < 0) {
      this.#first = slot;
    } else if (!records.sortsBefore(slot, this.#last)) {
      records.setNext(this.#last, slot);
    } else if (records.sortsBefore(slot, first)) {
      records.setNext(slot, first);
      this.#first = slot;
      return true;
    } else {
      return this.#insertBehind(first, slot);
    }
    records.setNext(slot, -1);
    this.#last = slot;
    return true;
  }

  #insertBehind(before: Slot, slot: Slot): boolean {
    const records = this.#records;
    const time = records.time(slot);
    for (let steps = 0; steps < 64; steps++) {
      const after = records.next(before);
      if (records.time(after) >= time && records.sortsBefore(slot, after)) {
        records.setNext(before, slot);
        records.setNext(slot, after);
        return true;
      }
      before = after;
    }
    return false;
  }

  /**
   * Divides the bottom, and inserts then; or lets the event wait beside it. As long as one waits, the bottom stays as it
   * is: what waits has to come before everything that is not in the bottom.
   */
  #insertIntoLongBottom(slot: Slot): void {
    const least = this.#records.time(this.#first);
    const most = this.#records.time(this.#last);
    while (this.#depth > 0 && this.#rungs[this.#depth - 1].isUsedUp) this.#depth--;
    if (this.#topStart === Infinity) {
      // They are no longer few: from the top on, then.
      for (const other of this.#takeList(this.#first)) this.#appendToTop(other);
      this.#topStart = least - 1;
    } else if (least < most && this.#depth < DEEP && this.#late.size === 0) {
      this.#deal(this.#takeList(this.#first), least, most);
    } else {
      this.#late.insert(slot);
      return;
    }
    this.#first = NONE;
    this.insert(slot);
  }

  /** Fills the empty bottom with the events that come next, if there are any. */
  #refill(): void {
    while (this.#first < 0) {
      if (this.#depth > 0) {
        const rung = this.#rungs[this.#depth - 1];
        if (rung.advance()) this.#gather(rung.takeCurrent());
        else this.#depth--;
      } else {
        if (this.#topSize === 0) return;
        this.#settleTop();
      }
    }
  }

  /** Makes a bucket, a list that starts with `first`, the bottom; or deals it into a finer rung, if it is long. */
  #gather(first: Slot): void {
    const records = this.#records;
    let last = first;
    let rest = records.next(first);
    let count = 1;
    while (rest >= 0 && !records.sortsBefore(rest, last)) {
      last = rest;
      rest = records.next(rest);
      count++;
    }
    for (let slot = rest; slot >= 0 && count <= 64; slot = records.next(slot)) count++;
    if (rest >= 0 && count > 64) {
      this.#settle(this.#takeList(first));
      return;
    }
    // What was found in order stays as it is; the others are inserted.
    this.#first = first;
    this.#last = last;
    records.setNext(last, -1);
    while (rest >= 0) {
      const slot = rest;
      rest = records.next(slot);
      this.#insertIntoBottom(slot);
    }
  }

  #settleTop(): void {
    const slots = this.#top.subarray(0, this.#topSize);
    this.#topSize = 0;
    this.#topStart = this.#settle(slots);
    if (slots.length <= FEW) this.#topStart = Infinity;
  }

  /** Makes these events the bottom, sorted; or deals them into a rung, if they are many. Gives the latest instant. */
  #settle(slots: Int32Array): Instant {
    const records = this.#records;
    let least = Infinity;
    let most = -Infinity;
    for (let index = 0; index < slots.length; index++) {
      const time = records.time(slots[index]);
      if (time < least) least = time;
      if (time > most) most = time;
    }
    if (slots.length <= MANY) {
      for (let index = 0; index < slots.length; index++) this.#insertIntoBottom(slots[index]);
    } else if (least < most && !this.#isSorted(slots)) {
      this.#deal(slots, least, most);
    } else {
      if (least === most) sortByKey(slots, slots.length, (slot) => records.order(slot));
      this.#link(slots);
    }
    return most;
  }

  #isSorted(slots: Int32Array): boolean {
    for (let index = 1; index < slots.length; index++) {
      if (this.#records.sortsBefore(slots[index], slots[index - 1])) return false;
    }
    return true;
  }

  /** Makes sorted events the bottom. */
  #link(slots: Int32Array): void {
    for (let index = 1; index < slots.length; index++) this.#records.setNext(slots[index - 1], slots[index]);
    this.#first = slots[0];
    this.#last = slots[slots.length - 1];
    this.#records.setNext(this.#last, NONE);
  }

  /** The slots of a list that starts with `first`, in an array that is good until the next call. */
  #takeList(first: Slot): Int32Array {
    let count = 0;
    for (let slot = first; slot !== NONE; slot = this.#records.next(slot)) {
      if (count === this.#list.length) this.#list = resized(this.#list, count * 2);
      this.#list[count++] = slot;
    }
    return this.#list.subarray(0, count);
  }

  /** Deals events into a new rung below the others. */
  #deal(slots: Int32Array, least: Instant, most: Instant): void {
    if (this.#depth === this.#rungs.length) this.#rungs.push(new Rung());
    const rung = this.#rungs[this.#depth++];
    rung.span(least, most, slots.length);
    for (let index = 0; index < slots.length; index++) {
      rung.append(rung.bucketOf(this.#records.time(slots[index])), slots[index], this.#records);
    }
  }
}

/** One rung: buckets of equal width, each a list of slots in the order they came. */
class Rung {
  /** The first bucket that was not yet emptied. Times before it belong further down. */
  current = 0;
  #start = 0;
  /** Buckets a microsecond. */
  #density = 0;
  #buckets = 0;
  #firsts = new Int32Array(0);
  #lasts = new Int32Array(0);

  /** Lays out as many buckets as there are events between `least` and `most`, none narrower than a microsecond. */
  span(least: number, most: number, count: number): void {
    const width = Math.ceil((most - least + 1) / count);
    this.#start = least;
    this.#density = 1 / width;
    this.#buckets = Math.floor((most - least) * this.#density) + 1;
    this.current = 0;
    if (this.#buckets > this.#firsts.length) {
      this.#firsts = new Int32Array(this.#buckets * 2);
      this.#lasts = new Int32Array(this.#buckets * 2);
    }
    this.#firsts.fill(NONE, 0, this.#buckets);
  }

  /**
   * The bucket of a time; `NONE`, so below `current`, for what lies before this rung. The last bucket also takes what is
   * later than all that the rung was laid out for. Rounding cannot do harm: the index never falls while time rises.
   */
  bucketOf(time: number): number {
    if (time < this.#start) return -1;
    const position = (time - this.#start) * this.#density;
    return position < this.#buckets ? position | 0 : this.#buckets - 1;
  }

  append(bucket: number, slot: Slot, records: Records): void {
    records.setNext(slot, -1);
    if (this.#firsts[bucket] < 0) this.#firsts[bucket] = slot;
    else records.setNext(this.#lasts[bucket], slot);
    this.#lasts[bucket] = slot;
  }

  /** Whether its last bucket was emptied. */
  get isUsedUp(): boolean {
    return this.current === this.#buckets;
  }

  /** Goes to the next bucket with events. False when there is none. */
  advance(): boolean {
    while (this.current < this.#buckets && this.#firsts[this.current] < 0) this.current++;
    return this.current < this.#buckets;
  }

  /** The first event of the current bucket, which is left behind. */
  takeCurrent(): Slot {
    return this.#firsts[this.current++];
  }
}
