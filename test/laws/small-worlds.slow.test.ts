import { expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { everyWorld } from "./small-worlds.ts";

test("every story of four events keeps the laws and settles", () => {
  const gaps = [0, 0.4, 4.2, 11].map((seconds) => seconds * SECOND);
  const { worlds, wrong } = everyWorld("roundrobin", 4, gaps);
  expect(worlds).toBe(200 * 64);
  expect(wrong.slice(0, 5)).toEqual([]);
});
