import type { Duration, Instant } from "../engine/time.ts";
import { type AnsweredCommits, NO_COMMITS, nextTimed, withTime } from "../kafka/protocols/client/answered-commits.ts";
import { type CommitMade, type CommitsInARow, nthCommit } from "../workload/service.ts";
import { type BeatDelays, type HeartbeatsInARow, type Sent, nthBeat, workedOut } from "./beats.ts";

/** What one member sent over one connection, and was worked out. */
export interface WorkedOutCommits {
  readonly commits: {
    /** In order, and the number of the first of them. */
    readonly rows: readonly CommitsInARow[];
    readonly first: number;
    /** What decides when one was sent. */
    sent(commit: CommitMade): Pick<Sent, "sentAt" | "orderClass" | "subject">;
  };
  readonly heartbeats: HeartbeatsInARow & { readonly count: number };
  readonly delays: BeatDelays;
  /** How long a heartbeat can be on its way, there and back. */
  readonly roundTrip: Duration;
}

/** The first `count` commits were answered: how long that took, of those that are timed. */
export function answeredCommits(sent: WorkedOutCommits, count: number): AnsweredCommits {
  const { rows, first } = sent.commits;
  const end = first + count;
  let answered = { ...NO_COMMITS, count };
  let number = first;
  for (const row of rows) {
    const rowEnd = Math.min(number + row.count, end);
    for (let id = nextTimed(number); id < rowEnd; id = nextTimed(id + 1)) {
      const commit = sent.commits.sent(nthCommit(row, id - number));
      answered = withTime(answered, id, timeOf({ kind: "commit", id, ...commit }, sent));
    }
    number += row.count;
  }
  return answered;
}

/**
 * From sending to the answer. A heartbeat over the same connection that was sent shortly before, or before the commit was in
 * the log, can be in its way. (Not both: from one to the next it is longer than a commit can take.)
 */
function timeOf(commit: Sent, { heartbeats, delays, roundTrip }: WorkedOutCommits): Duration {
  const { id, sentAt } = commit;
  const written = sentAt + delays.there("commit", id) + delays.append(id);
  let begin = beatsBefore(sentAt - roundTrip, heartbeats);
  const unheard = beatsBefore(written + 1, heartbeats);
  while (begin < unheard && wasAnsweredBy(sentAt, nthBeat(heartbeats, begin), delays)) begin++;
  if (begin === unheard) return written + delays.back("commit", id) - sentAt;
  const beside = [commit];
  for (let n = begin; n < unheard; n++) beside.push(nthBeat(heartbeats, n));
  return workedOut(beside, delays).find(({ kind }) => kind === "commit")!.replied - sentAt;
}

/** Nothing else than an earlier commit can have held it up, and that was answered before the next one was sent. */
const wasAnsweredBy = (t: Instant, { id, sentAt }: Sent, { there, back }: BeatDelays): boolean =>
  sentAt + there("heartbeat", id) + back("heartbeat", id) <= t;

/** How many of the heartbeats were sent before `t`. */
function beatsBefore(t: Instant, { heartbeat, interval, count }: WorkedOutCommits["heartbeats"]): number {
  return Math.max(0, Math.min(count, Math.ceil((t - heartbeat.sentAt) / interval)));
}
