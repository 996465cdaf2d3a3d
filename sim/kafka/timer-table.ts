import type { Engine, Timers } from "../engine/engine.ts";
import type { Duration, Instant } from "../engine/time.ts";
import type { EventId } from "../trace/event.ts";
import type { Recorder } from "../trace/recorder.ts";

/** Who is called when a timer ends. */
export interface TimerOwner<Timer extends string> {
  fire(timer: Timer, subject: string): void;
  /** The event a timer's end continues, where that is not the one in whose course it was armed. */
  causeOf?(timer: Timer, subject: string): EventId | null | undefined;
}

/** A protocol instance's own timers, by kind and subject. */
export interface OwnTimers<Timer extends string> {
  after(delay: Duration, timer: Timer, subject: string): void;
  cancel(timer: Timer, subject: string): void;
  /** When it is due; `undefined` while it is not running. */
  deadline(timer: Timer, subject: string): Instant | undefined;
  /** Its number among the engine's subjects, once it has been armed: what decides between timers of one instant. */
  subjectOf(timer: Timer, subject: string): number | undefined;
  /** What its end would continue. */
  causeOf(timer: Timer, subject: string): EventId | null;
  /** Gives it its number now, so that it does not depend on when it is first armed. */
  reserve(timer: Timer, subject: string): void;
  /** The owner is gone: none of its timers will act. */
  cancelAll(): void;
}

interface Slot {
  readonly owner: TimerOwner<string>;
  readonly timer: string;
  readonly subject: string;
  cause: EventId | null;
}

/** Gives the named timers of many protocol instances to one timer set of the engine, which knows numbers only. */
export class TimerTable {
  readonly #timers: Timers;
  readonly #slots: (Slot | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #recorder: Recorder;

  constructor(engine: Engine, name: string, orderClass: number, recorder: Recorder) {
    this.#recorder = recorder;
    this.#timers = engine.timers(name, orderClass, (slot) => this.#fire(slot));
  }

  of<Timer extends string>(owner: TimerOwner<Timer>): OwnTimers<Timer> {
    const byTimer = new Map<string, Map<string, number>>();
    const reserve = (timer: Timer, subject: string): number => {
      let bySubject = byTimer.get(timer);
      if (!bySubject) byTimer.set(timer, (bySubject = new Map()));
      let slot = bySubject.get(subject);
      if (slot === undefined) {
        slot = this.#free.pop() ?? this.#slots.length;
        this.#slots[slot] = { owner: owner as TimerOwner<string>, timer, subject, cause: null };
        bySubject.set(subject, slot);
      }
      return slot;
    };
    const after = (delay: Duration, timer: Timer, subject: string): void => {
      const slot = reserve(timer, subject);
      this.#slots[slot]!.cause = this.#recorder.cause;
      this.#timers.arm(slot, delay);
    };
    const causeOf = (timer: Timer, subject: string): EventId | null => {
      const slot = byTimer.get(timer)?.get(subject);
      return slot === undefined ? null : this.#slots[slot]!.cause;
    };
    const cancel = (timer: Timer, subject: string): void => {
      const slot = byTimer.get(timer)?.get(subject);
      if (slot !== undefined) this.#timers.cancel(slot);
    };
    const subjectOf = (timer: Timer, subject: string): number | undefined => byTimer.get(timer)?.get(subject);
    const deadline = (timer: Timer, subject: string): Instant | undefined => {
      const slot = subjectOf(timer, subject);
      return slot === undefined ? undefined : this.#timers.deadline(slot);
    };
    const cancelAll = (): void => {
      for (const bySubject of byTimer.values()) {
        for (const slot of bySubject.values()) {
          this.#timers.cancel(slot);
          this.#slots[slot] = undefined;
          this.#free.push(slot);
        }
      }
      byTimer.clear();
    };
    return {
      after,
      cancel,
      deadline,
      subjectOf,
      causeOf,
      reserve: (timer, subject) => void reserve(timer, subject),
      cancelAll,
    };
  }

  #fire(number: number): void {
    const slot = this.#slots[number]!;
    const { owner, timer, subject } = slot;
    const cause = owner.causeOf?.(timer, subject);
    this.#recorder.cause = cause === undefined ? slot.cause : cause;
    owner.fire(timer, subject);
  }
}
