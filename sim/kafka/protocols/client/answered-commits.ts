import type { Duration } from "../../../engine/time.ts";

/**
 * Regular commits that were answered. Of a process's first 200 the time is taken of each, of the next 200 of each second,
 * of the next 400 of each fourth, and so on: some 850 in a day of one each 5 s. So days of commits that are worked out cost
 * few draws, and an average is still known to a tenth of a standard deviation.
 */
export interface AnsweredCommits {
  readonly count: number;
  /** For how many those stand whose time was taken: each for itself and those up to the next one. */
  readonly timed: number;
  /** How long so many took in all. */
  readonly took: Duration;
  /** The longest time that was taken. */
  readonly longest: Duration;
}

export const NO_COMMITS: AnsweredCommits = { count: 0, timed: 0, took: 0, longest: 0 };

/** Both together. */
export const together = (some: AnsweredCommits, more: AnsweredCommits): AnsweredCommits => ({
  count: some.count + more.count,
  timed: some.timed + more.timed,
  took: some.took + more.took,
  longest: Math.max(some.longest, more.longest),
});

/** The commit of this number took so long. */
export function withTime(commits: AnsweredCommits, number: number, took: Duration): AnsweredCommits {
  const timed = timedEvery(number);
  return together(commits, { count: 0, timed, took: timed * took, longest: took });
}

/** One more: whether the time it took counts is decided by its number. */
export function withOne(commits: AnsweredCommits, number: number, took: Duration): AnsweredCommits {
  const more = { ...commits, count: commits.count + 1 };
  return number === nextTimed(number) ? withTime(more, number, took) : more;
}

/** The first commit from this number on, counted from 1, whose time is taken. */
export function nextTimed(number: number): number {
  const every = timedEvery(number);
  return number + ((every - ((number - 1) % every)) % every);
}

const TIMED_EACH = 200;

/** Each so-manieth commit is timed where this number lies: a power of two. */
const timedEvery = (number: number): number => 1 << (32 - Math.clz32((number - 1) / TIMED_EACH));
