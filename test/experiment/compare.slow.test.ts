import { expect, test } from "vitest";
import { contrastsOf } from "../../sim/experiment/compare.ts";
import { seedOf, type Replications } from "../../sim/experiment/replicate.ts";
import { EXPERIMENTS } from "./coverage.ts";
import { meanSize, size } from "./lifetimes.ts";
import { NO_NOTES } from "../../sim/experiment/notes.ts";

const PAIRS = 12;

test("V24: of 1,000 comparisons on common random numbers, the intervals cover the known difference as often as they say", () => {
  const truth = meanSize(60) - meanSize(50);
  let covered = 0;
  for (let experiment = 0; experiment < EXPERIMENTS; experiment++) {
    const replications = (lifetime: number): Replications => ({
      count: PAIRS,
      measures: [{ group: "g", quantity: "members", statistic: "final", unit: "members" }],
      columns: [Array.from({ length: PAIRS }, (_, n) => size(lifetime, seedOf(`V24/${experiment}`, n + 1)))],
      expectations: [],
      notes: NO_NOTES,
    });
    const [{ difference }] = contrastsOf(replications(50), replications(60), { confidence: 0.95 });
    if (difference.interval.low <= truth && truth <= difference.interval.high) covered++;
  }
  expect(covered / EXPERIMENTS).toBeGreaterThanOrEqual(0.935);
  expect(covered / EXPERIMENTS).toBeLessThanOrEqual(0.965);
});
