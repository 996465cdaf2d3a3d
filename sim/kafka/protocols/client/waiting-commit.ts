import type { Duration } from "../../../engine/time.ts";
import { compareReleases } from "../../config.ts";
import type { Offsets } from "../../messages.ts";
import { mayCommit, sendCommit, tell } from "./commits.ts";
import type { CommitResult } from "./commits.ts";
import { lookForCoordinator } from "./coordinator-search.ts";
import type { Client } from "./client.ts";
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
  /** The application stands still: nothing is read, and poll() is not called. */
  holdsUp: boolean;
  /** The call has returned, and poll() is what the application calls next. */
  returned: boolean;
}

export const newWaitingCommit = (): WaitingCommit => ({
  offsets: undefined,
  request: undefined,
  failures: 0,
  waiting: false,
  holdsUp: false,
  returned: false,
});

/*
 * The application's thread is inside `commitSync()` until the coordinator has answered, or `default.api.timeout.ms` is
 * over. Errors that pass are tried again after a wait that grows; all others come out of the call at once. Meanwhile
 * poll() is not called: no rebalance is acted upon, and `max.poll.interval.ms` runs on; heartbeats go on from their own
 * thread. Kafka: `ClassicKafkaConsumer.commitSync`, `ConsumerCoordinator.commitOffsetsSync`.
 *
 * An application's capacity is taken to include commits that are answered as usual: such a call holds nothing up here. It
 * does from the moment of the call if no usual answer is to be expected, and as soon as one turns out to be none.
 *
 * Every exception is caught, and the application goes on, as most do: it polls, and the commit after its next batch
 * covers this one. One that must not process what it has not committed does not give up when the time is over: it calls
 * again.
 */

/**
 * How long `commitSync()` waits, in microseconds; absent: until it is answered. Before Kafka 2.0 it has no timeout
 * (KIP-266).
 */
export const commitTimeout = (on: Client): Duration | undefined =>
  compareReleases(on.options.traits.version, "2.0") < 0 ? undefined : setting(on, "default.api.timeout.ms");

/** The application calls `commitSync()`. */
export function commitAndWait(on: Client): void {
  const { waitingCommit, holdings, options } = on;
  if (!mayCommit(on)) return;
  waitingCommit.offsets = options.positions(holdings.positioned, "batch");
  begin(on);
  if (waitingCommit.offsets && !options.answersAsUsual()) holdUp(on);
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

export function waitingCommitAnswered(on: Client, result: CommitResult, { id }: InFlight): void {
  const { waitingCommit: call, host } = on;
  if (!call.offsets || call.request !== id) return; // of a call that has returned
  call.request = undefined;
  if (result !== "retriable") return end(on, result);
  holdUp(on);
  call.waiting = true;
  host.after(backoff(on, call.failures++), "commit-again", "");
}

/** `default.api.timeout.ms` is over. Kafka: `TimeoutException`. */
export function commitTimeOver(on: Client): void {
  tell(on, "batch", "timed-out");
  if (on.options.commits === "before-processing") begin(on);
  else end(on, "timed-out");
}

/** The application is called out of it, and closes: it reads nothing any more. Kafka: `wakeup()`. */
export function abandonCommit(on: Client): void {
  if (!on.waitingCommit.offsets) return;
  forget(on);
  letGo(on);
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
  if (on.waitingCommit.holdsUp) return;
  on.waitingCommit.holdsUp = true;
  record(on, "client.committing", { committing: true });
}

function letGo(on: Client): void {
  if (!on.waitingCommit.holdsUp) return;
  on.waitingCommit.holdsUp = false;
  record(on, "client.committing", { committing: false });
}

function end(on: Client, result: CommitResult): void {
  const { waitingCommit: call, options } = on;
  forget(on);
  // What was committed before it is processed is processed now.
  call.returned = call.holdsUp && (options.commits !== "before-processing" || result !== "done");
  letGo(on);
}

function forget({ waitingCommit: call, host }: Client): void {
  host.cancel("commit-over", "");
  host.cancel("commit-again", "");
  call.offsets = call.request = undefined;
}
