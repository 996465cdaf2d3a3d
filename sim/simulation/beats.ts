import type { Duration, Instant } from "../engine/time.ts";
import type { Beat } from "../kafka/network/network.ts";

/** Something that a member sends at a regular beat, and that is worked out instead of being simulated. */
export interface Sent {
  readonly kind: Beat;
  /** The request's id. */
  readonly id: number;
  readonly sentAt: Instant;
  /** What decides among events of the instant at which it was sent. */
  readonly orderClass: number;
  readonly subject: number;
}

/** And what became of it. */
export interface Worked extends Sent {
  readonly arrives: Instant;
  readonly answered: Instant;
  readonly replied: Instant;
}

/** Heartbeats, one after the other: the first of them, and how long from one to the next. */
export interface HeartbeatsInARow {
  readonly heartbeat: Sent;
  readonly interval: Duration;
}

/** The n-th of them, counted from 0. */
export const nthBeat = ({ heartbeat, interval }: HeartbeatsInARow, n: number): Sent => ({
  ...heartbeat,
  id: heartbeat.id + n,
  sentAt: heartbeat.sentAt + n * interval,
});

/** A client's way to its coordinator and back: how long each thing of that number takes. */
export interface BeatDelays {
  there(kind: Beat, id: number): Duration;
  /** Until a commit is in the log. */
  append(id: number): Duration;
  back(kind: Beat, id: number): Duration;
}

/** When each of these arrived, was answered, and its answer arrived: one connection keeps the order. In order of sending. */
export function workedOut(sent: readonly Sent[], delays: BeatDelays): Worked[] {
  let lastArrival = 0;
  const there = sent.toSorted(inOrderOfSending).map((one) => {
    const arrives = Math.max(lastArrival, one.sentAt + delays.there(one.kind, one.id));
    lastArrival = arrives;
    return { ...one, arrives, answered: arrives + (one.kind === "commit" ? delays.append(one.id) : 0) };
  });
  const replied = new Map<object, Instant>();
  let lastReply = 0;
  for (const one of there.toSorted(inOrderOfAnswering)) {
    lastReply = Math.max(lastReply, one.answered + delays.back(one.kind, one.id));
    replied.set(one, lastReply);
  }
  return there.map((one) => ({ ...one, replied: replied.get(one)! }));
}

const inOrderOfSending = (a: Sent, b: Sent): number =>
  a.sentAt - b.sentAt || a.orderClass - b.orderClass || a.subject - b.subject;

const inOrderOfAnswering = (a: Omit<Worked, "replied">, b: Omit<Worked, "replied">): number =>
  a.answered - b.answered || (a.kind === b.kind ? 0 : a.kind === "heartbeat" ? -1 : 1);
