/**
 * Replications of one scenario: how many a second in this process, on one thread and on two. Runs are independent of each
 * other, so two cores should make nearly twice as many; what is missing is what sharing them out costs. That cost is held
 * to a floor by processor time, because wall-clock time also tells what else the machine does.
 */
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { threads } from "../../sim/executors/threads.ts";
import { measuresOf } from "../../sim/experiment/measures.ts";
import { inProcess, parseScenario, replicate, type Executor, type Job } from "../../sim/index.ts";
import type { Benchmark } from "./bench.ts";
import { columns } from "./columns.ts";

/** Two threads on two cores of their own must make at least this many times what one makes. */
const FLOOR = 1.7;

const ENTRY = new URL("../../dist/cli/worker.js", import.meta.url);

/** A deploy of eight members, as in scenarios/rolling-restart.yaml: some ten thousands of events. */
const LONG = `
duration: 15m
topics: { orders: { partitions: 24, rate: 12000/s }, refunds: { partitions: 8, rate: 2000/s } }
groups:
  billing:
    members:
      initial: 8
      capacity: 4000/s
      startup: { lognormal: { median: 12s, p95: 25s } }
      batch: { lognormal: { median: 300ms, p99: 2s } }
events: [{ at: 4m, roll: billing, pause: 15s }]
`;

/** One crash: some milliseconds, so that what it costs to share runs out shows. */
const SHORT = `
duration: 2m
topics: { orders: 12 }
groups: { billing: { members: 4 } }
events: [{ at: 1m, crash: billing-2 }]
`;

interface Rate {
  /** Replications per second of wall-clock time. */
  readonly wall: number;
  /** The same of processor time, of all threads together. */
  readonly cpu: number;
}

async function rate(job: Job, executor: Executor, runs: number, seed: string): Promise<Rate> {
  const began = performance.now();
  const before = process.cpuUsage();
  await replicate(job, { seed, executor, most: runs });
  const { user, system } = process.cpuUsage(before);
  return { wall: (1e3 * runs) / (performance.now() - began), cpu: (1e6 * runs) / (user + system) };
}

export const run: Benchmark = async ({ rounds }) => {
  if (!existsSync(ENTRY)) throw new Error("not built yet: run `npm run build` first");
  const cores = availableParallelism();
  console.log(`\nexperiments: replications per second of wall-clock time, ${cores} cores; medians of ${rounds} rounds`);
  const pools = [inProcess, threads({ entry: ENTRY, count: 1 }), threads({ entry: ENTRY, count: 2 })];
  let good = true;
  try {
    const rows: string[][] = [];
    for (const [name, text, runs] of [
      ["a deploy", LONG, 40],
      ["a crash", SHORT, 400],
    ] as const) {
      const { scenario } = parseScenario(text, { file: "bench.yaml" });
      const job: Job = { scenarios: [scenario], measures: measuresOf(scenario) };
      for (const pool of pools) await rate(job, pool, Math.ceil(runs / 4), "warm"); // compiled, and threads started
      const rates: Rate[][] = pools.map(() => []);
      // In turns, so that what else the machine does meanwhile is everybody's share.
      for (let round = 0; round < rounds; round++)
        for (const [i, pool] of pools.entries()) rates[i].push(await rate(job, pool, runs, `${round}`));
      const gain = (of: keyof Rate): number => median(rates[2].map((two, round) => two[of] / rates[1][round][of]));
      const own = 2 * gain("cpu");
      good &&= own >= FLOOR;
      const walls = rates.map((found) => median(found.map(({ wall }) => wall)).toFixed(1));
      rows.push([name, ...walls, gain("wall").toFixed(2), own.toFixed(2), `${FLOOR}`]);
    }
    console.log(columns(["", "in process", "one thread", "two threads", "two / one", "on own cores", "floor"], rows));
  } finally {
    for (const pool of pools) await pool.close();
  }
  return good;
};

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
