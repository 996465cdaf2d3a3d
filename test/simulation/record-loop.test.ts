import { expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import type { RecordFlow } from "../../sim/lag/records/record-flow.ts";
import { RecordLoop } from "../../sim/simulation/record-loop.ts";

/** An application that is at 60 s in a batch that will be done at 65 s. */
const loop = () => {
  const flow = { batchEnd: () => 65 * SECOND, backlogged: () => true } as unknown as RecordFlow;
  return new RecordLoop(flow, 0, () => 60 * SECOND);
};

test("a batch is held up by as much as it is to take longer than it does, and never in the past", () => {
  // The next poll is not before 60 s + lasts; the 5 s of work that are left come last.
  expect(loop().hold(60 * SECOND, 20 * SECOND)).toBe(75 * SECOND);
  expect(loop().hold(60 * SECOND, 5 * SECOND)).toBe(60 * SECOND);
  expect(loop().hold(60 * SECOND, SECOND)).toBe(60 * SECOND);
});
