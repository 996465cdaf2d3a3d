import { describe, expect, test } from "vitest";
import { contrastsOf } from "../../sim/experiment/compare.ts";
import { inProcess } from "../../sim/experiment/executor.ts";
import { measuresOf, type Measure } from "../../sim/experiment/measures.ts";
import { replicate, seedOf, type Replications } from "../../sim/experiment/replicate.ts";
import { moments } from "../../sim/experiment/statistics.ts";
import { comparisonTable, verdict } from "../../sim/report/comparison-table.ts";
import { size } from "./lifetimes.ts";
import { population } from "./population.ts";
import { NO_NOTES } from "../../sim/experiment/notes.ts";

const UNREAD: Measure = {
  group: "g",
  quantity: "partitionSecondsUnread",
  statistic: "value",
  unit: "partition-seconds",
};
const PEAK: Measure = { group: "g", quantity: "timeLag", statistic: "max", unit: "duration" };

function replications(measures: readonly Measure[], ...columns: readonly (readonly (number | null)[])[]): Replications {
  return { count: columns[0].length, measures, columns, expectations: [], notes: NO_NOTES };
}

const SURETY = { confidence: 0.95 };

describe("a contrast", () => {
  test("a worked example: four pairs", () => {
    // differences −4 −6 −5 −5: mean −5, s² = 2/3, so the interval reaches 3.182446 · √(2/3/4) = 1.299229
    const base = replications([UNREAD], [10, 14, 12, 11]);
    const [{ base: before, variant, difference, change, finding }] = contrastsOf(
      base,
      replications([UNREAD], [6, 8, 7, 6]),
      SURETY,
    );
    expect([before, variant, difference.value]).toEqual([11.75, 6.75, -5]);
    expect(difference.interval.low).toBeCloseTo(-5 - 1.299229, 5);
    expect(difference.interval.high).toBeCloseTo(-5 + 1.299229, 5);
    expect(change!.value).toBeCloseTo(-5 / 11.75, 12);
    expect(finding).toBe("lower");
  });

  test("is open where chance could have made it", () => {
    const [contrast] = contrastsOf(replications([UNREAD], [10, 14, 12]), replications([UNREAD], [11, 12, 13]), SURETY);
    expect(contrast.finding).toBe("open");
  });

  test("takes only replications in which both have the measure", () => {
    const [{ count, difference }] = contrastsOf(
      replications([UNREAD], [1, null, 3, 4]),
      replications([UNREAD], [2, 5, null, 6]),
      SURETY,
    );
    expect([count, difference.value]).toEqual([2, 1.5]);
    expect(contrastsOf(replications([UNREAD], [null]), replications([UNREAD], [1]), SURETY)).toEqual([]);
  });

  test("gives no percentage of what may be nothing", () => {
    const [{ change, finding }] = contrastsOf(
      replications([UNREAD], [0, 0, 0]),
      replications([UNREAD], [5, 6, 7]),
      SURETY,
    );
    expect(change).toBeNull();
    expect(finding).toBe("higher");
  });

  test("of many is harder to establish than one", () => {
    const base = replications([UNREAD], [10, 14, 12, 11]);
    const variant = replications([UNREAD], [9, 12, 11, 9]);
    expect(contrastsOf(base, variant, SURETY)[0].finding).toBe("lower");
    expect(contrastsOf(base, variant, { ...SURETY, among: 20 })[0].finding).toBe("open");
  });
});

test("V25: the same variant twice differs by exactly nothing, in every measure and replication", async () => {
  const scenario = population();
  const job = { scenarios: [scenario, population()], measures: measuresOf(scenario) };
  const [first, second] = await replicate(job, { seed: "V25", executor: inProcess, most: 10 });
  const contrasts = contrastsOf(first, second, SURETY);
  expect(contrasts.length).toBeGreaterThan(20);
  for (const { finding, difference, change } of contrasts) {
    expect(finding).toBe("same");
    expect(difference).toEqual({ value: 0, interval: { low: 0, high: 0 } });
    expect(change?.value ?? 0).toBe(0);
  }
  expect(verdict("twin", contrasts)).toBe(
    "twin makes no difference: every measure is exactly the same in every replication.",
  );
});

test("V24: common random numbers make a difference vary less than independent runs do", () => {
  const PAIRS = 200;
  const [short, long] = [50, 60].map((lifetime) =>
    Array.from({ length: PAIRS }, (_, n) => size(lifetime, seedOf("V24", n + 1))),
  );
  const paired = long.map((value, n) => value - short[n]);
  const independent = long.map((value, n) => value - short[(n + 1) % PAIRS]);
  expect(moments(paired).variance).toBeLessThan(moments(independent).variance / 4);
});

describe("a verdict", () => {
  const measures = [UNREAD, PEAK];

  test("says what is lower and what is higher, by how much, and how sure that is", () => {
    const contrasts = contrastsOf(
      replications(measures, [100, 100, 100], [10e6, 11e6, 12e6]),
      replications(measures, [75, 75, 75], [20e6, 22e6, 24e6]),
      SURETY,
    );
    expect(verdict("quick", contrasts)).toBe(
      "quick lowers partitionSecondsUnread by 25 %; it raises max(timeLag) by 100 %.",
    );
  });

  test("says where a difference is not established", () => {
    const contrasts = contrastsOf(
      replications(measures, [100, 120, 90], [10e6, 11e6, 12e6]),
      replications(measures, [101, 115, 99], [10e6, 11e6, 12e6]),
      SURETY,
    );
    expect(verdict("slow", contrasts)).toBe(
      "slow makes no established difference; not established: partitionSecondsUnread; exactly the same: max(timeLag).",
    );
  });

  test("names groups where there are several, and amounts where there is no share", () => {
    const other = { ...UNREAD, group: "h" };
    const contrasts = contrastsOf(
      replications([UNREAD, other], [0, 0], [7, 7]),
      replications([UNREAD, other], [5, 5], [7, 7]),
      SURETY,
    );
    expect(verdict("a", contrasts)).toBe(
      "a raises g.partitionSecondsUnread by 5; exactly the same: h.partitionSecondsUnread.",
    );
  });

  test("stands below a table of the same numbers", () => {
    const contrasts = contrastsOf(
      replications(measures, [10, 14, 12, 11], [10e6, 11e6, 12e6, 10e6]),
      replications(measures, [6, 8, 7, 6], [10e6, 12e6, 11e6, 10e6]),
      SURETY,
    );
    const comparison = {
      name: "deploy",
      replications: 4,
      confidence: 0.95,
      among: 2,
      variants: [{ name: "quick", contrasts }],
      replay: { replication: 4, command: "regroup run deploy.yaml --seed 1/4" },
    };
    const table = comparisonTable(comparison, { width: 200 });
    expect(comparisonTable(comparison, { width: 60 })).toMatch(/^quick lowers .{20,48}\n {2}\S/m);
    const [title, , head, unread, peak, , sentence] = table.split("\n");
    expect(title).toContain("4 replications, each with common random numbers; 2 intervals, all true at once with 95 %");
    expect(head.split(/ {2,}/)).toEqual(["", "as it is", "quick", "difference", "interval", "change", "interval"]);
    expect(unread.split(/ {2,}/).slice(0, 5)).toEqual(["partitionSecondsUnread", "11.8", "6.75", "-5", "-6.3 – -3.7"]);
    expect(unread).toMatch(/ lower$/);
    expect(peak).toMatch(/ not established$/);
    expect(sentence).toMatch(
      /^quick lowers partitionSecondsUnread by 42\.6 % \(.* – .*\); not established: max\(timeLag\)\.$/,
    );
  });
});
