import { expect, test } from "vitest";
import { inProcess } from "../../sim/experiment/executor.ts";
import { replicate } from "../../sim/experiment/replicate.ts";
import { meanInterval } from "../../sim/experiment/statistics.ts";
import { EXPERIMENTS } from "./coverage.ts";
import { hastyPopulation, TRUE_SIZE } from "./population.ts";

test("V23: of 1,000 simulated experiments the reported intervals cover the known mean as often as they say", async () => {
  const measures = [{ group: "g", quantity: "members", statistic: "mean", unit: "members" }] as const;
  const job = { scenarios: [hastyPopulation()], measures };
  let covered = 0;
  for (let experiment = 0; experiment < EXPERIMENTS; experiment++) {
    const [{ columns }] = await replicate(job, { seed: `V23/${experiment}`, executor: inProcess, most: 4 });
    const { low, high } = meanInterval(columns[0] as readonly number[]);
    if (low <= TRUE_SIZE && TRUE_SIZE <= high) covered++;
  }
  expect(covered / EXPERIMENTS).toBeGreaterThanOrEqual(0.935);
  expect(covered / EXPERIMENTS).toBeLessThanOrEqual(0.965);
});
