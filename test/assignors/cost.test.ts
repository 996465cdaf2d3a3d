import { expect, test } from "vitest";
import { assignmentCost, type AssignmentSize } from "../../sim/kafka/assignors/cost.ts";

/**
 * What Kafka's classes took: milliseconds (median), members × 10 partitions, all members subscribed to the same topics.
 * Columns: members, topics, fresh, after a leave, after a join.
 */
const SAME: Record<string, readonly (readonly number[])[]> = {
  range: [
    [100, 1, 0.191, 0.085, 0.07],
    [100, 100, 0.999, 0.958, 0.97],
    [1000, 1, 0.568, 0.54, 0.556],
    [1000, 100, 13.1, 12.3, 12.5],
    [2000, 1, 1.32, 1.32, 1.3],
    [2000, 100, 30.3, 28.0, 29.1],
  ],
  roundrobin: [
    [100, 1, 0.077, 0.057, 0.056],
    [100, 100, 0.462, 0.459, 0.465],
    [1000, 1, 0.312, 0.313, 0.313],
    [1000, 100, 5.26, 5.29, 5.01],
    [2000, 1, 0.699, 0.69, 0.723],
    [2000, 100, 10.0, 12.8, 10.7],
  ],
  sticky: [
    [100, 1, 0.099, 0.32, 0.29],
    [100, 100, 0.24, 0.492, 0.444],
    [1000, 1, 0.419, 2.54, 2.46],
    [1000, 100, 2.09, 5.93, 5.58],
    [2000, 1, 0.899, 5.76, 5.22],
    [2000, 100, 4.67, 14.8, 14.5],
  ],
  "cooperative-sticky": [
    [100, 1, 0.045, 0.212, 0.208],
    [100, 100, 0.211, 0.375, 0.392],
    [1000, 1, 0.465, 2.53, 2.41],
    [1000, 100, 2.33, 5.08, 5.42],
    [2000, 1, 0.918, 5.03, 4.8],
    [2000, 100, 4.54, 12.5, 10.2],
  ],
  "server-range": [
    [100, 1, 0.013, 0.013, 0.013],
    [100, 100, 0.096, 0.042, 0.042],
    [1000, 1, 0.145, 0.143, 0.141],
    [1000, 100, 0.423, 0.429, 0.428],
    [2000, 1, 0.307, 0.308, 0.306],
    [2000, 100, 0.882, 0.903, 0.863],
  ],
  uniform: [
    [100, 1, 0.044, 0.028, 0.03],
    [100, 100, 0.05, 0.033, 0.034],
    [1000, 1, 0.354, 0.218, 0.212],
    [1000, 100, 0.247, 0.187, 0.193],
    [2000, 1, 0.492, 0.403, 0.425],
    [2000, 100, 0.49, 0.479, 0.369],
  ],
};

/** The same with different subscriptions: overlapping, 100 topics; and the other kinds' extremes. */
const DIFFERENT: Record<string, readonly (readonly number[])[]> = {
  range: [[100, 0.651, 0.647, 0.66], [1000, 9.15, 9.38, 8.42], [2000, 20.2, 22.0, 22.3]], // prettier-ignore
  roundrobin: [[100, 0.403, 0.406, 0.406], [1000, 5.15, 5.07, 4.76], [2000, 10.4, 9.49, 11.3]], // prettier-ignore
  sticky: [
    [100, 1.77, 0.802, 9.02],
    [1000, 224, 11.3, 2209],
    [2000, 939, 23.7, 9903],
    [2000, 26.9, 29.1, 388],
  ],
  "cooperative-sticky": [
    [100, 1.91, 0.777, 9.35],
    [1000, 236, 10.8, 2071],
    [2000, 956, 27.6, 9382],
    [2000, 32.7, 26.0, 385],
  ],
  "server-range": [[100, 0.213, 0.218, 0.211], [1000, 2.23, 2.26, 2.29], [2000, 4.67, 4.57, 4.6]], // prettier-ignore
  uniform: [[100, 0.51, 0.387, 0.368], [1000, 5.76, 3.82, 3.85], [2000, 12.2, 9.88, 10.5]], // prettier-ignore
};

/** By what factor the model misses a figure, over or under. A microsecond is the model's grain. */
function factor(assignor: string, size: AssignmentSize, measuredMs: number): number {
  const ratio = assignmentCost(assignor, "java", size) / 1000 / measuredMs;
  return Math.max(ratio, 1 / ratio);
}

test.for(Object.entries(SAME))(
  "%s: within a factor of 2 of what Kafka's class took, equal subscriptions",
  ([assignor, rows]) => {
    for (const [members, topics, ...times] of rows) {
      times.forEach((ms, column) => {
        const size = { members, partitions: members * 10, topics, fresh: column === 0 };
        expect(factor(assignor, size, ms)).toBeLessThan(2);
      });
    }
  },
);

test.for(Object.entries(DIFFERENT))(
  "%s: within a factor of 2.5 otherwise, 6.5 for the sticky general path",
  ([assignor, rows]) => {
    for (const [members, ...times] of rows) {
      times.forEach((ms, column) => {
        const size = { members, partitions: members * 10, topics: 100, fresh: column === 0, sameTopics: false };
        const missed = factor(assignor, { ...size, newcomer: column === 2 }, ms);
        expect(missed).toBeLessThan(assignor.endsWith("sticky") && column !== 1 ? 6.5 : 2.5);
      });
    }
  },
);

test("with nobody's program computing, it takes no time", () => {
  expect(assignmentCost("range", "none", { members: 2000, partitions: 20000, topics: 100, fresh: true })).toBe(0);
});

test("an assignor that Kafka does not have costs as much as round robin", () => {
  const size = { members: 50, partitions: 500, topics: 5, fresh: true };
  expect(assignmentCost("weighted", "java", size)).toBe(assignmentCost("roundrobin", "java", size));
});
