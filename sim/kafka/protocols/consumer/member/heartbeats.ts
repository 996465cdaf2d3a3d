import { SECOND } from "../../../../engine/time.ts";
import type { ConsumerGroupHeartbeatReply, ErrorCode } from "../../../messages.ts";
import { exponentialBackoff, nextRound } from "../../backoff.ts";
import { loseCoordinator } from "../../client/coordinator-search.ts";
import type { InFlight } from "../../client/requests.ts";
import { sendToCoordinator } from "../../client/requests.ts";
import type { ConsumerMemberState } from "../member-states.ts";
import { armTimer, forgive } from "./beats.ts";
import { fail, fence } from "./fencing.ts";
import { leaveForPollInterval } from "./leaving.ts";
import type { Participation } from "./participation.ts";
import { forgetSent, heartbeatFields, rememberSent } from "./request.ts";

/** Outside of the group nobody says anything. Kafka: `shouldSkipHeartbeat`. */
const SILENT: ReadonlySet<ConsumerMemberState> = new Set(["UNSUBSCRIBED", "FATAL", "STALE", "FENCED"]);

/**
 * These have something to say, which waits for no interval and no backoff: only for the answer to the one before. So who joins asks
 * a coordinator that loads again as soon as that has answered; the backoff that each such answer sets is looked at for other
 * states only. So it is from 3.7 on. Kafka: `shouldHeartbeatNow`, `AbstractHeartbeatRequestManager.poll`
 * (`!canSendRequest && !heartbeatNow`), `RequestState`.
 */
const AT_ONCE: ReadonlySet<ConsumerMemberState> = new Set(["JOINING", "ACKNOWLEDGING"]);

/**
 * Sends what is to be said by now; otherwise the timer is armed for when it is. Kafka's background thread looks around all
 * the time (`AbstractHeartbeatRequestManager.poll`); here it does after everything that might have changed the answer.
 */
export function advanceHeartbeats(on: Participation): void {
  const { membership, search, beats, host } = on;
  const { state } = membership;
  if (search.coordinator === undefined || SILENT.has(state)) return;
  if (beats.pollOver) return leaveForPollInterval(on);
  if (beats.awaited !== undefined) return;
  const atOnce = AT_ONCE.has(state);
  if (atOnce && beats.failures === 0) return sendHeartbeat(on);
  const at = atOnce ? nextRound(beats.sentAt) : Math.max(beats.due, beats.backsOffUntil);
  if (at === beats.timer) return; // which may end at this very instant: then it sends, and nobody else
  if (at <= host.now()) sendHeartbeat(on);
  else armTimer(on, at);
}

function sendHeartbeat(on: Participation): void {
  const { membership, beats, host } = on;
  const { state } = membership;
  const fields = heartbeatFields(on);
  const id = ++beats.count;
  beats.awaited = id;
  // its time had come, and there was nothing to say but that it lives
  const beat = (state === "STABLE" || state === "RECONCILING") && !fields.owned && !fields.topics;
  sendToCoordinator(on, { ...fields, id }, { beat });
  rememberSent(on);
  if (state === "ACKNOWLEDGING")
    membership.move(membership.target === membership.current ? "acknowledged" : "newer-target");
  beats.sentAt = host.now();
  beats.due = beats.sentAt + beats.interval;
  if (beats.interval > 0) armTimer(on, beats.due);
}

/** An answer has come, or what the client's own network layer says in place of one. */
export function heartbeatAnswered(on: Participation, reply: ConsumerGroupHeartbeatReply, request: InFlight): void {
  const { beats, membership, host } = on;
  if (request.id !== beats.awaited) return;
  beats.awaited = undefined;
  if (reply.error !== "NONE") return heartbeatFailed(on, reply.error);
  if (reply.heartbeatInterval !== beats.interval) {
    beats.interval = reply.heartbeatInterval;
    beats.due = host.now() + beats.interval;
  }
  forgive(on);
  membership.heard(reply.epoch, reply.member);
  if (reply.assignment) membership.aim(reply.assignment);
}

/** Kafka: `onErrorResponse`, `onFailure`. */
function heartbeatFailed(on: Participation, error: ErrorCode): void {
  forgetSent(on);
  on.beats.due = on.host.now(); // the interval counts no more
  switch (error) {
    case "NOT_COORDINATOR":
    case "COORDINATOR_NOT_AVAILABLE":
      forgive(on);
      return loseCoordinator(on, error);
    case "DISCONNECTED":
    case "TIMED_OUT":
      backOff(on);
      return loseCoordinator(on, error);
    case "COORDINATOR_LOAD_IN_PROGRESS":
      return backOff(on);
    case "FENCED_MEMBER_EPOCH":
    case "UNKNOWN_MEMBER_ID":
      forgive(on);
      return fence(on, error);
    default:
      return fail(on, error);
  }
}

/** The next heartbeat waits, for longer from failure to failure. */
function backOff(on: Participation): void {
  const { beats, host, release, options } = on;
  const { config } = options;
  const uniform = host.draw("backoff", { uniform: [0, SECOND] }) / SECOND;
  const jitter = release.jitter(config["max.poll.interval.ms"]);
  const [least, most] = [config["retry.backoff.ms"], config["retry.backoff.max.ms"]];
  const wait = exponentialBackoff(beats.failures++, least, most, uniform, jitter);
  beats.backsOffUntil = Math.max(host.now() + wait, nextRound(beats.sentAt));
}
