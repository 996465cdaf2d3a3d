import type { Duration, Instant } from "../../../../engine/time.ts";
import type { ErrorCode, Heartbeat } from "../../../messages.ts";
import { lookForCoordinator, loseCoordinator } from "../../client/coordinator-search.ts";
import { leaveGroup } from "./leave-group.ts";
import { backoff, COORDINATOR_LOST, setting } from "../../client/client.ts";
import type { Participation } from "./participation.ts";
import type { InFlight } from "../../client/requests.ts";
import { identity, sendToCoordinator } from "../../client/requests.ts";
import { askRejoin, resetMembership } from "./reset.ts";

/** What the heartbeat thread remembers. */
export interface Beats {
  /** Heartbeats sent since the process began: the number of the last one. */
  count: number;
  /** Failed ones in a row. */
  failures: number;
  /** A heartbeat was due while the coordinator was unknown. */
  overdue: boolean;
  /** The application is stuck in a batch. */
  stuck: boolean;
  /** The poll interval ran out while the coordinator was unknown. */
  pollOverdue: boolean;
  /** Since when the poll interval is looked at, by a client that does so now and then only. */
  checkedFrom: Instant;
}

export const newBeats = (): Beats => ({
  count: 0,
  failures: 0,
  overdue: false,
  stuck: false,
  pollOverdue: false,
  checkedFrom: 0,
});

/*
 * The heartbeat thread, which works while the member is in a generation. Kafka: `AbstractCoordinator.HeartbeatThread`,
 * `Heartbeat`.
 *
 * Kafka's thread looks around every `retry.backoff.ms`, and at once when poll() finds a heartbeat due. Here it acts at
 * the very instant: a heartbeat is exactly `heartbeat.interval.ms` after the last one, which differs from Kafka only
 * for an interval that is no multiple of `retry.backoff.ms` and an application that is inside a long batch; the poll
 * interval and the session run out exactly when they do, which Kafka notices up to `retry.backoff.ms` later.
 */

/** JoinGroup is answered: from now on the coordinator expects to hear of us. All timers start anew. */
export function startHeartbeats(on: Participation): void {
  const { host, beats } = on;
  beats.overdue = false;
  host.after(setting(on, "heartbeat.interval.ms"), "heartbeat", "");
  host.after(setting(on, "session.timeout.ms"), "session", "");
}

/** The coordinator has been found: whatever was due meanwhile is due now. */
export function resumeHeartbeats(on: Participation): void {
  const { host, beats, membership } = on;
  if (!membership.joined) return;
  host.after(setting(on, "session.timeout.ms"), "session", "");
  if (beats.pollOverdue) return pollIntervalOver(on);
  if (beats.overdue) heartbeatDue(on);
}

/** Time for a heartbeat. The next one is due an interval later, answered or not. */
export function heartbeatDue(on: Participation): void {
  const { host, beats, membership, search, options } = on;
  if (!membership.joined) return;
  const waitsForRecord = beats.stuck && options.traits.heartbeats === "between-records";
  beats.overdue = search.coordinator === undefined || waitsForRecord;
  if (waitsForRecord) return;
  if (beats.overdue) return lookForCoordinator(on);
  host.after(setting(on, "heartbeat.interval.ms"), "heartbeat", "");
  sendToCoordinator(on, heartbeat(on, ++beats.count));
}

/** The heartbeat of this number. */
export function heartbeat(on: Participation, id: number): Omit<Heartbeat, "client" | "group"> {
  return { api: "Heartbeat", id, ...identity(on), generation: on.membership.generation };
}

export function heartbeatAnswered(on: Participation, error: ErrorCode, request: InFlight): void {
  const { membership } = on;
  switch (error) {
    case "NONE":
      return heardOf(on);
    case "REBALANCE_IN_PROGRESS":
      if (membership.state === "STABLE") askRejoin(on, "heartbeat-rebalance");
      return heardOf(on);
    case "UNKNOWN_MEMBER_ID":
    case "ILLEGAL_GENERATION":
    case "FENCED_INSTANCE_ID":
      if (!membership.unchangedSince(request)) return heardOf(on);
      resetMembership(on, error);
      if (error === "FENCED_INSTANCE_ID") on.fatal = error;
      return;
    default:
      if (COORDINATOR_LOST.has(error)) loseCoordinator(on, error);
      if (membership.joined) on.host.after(backoff(on, on.beats.failures++, "Heartbeat"), "heartbeat", "");
  }
}

/** The coordinator knows us: our own session with it starts anew. */
function heardOf(on: Participation): void {
  on.beats.failures = 0;
  if (on.membership.joined) on.host.after(setting(on, "session.timeout.ms"), "session", "");
}

/** No good reply for the whole session: the coordinator may be somebody else by now. We stay in the group. */
export function sessionOver(on: Participation): void {
  if (on.membership.joined) loseCoordinator(on, "SESSION_TIMEOUT");
}

/** The application polls: its time for processing starts anew. Kafka: `pollHeartbeat`. */
export function polled(on: Participation): void {
  const { host, beats } = on;
  host.cancel("poll", "");
  beats.pollOverdue = false;
  if (!beats.stuck) return;
  beats.stuck = false;
  if (beats.overdue) heartbeatDue(on);
}

/** The application is stuck in a batch that takes so long; some of it may be over already. */
export function batchStarted(on: Participation, lasts: Duration, over: Duration): void {
  const { beats, departure, host, options } = on;
  const interval = setting(on, "max.poll.interval.ms");
  const exceeds = lasts > interval && options.traits.enforcesPollInterval;
  if (departure.phase || (!exceeds && options.traits.heartbeats === "background")) return;
  beats.stuck = true;
  if (exceeds && over < interval) host.after(interval - over + noticedLater(on, interval - over), "poll", "");
}

/** It is stuck no longer, though it has not polled: a client that sends heartbeats between records does so again. */
export function worksOn(on: Participation): void {
  const { beats, options } = on;
  if (options.traits.heartbeats !== "between-records" || !beats.stuck) return;
  beats.stuck = false;
  if (beats.overdue) heartbeatDue(on);
}

/** How long after the poll interval is over the client notices. */
function noticedLater({ beats, host, options }: Participation, left: Duration): Duration {
  const { checksPollEvery } = options.traits;
  if (checksPollEvery === undefined) return 0;
  return checksPollEvery - ((host.now() + left - beats.checkedFrom) % checksPollEvery);
}

/** No poll() for `max.poll.interval.ms`: this thread leaves the group in the application's place. */
export function pollIntervalOver(on: Participation): void {
  const { beats, membership, search } = on;
  if (!membership.joined) return;
  beats.pollOverdue = search.coordinator === undefined;
  if (!beats.pollOverdue) leaveGroup(on, "poll-interval-exceeded");
}
