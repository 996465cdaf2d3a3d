import { Fronts } from "./fronts.ts";
import { Ladder } from "./ladder.ts";
import {
  CANCELLED,
  type EventListConstructor,
  type EventList,
  MOST_SUBJECTS,
  Records,
  type Slot,
  isBefore,
} from "./records.ts";
import type { Duration, Instant } from "./time.ts";

/** A scheduled event, for cancelling it. Valid until the event ran or was cancelled; after that it means nothing. */
export type Handle = number;

/** A sorted supply of events beside the event list: a lane or a set of timers. Shows its front in `Fronts`. */
export interface Source {
  /** Order and sequence of the front that it shows. */
  readonly frontOrder: number;
  readonly frontSequence: number;
  /**
   * Makes its front the calendar's current event, and shows the next one. False if the front that it showed is no longer
   * there; then it now shows the true one.
   */
  take(calendar: Calendar): boolean;
}

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
  /**
   * The clock: when the event last taken was due, or later.
   *
   * A fraction only until the constructor has run, as some other fields are here and in the lists: so V8 keeps a double
   * for it from the beginning. Else the first large number changes the shape of the object, and the code compiled for one
   * engine of a process does not fit the next.
   */
  now: Instant = NaN;

  /** The order that this instant has come to: the greatest of its events that were taken; −1 if none was. */
  furthest = -1;

  /** How far to go: no event is taken that is due later. */
  until: Instant = NaN;

  /** The event last taken. Plain fields, so that taking an event allocates nothing. */
  kind = 0;
  /** Its class and subject (see `orderOf`). */
  order = 0;
  argument = 0;

  /** Events taken so far, and those that were cancelled or, being timers, armed again. */
  taken = 0;
  cancelled = 0;

  readonly fronts = new Fronts();
  private readonly records = new Records();
  declare private readonly list: EventList;
  private scheduled = 0;

  constructor(list: EventListConstructor = Ladder) {
    this.list = new list(this.records);
    this.now = 0;
    this.until = 0;
  }

  /** Enters a source and returns its number in `fronts`. */
  enter(source: Source): number {
    return this.fronts.enter(source);
  }

  /**
   * How many events will run: of all that were scheduled, those that neither ran nor were cancelled. (The count of the
   * former starts again after 2^32, so the difference is taken in 32 bits.)
   */
  get pending(): number {
    return (this.scheduled - this.taken - this.cancelled) | 0;
  }

  /** The sequence of an event that is scheduled now (see `isBefore`). */
  nextSequence(): number {
    return (this.scheduled = (this.scheduled + 1) | 0);
  }

  /**
   * Schedules an event, `delay` from now, and gives its slot. (Not the time it is due: for a call that is not inlined, a
   * number that large has to be allocated.)
   */
  add(delay: Duration, kind: number, subject: number, argument: number): Slot {
    const time = this.now + delay;
    checkTime(time, this.now);
    checkSubject(subject);
    const sequence = (this.scheduled = (this.scheduled + 1) | 0);
    const slot = this.records.add(((kind & 7) << 28) | subject, sequence, kind, argument);
    this.records.setTime(slot, time);
    this.list.insert(slot);
    return slot;
  }

  /**
   * The handle of an event: slot and 29 bits of its sequence, which tell the events apart that use the slot one after
   * another.
   */
  handleOf(slot: Slot): Handle {
    return (this.records.sequence(slot) & 0x1fff_ffff) * 0x100_0000 + slot;
  }

  /** Cancels an event; does nothing if it ran or was cancelled before. */
  cancel(handle: Handle): void {
    const records = this.records;
    const slot = handle % 0x100_0000;
    if (this.handleOf(slot) !== handle || records.kind(slot) === CANCELLED) return;
    // A list cannot be searched for it, so it stays there, and is passed over when its time comes.
    records.cancel(slot);
    this.cancelled++;
  }

  /** Takes the next event that is due at or before `until`, and sets the clock to it. False when there is none. */
  takeNext(): boolean {
    for (;;) {
      const { least } = this.fronts;
      const time = this.list.nextTime();
      if (time < least || (time === least && this.precedesFront())) {
        if (!(time <= this.until)) return false;
        if (!this.takeFirst()) continue;
        this.advance(time);
      } else {
        if (!(least <= this.until)) return false;
        if (!this.fronts.earliest.take(this)) continue;
        this.advance(least);
      }
      this.taken++;
      return true;
    }
  }

  /** Makes the first of the list the current event. False if it was cancelled. */
  private takeFirst(): boolean {
    const records = this.records;
    const slot = this.list.takeNext();
    this.kind = records.kind(slot);
    records.release(slot); // which leaves order and argument where they are
    this.order = records.order(slot);
    this.argument = records.argument(slot);
    return this.kind >= 0;
  }

  /** Sets the clock to the current event's instant. */
  private advance(time: Instant): void {
    const order = this.order;
    if (time > this.now) {
      this.now = time;
      this.furthest = order;
    } else if (order > this.furthest) {
      this.furthest = order;
    }
  }

  /** Sets the clock to an instant to which no event is left. */
  goTo(end: Instant): void {
    if (end <= this.now) return;
    this.now = end;
    this.furthest = -1;
  }

  /** Whether the first of the list comes before the earliest front, which has the same instant. */
  private precedesFront(): boolean {
    const { fronts } = this;
    if (fronts.least === Infinity) return false;
    const slot = this.list.first();
    const lower = this.records.order(slot) - fronts.earliest.frontOrder;
    return lower < 0 || (lower === 0 && isBefore(this.records.sequence(slot), fronts.earliest.frontSequence));
  }
}

/** Only whole microseconds, and none of the past. */
export function checkTime(time: Instant, now: Instant): void {
  if (!(time >= now && time <= 0x1f_ffff_ffff_ffff && Math.floor(time) === time)) throw wrongTime(time, now);
}

function wrongTime(time: Instant, now: Instant): RangeError {
  return new RangeError(`cannot schedule at ${time}: it must be a whole number of microseconds, not before ${now}`);
}

export function checkSubject(subject: number): void {
  if ((subject & 0x0fff_ffff) !== subject) throw wrongSubject(subject);
}

function wrongSubject(subject: number): RangeError {
  return new RangeError(`a subject must be a whole number below ${MOST_SUBJECTS}, not ${subject}`);
}
