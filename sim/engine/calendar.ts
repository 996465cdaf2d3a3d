import { Fronts } from "./fronts.ts";
import { Ladder } from "./ladder.ts";
import {
  CANCELLED,
  type EventListConstructor,
  type EventList,
  LATEST,
  MOST_SLOTS,
  MOST_SUBJECTS,
  NONE,
  Records,
  orderOf,
  subjectOf,
} from "./records.ts";
import type { Instant } from "./time.ts";

/** A scheduled event, for cancelling it. Valid until the event ran or was cancelled; after that it means nothing. */
export type Handle = number;

/** A sorted supply of events beside the event list: a lane or a set of timers. Shows its front in `Fronts`. */
export interface Source {
  /** Makes its front the calendar's current event, and shows the next one. */
  take(calendar: Calendar): void;
}

/** The part of a sequence that a handle carries, 29 bits: a slot is used again that often before one could be mistaken. */
const SEQUENCE_BITS = 0x1fff_ffff;

/**
 * All that will happen: the event list for events in general, and beside it the sources whose events come sorted by
 * themselves, lanes and timers. They are merged by the one total order
 *
 *     time, class, subject, sequence
 *
 * where the sequence counts everything ever scheduled, wherever it went. So it makes no difference, other than in
 * speed, by which way an event was scheduled.
 */
export class Calendar {
  /** The clock: when the event last taken was due, or later. */
  now: Instant = 0;

  /** The event last taken. Plain fields, so that taking an event allocates nothing. */
  kind = 0;
  subject = 0;
  argument = 0;

  /** Events that will run. */
  pending = 0;

  readonly fronts = new Fronts();
  readonly #sources: Source[] = [];
  readonly #records = new Records();
  readonly #list: EventList;
  #sequence = 0;

  constructor(list: EventListConstructor = Ladder) {
    this.#list = new list(this.#records);
  }

  /** Enters a source and returns its number in `fronts`. */
  enter(source: Source): number {
    this.#sources.push(source);
    return this.fronts.enter();
  }

  /** The next sequence number. */
  nextSequence(): number {
    return this.#sequence++;
  }

  add(time: Instant, orderClass: number, kind: number, subject: number, argument: number): Handle {
    checkTime(time, this.now);
    checkSubject(subject);
    const records = this.#records;
    const slot = records.claim();
    const sequence = this.#sequence++;
    records.time[slot] = time;
    records.order[slot] = orderOf(orderClass, subject);
    records.sequence[slot] = sequence;
    records.kind[slot] = kind;
    records.argument[slot] = argument;
    this.pending++;
    this.#list.insert(slot);
    return (sequence & SEQUENCE_BITS) * MOST_SLOTS + slot;
  }

  /** Cancels an event; does nothing if it ran or was cancelled before. */
  cancel(handle: Handle): void {
    const records = this.#records;
    const slot = handle % MOST_SLOTS;
    if ((records.sequence[slot] & SEQUENCE_BITS) !== Math.floor(handle / MOST_SLOTS)) return;
    if (records.kind[slot] === CANCELLED) return;
    // A list cannot be searched for it, so it stays there, and is passed over when its time comes.
    records.kind[slot] = CANCELLED;
    this.pending--;
  }

  /** Takes the next event that is due at or before `end`, and sets the clock to it. False when there is none. */
  takeNext(end: Instant): boolean {
    const records = this.#records;
    const list = this.#list;
    const slot = this.#firstOfList();
    const { fronts } = this;
    const source = fronts.first;
    if (slot === NONE || this.#precedes(source, slot)) {
      const time = fronts.time[source];
      if (!(time <= end)) return false;
      this.now = time;
      this.#sources[source].take(this);
    } else {
      const time = records.time[slot];
      if (time > end) return false;
      list.removeFirst();
      this.now = time;
      this.kind = records.kind[slot];
      this.subject = subjectOf(records.order[slot]);
      this.argument = records.argument[slot];
      records.release(slot);
    }
    this.pending--;
    return true;
  }

  /** The first slot of the list that was not cancelled. */
  #firstOfList(): number {
    const list = this.#list;
    const { kind } = this.#records;
    let slot = list.first();
    while (slot !== NONE && kind[slot] === CANCELLED) {
      list.removeFirst();
      this.#records.release(slot);
      slot = list.first();
    }
    return slot;
  }

  #precedes(source: number, slot: number): boolean {
    const { fronts } = this;
    const records = this.#records;
    if (fronts.time[source] !== records.time[slot]) return fronts.time[source] < records.time[slot];
    if (fronts.order[source] !== records.order[slot]) return fronts.order[source] < records.order[slot];
    return fronts.sequence[source] < records.sequence[slot];
  }
}

/** Only whole microseconds, and none of the past. */
export function checkTime(time: Instant, now: Instant): void {
  if (!(time >= now && time <= LATEST && Math.floor(time) === time)) {
    throw new RangeError(`cannot schedule at ${time}: it must be a whole number of microseconds, not before ${now}`);
  }
}

export function checkSubject(subject: number): void {
  if ((subject & (MOST_SUBJECTS - 1)) !== subject) {
    throw new RangeError(`a subject must be a whole number below ${MOST_SUBJECTS}, not ${subject}`);
  }
}
