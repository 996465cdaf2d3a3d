import type { Instant } from "../../../../engine/time.ts";
import type { CommitResult } from "../../client/commits.ts";
import { commitBeforeRevocation, sendCommit, startCommitClock, tell } from "../../client/commits.ts";
import { backoff, setting } from "../../client/client.ts";
import { giveUp } from "../../client/positions.ts";
import type { Partitions } from "../../../../names.ts";
import { isEmpty, without } from "../../partitions.ts";
import { areEqual } from "./membership.ts";
import type { LocalAssignment } from "./membership.ts";
import type { Participation } from "./participation.ts";

/** The way from what a member owns to what it is to own. Kafka: `reconciliationInProgress`. */
export interface Reconciliation {
  /** The one under way. A newer target waits until this one was acknowledged. */
  run: Run | undefined;
}

interface Run {
  readonly target: LocalAssignment;
  readonly revoked: Partitions;
  /** What it waits for: the commit's answer, or the application's thread for a callback. */
  stage: "committing" | "revoking" | "assigning";
  /** What became of the commit; `waiting`: for a coordinator, or because it failed. */
  commit: "under-way" | "waiting" | undefined;
  /** It failed a moment ago. */
  backsOff: boolean;
  /** How often it did, and until when it is tried. */
  failures: number;
  readonly deadline: Instant;
  /** The member has joined anew since. */
  outdated: boolean;
}

export const newReconciliation = (): Reconciliation => ({ run: undefined });

/*
 * Commit, onPartitionsRevoked, the new assignment and onPartitionsAssigned, then the acknowledgement. Kafka:
 * `AbstractMembershipManager.maybeReconcile`, `revokeAndAssign`.
 *
 * The commit is the background thread's. Callbacks are the application's: each waits for the next poll(), and so does,
 * from release to release more of it, the beginning and the end (`releases.ts`).
 */

/** Whether there is something to reconcile, and nothing under way. */
function isDue({ membership, reconciliation }: Participation): boolean {
  const { state, target, current } = membership;
  return state === "RECONCILING" && !reconciliation.run && target !== current;
}

function toRevoke({ membership, holdings }: Participation): Partitions {
  return without(holdings.owned, membership.target!.partitions);
}

/** Whether it waits for a poll() to begin. */
function waitsToBegin(on: Participation): boolean {
  const { membership, release, options } = on;
  const { target, current } = membership;
  if (current && areEqual(target!.partitions, current.partitions)) return false;
  return !release.beginsInBackground({ commits: options.commits === "auto", revokes: !isEmpty(toRevoke(on)) });
}

/** Begins, as far as that needs no poll(). */
export function reconcile(on: Participation): void {
  if (isDue(on) && !waitsToBegin(on)) begin(on);
}

/** The application is inside poll(). */
export function reconcileInPoll(on: Participation): void {
  if (isDue(on)) begin(on);
}

/** Whether a poll() would get it on. */
export function wantsToReconcile(on: Participation): boolean {
  return waitsForCallback(on) || (isDue(on) && waitsToBegin(on));
}

/** Whether the next step is the application's. */
export function waitsForCallback({ reconciliation }: Participation): boolean {
  return reconciliation.run !== undefined && reconciliation.run.stage !== "committing";
}

function begin(on: Participation): void {
  const { membership, reconciliation, holdings, release, options, host } = on;
  const { current } = membership;
  const target = membership.target!;
  // it was told of another one meanwhile, and told back: nothing to do but to say so
  if (current && areEqual(target.partitions, current.partitions)) return membership.reconciled(target);
  const run: Run = {
    target,
    revoked: toRevoke(on),
    stage: "committing",
    commit: undefined,
    backsOff: false,
    failures: 0,
    deadline: host.now() + setting(on, "max.poll.interval.ms"),
    outdated: false,
  };
  reconciliation.run = run;
  if (release.stopsReadingFirst) holdings.stopReading(run.revoked, "revocation-pending");
  if (options.commits === "auto") commitFirst(on, run);
  else committed(on, run);
}

// ---------------------------------------------------------------- the commit

/** Positions of everything it owns, whether or not anything is revoked. Kafka: `maybeAutoCommitSyncBeforeRevocation`. */
function commitFirst(on: Participation, run: Run): void {
  const sent = sendCommit(on, "before-rebalance");
  if (sent === "sent") run.commit = "under-way";
  else if (sent === "retriable") run.commit = "waiting";
  else committed(on, run);
}

/** The commit of the reconciliation under way was answered. What does not pass, nobody mends: it goes on without. */
export function reconciliationCommitAnswered(on: Participation, result: CommitResult): void {
  const { reconciliation, host } = on;
  const { run } = reconciliation;
  if (run?.commit !== "under-way") return;
  if (result !== "retriable") return committed(on, run);
  const left = run.deadline - host.now();
  if (left <= 0) return giveUpCommitting(on, run);
  run.commit = "waiting";
  run.backsOff = true;
  host.after(Math.min(backoff(on, run.failures++, "OffsetCommit"), left), "reconciliation", "");
}

/** The wait before the next attempt is over. */
export function waitedToCommit(on: Participation): void {
  const { run } = on.reconciliation;
  if (run) run.backsOff = false;
  resendCommit(on);
}

/** Sends the commit again, if it is to be, or now that there is a coordinator. */
export function resendCommit(on: Participation): void {
  const { reconciliation, search, host } = on;
  const { run } = reconciliation;
  if (run?.commit !== "waiting" || run.backsOff || search.coordinator === undefined) return;
  if (host.now() >= run.deadline) return giveUpCommitting(on, run);
  commitFirst(on, run);
}

function giveUpCommitting(on: Participation, run: Run): void {
  tell(on, "before-rebalance", "timed-out");
  committed(on, run);
}

// ---------------------------------------------------------------- callbacks, and what comes after them

function committed(on: Participation, run: Run): void {
  const { release, holdings, options } = on;
  run.commit = undefined;
  if (isOutdated(on, run)) return;
  if (!release.stopsReadingFirst) holdings.stopReading(run.revoked, "revocation-pending");
  run.stage = "revoking";
  if (isEmpty(run.revoked) || !options.listens) revoke(on, run);
}

/** onPartitionsRevoked. */
function revoke(on: Participation, run: Run): void {
  const { release, options } = on;
  const { revoked } = run;
  if (!isEmpty(revoked)) {
    if (options.listens) commitBeforeRevocation(on);
    giveUp(on, revoked, "revoked");
  }
  run.stage = "assigning";
  if (!release.assignsInPoll && !options.listens) assign(on, run);
}

/** onPartitionsAssigned, which is told of nothing new as well. From now on positions are looked up. */
function assign(on: Participation, run: Run): void {
  const { holdings, membership, reconciliation } = on;
  holdings.assign(run.target.partitions);
  reconciliation.run = undefined;
  startCommitClock(on);
  membership.reconciled(run.target);
}

/** The application is inside poll(): the callback that waited for it. */
export function runCallback(on: Participation): void {
  const { run } = on.reconciliation;
  if (!run || isOutdated(on, run)) return;
  if (run.stage === "revoking") revoke(on, run);
  else assign(on, run);
}

/** The member was fenced or has failed, and perhaps joined anew. Kafka: `maybeAbortReconciliation`. */
function isOutdated({ membership, reconciliation }: Participation, run: Run): boolean {
  const outdated = run.outdated || membership.state !== "RECONCILING";
  if (outdated) reconciliation.run = undefined;
  return outdated;
}
