import { expect, test } from "vitest";
import { autocovariance, diurnalJoins, insensitivity, poissonJoins, steps, transientSize } from "./membership-laws.ts";

/** The tests of `membership.test.ts`, with at least ten times the runs, so less than a third of the error; false alarms are as rare. */
test.for([
  ["V1", poissonJoins, 100_000],
  ["V2", transientSize, 20_000],
  ["V3", insensitivity, 8_000],
  ["V4", autocovariance, 20_000],
  ["V5", steps, 10_000],
  ["V6", diurnalJoins, 15_000],
] as const)("%s holds over more than ten times the runs", ([row, law, runs]) => {
  expect(Object.entries(law(runs, `${row}/slow`)).filter(([, p]) => !(p >= 1e-4))).toEqual([]);
});
