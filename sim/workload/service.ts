import type { Stream } from "../engine/random.ts";
import type { Duration, Instant } from "../engine/time.ts";
import { DAY, MICROSECOND, SECOND, wholeMicroseconds } from "../engine/time.ts";
import { type Law, drawDuration } from "../engine/variates.ts";

/** Longer than a run, and short enough to be added to whatever instant of one. */
const LONGEST: Duration = 100 * 365 * DAY;

/** How long an application takes for a full batch of `max.poll.records`, at a rate above 0; at most 100 years. */
export function fullBatch(maxPollRecords: number, recordsPerSecond: number): Duration {
  const length = Math.min(LONGEST, (maxPollRecords * SECOND) / recordsPerSecond);
  return Math.max(MICROSECOND, wholeMicroseconds(length));
}

/** What lies between two polls. */
export interface BatchLaws {
  /** The length of a batch whenever there is something to read; absent: batches are as long as the work there is. */
  readonly batch?: Law;
  /** How long a batch of `max.poll.records` takes: the length of every batch while there is backlog. */
  readonly full: Duration;
}

/** When an application's thread is inside poll(). */
export interface Polls {
  /** Whether batches follow one another, or it waits inside poll for something to do. */
  readonly working: boolean;
  /** Whether its batches are so short at present that any instant is the end of one. */
  readonly continuous: boolean;
  /**
   * Whether what a poll() returns is known only when the instant of that poll is over: `working` from then on, until the
   * batch is done.
   */
  readonly handsOutLast: boolean;
  /**
   * From `t` on records arrive at what it reads, or do not; and some wait, or do not. Returns the first poll of a stretch
   * of work that begins by that.
   */
  supply(t: Instant, work: { readonly arriving: boolean; readonly backlogged: boolean }): Instant | undefined;
  /**
   * Something takes so long that the next poll is not before `t + lasts`. Returns until when nothing of the batch in hand is
   * processed.
   */
  hold(t: Instant, lasts: Duration): Instant;
  /** Everything stands still for so long; then the batch in hand goes on where it was. */
  stop(t: Instant, lasts: Duration): void;
  /** What held it up is over, and nobody knew for how long it would: it is inside poll at `t`. */
  resume(t: Instant): void;
  /** The first poll at or after `t`. */
  nextPoll(t: Instant): Instant;
  /** The last poll up to `t`: with it the batch in hand began; or now, if there is none. */
  lastPoll(t: Instant): Instant;
  /** Commits at its polls, where they can be worked out instead of being simulated. */
  readonly commits?: PolledCommits | undefined;
}

/** Regular commits at polls that are worked out. */
export interface PolledCommits {
  /** From now on they are: the next one at the first poll from `due` on, then one each interval. */
  begin(due: Instant, interval: Duration): void;
  /** Those made up to `t`, which counts; `undefined` while they are not worked out. */
  made(t: Instant): CommitsMade | undefined;
  end(): void;
}

/**
 * When an application polls. Its thread goes round: poll, process the batch, poll again; and only inside poll does a
 * consumer act on a rebalance.
 *
 * - While it **works**, batches follow one another. A batch begins at the instant at which work begins, if
 *   the thread is inside poll then, and otherwise when the batch in hand is done. At its end, a single instant, is the
 *   next poll.
 * - While it **rests**, the batch in hand is finished first: the last of a backlog has only what was left of that, and
 *   ends with it. From its end on the thread is inside poll, so any instant is a poll.
 * - With a law for the length of a batch, it works while anything arrives or waits to be read, and every batch takes a
 *   length of that law. Without, it works while there is backlog, and every batch is a full one; caught up, its batches
 *   are so short that any instant counts as a poll.
 * - Held up, the batch in hand, or the one that begins at that instant, ends no sooner than told. Nothing is
 *   polled before.
 *
 * With a constant length the polls lie on a grid from the begin of work on, and the next one is found by division,
 * however long ago the last question was. With a law of chance each length is a draw from the stream, taken when a
 * question goes beyond it: a day of batches that nobody asks about costs nothing until somebody does, then as many
 * draws as there were batches.
 *
 * Regular commits happen at polls: each at the first one that is an interval or more after the one before. While nothing
 * disturbs them they need not be simulated, and are found by division too (`commits`).
 *
 * Questions must not be about the past: each instant is at or after the one before.
 */
export class PollLoop implements Polls {
  readonly #batch: Law;
  readonly #worksWhenCaughtUp: boolean;
  readonly #stream: Stream;
  #working = false;
  /** The earliest poll that is not behind us; while resting, the begin of the time spent inside poll. */
  #poll: Instant;
  /** The one before, with which the batch that ends then began. */
  #previous: Instant;
  /** Until when something holds it up, or has. */
  #heldUntil: Instant = 0;
  #commits: { readonly interval: Duration; readonly rows: CommitsInARow[]; made: CommitsMade } | undefined;

  /** An application that is inside poll from `start` on. */
  constructor({ batch, full }: BatchLaws, stream: Stream, start: Instant) {
    this.#batch = batch ?? { constant: full };
    this.#worksWhenCaughtUp = batch !== undefined;
    this.#stream = stream;
    this.#poll = this.#previous = start;
  }

  /** Whether batches follow one another, or it waits inside poll for something to do. */
  get working(): boolean {
    return this.#working;
  }

  get continuous(): boolean {
    return !this.#working;
  }

  /** Whatever waits is there to be handed out. */
  readonly handsOutLast = false;

  /** As told by `Polls`. The first batch begins at `t`, or when the one in hand is done: with the poll before it. */
  supply(
    t: Instant,
    { arriving, backlogged }: { readonly arriving: boolean; readonly backlogged: boolean },
  ): Instant | undefined {
    this.#commitUntil(t);
    const works = backlogged || (arriving && this.#worksWhenCaughtUp);
    if (works === this.#working) return undefined;
    this.#poll = works || this.#worksWhenCaughtUp ? this.nextPoll(t) : Math.max(t, this.#heldUntil);
    this.#working = works;
    return works ? this.#poll : undefined;
  }

  /** As told by `Polls`: nothing is processed for so long. */
  hold(t: Instant, lasts: Duration): Instant {
    this.#previous = this.lastPoll(t);
    this.#heldUntil = this.#poll = Math.max(this.nextPoll(t), t + lasts);
    return t + lasts;
  }

  stop(t: Instant, lasts: Duration): void {
    this.hold(t, this.nextPoll(t) - t + lasts);
  }

  /** It is inside poll at `t`, whatever batch it would be in if nothing had held it up. */
  resume(t: Instant): void {
    this.#heldUntil = this.#poll = t;
  }

  /** The first poll at or after `t`. */
  nextPoll(t: Instant): Instant {
    this.#commitUntil(t);
    if (t <= this.#poll) return this.#poll;
    if (!this.#working) return t;
    if ("constant" in this.#batch) {
      this.#poll = this.#onGrid(t, this.#batch.constant);
      this.#previous = this.#poll - Math.max(MICROSECOND, this.#batch.constant);
      return this.#poll;
    }
    while (this.#poll < t) {
      this.#previous = this.#poll;
      this.#poll += Math.max(MICROSECOND, drawDuration(this.#batch, this.#stream));
    }
    return this.#poll;
  }

  lastPoll(t: Instant): Instant {
    return this.nextPoll(t) === t ? t : this.#previous;
  }

  #onGrid(t: Instant, batch: Duration): Instant {
    const length = Math.max(MICROSECOND, batch);
    return this.#poll + Math.ceil((t - this.#poll) / length) * length;
  }

  // ---------------------------------------------------------------- commits that are worked out, not simulated

  /** Only where polls lie on a grid. */
  get commits(): PolledCommits | undefined {
    return "constant" in this.#batch ? this.#polledCommits : undefined;
  }

  readonly #polledCommits: PolledCommits = {
    begin: (due, interval) => {
      const rows: CommitsInARow[] = [];
      this.#commits = { interval, rows, made: { count: 0, last: undefined, previous: undefined, rows, due } };
    },
    made: (t) => {
      this.#commitUntil(t);
      return this.#commits?.made;
    },
    end: () => {
      this.#commits = undefined;
    },
  };

  #commitUntil(t: Instant): void {
    const commits = this.#commits;
    if (!commits || commits.made.due > t) return;
    const { interval, made } = commits;
    const first = this.#pollFrom(made.due);
    if (first > t) return;
    // From a poll on the grid, or from inside poll, the next ones follow at equal distances.
    const every = this.#working ? this.#onGrid(first + interval, this.#batchLength()) - first : interval;
    const more = Math.floor((t - first) / every);
    const row = { first: { at: first, due: made.due }, count: more + 1, every, interval };
    const last = nthCommit(row, more);
    const previous = more === 0 ? made.last : nthCommit(row, more - 1);
    commits.rows.push(row);
    commits.made = { count: made.count + more + 1, last, previous, rows: commits.rows, due: last.at + interval };
  }

  /** The first poll at or after `t`, without going there. */
  #pollFrom(t: Instant): Instant {
    if (t <= this.#poll) return this.#poll;
    return this.#working ? this.#onGrid(t, this.#batchLength()) : t;
  }

  #batchLength(): Duration {
    if ("constant" in this.#batch) return this.#batch.constant;
    throw new Error("commits are worked out only where batches have a constant length");
  }
}

/** A commit: when it was sent, and from when on it was due. */
export interface CommitMade {
  readonly at: Instant;
  readonly due: Instant;
}

/** So many commits, one after the other at the same distance. */
export interface CommitsInARow {
  readonly first: CommitMade;
  readonly count: number;
  readonly every: Duration;
  /** How long after one the next is due: the poll that sends it is then, or later. */
  readonly interval: Duration;
}

/** The n-th of them, counted from 0. */
export function nthCommit({ first, every, interval }: CommitsInARow, n: number): CommitMade {
  return n === 0 ? first : { at: first.at + n * every, due: first.at + (n - 1) * every + interval };
}

/** Commits that were worked out: how many, the last two, all of them in order, and when the next one is due. */
export interface CommitsMade {
  readonly count: number;
  readonly last: CommitMade | undefined;
  readonly previous: CommitMade | undefined;
  readonly rows: readonly CommitsInARow[];
  readonly due: Instant;
}

/** Now and then a batch that takes far longer: one after the other, each `every` after the end of the last. */
export class SlowBatches {
  readonly #every: Law;
  readonly #lasts: Law;
  readonly #stream: Stream;

  constructor(laws: { readonly every: Law; readonly lasts: Law }, stream: Stream) {
    this.#every = laws.every;
    this.#lasts = laws.lasts;
    this.#stream = stream;
  }

  /** The next one after `after`, the end of the last one or the begin of it all: `hold(at, lasts)`. */
  next(after: Instant): { readonly at: Instant; readonly lasts: Duration } {
    const at = after + drawDuration(this.#every, this.#stream);
    return { at, lasts: drawDuration(this.#lasts, this.#stream) };
  }
}
