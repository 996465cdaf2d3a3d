import { expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { everyWorld } from "./small-worlds.ts";

test("every story of three events keeps the laws and settles", () => {
  const gaps = [0, 0.003, 0.4, 1.1, 4.2, 12].map((seconds) => seconds * SECOND);
  const { worlds, wrong } = everyWorld("range", 3, gaps);
  // After the first join: another and one of 9 deeds, or one of 4 and one of 5; and two gaps of six.
  expect(worlds).toBe((9 + 4 * 5) * 36);
  expect(wrong.slice(0, 5)).toEqual([]);
});
