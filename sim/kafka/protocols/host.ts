import type { Duration, Instant } from "../../engine/time.ts";
import type { Law } from "../../engine/variates.ts";
import type { EventId, Happening } from "../../trace/event.ts";

/**
 * All that a protocol may do to the world. The same state machine runs in the simulator, under the timeline tests
 * and in the browser, because it has no other hands.
 *
 * `Outgoing` is what this side sends: a member its requests, a coordinator its replies and its appends.
 * `Timer` is the names of its timers.
 */
export interface Host<Outgoing, Timer extends string> {
  now(): Instant;
  /** Hands a message to the network (or, from a coordinator, a record to its log). It arrives later or not at all. */
  send(message: Outgoing): void;
  /**
   * Arms the timer of this name for this subject, `delay` from now. One that is pending under the same name and
   * subject is replaced and never acts.
   */
  after(delay: Duration, timer: Timer, subject: string): void;
  /** Disarms it. A cancelled timer never acts, even if it was already due at this instant. */
  cancel(timer: Timer, subject: string): void;
  /** Draws from this protocol instance's stream of that name: another purpose, another stream. */
  draw(purpose: string, law: Law): Duration;
  /** Writes down what happened; the world stamps it with time, id and cause. Returns the id. */
  record(happening: Happening): EventId;
}
