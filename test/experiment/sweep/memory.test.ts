import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { openResults } from "../../../sim/cli/sweep/results-folder.ts";
import { Streams } from "../../../sim/engine/random.ts";
import type { Executor } from "../../../sim/experiment/executor.ts";
import { resultsOf, sweep } from "../../../sim/experiment/sweep/sweep.ts";
import { experiment } from "./support.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Megabytes in use, once nothing more can be given back. */
function used(): number {
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}

/** Answers at once, with numbers over four orders of magnitude. */
function dice(): Executor {
  const stream = new Streams("memory").stream("values");
  return {
    async *run({ measures }, tasks) {
      for (const _ of tasks) yield { values: measures.map(() => 10 ** (4 * stream.uniform53())), verdicts: [] };
    },
    close: async () => {},
  };
}

test(
  "a sweep needs no more memory for a hundred thousand replications than for a thousand",
  { timeout: 300_000 },
  async () => {
    const needed: number[] = [];
    for (const replications of [1_000, 100_000]) {
      const parsed = experiment(
        "grid: { initial: { set: groups.g.members.initial, values: [5] } }",
        "outputs: [mean(members), p99(timeLag), P(mean(members) > 100)]",
        "confidence: 0.999",
        `replications: ${replications}`,
      );
      const folder = mkdtempSync(path.join(tmpdir(), "regroup-memory-"));
      try {
        const before = used();
        let most = 0;
        const results = openResults(folder, parsed);
        await sweep(parsed, {
          executor: dice(),
          store: results,
          progress: (share) => {
            if (share === 0.5 || share === 1) most = Math.max(most, used() - before);
          },
        });
        const told = resultsOf(parsed, results, () => "");
        needed.push(Math.max(most, used() - before));
        results.close();
        // 10⁴ᵘ for a uniform u: the median is 100, the mean 9999 / ln 10⁴, and half of all are above 100
        const [members, , above] = told.cells[0].outputs;
        expect(members!.percentiles!.p50.value / 100).toBeCloseTo(1, 0);
        expect(members!.mean.interval.low).toBeLessThan(9999 / Math.log(1e4));
        expect(members!.mean.interval.high).toBeGreaterThan(9999 / Math.log(1e4));
        expect(above!.mean.value).toBeCloseTo(0.5, 1);
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
    expect(needed[1] - needed[0]).toBeLessThan(3);
  },
);
