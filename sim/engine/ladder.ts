import { Heap } from "./heap.ts";
import { NONE, type EventList, type Records, type Slot, resized } from "./records.ts";
import { sortByKey } from "./sort.ts";

/** A bucket with more events than this is divided into a rung of smaller buckets, rather than sorted. */
const SORTED_AT_ONCE = 64;

/** A bottom longer than this is not worth shifting through: it is divided into a rung again. */
const LONG_BOTTOM = 128;

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
 * bucket with few events is sorted into the **bottom**, from which events leave. So an event is only compared with
 * others shortly before its turn.
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
 * - The bottom is an ascending array with a moving head, so what arrives in order is appended.
 * - A bucket whose events all share one instant is not divided; it is sorted by order as it is.
 * - A bottom that has grown long is divided into a rung again, when an event is to be inserted into its midst. If it
 *   cannot be divided, being all one instant, the late event waits beside the bottom in a heap.
 *
 * The textbook's ladder takes a thousand times as long when many events share an instant or fall into the near future;
 * this one takes twice as long at worst.
 */
export class Ladder implements EventList {
  readonly #records: Records;

  /** Later than every event in a rung or the bottom: `#topStart < time`, in the order of insertion. */
  #top = new Int32Array(64);
  #topSize = 0;
  #topStart = -1;
  #topLeast = Infinity;
  #topMost = -Infinity;

  /** Coarse to fine; each lies before the current bucket of the one before it. The first `#depth` are in use. */
  readonly #rungs: Rung[] = [];
  #depth = 0;

  /** Sorted, from `#head` to `#tail`, with the times beside the slots because inserting compares mostly them. */
  #bottom = new Int32Array(256);
  #bottomTime = new Float64Array(256);
  #head = 0;
  #tail = 0;

  /** Events too late to be sorted with a long bottom that cannot be divided. Almost always empty. */
  readonly #late: Heap;

  constructor(records: Records) {
    this.#records = records;
    this.#late = new Heap(records);
  }

  insert(slot: Slot): void {
    const time = this.#records.time[slot];
    if (time > this.#topStart) {
      if (this.#topSize === this.#top.length) this.#top = resized(this.#top, this.#topSize * 2);
      this.#top[this.#topSize++] = slot;
      if (time < this.#topLeast) this.#topLeast = time;
      if (time > this.#topMost) this.#topMost = time;
      return;
    }
    for (let level = 0; level < this.#depth; level++) {
      const rung = this.#rungs[level];
      const bucket = rung.bucketOf(time);
      if (bucket >= rung.current) {
        rung.append(bucket, slot, this.#records.next);
        return;
      }
    }
    this.#insertIntoBottom(slot, time);
  }

  first(): Slot {
    if (this.#late.size > 0 && this.#lateIsFirst()) return this.#late.first();
    if (this.#head === this.#tail && !this.#refill()) return NONE;
    return this.#bottom[this.#head];
  }

  removeFirst(): void {
    if (this.#late.size > 0 && this.#lateIsFirst()) this.#late.removeFirst();
    else if (++this.#head === this.#tail) this.#head = this.#tail = 0;
  }

  #lateIsFirst(): boolean {
    return this.#head === this.#tail || this.#records.precedes(this.#late.first(), this.#bottom[this.#head]);
  }

  #insertIntoBottom(slot: Slot, time: number): void {
    const { order } = this.#records;
    if (this.#tail === this.#bottom.length) this.#makeRoom();
    const slots = this.#bottom;
    const times = this.#bottomTime;
    const head = this.#head;
    const own = order[slot];
    let at = this.#tail;
    if (at - head > LONG_BOTTOM && (times[at - 1] > time || (times[at - 1] === time && order[slots[at - 1]] > own))) {
      this.#insertIntoLongBottom(slot);
      return;
    }
    this.#tail++;
    while (at > head) {
      const before = times[at - 1];
      if (before < time || (before === time && order[slots[at - 1]] <= own)) break;
      times[at] = before;
      slots[at] = slots[at - 1];
      at--;
    }
    times[at] = time;
    slots[at] = slot;
  }

  #insertIntoLongBottom(slot: Slot): void {
    const times = this.#bottomTime;
    const least = times[this.#head];
    const most = times[this.#tail - 1];
    if (least === most || this.#depth >= DEEP) {
      this.#late.insert(slot);
      return;
    }
    this.#deal(this.#bottom.subarray(this.#head, this.#tail), least, most);
    this.#head = this.#tail = 0;
    this.insert(slot);
  }

  /** Makes room at the end of the bottom: by moving it to the front, or else by growing. */
  #makeRoom(): void {
    if (this.#head * 2 >= this.#tail) {
      this.#bottom.copyWithin(0, this.#head, this.#tail);
      this.#bottomTime.copyWithin(0, this.#head, this.#tail);
      this.#tail -= this.#head;
      this.#head = 0;
    } else {
      this.#reserve(this.#tail * 2);
    }
  }

  #reserve(size: number): void {
    if (size <= this.#bottom.length) return;
    const room = Math.max(size, this.#bottom.length * 2);
    this.#bottom = resized(this.#bottom, room);
    this.#bottomTime = resized(this.#bottomTime, room);
  }

  /** Fills the empty bottom with the events that come next. False when there are none. */
  #refill(): boolean {
    for (;;) {
      if (this.#depth > 0) {
        const rung = this.#rungs[this.#depth - 1];
        if (!rung.advance()) {
          this.#depth--;
          continue;
        }
        this.#gather(rung.takeCurrent());
      } else {
        if (this.#topSize === 0) return false;
        this.#gatherTop();
      }
      if (this.#tail > 0) return true;
    }
  }

  /** Moves the events of a bucket, a list that starts with `slot`, to the bottom, or to a rung if they are many. */
  #gather(slot: Slot): void {
    const { time, next } = this.#records;
    let count = 0;
    let least = Infinity;
    let most = -Infinity;
    for (; slot !== NONE; slot = next[slot]) {
      if (count === this.#bottom.length) this.#reserve(count + 1);
      const own = time[slot];
      this.#bottom[count] = slot;
      this.#bottomTime[count++] = own;
      if (own < least) least = own;
      if (own > most) most = own;
    }
    if (count > SORTED_AT_ONCE && least < most) this.#deal(this.#bottom.subarray(0, count), least, most);
    else this.#settle(count, least === most);
  }

  #gatherTop(): void {
    const count = this.#topSize;
    const least = this.#topLeast;
    const most = this.#topMost;
    this.#topSize = 0;
    this.#topStart = most;
    this.#topLeast = Infinity;
    this.#topMost = -Infinity;
    if (count > SORTED_AT_ONCE && least < most) {
      this.#deal(this.#top.subarray(0, count), least, most);
      return;
    }
    this.#reserve(count);
    const { time } = this.#records;
    for (let index = 0; index < count; index++) {
      const slot = this.#top[index];
      this.#bottom[index] = slot;
      this.#bottomTime[index] = time[slot];
    }
    this.#settle(count, least === most);
  }

  /** Makes the first `count` entries of the bottom its content, and sorts them. */
  #settle(count: number, oneInstant: boolean): void {
    const { order } = this.#records;
    const slots = this.#bottom;
    const times = this.#bottomTime;
    this.#head = 0;
    this.#tail = count;
    if (oneInstant) {
      if (count > 1) sortByKey(slots, count, order);
      return;
    }
    for (let index = 1; index < count; index++) {
      const slot = slots[index];
      const time = times[index];
      let at = index;
      while (at > 0 && (times[at - 1] > time || (times[at - 1] === time && order[slots[at - 1]] > order[slot]))) {
        times[at] = times[at - 1];
        slots[at] = slots[at - 1];
        at--;
      }
      times[at] = time;
      slots[at] = slot;
    }
  }

  /** Deals events into a new rung below the others. */
  #deal(slots: Int32Array, least: number, most: number): void {
    const { time, next } = this.#records;
    if (this.#depth === this.#rungs.length) this.#rungs.push(new Rung());
    const rung = this.#rungs[this.#depth++];
    rung.span(least, most, slots.length);
    for (let index = 0; index < slots.length; index++) {
      const slot = slots[index];
      rung.append(rung.bucketOf(time[slot]), slot, next);
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
   * The bucket of a time; `NONE`, so below `current`, for what lies before this rung. The last bucket also takes what is later
   * than all that the rung was laid out for. Rounding cannot do harm: the index never falls while time rises.
   */
  bucketOf(time: number): number {
    if (time < this.#start) return NONE;
    const position = (time - this.#start) * this.#density;
    return position < this.#buckets ? position | 0 : this.#buckets - 1;
  }

  append(bucket: number, slot: Slot, next: Int32Array): void {
    next[slot] = NONE;
    if (this.#firsts[bucket] === NONE) this.#firsts[bucket] = slot;
    else next[this.#lasts[bucket]] = slot;
    this.#lasts[bucket] = slot;
  }

  /** Goes to the next bucket with events. False when there is none. */
  advance(): boolean {
    while (this.current < this.#buckets && this.#firsts[this.current] === NONE) this.current++;
    return this.current < this.#buckets;
  }

  /** The first event of the current bucket, which is left behind. */
  takeCurrent(): Slot {
    return this.#firsts[this.current++];
  }
}
