import { expect, test } from "vitest";
import { findingsOf } from "../../../sim/experiment/sweep/findings.ts";
import type { SweepResults } from "../../../sim/experiment/sweep/results.ts";
import { sweepSentences } from "../../../sim/report/sweep-sentences.ts";
import { sweepOf } from "../../viz/results.ts";

/** One parameter, a cell for each list of runs. */
function sweepOver(runs: readonly (readonly number[])[], kind: "measure" | "chance" = "measure"): SweepResults {
  const { cells, parameters, outputs, ...rest } = sweepOf();
  const name = kind === "measure" ? "lost" : "P(lost < 1)";
  return {
    ...rest,
    parameters: [{ ...parameters[0], points: runs.map((_, i) => ({ label: `${i}`, number: i, set: [] })) }],
    outputs: [{ ...outputs[0], name, kind, unit: kind === "measure" ? "records" : "chance" }],
    cells: runs.map((first, i) => {
      const value = first.reduce((sum, one) => sum + one, 0) / first.length;
      const estimate = cells[0].outputs[0]!;
      const percentiles = kind === "measure" ? estimate.percentiles : null;
      const mean = { value, interval: { low: value, high: value } };
      return { ...cells[0], at: [i], outputs: [{ ...estimate, count: first.length, mean, percentiles, first }] };
    }),
  };
}

const lineOf = (results: SweepResults) => findingsOf(results)[0].trends[0].lines[0];

test("differences are looked at run by run: what all runs share hides nothing", () => {
  // Runs vary by 100, yet every one has 1 or 2 more in the second cell.
  const line = lineOf(
    sweepOver([
      [0, 100, 50, 75, 20, 60],
      [1, 102, 51, 77, 21, 62],
    ]),
  );
  expect(line.course).toBe("rises");
});

test("noise shows no change, and leaves every cell a rival of the lowest", () => {
  const results = sweepOver([
    [3, 9, 5, 8],
    [8, 4, 9, 2],
    [5, 5, 6, 8],
  ]);
  expect(lineOf(results).course).toBe("open");
  expect(findingsOf(results)[0].rivals).toHaveLength(2);
  expect(sweepSentences(results)[0]).toMatchObject({ isOpen: true });
});

test("what is up and down again goes both ways", () => {
  const results = sweepOver([
    [1, 2, 1, 2],
    [101, 103, 102, 102],
    [1, 2, 2, 1],
  ]);
  expect(lineOf(results)).toMatchObject({ steps: ["higher", "lower"], course: "both" });
  expect(sweepSentences(results)[0].text).toContain("it is shown to rise from 0 to 1 and to fall from 1 to 2");
});

test("what never differs is the same, which no interval is needed for", () => {
  expect(
    findingsOf(
      sweepOver([
        [4, 7],
        [4, 7],
      ]),
    )[0].isSame,
  ).toBe(true);
});

test("of the chance to stay below a bound, most is wanted", () => {
  const ones = (count: number): number[] => Array.from({ length: 30 }, (_, i) => Number(i < count));
  expect(findingsOf(sweepOver([ones(0), ones(30)], "chance"))[0]).toMatchObject({
    wanted: "most",
    best: 1,
    rivals: [],
  });
});

test("two runs that fail and two that do not show no difference between chances, though each pair differs alike", () => {
  expect(
    lineOf(
      sweepOver(
        [
          [0, 0],
          [1, 1],
        ],
        "chance",
      ),
    ).course,
  ).toBe("open");
});
