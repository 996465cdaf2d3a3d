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
 * The pending events: rows of 32 bytes in one buffer, which is seen as doubles and as words of 32 bits.
 *
 *     doubles  0 time   1 argument   2                3
 *     words    0   1    2   3        4 order  5 kind  6 next  7 sequence
 *
 * Rows are recycled through a free list, so a simulation that runs for a day allocates no more than its fullest moment
 * needs, and nothing for an event. One buffer rather than objects: a million events are 32 MB that the garbage collector
 * never looks at. And rather than an array for each field: a row lies in one cache line.
 *
 * Offsets and constants stand as plain numbers in code that runs for every event (`slot < 0` rather than
 * `slot === NONE`): a constant of the module is not one to the compiler, which would load and check it at each use.
 */
export class Records {
  #doubles = new Float64Array(64 * 4);
  #words = new Int32Array(this.#doubles.buffer);

  #rows = 64;
  #free: Slot = NONE;
  /** Rows at and above this were never used. */
  #fresh: Slot = 0;

  /** When it is due. */
  time(slot: Slot): Instant {
    return this.#doubles[slot << 2];
  }

  argument(slot: Slot): number {
    return this.#doubles[(slot << 2) | 1];
  }

  /** Ties first fall by order: class and subject in one number (see `orderOf`). */
  order(slot: Slot): number {
    return this.#words[(slot << 3) | 4];
  }

  kind(slot: Slot): number {
    return this.#words[(slot << 3) | 5];
  }

  /** The next event of the same list, or the next free row. */
  next(slot: Slot): Slot {
    return this.#words[(slot << 3) | 6];
  }

  setNext(slot: Slot, next: Slot): void {
    this.#words[(slot << 3) | 6] = next;
  }

  /** Ties of one class and subject fall by the order in which they were scheduled (see `isBefore`). */
  sequence(slot: Slot): number {
    return this.#words[(slot << 3) | 7];
  }

  /** Fills a free row in and returns its slot. `next` is left for whoever puts it into a list. */
  add(time: Instant, order: number, sequence: number, kind: number, argument: number): Slot {
    const slot = this.#free < 0 ? this.#claimFresh() : this.#claim();
    const doubles = this.#doubles;
    doubles[slot << 2] = time;
    doubles[(slot << 2) | 1] = argument;
    const words = this.#words;
    words[(slot << 3) | 4] = order;
    words[(slot << 3) | 5] = kind;
    words[(slot << 3) | 7] = sequence;
    return slot;
  }

  /** Marks the event as one that is not to run. */
  cancel(slot: Slot): void {
    this.#words[(slot << 3) | 5] = CANCELLED;
  }

  /** Gives a row back. To those who still have its handle, its event looks cancelled. */
  release(slot: Slot): void {
    const words = this.#words;
    words[(slot << 3) | 5] = -1;
    words[(slot << 3) | 6] = this.#free;
    this.#free = slot;
  }

  /** Whether `a` comes before `b`: the total order of events. */
  precedes(a: Slot, b: Slot): boolean {
    const earlier = this.time(a) - this.time(b);
    if (earlier !== 0) return earlier < 0;
    const lower = this.order(a) - this.order(b);
    if (lower !== 0) return lower < 0;
    return isBefore(this.sequence(a), this.sequence(b));
  }

  /** Whether `late`, which was scheduled after `early`, has to come before it nevertheless. */
  sortsBefore(late: Slot, early: Slot): boolean {
    const lateTime = this.time(late);
    const earlyTime = this.time(early);
    return lateTime < earlyTime || (lateTime === earlyTime && this.order(late) < this.order(early));
  }

  #claim(): Slot {
    const slot = this.#free;
    this.#free = this.#words[(slot << 3) | 6];
    return slot;
  }

  #claimFresh(): Slot {
    if (this.#fresh === this.#rows) this.#grow();
    return this.#fresh++;
  }

  #grow(): void {
    if (this.#rows === MOST_SLOTS) throw new RangeError(`more than ${MOST_SLOTS} events are pending`);
    this.#rows *= 2;
    this.#doubles = resized(this.#doubles, this.#rows * 4);
    this.#words = new Int32Array(this.#doubles.buffer);
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
  /** The slot's row is filled in; its time is not before the last one taken. */
  insert(slot: Slot): void;
  /** The slot of the earliest event; `NONE` when there is none. */
  first(): Slot;
  /** Takes out what `first()` has just returned. */
  removeFirst(): void;
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
