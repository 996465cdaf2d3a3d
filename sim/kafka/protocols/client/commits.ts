import type { ErrorCode, OffsetCommit, Offsets } from "../../messages.ts";
import { isEmpty } from "../partitions.ts";
import type { Client } from "./client.ts";
import { type AnsweredCommits, NO_COMMITS } from "./answered-commits.ts";
import { COORDINATOR_LOST, record, setting, untilNextRound } from "./client.ts";
import { loseCoordinator, nextId } from "./coordinator-search.ts";
import type { CommitPurpose, InFlight } from "./requests.ts";
import { identity, isRegular, sendToCoordinator } from "./requests.ts";

/** How a commit ends, as the application would hear it: Kafka's exceptions of that name, or all is well. */
export type CommitResult = "done" | "retriable" | "rebalance-in-progress" | "commit-failed" | "fenced" | "timed-out";

/**
 * When positions are committed. `auto`: from within poll(), every `auto.commit.interval.ms`, before a rebalance, and when
 * the consumer closes (`enable.auto.commit`). The others are what the application does by itself. `sync`, `async`: after
 * every batch; the one waits for the answer (`waiting-commit.ts`). `before-processing`: before every batch, and waits as
 * well until one is taken, so that no record is processed twice and some may never be. `never`: not at all.
 */
export type CommitPolicy = "auto" | "sync" | "async" | "before-processing" | "never";

/** Whether the application waits for the answers to its own commits. */
export const waitsForCommits = (policy: CommitPolicy): boolean => policy === "sync" || policy === "before-processing";

/** The clock of regular commits. Kafka: `ConsumerCoordinator.nextAutoCommitTimer`, `CommitRequestManager.AutoCommitState`. */
export interface CommitClock {
  /** It is time: the next poll() commits. */
  due: boolean;
  /** Regular commits sent since the process began: the number of the last one. */
  count: number;
  /** Those that were answered as usual, since that was last asked for. */
  answered: AnsweredCommits;
}

export const newCommitClock = (): CommitClock => ({ due: false, count: 0, answered: NO_COMMITS });

/** Regular commits that were answered as usual since this was last asked. */
export function takeAnswered({ commitClock }: Client): AnsweredCommits {
  const { answered } = commitClock;
  commitClock.answered = NO_COMMITS;
  return answered;
}

/** The interval between two automatic commits starts anew. */
export function startCommitClock(on: Client): void {
  on.commitClock.due = false;
  if (on.options.commits === "auto") on.host.after(setting(on, "auto.commit.interval.ms"), "auto-commit", "");
  else on.host.cancel("auto-commit", "");
}

/** Whether a poll() would commit because it is time. Not while the group has other things to do, nor without a coordinator. */
export function wantsCommit(on: Client): boolean {
  return on.commitClock.due && on.search.coordinator !== undefined && !on.ways.commitsLater();
}

/** Commits if it is time. The next time is counted from this poll(), not from when it was due. Kafka: `maybeAutoCommitOffsetsAsync`. */
export function commitIfDue(on: Client): void {
  if (!wantsCommit(on)) return;
  startCommitClock(on);
  sendCommit(on, "interval");
}

/** The application is through with a batch. Without a coordinator nothing is sent. */
export function commitBatch(on: Client): void {
  if (on.search.coordinator !== undefined && !on.departure.phase) sendCommit(on, "batch");
}

/**
 * Partitions are about to be revoked, and what was read of them lately has not been committed. An application that
 * commits by itself does so now, in its `onPartitionsRevoked`.
 */
export function commitBeforeRevocation(on: Client): void {
  const { commits } = on.options;
  if (commits === "sync" || commits === "async") commitBatch(on);
}

/** A commit that nobody answers: as it would be sent now, if there is anything to commit and anybody to send it to. */
export function positionsAsCommit(on: Client): OffsetCommit | undefined {
  const { holdings, search, ways, options } = on;
  if (search.coordinator === undefined || !ways.mayCommit() || !mayCommit(on)) return undefined;
  return commitOf(on, options.positions(holdings.positioned, "application"));
}

/** A commit of these offsets that nobody answers. */
export function commitOf(on: Client, offsets: Offsets): OffsetCommit {
  const { client, group } = on.options;
  return { api: "OffsetCommit", id: 0, client, group, ...identity(on), ...on.ways.commitsAs(), offsets };
}

/** Whether there is anything to commit. */
export const mayCommit = ({ holdings }: Client): boolean => !isEmpty(holdings.positioned);

/**
 * Commits where reading has got to, of all partitions, or what is given. Outside of the group nothing is sent, and the
 * answer is known at once. Kafka: `sendOffsetCommitRequest`, `CommitRequestManager.addOffsetCommitRequest`.
 */
export function sendCommit(
  on: Client,
  purpose: CommitPurpose,
  given?: Offsets,
  { stored }: Pick<OffsetCommit, "stored"> = {},
): "sent" | CommitResult {
  const { holdings, search, ways, options } = on;
  if (!mayCommit(on)) return "done";
  if (search.coordinator === undefined) return "retriable";
  const refused = ways.commitRefused();
  if (refused !== undefined) return tell(on, purpose, refused);
  const regular = isRegular(purpose);
  sendToCoordinator(
    on,
    {
      api: "OffsetCommit",
      id: regular ? ++on.commitClock.count : nextId(on),
      ...identity(on),
      ...ways.commitsAs(),
      offsets: given ?? options.positions(holdings.positioned, purpose),
      ...(regular && { regular }),
      ...(stored && { stored }),
      ...(purpose === "batch" && options.commits === "before-processing" && { ahead: true }),
    },
    { purpose },
  );
  return "sent";
}

/** What a commit's answer means to the one who waits for it, and to the membership. */
export function commitAnswered(on: Client, error: ErrorCode, request: InFlight): CommitResult {
  const result = resultOf(on, error, request);
  if (result !== "done" || request.purpose === "application") tell(on, request.purpose!, result);
  if (result === "retriable") tryAgainSoon(on, request.purpose!);
  return result;
}

/** An automatic commit that failed for a passing reason is repeated soon; one that the application does not wait for is not. */
function tryAgainSoon(on: Client, purpose: CommitPurpose): void {
  if (purpose !== "interval") return;
  on.commitClock.due = false;
  on.host.after(untilNextRound(on, "OffsetCommit", setting(on, "retry.backoff.ms")), "auto-commit", "");
}

function resultOf(on: Client, error: ErrorCode, request: InFlight): CommitResult {
  if (error === "NONE") return "done";
  if (error === "COORDINATOR_LOAD_IN_PROGRESS") return "retriable";
  if (!COORDINATOR_LOST.has(error)) return on.ways.commitFailed(error, request);
  loseCoordinator(on, error);
  return "retriable";
}

/** Writes down what a commit came to. */
export function tell(on: Client, purpose: CommitPurpose, result: CommitResult): CommitResult {
  record(on, "client.commit", { purpose, result });
  return result;
}
