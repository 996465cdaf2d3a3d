import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take longest, of both tiers, the longest first: seconds of the processor's time, some hundred down to ten. */
const LONGEST = [
  "experiment/sweep/shipped.slow",
  "laws/books.slow",
  "experiment/plan/shipped.slow",
  "theory/membership.slow",
  "experiment/plan/planner.slow",
  "docs.slow",
  "experiment/coverage.slow",
  "kafka/classic/coordinator-worlds.slow",
  "laws/elision.slow",
  "laws/storms.slow",
  "theory/rebalance-time.slow",
  "laws/at-most-once.slow",
  "laws/small-worlds.slow",
  "docs",
  "laws/elision-consumer",
  "laws/elision",
  "experiment/sweep/queue",
  "laws/books",
  "laws/storms",
  "experiment/sweep/kill",
  "viz/page.browser",
  "cli/usage",
  "timelines/timelines",
  "experiment/plan/command",
  "experiment/plan/threads",
  "experiment/sweep/sweep",
  "simulation/waiting-commits",
  "simulation/records",
  "laws/figures",
  "laws/assignors",
  "simulation/cut-off",
  "simulation/determinism",
  "theory/detection",
  "theory/queues",
  "kafka/classic-client/stormy",
  "experiment/plan/fluid",
  "metrics/out-of-reach",
  "theory/duplicates",
  "simulation/stuck-batches",
  "simulation/revoked-in-batch",
];

/**
 * Begins with what takes longest, so that at the end nobody waits for one that began last. Vitest knows how long files took the
 * last time; on a clean clone there is none, and it goes by their size.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return rank < 0 ? LONGEST.length : rank;
    };
    return (await super.sort(files)).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}
