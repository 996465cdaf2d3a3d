import type { Instant } from "./time.ts";

/** Where a pending event is kept: an index into the columns of `Records`. */
export type Slot = number;

/** No slot, no subject: the end of a list. */
export const NONE = -1;

/** The kind of a pending event that was cancelled: it stays where it is until its time comes, and then does nothing. */
export const CANCELLED = -1;

/** Slots are numbered below this, so that a handle has room for slot and sequence (see `calendar.ts`). */
export const MOST_SLOTS = 0x100_0000;

/**
 * The pending events, in columns. Rows are recycled through a free list, so a simulation that runs for a day
 * allocates no more than its fullest moment needs, and nothing for an event.
 *
 * Separate typed arrays rather than objects: a calendar of a million events is 40 MB that the garbage collector
 * never looks at.
 */
export class Records {
  /** When it is due. */
  time = new Float64Array(64);
  /** Ties first fall by order: class and subject in one number (see `orderOf`). */
  order = new Int32Array(64);
  /** Then in the order they were scheduled. */
  sequence = new Float64Array(64);
  kind = new Int32Array(64);
  argument = new Float64Array(64);
  /** The next event of the same bucket, or the next free row. */
  next = new Int32Array(64);

  #free: Slot = NONE;
  /** Rows at and above this were never used. */
  #fresh: Slot = 0;

  /** A row to fill in; `next` is not cleared. */
  claim(): Slot {
    const slot = this.#free;
    if (slot !== NONE) {
      this.#free = this.next[slot];
      return slot;
    }
    if (this.#fresh === this.time.length) this.#grow();
    return this.#fresh++;
  }

  /** Gives a row back. Its sequence becomes one that no handle knows. */
  release(slot: Slot): void {
    this.sequence[slot] = NONE;
    this.next[slot] = this.#free;
    this.#free = slot;
  }

  /** Whether `a` comes before `b`: the total order of events. */
  precedes(a: Slot, b: Slot): boolean {
    const { time, order, sequence } = this;
    if (time[a] !== time[b]) return time[a] < time[b];
    if (order[a] !== order[b]) return order[a] < order[b];
    return sequence[a] < sequence[b];
  }

  #grow(): void {
    const size = this.time.length * 2;
    if (size > MOST_SLOTS) throw new RangeError(`more than ${MOST_SLOTS} events are pending`);
    this.time = resized(this.time, size);
    this.order = resized(this.order, size);
    this.sequence = resized(this.sequence, size);
    this.kind = resized(this.kind, size);
    this.argument = resized(this.argument, size);
    this.next = resized(this.next, size);
  }
}

/** A copy of a column with room for `size` entries. */
export function resized<Column extends Float64Array | Int32Array>(column: Column, size: number): Column {
  const larger = new (column.constructor as new (size: number) => Column)(size);
  larger.set(column);
  return larger;
}

/**
 * A future event list over the columns of `Records`: takes slots in any order and gives them back in the total order
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

/** Class and subject in one number that sorts by class, then by subject, and fits an Int32. */
export function orderOf(orderClass: number, subject: number): number {
  return orderClass * MOST_SUBJECTS + subject;
}

/** The subject of an order. */
export function subjectOf(order: number): number {
  return order & (MOST_SUBJECTS - 1);
}

/** The latest instant there is: whole numbers above it are not exact. */
export const LATEST: Instant = Number.MAX_SAFE_INTEGER;
