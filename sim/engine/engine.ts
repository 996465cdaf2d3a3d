import { Calendar, type Handle, checkTime } from "./calendar.ts";
import { type Lane, Ring } from "./lane.ts";
import {
  type EventListConstructor,
  LATEST,
  ORDER_CLASSES,
  indexOf,
  kindOf,
  orderClassOf,
  subjectOf,
} from "./records.ts";
import { type Timers, TimerSet } from "./timer-set.ts";
import { type Duration, formatInstant, type Instant } from "./time.ts";

export type { Handle } from "./calendar.ts";
export type { Lane } from "./lane.ts";
export type { Timers } from "./timer-set.ts";

/** What happens at an event: a registered handler. Handed out by `Engine.on`. */
export type Kind = number;

/** What a handler does with an event's subject and argument. */
export type Handler = (subject: number, argument: number) => void;

/** Looks on after each event. */
export type Observer = (kind: Kind, subject: number) => void;

/** What decides between simultaneous events, but for their sequence. */
export interface Place {
  readonly orderClass: number;
  readonly subject: number;
}

const LAST: Place = { orderClass: ORDER_CLASSES, subject: 0 };

/** Events that `runUntil` runs between two looks at the clock. */
const SOME = 1_000;

/**
 * No model has so much to do at one instant: whoever gets there goes round in circles that take no time. A thousand members
 * of 10,000 partitions over a network without delay come to about 12,000 where all begin at once.
 */
export const MOST_AT_AN_INSTANT = 5_000_000;

/** Events of one instant make others of that instant, and so without end. */
export class ClockStandsStill extends Error {
  readonly at: Instant;

  constructor(at: Instant) {
    super(`after ${MOST_AT_AN_INSTANT} events at ${formatInstant(at)} there are still more to come at that instant`);
    this.name = "ClockStandsStill";
    this.at = at;
  }
}

/**
 * The simulation clock and its event calendar.
 *
 * Events run in order of time; simultaneous ones by class, then subject, then the order in which they were scheduled.
 * That order is part of the model, not an accident of the heap: a heartbeat and the expiry it would have prevented can
 * share an instant. Class and subject come before the sequence, so that leaving an event out, because it would change
 * nothing, never reorders others.
 *
 * An event is a handler, registered once, and two whole numbers: the subject it concerns (a member, a partition; below
 * 2^28, numbered densely) and an argument of the handler's own choosing. Nothing is allocated for it.
 *
 *     const engine = new Engine();
 *     const beat = engine.on("heartbeat", 3, (member) => {
 *       sessions.arm(member, 45 * SECOND);
 *       engine.schedule(3 * SECOND, beat, member);
 *     });
 *     const sessions = engine.timers("session", 0, (member) => console.log(`${member} expired`));
 */
export class Engine {
  declare private readonly calendar: Calendar;
  private readonly names: string[] = [];
  private readonly handlers: Handler[] = [];
  private readonly observers: Observer[] = [];
  private readonly lanes = new Map<Kind, Map<Duration, Lane>>();
  private running = false;
  private stopped = false;

  /** `list` is for comparing calendars; the order of events does not depend on it. */
  constructor(list?: EventListConstructor) {
    this.calendar = new Calendar(list);
  }

  /** The clock: the instant of the event that runs, or ran last; after `runUntil(end)`, that end. */
  get now(): Instant {
    return this.calendar.now;
  }

  /**
   * How far this instant has come: the last in order of its events that have run, the running one included; after a
   * run, behind them all. Events may schedule others of their instant that stand before them, so the running one need
   * not be the last in order; but whatever was scheduled earlier and stands before this place has run.
   */
  get place(): Place {
    if (!this.running) return LAST;
    const { furthest } = this.calendar;
    return { orderClass: orderClassOf(furthest), subject: subjectOf(furthest) };
  }

  /** How many events are to come, running timers included and cancelled events not. */
  get pending(): number {
    return this.calendar.pending;
  }

  /** How many events have run. */
  get executed(): number {
    return this.calendar.taken;
  }

  /**
   * Registers what happens at events of a kind. Of simultaneous events those of the lower order class (0 … 7) run
   * first. The name is for people.
   */
  on(name: string, orderClass: number, handler: Handler): Kind {
    if (!(Number.isInteger(orderClass) && 0 <= orderClass && orderClass < ORDER_CLASSES)) {
      throw new RangeError(`the order class of ${name} must be one of 0 … ${ORDER_CLASSES - 1}, not ${orderClass}`);
    }
    this.names.push(name);
    return kindOf(this.handlers.push(handler) - 1, orderClass);
  }

  /** The name a kind was registered with. */
  nameOf(kind: Kind): string {
    return this.names[indexOf(kind)];
  }

  /** Schedules an event, `delay` from now. */
  schedule(delay: Duration, kind: Kind, subject: number, argument = 0): Handle {
    return this.calendar.handleOf(this.calendar.add(delay, kind, subject, argument));
  }

  /**
   * Schedules an event, `delay` from now, that nobody will want to cancel. The same as `schedule` but for the handle,
   * which is a number too long to be had for nothing.
   */
  post(delay: Duration, kind: Kind, subject: number, argument = 0): void {
    this.calendar.add(delay, kind, subject, argument);
  }

  /** Schedules an event at an instant, which may be now but not before. */
  scheduleAt(time: Instant, kind: Kind, subject: number, argument = 0): Handle {
    return this.schedule(time - this.calendar.now, kind, subject, argument);
  }

  /** Cancels a scheduled event. Does nothing if it has run, or was cancelled before. */
  cancel(handle: Handle): void {
    this.calendar.cancel(handle);
  }

  /** The lane for events of a kind with a constant delay: the same as scheduling each, and several times as fast. */
  lane(delay: Duration, kind: Kind): Lane {
    let lanes = this.lanes.get(kind);
    if (lanes === undefined) this.lanes.set(kind, (lanes = new Map()));
    let lane = lanes.get(delay);
    if (lane === undefined) lanes.set(delay, (lane = this.makeLane(delay, kind)));
    return lane;
  }

  private makeLane(delay: Duration, kind: Kind): Lane {
    checkTime(delay, 0);
    if (delay > 0) return new Ring(this.calendar, delay, kind);
    return { push: (subject, argument) => this.post(0, kind, subject, argument) };
  }

  /** A set of timers of one purpose: at most one for each subject, which can be armed again or cancelled. */
  timers(name: string, orderClass: number, fire: (subject: number) => void): Timers {
    return new TimerSet(this.calendar, this.on(name, orderClass, fire));
  }

  /** Has `observe` called after each event, in the order of registration. The invariants look on from here. */
  afterEach(observe: Observer): void {
    this.observers.push(observe);
  }

  /**
   * Runs every event due at or before `end`, those included that are scheduled meanwhile, and leaves the clock at
   * `end`; unless `stop` was called, which leaves it at the last event.
   *
   * @throws {ClockStandsStill} when one instant has no end.
   */
  runUntil(end: Instant): void {
    checkTime(end, this.now);
    this.enter(end);
    let here = this.now;
    let most = this.executed + MOST_AT_AN_INSTANT;
    try {
      while (this.runSome()) {
        if (this.now === here) {
          if (this.executed > most) throw new ClockStandsStill(here);
        } else {
          here = this.now;
          most = this.executed + MOST_AT_AN_INSTANT;
        }
      }
      if (!this.stopped) this.calendar.goTo(end);
    } finally {
      this.running = false;
    }
  }

  /** Runs the next event, whenever it is due. False when there is none. */
  step(): boolean {
    this.enter(LATEST);
    try {
      if (!this.calendar.takeNext()) return false;
      this.execute();
      return true;
    } finally {
      this.running = false;
    }
  }

  /** Ends `runUntil` after the event that is running. It can be called again to go on. */
  stop(): void {
    this.stopped = true;
    this.calendar.until = -1;
  }

  /**
   * Runs events up to `end`, so many at most. False when there are no more to run.
   *
   * A loop that never returns is compiled late and badly; a function that is called again and again is compiled well.
   */
  private runSome(): boolean {
    for (let count = 0; count < SOME; count++) {
      if (!this.calendar.takeNext()) return false;
      this.execute();
    }
    return true;
  }

  private enter(end: Instant): void {
    if (this.running) throw new Error("an event handler must not run the engine");
    this.running = true;
    this.stopped = false;
    this.calendar.until = end;
  }

  private execute(): void {
    const { kind, order, argument } = this.calendar;
    const subject = order & 0x0fff_ffff;
    const handler = this.handlers[kind >> 3];
    handler(subject, argument);
    if (this.observers.length > 0) this.show(kind, subject);
  }

  private show(kind: Kind, subject: number): void {
    for (const observe of this.observers) observe(kind, subject);
  }
}
