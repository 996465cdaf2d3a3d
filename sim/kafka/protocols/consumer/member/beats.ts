import type { Duration, Instant } from "../../../../engine/time.ts";
import { sendToCoordinator } from "../../client/requests.ts";
import type { Participation } from "./participation.ts";
import { forgetSent, heartbeatFields } from "./request.ts";

/** What the background thread remembers of its heartbeats. Kafka: `HeartbeatRequestState`. */
export interface Beats {
  /** Heartbeats sent since the process began: the number of the last one. */
  count: number;
  /** The one whose answer counts. Nobody listens to what a leave is answered. */
  awaited: number | undefined;
  /** When the last one was sent, but for a leave. */
  sentAt: Instant;
  /** The time between two, as the coordinator has said; 0 before it has. */
  interval: Duration;
  /** When the interval is over. */
  due: Instant;
  /** And the wait after a failure. */
  backsOffUntil: Instant;
  /** Failed ones in a row. */
  failures: number;
  /** When the timer for the next one ends; `undefined`: none is armed. */
  timer: Instant | undefined;
  /** The application is stuck in a batch. */
  stuck: boolean;
  /** It has not polled for `max.poll.interval.ms`. */
  pollOver: boolean;
}

export const newBeats = (): Beats => ({
  count: 0,
  awaited: undefined,
  sentAt: 0,
  interval: 0,
  due: 0,
  backsOffUntil: 0,
  failures: 0,
  timer: undefined,
  stuck: false,
  pollOver: false,
});

/** The timer of the next one ends at that instant. */
export function armTimer({ beats, host }: Participation, at: Instant): void {
  if (beats.timer === at) return;
  beats.timer = at;
  host.after(at - host.now(), "heartbeat", "");
}

/** The last one, whose answer nobody listens to. */
export function sayGoodbye(on: Participation): void {
  const { beats } = on;
  sendToCoordinator(on, { ...heartbeatFields(on), id: ++beats.count });
  beats.awaited = undefined;
  forgetSent(on);
  forgive(on);
}

/** All is well, or what is to be done now waits for no backoff. Kafka: `RequestState.reset`, `onSuccessfulAttempt`. */
export function forgive({ beats }: Participation): void {
  beats.failures = 0;
  beats.backsOffUntil = 0;
}
