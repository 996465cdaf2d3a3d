import type { Duration } from "../../../engine/time.ts";
import { compareReleases } from "../../config.ts";
import type { Offsets } from "../../messages.ts";
import { commitOf, mayCommit, sendCommit, tell } from "./commits.ts";
import type { CommitResult } from "./commits.ts";
import { lookForCoordinator } from "./coordinator-search.ts";
import type { Client, Identity } from "./client.ts";
import { backoff, record, setting } from "./client.ts";
import type { InFlight } from "./requests.ts";

/** A `commitSync()` that the application has called and that has not returned. */
export interface WaitingCommit {
  /** What it commits, however often that takes: what had been read when it was called. Absent: there is no such call. */
  offsets: Offsets | undefined;
  /** The number of the request whose answer it waits for. */
  request: number | undefined;
  /** Requests of this call that failed. */
  failures: number;
  /** Waits before the next request. */
  waiting: boolean;
  /** The application stands still inside of it: nothing is read, and poll() is not called. */
  holdsUp: boolean;
  /** It does for an answer that comes as usual, as far as is known: that is not worth a word. */
  asUsual: boolean;
  /**
   * The last one before processing was refused: the application has sought back, and polls, and nothing is read until one is
   * taken. `as`: whom the coordinator has refused; absent if nothing was sent, or the member has not been in a generation since.
   */
  refused: { as: Identity | undefined } | undefined;
  /** The call has returned, and poll() is what the application calls next. */
  returned: boolean;
}

export const newWaitingCommit = (): WaitingCommit => ({
  offsets: undefined,
  request: undefined,
  failures: 0,
  waiting: false,
  holdsUp: false,
  asUsual: false,
  refused: undefined,
  returned: false,
});

/*
 * The application's thread is inside `commitSync()` until the coordinator has answered, or `default.api.timeout.ms` is
 * over. Errors that pass are tried again after a wait that grows; all others come out of the call at once. Meanwhile
 * poll() is not called: no rebalance is acted upon, and `max.poll.interval.ms` runs on; heartbeats go on from their own
 * thread. Kafka: `ClassicKafkaConsumer.commitSync`, `ConsumerCoordinator.commitOffsetsSync`.
 *
 * Where an application has a capacity, that is taken to include commits that are answered as usual: such a call holds
 * nothing up here. It does from the moment of the call if no usual answer is to be expected, and as soon as one turns out
 * to be none. Where each record has a service time, every one holds up until it is answered (`commitsTakeTime`).
 *
 * Every exception is caught, and the application goes on, as most do: it polls, and the commit after its next batch
 * covers this one. One that must not process what it has not committed does not give up when the time is over: it calls
 * again. After any other exception it seeks back to what it could not commit, and polls, as `RebalanceInProgressException`
 * says, until a commit is taken.
 *
 * In Kafka it goes round then: seek() makes worthless what has been fetched, so poll(), which gets a rejoin on without
 * waiting for it, sends a Fetch and waits for that, a round trip to the leader, and hands out the same records again;
 * commitSync() of a member that is not STABLE throws without a request, that of a member which its coordinator refuses after
 * another round trip. Nothing comes of these rounds, whose number is without bound: one is refused like the one before until
 * the member is in a generation again, and who was refused by the coordinator until it is in another one, or has got another
 * id. So they are left out: the application is inside poll() all the while, and calls commitSync() as soon as that may help,
 * up to a round before Kafka's would. Kafka: `ConsumerCoordinator.sendOffsetCommitRequest`, `ClassicKafkaConsumer.poll`,
 * `FetchCollector.handleInitializeSuccess`, `CommitRequestManager.commitSync`.
 */

/**
 * How long `commitSync()` waits, in microseconds; absent: until it is answered. Before Kafka 2.0 it has no timeout
 * (KIP-266).
 */
export const commitTimeout = (on: Client): Duration | undefined =>
  compareReleases(on.options.traits.version, "2.0") < 0 ? undefined : setting(on, "default.api.timeout.ms");

/** The application calls `commitSync()`. */
export function commitAndWait(on: Client): void {
  const { waitingCommit: call, holdings, options, ways } = on;
  if (!mayCommit(on)) return;
  const offsets = options.positions(holdings.positioned, "batch");
  const waits = options.commitsTakeTime();
  if (isAhead(on) && !waits && ways.commitRefused() === undefined && options.takesAtOnce(commitOf(on, offsets))) {
    sendCommit(on, "batch", offsets, { stored: true });
    return;
  }
  call.offsets = offsets;
  begin(on);
  if (!call.offsets) return;
  if ((isAhead(on) && !waits) || !options.answersAsUsual()) holdUp(on);
  else if (waits && !call.holdsUp) call.holdsUp = call.asUsual = true;
}

/** Nothing is processed before its commit is taken. */
const isAhead = ({ options }: Client): boolean => options.commits === "before-processing";

/**
 * An application that has sought back, and polls, comes to call `commitSync()` again: that may be taken. Returns whether it
 * does.
 */
export function commitsAgain(on: Client): boolean {
  const { waitingCommit: call, membership, ways } = on;
  if (!call.refused) return false;
  const { as } = call.refused;
  if (!ways.mayCommit()) {
    call.refused.as = undefined;
    return false;
  }
  if (as && as.generation === membership.generation && as.member === membership.member) return false;
  standStill(on, () => (call.refused = undefined));
  return true;
}

function begin(on: Client): void {
  const { waitingCommit: call, host } = on;
  call.failures = 0;
  call.waiting = false;
  host.cancel("commit-again", "");
  const longest = commitTimeout(on);
  if (longest !== undefined) host.after(longest, "commit-over", "");
  attempt(on);
}

/** The coordinator does not answer as usual any more. */
export function delayCommit(on: Client): void {
  if (on.waitingCommit.offsets) holdUp(on);
}

/** The wait before the next request is over, or the coordinator was found. */
export function commitAgain(on: Client): void {
  const { offsets, request, waiting } = on.waitingCommit;
  if (offsets && request === undefined && !waiting) attempt(on);
}

export function waitingCommitAnswered(on: Client, result: CommitResult, request: InFlight): void {
  const { waitingCommit: call, host } = on;
  if (!call.offsets || call.request !== request.id) return; // of a call that has returned
  call.request = undefined;
  if (result !== "retriable") return end(on, result, request);
  holdUp(on);
  call.waiting = true;
  host.after(backoff(on, call.failures++, "OffsetCommit"), "commit-again", "");
}

/** `default.api.timeout.ms` is over. Kafka: `TimeoutException`. */
export function commitTimeOver(on: Client): void {
  tell(on, "batch", "timed-out");
  if (isAhead(on)) begin(on);
  else end(on, "timed-out");
}

/** The application is called out of it, and closes: it reads nothing any more. Kafka: `wakeup()`. */
export function abandonCommit(on: Client): void {
  const { waitingCommit: call } = on;
  forget(on);
  standStill(on, () => {
    call.holdsUp = call.asUsual = false;
    call.refused = undefined;
  });
}

function attempt(on: Client): void {
  const { waitingCommit: call, search, commitClock } = on;
  if (search.coordinator === undefined) {
    holdUp(on);
    return lookForCoordinator(on);
  }
  const sent = sendCommit(on, "batch", call.offsets);
  if (sent === "sent") call.request = commitClock.count;
  else end(on, sent);
}

function holdUp(on: Client): void {
  const { waitingCommit: call } = on;
  standStill(on, () => {
    call.holdsUp = true;
    call.asUsual = false;
  });
}

/** Whether the application stands still is for these two to say. */
function standStill(on: Client, deed: () => void): void {
  const { waitingCommit: call } = on;
  const isWorthAWord = (): boolean => (call.holdsUp && !call.asUsual) || call.refused !== undefined;
  const stood = isWorthAWord();
  deed();
  const committing = isWorthAWord();
  if (committing !== stood) record(on, "client.committing", { committing });
}

/** The call returns. `refused`: the request that the coordinator has refused. */
function end(on: Client, result: CommitResult, refused?: Identity): void {
  const { waitingCommit: call, options } = on;
  const { holdsUp, offsets } = call;
  forget(on);
  const inVain = isAhead(on) && result !== "done";
  if (isAhead(on) && !inVain) options.took(offsets!); // and it is processed now
  call.returned = isAhead(on) ? inVain : holdsUp;
  standStill(on, () => {
    call.holdsUp = call.asUsual = false;
    if (inVain) call.refused = { as: refused && { generation: refused.generation, member: refused.member } };
  });
}

function forget({ waitingCommit: call, host }: Client): void {
  host.cancel("commit-over", "");
  host.cancel("commit-again", "");
  call.offsets = call.request = undefined;
}
