import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "vite";
import type { Options } from "./bench.ts";
import { columns } from "./columns.ts";
import { MASK, type Inputs, type Measurement, makeInputs, writeInputs } from "./engine/inputs.ts";

/**
 * The engine against SIM.JS and against a plain event loop in C, on workloads that are pinned by tables.
 *
 * Each measurement is a process of its own, and the engines take turns, so that a busy machine is as busy for one as
 * for the other; what counts is the ratio of two neighbours. All engines have to arrive at the same result. Ours runs as
 * a bundle, as it is shipped: a module runner makes each imported function a getter.
 */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A peer's time over ours has to be at least this. */
interface Row {
  readonly workload: string;
  /** What a unit is. */
  readonly unit: string;
  readonly floors: { readonly simjs: number; readonly heap: number };
}

const ROWS: readonly Row[] = [
  { workload: "hold:10", unit: "event", floors: { simjs: 2.5, heap: 0.4 } },
  { workload: "hold:1000", unit: "event", floors: { simjs: 4, heap: 1.1 } },
  { workload: "hold:100000", unit: "event", floors: { simjs: 16, heap: 1.2 } },
  { workload: "hold:1000000", unit: "event", floors: { simjs: 9, heap: 0.5 } },
  { workload: "phold", unit: "event", floors: { simjs: 12, heap: 2 } },
  { workload: "churn", unit: "heartbeat", floors: { simjs: 65, heap: 2.4 } },
  { workload: "mm1", unit: "customer", floors: { simjs: 10, heap: 0.4 } },
];

/** What is hard for a calendar must not take longer than this many times a hold of as many events. */
const ROBUST = { workloads: ["ties", "storm", "bimodal", "burst"], size: 100_000, most: 4 } as const;

/** Bytes for each of a million pending events, beyond what a process needs that has ten. */
const MEMORY = { size: 1_000_000, most: 64 } as const;

const PEERS = { simjs: "SIM.JS", heap: "C, 4-ary heap" } as const;
type Peer = keyof typeof PEERS;

/** Runs one measurement in a process of its own. */
type Measure = (workload: string) => Promise<Measurement>;

export async function run({ rounds }: Options): Promise<boolean> {
  const directory = mkdtempSync(path.join(tmpdir(), "regroup-bench-"));
  try {
    const inputs = makeInputs();
    const file = path.join(directory, "inputs.bin");
    writeInputs(file, inputs);
    await bundle();
    const script = (name: string): Measure =>
      measureBy(process.execPath, [path.join(ROOT, `dist/bench/${name}.js`)], file);
    const regroup = script("regroup");
    const peers: Partial<Record<Peer, Measure>> = { simjs: script("simjs") };
    const heap = compile(path.join(directory, "heap"));
    if (heap !== undefined) peers.heap = measureBy(heap, [], file);
    else console.log("No C compiler here (cc), so there is no comparison with the heap in C.");

    const compared = await compare(regroup, peers, inputs, rounds);
    const robust = await compareWithHold(regroup, rounds);
    const frugal = await weigh(regroup);
    return compared && robust && frugal;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Bundles our workloads, and those of SIM.JS, to plain JavaScript in dist/bench. */
async function bundle(): Promise<void> {
  await build({
    configFile: false,
    root: ROOT,
    logLevel: "warn",
    ssr: { noExternal: true, external: ["simjs"] },
    build: {
      ssr: true,
      outDir: "dist/bench",
      target: "node20",
      minify: false,
      rollupOptions: {
        input: { regroup: "test/bench/engine/regroup.ts", simjs: "test/bench/engine/simjs.ts" },
        output: { entryFileNames: "[name].js" },
      },
    },
  });
}

/** Compiles the heap in C. `undefined` where there is no compiler. */
function compile(output: string): string | undefined {
  const source = path.join(ROOT, "test/bench/engine/heap.c");
  if (spawnSync("cc", ["--version"]).error !== undefined) return undefined;
  const { status, stderr } = spawnSync("cc", ["-O2", "-o", output, source], { encoding: "utf8" });
  if (status !== 0) throw new Error(`heap.c does not compile:\n${stderr}`);
  return output;
}

function measureBy(program: string, beforehand: readonly string[], inputs: string): Measure {
  return async (workload) => {
    const { stdout } = await promisify(execFile)(program, [...beforehand, workload, inputs]);
    return JSON.parse(stdout) as Measurement;
  };
}

async function compare(
  regroup: Measure,
  peers: Partial<Record<Peer, Measure>>,
  inputs: Inputs,
  rounds: number,
): Promise<boolean> {
  const lines: string[][] = [];
  let held = true;
  for (const { workload, unit, floors } of ROWS) {
    for (const [peer, measure] of Object.entries(peers) as [Peer, Measure][]) {
      const pairs = await inTurns(
        rounds,
        () => regroup(workload),
        () => measure(workload),
      );
      const check = pairs[0][0].check;
      const expected = workload === "mm1" ? lindley(inputs) : check;
      const agree = pairs.every((pair) => pair.every((measurement) => measurement.check === expected));
      const ratios = pairs.map(([ours, theirs]) => theirs.ns / ours.ns);
      const good = agree && median(ratios) >= floors[peer];
      held &&= good;
      lines.push([
        workload,
        check,
        `${spread(pairs.map(([ours]) => ours.ns))} ns/${unit}`,
        PEERS[peer],
        `${spread(pairs.map(([, theirs]) => theirs.ns))} ns`,
        spread(ratios),
        String(floors[peer]),
        good ? "" : agree ? "below" : "results differ",
      ]);
    }
  }
  const text = columns(["workload", "result", "regroup", "peer", "peer's", "ratio", "floor", ""], lines);
  console.log(`\nThe engine and its peers: median (least … most) of ${rounds} rounds, processor time\n\n${text}`);
  return held;
}

/** The sum of the waits of M/M/1 by D. V. Lindley's recursion: W' = max(0, W + service − gap). */
function lindley({ a, y }: Inputs): string {
  let wait = 0;
  let sum = 0;
  for (let customer = 1; customer < 1_000_000; customer++) {
    wait = Math.max(0, wait + y[(customer - 1) & MASK] - a[customer & MASK]);
    sum += wait;
  }
  return String(sum);
}

async function compareWithHold(regroup: Measure, rounds: number): Promise<boolean> {
  const { workloads, size, most } = ROBUST;
  const lines: string[][] = [];
  let held = true;
  for (const name of workloads) {
    const pairs = await inTurns(
      rounds,
      () => regroup(`${name}:${size}`),
      () => regroup(`hold:${size}`),
    );
    const ratios = pairs.map(([hard, hold]) => hard.ns / hold.ns);
    const good = median(ratios) <= most;
    held &&= good;
    lines.push([
      `${name}:${size}`,
      spread(pairs.map(([hard]) => hard.ns)),
      spread(ratios),
      String(most),
      good ? "" : "above",
    ]);
  }
  const text = columns(["workload", "ns/event", "times hold", "most", ""], lines);
  console.log(`\nWhat is hard for a calendar\n\n${text}`);
  return held;
}

async function weigh(regroup: Measure): Promise<boolean> {
  const many = await regroup(`hold:${MEMORY.size}`);
  const few = await regroup("hold:10");
  const bytes = (many.bytes - few.bytes) / MEMORY.size;
  const good = bytes <= MEMORY.most;
  console.log(`\nMemory: ${bytes.toFixed(1)} bytes a pending event, at most ${MEMORY.most}${good ? "" : ": above"}`);
  return good;
}

/** Measures both, by turns, each first in every other round. */
async function inTurns(
  rounds: number,
  ours: () => Promise<Measurement>,
  theirs: () => Promise<Measurement>,
): Promise<[Measurement, Measurement][]> {
  const pairs: [Measurement, Measurement][] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const first = await ours();
      pairs.push([first, await theirs()]);
    } else {
      const first = await theirs();
      pairs.push([await ours(), first]);
    }
  }
  return pairs;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median, least and most. */
function spread(values: readonly number[]): string {
  const digits = (value: number): string => value.toPrecision(3).replace(/\.?0+e.*/, "");
  const text = (value: number): string => (value >= 1_000 ? value.toFixed(0) : digits(value));
  return `${text(median(values))} (${text(Math.min(...values))} … ${text(Math.max(...values))})`;
}
