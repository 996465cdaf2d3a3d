import type { Duration } from "../../../engine/time.ts";

/** Commits that were answered: how many, how long that took in all, and the longest time. */
export interface AnsweredCommits {
  readonly count: number;
  readonly took: Duration;
  readonly longest: Duration;
}

export const NO_COMMITS: AnsweredCommits = { count: 0, took: 0, longest: 0 };

/** Both together. */
export const together = (some: AnsweredCommits, more: AnsweredCommits): AnsweredCommits => ({
  count: some.count + more.count,
  took: some.took + more.took,
  longest: Math.max(some.longest, more.longest),
});

/** One more, that took so long. */
export const withOne = (commits: AnsweredCommits, took: Duration): AnsweredCommits =>
  together(commits, { count: 1, took, longest: took });
