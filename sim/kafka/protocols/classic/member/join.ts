import type { Instant } from "../../../../engine/time.ts";
import { SECOND } from "../../../../engine/time.ts";
import type { Duration } from "../../../../engine/time.ts";
import { AssignorError } from "../../../assignors/assignor.ts";
import { compareReleases } from "../../../config.ts";
import type { ErrorCode, JoinGroupReply, Protocol, SyncGroupReply } from "../../../messages.ts";
import type { Partitions } from "../../../../names.ts";
import { sendCommit, startCommitClock } from "../../client/commits.ts";
import { loseCoordinator, nextId } from "../../client/coordinator-search.ts";
import { startHeartbeats } from "./heartbeats.ts";
import { computeAssignment, type Computed } from "./leader.ts";
import { NO_GENERATION } from "../../client/client.ts";
import type { Participation } from "./participation.ts";
import { COORDINATOR_LOST, record, setting, untilNextRound } from "../../client/client.ts";
import { giveUp } from "../../client/positions.ts";
import type { InFlight } from "../../client/requests.ts";
import { identity, sendToCoordinator } from "../../client/requests.ts";
import { askRejoin, forgetMembership, resetMembership, stopHeartbeats } from "./reset.ts";
import { followerForgets, noticeChanges, stopLeading } from "./subscription.ts";

/** How a JoinGroup and the SyncGroup after it ended. */
type Outcome =
  | { readonly assignment: Partitions | undefined }
  | { readonly error: ErrorCode }
  /** JoinGroup was answered, but the member was reset meanwhile. Kafka: `UnjoinedGroupException`. */
  | { readonly error: "UNJOINED" };

/** The way into the next generation. Kafka: the fields of `AbstractCoordinator` and `ConsumerCoordinator`. */
export interface Rejoin {
  /** Why this consumer is to join again; `undefined` while there is no need. Kafka: `rejoinNeeded`, `rejoinReason`. */
  why: string | undefined;
  /** The commit and the callbacks before a JoinGroup have still to run. Kafka: `needsJoinPrepare`. */
  prepareNeeded: boolean;
  /** Since when they are tried. Kafka: `joinPrepareTimer`. */
  preparingSince: Instant | undefined;
  /** What became of the commit among them. */
  commit: "under-way" | "to-be-repeated" | "settled" | undefined;
  /** The JoinGroup or SyncGroup under way, or how they ended, until poll() looks at it. Kafka: `joinFuture`. */
  attempt: { outcome?: Outcome } | undefined;
  /** Waits before the next attempt. */
  waiting: boolean;
  /** When the last JoinGroup was sent. */
  sentAt: Instant;
  /** The leader's computation that is under way. */
  computed: Readonly<Record<string, Partitions>> | undefined;
}

export const newRejoin = (): Rejoin => ({
  why: "initial",
  prepareNeeded: true,
  preparingSince: undefined,
  commit: undefined,
  attempt: undefined,
  waiting: false,
  sentAt: 0,
  computed: undefined,
});

/** Kafka's constant: a JoinGroup may take this much longer than the rebalance timeout. */
const JOIN_GROUP_EXTRA: Duration = 5 * SECOND;

/** Errors after which JoinGroup is sent again at once. Kafka: `joinGroupIfNeeded`. */
const RETRIED_AT_ONCE: ReadonlySet<ErrorCode> = new Set([
  "UNKNOWN_MEMBER_ID",
  "ILLEGAL_GENERATION",
  "REBALANCE_IN_PROGRESS",
  "MEMBER_ID_REQUIRED",
]);

/** Errors after which it is sent again after a wait. Everything else comes out of poll() as an exception. */
const RETRIED_LATER: ReadonlySet<ErrorCode | "UNJOINED"> = new Set<ErrorCode | "UNJOINED">([
  ...COORDINATOR_LOST,
  "COORDINATOR_LOAD_IN_PROGRESS",
  "UNJOINED",
]);

/** Whether the join loop has anything to do, or waits for something. Kafka: `rejoinNeededOrPending`. */
export function isRejoining(on: Participation): boolean {
  return noticeChanges(on) || on.rejoin.why !== undefined || on.rejoin.attempt !== undefined;
}

/** What a client that joins in the background does without a poll(): all but callbacks, which are the application's. */
export function advanceInBackground(on: Participation): void {
  const { rejoin, options } = on;
  const { outcome } = rejoin.attempt ?? {};
  const forTheApplication = rejoin.prepareNeeded || (outcome && "assignment" in outcome);
  if (options.traits.joinsInBackground && !forTheApplication) advanceJoin(on);
}

/** Whether the join loop would do something if the application polled now. */
export function canAdvance(on: Participation): boolean {
  const { rejoin } = on;
  if (!isRejoining(on) || rejoin.waiting || rejoin.computed) return false; // computing, its thread is busy
  if (rejoin.prepareNeeded) return rejoin.commit !== "under-way" || timeIsUp(on);
  return !rejoin.attempt || rejoin.attempt.outcome !== undefined;
}

/** The join loop: as far as the replies that are there allow. Kafka: `joinGroupIfNeeded` with a timer of zero. */
export function advanceJoin(on: Participation): void {
  const { rejoin, search } = on;
  while (isRejoining(on) && on.fatal === undefined) {
    if (search.coordinator === undefined || rejoin.waiting) return;
    if (rejoin.prepareNeeded && !prepare(on)) return;
    rejoin.attempt ??= sendJoin(on);
    const { outcome } = rejoin.attempt;
    if (!outcome) return;
    if ("error" in outcome) {
      noticeFailedJoin(on);
      continue;
    }
    rejoin.attempt = undefined;
    joinComplete(on, outcome.assignment);
  }
}

/** Whether an attempt has failed and the application's thread does not know yet; to learn it takes no coordinator. */
export function joinHasFailed({ rejoin }: Participation): boolean {
  const { outcome } = rejoin.attempt ?? {};
  return outcome !== undefined && "error" in outcome;
}

/**
 * Commit and callbacks before a rejoin; false while the commit is under way. It is repeated until the rebalance
 * timeout, then given up. Kafka: `onJoinPrepare`.
 */
function prepare(on: Participation): boolean {
  const { rejoin, membership, style, host, options } = on;
  if (rejoin.preparingSince === undefined) {
    rejoin.preparingSince = host.now();
    host.after(rebalanceTimeout(on), "prepare", "");
    record(on, "client.rejoin", { reason: rejoin.why ?? "retry" });
  }
  if (rejoin.commit === undefined && options.commits === "auto" && options.traits.commitsBeforeRejoin) {
    const sent = sendCommit(on, "before-rebalance") === "sent";
    if (sent) style.afterCommit(on);
    rejoin.commit = sent ? "under-way" : "settled";
  }
  if (!timeIsUp(on)) {
    if (rejoin.commit === "under-way") return false;
    if (rejoin.commit === "to-be-repeated") {
      rejoin.commit = undefined;
      retryLater(on, "OffsetCommit");
      return false;
    }
  }
  if (membership.expelled) giveUp(on, on.holdings.owned, "lost");
  else style.prepare(on);
  stopLeading(on);
  host.cancel("prepare", "");
  rejoin.preparingSince = undefined;
  rejoin.commit = undefined;
  rejoin.prepareNeeded = false;
  return true;
}

function timeIsUp(on: Participation): boolean {
  const { preparingSince } = on.rejoin;
  return preparingSince !== undefined && on.host.now() - preparingSince >= rebalanceTimeout(on);
}

const rebalanceTimeout = (on: Participation): Duration => setting(on, "max.poll.interval.ms");

function sendJoin(on: Participation): NonNullable<Rejoin["attempt"]> {
  const { membership, holdings, watch, memory, options } = on;
  const { assignors, rack, traits } = options;
  watch.joined = watch.topics;
  const subscription = {
    topics: watch.topics,
    owned: holdings.owned,
    // part of the bytes since 3.4; before, only user data tells one generation's subscription from the next one's
    generation: compareReleases(traits.version, "3.4") >= 0 ? membership.generation : NO_GENERATION,
    ...(rack ? { rack } : {}),
  };
  const protocols = assignors.map(({ name }): Protocol => {
    const userData = memory.userData(name);
    return { name, metadata: userData === undefined ? subscription : { ...subscription, userData } };
  });
  if (membership.state !== "PREPARING_REBALANCE") membership.move("join-sent");
  stopHeartbeats(on);
  on.rejoin.sentAt = on.host.now();
  sendToCoordinator(
    on,
    {
      api: "JoinGroup",
      id: nextId(on),
      ...identity(on),
      // who asks in version 9 and leads is told to leave the assignment as it is when it only restarted
      version: compareReleases(traits.version, "3.2") >= 0 ? 9 : 7,
      sessionTimeout: setting(on, "session.timeout.ms"),
      rebalanceTimeout: rebalanceTimeout(on),
      protocolType: "consumer",
      protocols,
    },
    { timeout: Math.max(setting(on, "request.timeout.ms"), rebalanceTimeout(on) + JOIN_GROUP_EXTRA) },
  );
  return {};
}

/** JoinGroup is answered, and the application's thread looks at it. Kafka: `JoinGroupResponseHandler`. */
export function joinAnswered(on: Participation, reply: JoinGroupReply, request: InFlight): void {
  const { membership, rejoin, host } = on;
  const { error } = reply;
  if (error !== "NONE") {
    if (error === "MEMBER_ID_REQUIRED") membership.identify(reply.member);
    if (error === "UNKNOWN_MEMBER_ID" && membership.unchangedSince(request)) resetMembership(on, error);
    if (COORDINATOR_LOST.has(error)) loseCoordinator(on, error);
    return end(on, { error });
  }
  // reset while the request was under way: whatever generation this is, it is not ours any more
  if (membership.state !== "PREPARING_REBALANCE") return end(on, { error: "UNJOINED" });
  membership.enter(reply.generation, reply.member, reply.protocolName);
  startHeartbeats(on);
  if (reply.leader !== reply.member) return sendSync(on, {});
  let computed: Computed;
  try {
    computed = computeAssignment(on, reply);
  } catch (error) {
    if (!(error instanceof AssignorError && error.isKafkas)) throw error;
    return end(on, { error: "ASSIGNOR_FAILED" });
  }
  const { assignments, took } = computed;
  if (took === 0) return sendSync(on, assignments);
  rejoin.computed = assignments;
  host.after(took, "assigned", "");
}

/** The leader's computation is done. */
export function assignmentComputed(on: Participation): void {
  const { computed } = on.rejoin;
  on.rejoin.computed = undefined;
  if (computed) sendSync(on, computed);
}

function sendSync(on: Participation, assignments: Readonly<Record<string, Partitions>>): void {
  const { membership, search } = on;
  const { generation, protocolName } = membership;
  if (search.coordinator === undefined) return end(on, { error: "COORDINATOR_NOT_AVAILABLE" });
  sendToCoordinator(on, {
    api: "SyncGroup",
    id: nextId(on),
    ...identity(on),
    generation,
    protocolType: "consumer",
    ...(protocolName !== undefined ? { protocolName } : {}),
    assignments,
  });
}

/** SyncGroup is answered; no poll() is needed for that, only for the callbacks. Kafka: `SyncGroupResponseHandler`. */
export function syncAnswered(on: Participation, reply: SyncGroupReply, request: InFlight): void {
  const { membership, rejoin } = on;
  const { error, assignment } = reply;
  if (error === "NONE") {
    // the heartbeat thread may have heard meanwhile that the generation is over
    if (membership.state !== "COMPLETING_REBALANCE") return end(on, { error: "ILLEGAL_GENERATION" });
    membership.move("sync-answered");
    rejoin.why = undefined;
    return end(on, { assignment });
  }
  const reset = error === "UNKNOWN_MEMBER_ID" || error === "ILLEGAL_GENERATION";
  if (reset && membership.unchangedSince(request)) resetMembership(on, error);
  if (COORDINATOR_LOST.has(error)) loseCoordinator(on, error);
  // a coordinator that loads is nothing Kafka expects here: it has just answered our JoinGroup
  end(on, { error: error === "COORDINATOR_LOAD_IN_PROGRESS" ? "UNKNOWN_SERVER_ERROR" : error });
}

function end({ rejoin }: Participation, outcome: Outcome): void {
  if (rejoin.attempt) rejoin.attempt.outcome = outcome;
}

/** The join is over: the assignment becomes ownership. Kafka: `onJoinComplete`. */
function joinComplete(on: Participation, assignment: Partitions | undefined): void {
  const { membership, rejoin, watch, style, memory, beats, host } = on;
  rejoin.prepareNeeded = true;
  beats.checkedFrom = host.now();
  // expelled between SyncGroup and this poll(): not even the id is kept
  if (membership.state !== "STABLE") return forgetMembership(on, "forget-id", "reset");
  followerForgets(on);
  if (assignment === undefined) {
    on.fatal = "UNKNOWN_SERVER_ERROR"; // empty bytes: the consumer throws, and would throw again
    return;
  }
  if (Object.keys(assignment).some((topic) => !watch.topics.includes(topic))) {
    return askRejoin(on, "assignment-mismatch");
  }
  style.complete(on, assignment);
  startCommitClock(on);
  if (membership.protocolName !== undefined) {
    memory.assigned(membership.protocolName, assignment, membership.generation);
  }
}

/** The attempt has failed; what follows depends on how. */
export function noticeFailedJoin(on: Participation): void {
  const { outcome } = on.rejoin.attempt ?? {};
  if (!outcome || !("error" in outcome)) return;
  const { error } = outcome;
  on.rejoin.attempt = undefined;
  on.rejoin.why ??= "retry";
  const { joinsEvery } = on.options.traits;
  const again = RETRIED_LATER.has(error) || (error !== "UNJOINED" && RETRIED_AT_ONCE.has(error));
  if (joinsEvery !== undefined && again && error !== "MEMBER_ID_REQUIRED") retryAt(on, joinsEvery);
  else if (RETRIED_LATER.has(error)) retryLater(on, "JoinGroup");
  else if (error !== "UNJOINED" && !RETRIED_AT_ONCE.has(error)) on.fatal = error;
}

/** librdkafka: an interval after the last JoinGroup, and another one if it was that which failed. */
function retryAt({ rejoin, host, membership }: Participation, interval: Duration): void {
  const joined = membership.state === "COMPLETING_REBALANCE";
  const next = rejoin.sentAt + (joined ? interval : 2 * interval);
  rejoin.waiting = true;
  host.after(Math.max(0, next - host.now()), "rejoin", "");
}

/** The join loop's wait is constant, unlike all others. */
function retryLater(on: Participation, api: "JoinGroup" | "OffsetCommit"): void {
  on.rejoin.waiting = true;
  on.host.after(untilNextRound(on, api, setting(on, "retry.backoff.ms")), "rejoin", "");
}
