import type { Duration, Instant } from "../engine/time.ts";
import { wholeMicroseconds } from "../engine/time.ts";
import type { TopicLog } from "../lag/log.ts";

/** A partition that cannot be written to. */
export interface Blocked {
  readonly since: Instant;
  /** Records that wait for it: these, and its share of what the topic has produced since `total`. */
  waiting: number;
  total: number;
  /** Of those that wait, these have been written already. */
  repeated: number;
  /** These were in the log when its leader died, and are gone with it: so many fewer are to be written now. */
  gone: number;
  /** And these have waited for it before: what was left of a burst, made by then. */
  left: { readonly records: number; readonly madeBy: Instant };
  /** Instances that crashed took some of them: of what waited then, that part was kept. */
  readonly losses: { readonly at: Instant; readonly kept: number }[];
  /** Its shares of what is produced, from `since` on and from each moment on when the topic grew. */
  readonly shares: { readonly at: Instant; readonly share: number }[];
}

/** Records of a blocked partition that were made at an even pace, and are kept. */
interface Made {
  readonly from: Instant;
  readonly to: Instant;
  readonly records: number;
}

/**
 * How long records have waited for a partition when they are written, over the time in which what waited and what comes
 * behind it is sent: straight from each moment to the next, and a jump where two moments are one.
 */
export interface Flush {
  /** From the begin of sending on; ascending. */
  readonly after: readonly Duration[];
  readonly waited: readonly Duration[];
}

/** How it is sent: so many records per second, of which `burst` are beside what comes, until then. */
interface Sending {
  readonly now: Instant;
  readonly until: Instant;
  readonly recordsPerSecond: number;
  readonly burst: number;
}

/** The share that a blocked partition had of what was produced then, and in the moments after. */
export const shareAt = ({ shares }: Blocked, then: Instant): number => shares.findLast(({ at }) => at <= then)!.share;

/** The part of what was made then, and in the moments after, that no crash has taken while it waited. */
export function keptOf({ losses }: Blocked, then: Instant, patience: Duration): number {
  return losses.reduce((kept, loss) => (then < loss.at && loss.at <= then + patience ? kept * loss.kept : kept), 1);
}

/**
 * What was made for a blocked partition between two moments, where nobody waits for longer than `patience`. `steps`: when
 * the topic's production changed, where it matters that the pace is even.
 */
export function made(
  blocked: Blocked,
  log: TopicLog,
  patience: Duration,
  from: Instant,
  to: Instant,
  steps: readonly Instant[] = [],
): Made[] {
  if (to <= from) return [];
  const { losses, shares } = blocked;
  const bends = [...losses.flatMap(({ at }) => [at, at - patience]), ...shares.map(({ at }) => at), ...steps];
  const ends = [...bends.filter((at) => at > from && at < to).sort((a, b) => a - b), to];
  return ends.map((end, i) => {
    const begin = i > 0 ? ends[i - 1] : from;
    const share = shareAt(blocked, begin) * keptOf(blocked, begin, patience);
    return { from: begin, to: end, records: share * (log.total(end) - log.total(begin)) };
  });
}

/**
 * What waited is sent in the order in which it was made, and what comes meanwhile behind it:
 *
 *     100/s, blocked from 0 to 10 s, sent at 500/s beside what comes: the first of 1000 has waited 10 s, the last, after
 *     1000 / 600 s, as long as that takes; what comes last before 12 s, when all is sent, has not waited at all
 */
export function flushOf(
  blocked: Blocked,
  log: TopicLog,
  patience: Duration,
  { now, until, recordsPerSecond, burst }: Sending,
): Flush {
  const { left, repeated, since } = blocked;
  const first = Math.max(since, now - patience);
  const steps: Instant[] = [];
  for (let at = log.changesAfter(first); at < now; at = log.changesAfter(at)) steps.push(at);
  const waiting = [
    ...(left.madeBy > now - patience ? [{ from: left.madeBy, to: left.madeBy, records: left.records }] : []),
    ...(first === since ? [{ from: since, to: since, records: repeated }] : []),
    ...made(blocked, log, patience, first, now, steps),
  ].filter(({ records }) => records > 0);
  const all = waiting.reduce((sum, { records }) => sum + records, 0);
  const lasts = until - now;
  const sent = (burst * lasts) / recordsPerSecond; // until the last of what waited is written
  const after: Duration[] = [];
  const waited: Duration[] = [];
  let before = 0;
  for (const { from, to, records } of waiting) {
    for (const [at, counted] of [
      [from, before],
      [to, before + records],
    ]) {
      const then = wholeMicroseconds((counted / all) * sent);
      after.push(then);
      waited.push(now + then - at);
    }
    before += records;
  }
  after.push(lasts);
  waited.push(0);
  return { after, waited };
}
