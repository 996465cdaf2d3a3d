/**
 * The benchmarks, by topic: `npm run bench` runs all, `npm run bench -- engine` one, `npm run bench -- engine --rounds 9`
 * for steadier numbers, `npm run bench -- assignors --only range,uniform` for a part. Ends with status 1 if a floor is
 * missed.
 *
 * A topic is a file that exports `run`: it prints its tables and says whether everything was as fast as it has to be.
 */
import { parseArgs } from "node:util";

export interface Options {
  /** How often each pair is measured. */
  readonly rounds: number;
  /** The parts of a topic to be measured; absent: all. */
  readonly only?: readonly string[];
}

export type Benchmark = (options: Options) => Promise<boolean>;

const TOPICS: Readonly<Record<string, () => Promise<{ readonly run: Benchmark }>>> = {
  engine: () => import("./engine.bench.ts"),
  assignors: () => import("./assignors.bench.ts"),
  simulation: () => import("./simulation.bench.ts"),
  experiments: () => import("./experiments.bench.ts"),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "5" }, only: { type: "string" } },
});
const topics = positionals.length > 0 ? positionals : Object.keys(TOPICS);
const unknown = topics.filter((topic) => !(topic in TOPICS));
const rounds = Number(values.rounds);
if (unknown.length > 0 || !(Number.isInteger(rounds) && rounds > 0)) {
  console.error(`usage: npm run bench -- [${Object.keys(TOPICS).join("|")}] [--rounds N] [--only PART,…]`);
  process.exitCode = 2;
} else {
  for (const topic of topics) {
    const { run } = await TOPICS[topic]();
    if (!(await run({ rounds, only: values.only?.split(",") }))) process.exitCode = 1;
  }
}
