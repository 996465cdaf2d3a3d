import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take longest, of both tiers, the longest first: seconds of the processor's time, some hundred down to ten. */
const LONGEST = [
  "experiment/sweep/shipped.slow",
  "experiment/plan/shipped.slow",
  "laws/books.slow",
  "experiment/plan/planner.slow",
  "laws/small-worlds.slow",
  "theory/membership.slow",
  "experiment/coverage.slow",
  "docs.slow",
  "docs",
  "experiment/sweep/queue",
  "laws/elision-consumer",
  "viz/page.browser",
  "simulation/determinism",
  "timelines/timelines",
  "laws/storms",
  "experiment/sweep/sweep",
  "experiment/replicate",
  "cli/usage",
  "experiment/plan/threads",
  "laws/elision",
  "laws/books",
  "simulation/records",
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
