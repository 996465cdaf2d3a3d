import { expect, test } from "vitest";
import { Streams } from "../../sim/engine/random.ts";
import { PILOTS } from "../../sim/experiment/course.ts";
import { meanInterval } from "../../sim/experiment/statistics.ts";
import { warmUpLength } from "../../sim/experiment/warm-up.ts";
import { autoregressive, LENGTH, mean } from "./autoregressive.ts";
import { EXPERIMENTS } from "./coverage.ts";

test("V23: MSER-5 leaves intervals their coverage, which the beginning would take", () => {
  const stream = new Streams("warm-up").stream("experiments");
  const series = (): number[] => autoregressive(() => stream.uniform53());
  let [covered, coveredAll] = [0, 0];
  for (let n = 0; n < EXPERIMENTS; n++) {
    const pilots = Array.from({ length: PILOTS }, series);
    const cut = warmUpLength(Array.from({ length: LENGTH }, (_, i) => mean(pilots.map((one) => one[i]))))!;
    const replications = Array.from({ length: 10 }, series);
    const holds = ({ low, high }: { low: number; high: number }): number => (low <= 0 && 0 <= high ? 1 : 0);
    covered += holds(meanInterval(replications.map((one) => mean(one.slice(cut)))));
    coveredAll += holds(meanInterval(replications.map(mean)));
  }
  expect(coveredAll / EXPERIMENTS).toBeLessThan(0.1);
  expect(covered / EXPERIMENTS).toBeGreaterThan(0.935);
  expect(covered / EXPERIMENTS).toBeLessThan(0.965);
});
