import type { Instant } from "./time.ts";

/** Where a pending event is kept: the number of a row of `Records`. */
export type Slot = number;

/** No slot, no subject: the end of a list. */
export const NONE = -1;

/** The kind of a pending event that was cancelled: it stays where it is until its time comes, and then does nothing. */
export const CANCELLED = -1;

/** Slots are numbered below this, so that a handle has room for slot and sequence (see `calendar.ts`). */
export const MOST_SLOTS = 0x100_0000;

/**
 * The pending events, in rows of 32 bytes: a cache line is fetched once when an event is made, once when the list that
 * holds it comes to it, and not again when it runs. One buffer, seen as doubles and as words.
 *
 *     doubles  0 time   1 (argument, wide)   2               3
 *     words    0   1    2 argument   3       4 order 5 kind  6 sequence  7 next of its list, or next free row
 *
 * Rows are recycled through a free list, so a simulation that runs for a day allocates no more than its fullest moment
 * needs, and nothing for an event. Arrays of numbers rather than objects: the garbage collector never looks at them.
 *
 * Four habits of code that runs for every event, here and in the lists, lanes and timers:
 *
 * - Offsets and constants stand as plain numbers (`slot < 0` rather than `slot === NONE`): a constant of the module is not
 *   one to the compiler, which would load and check it at each use.
 * - Members are `private` rather than `#names`: those take twice the bytecode, and V8 inlines no more than so many bytes
 *   of it into a function.
 * - Times do not go through calls that may not be inlined, not even on a path that is seldom taken: a number above 2^31
 *   has to be allocated for one, and that is done ahead of the branch. Who is called reads the time from the row.
 * - A field that only the constructor fills is `declare`d. Otherwise it is `undefined` at first, and V8, which has seen it
 *   change, takes it for a variable of no known type: it would be loaded and its type checked at each use.
 */
export class Records {
  private doubles = new Float64Array(64 * 4);
  private words = new Int32Array(this.doubles.buffer);
  /** Whether arguments are kept as doubles: from the first on that was no word of 32 bits. */
  private isWide = false;

  private rows = 64;
  private free: Slot = NONE;
  /** Rows at and above this were never used. */
  private fresh: Slot = 0;

  /** When it is due. */
  time(slot: Slot): Instant {
    return this.doubles[slot << 2];
  }

  setTime(slot: Slot, time: Instant): void {
    this.doubles[slot << 2] = time;
  }

  argument(slot: Slot): number {
    return this.isWide ? this.doubles[(slot << 2) | 1] : this.words[(slot << 3) | 2];
  }

  /** Ties first fall by order: class and subject in one number (see `orderOf`). */
  order(slot: Slot): number {
    return this.words[(slot << 3) | 4];
  }

  kind(slot: Slot): number {
    return this.words[(slot << 3) | 5];
  }

  /** Ties of one class and subject fall by the order in which they were scheduled (see `isBefore`). */
  sequence(slot: Slot): number {
    return this.words[(slot << 3) | 6];
  }

  /** The next event of the same list. */
  next(slot: Slot): Slot {
    return this.words[(slot << 3) | 7];
  }

  setNext(slot: Slot, next: Slot): void {
    this.words[(slot << 3) | 7] = next;
  }

  /** Fills a free row in and returns its slot. The time is left to be set; what is next, to the list it goes to. */
  add(order: number, sequence: number, kind: number, argument: number): Slot {
    let slot = this.free;
    if (slot < 0) slot = this.claimFresh();
    const words = this.words;
    const row = slot << 3;
    this.free = words[row | 7];
    words[row | 4] = order;
    words[row | 5] = kind;
    words[row | 6] = sequence;
    if (!this.isWide && (argument | 0) === argument) words[row | 2] = argument;
    else this.setWide(slot, argument);
    return slot;
  }

  /** Marks the event as one that is not to run. */
  cancel(slot: Slot): void {
    this.words[(slot << 3) | 5] = CANCELLED;
  }

  /** Gives a row back. To those who still have its handle, its event looks cancelled. */
  release(slot: Slot): void {
    const words = this.words;
    const row = slot << 3;
    words[row | 5] = -1;
    words[row | 7] = this.free;
    this.free = slot;
  }

  /** Whether `a` comes before `b`: the total order of events. */
  precedes(a: Slot, b: Slot): boolean {
    const earlier = this.time(a) - this.time(b);
    return earlier < 0 || (earlier === 0 && this.precedesAtOnce(a, b));
  }

  /** The same of two events of one instant. */
  precedesAtOnce(a: Slot, b: Slot): boolean {
    const lower = this.order(a) - this.order(b);
    return lower < 0 || (lower === 0 && isBefore(this.sequence(a), this.sequence(b)));
  }

  private setWide(slot: Slot, argument: number): void {
    if (!this.isWide) {
      for (let row = 0; row < this.rows; row++) this.doubles[(row << 2) | 1] = this.words[(row << 3) | 2];
      this.isWide = true;
    }
    this.doubles[(slot << 2) | 1] = argument;
  }

  private claimFresh(): Slot {
    if (this.fresh === this.rows) this.grow();
    this.words[(this.fresh << 3) | 7] = -1;
    return this.fresh++;
  }

  private grow(): void {
    if (this.rows === MOST_SLOTS) throw new RangeError(`more than ${MOST_SLOTS} events are pending`);
    this.rows *= 2;
    this.doubles = resized(this.doubles, this.rows * 4);
    this.words = new Int32Array(this.doubles.buffer);
  }
}

/** A copy of a column with room for `size` entries. */
export function resized<Column extends Float64Array | Int32Array>(column: Column, size: number): Column {
  const larger = new (column.constructor as new (size: number) => Column)(size);
  larger.set(column);
  return larger;
}

/**
 * A future event list over the rows of `Records`: takes slots in any order and gives them back in the total order
 * (time, order, sequence). Slots must be inserted in the order of their sequence.
 */
export interface EventList {
  /** The slot's row is filled in. Its time is not before the last one taken. */
  insert(slot: Slot): void;
  /** When the earliest event is due; `Infinity` when there is none. */
  nextTime(): Instant;
  /** The slot of the earliest event. Only after `nextTime()` has found that there is one; as is the next. */
  first(): Slot;
  /** Takes the earliest event out and gives its slot. Only after `nextTime()` has found that there is one. */
  takeNext(): Slot;
}

/** How to make one: `Ladder`, or `Heap` to compare it with. */
export type EventListConstructor = new (records: Records) => EventList;

/** Subjects are numbered below this. */
export const MOST_SUBJECTS = 0x1000_0000;

/** Order classes are 0 … 7. */
export const ORDER_CLASSES = 8;

/** A kind carries its order class in its last three bits, so that nobody has to look it up. */
export function kindOf(index: number, orderClass: number): number {
  return (index << 3) | orderClass;
}

export function indexOf(kind: number): number {
  return kind >> 3;
}

/** The kind's class and the subject in one number that sorts by class, then by subject, and fits an Int32. */
export function orderOf(kind: number, subject: number): number {
  return ((kind & 7) << 28) | subject;
}

/** The class of an order. */
export function orderClassOf(order: number): number {
  return order >> 28;
}

/** The subject of an order. */
export function subjectOf(order: number): number {
  return order & 0x0fff_ffff;
}

/**
 * Whether a sequence comes before another. They are kept as words of 32 bits and start again when those are used up, so
 * it is the shorter way round that counts: right for any two events with fewer than 2^31 scheduled between them.
 */
export function isBefore(sequence: number, other: number): boolean {
  return ((sequence - other) | 0) < 0;
}

/** The latest instant there is: whole numbers above it are not exact. */
export const LATEST: Instant = Number.MAX_SAFE_INTEGER;
