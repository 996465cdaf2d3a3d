import { readFileSync, writeFileSync } from "node:fs";

/**
 * The random inputs of the engine workloads, drawn once and given to every engine as a table: so no engine's generator
 * is timed, and all of them compute the same thing, to the last bit. Whole microseconds, as regroup has them; the
 * others take them as the doubles they are.
 */
export interface Inputs {
  /** Exponential, mean 1 s. */
  readonly x: Float64Array;
  /** Exponential, mean 1 s, independent of `x`: service times. */
  readonly y: Float64Array;
  /** 0.1 s + 0.9 x: delays of PHOLD. In picoseconds, so that no two messages coincide: there each engine has its own rule. */
  readonly p: Float64Array;
  /** x / 0.9: gaps between arrivals. */
  readonly a: Float64Array;
  /** Even on 0 … 999: destinations of PHOLD. */
  readonly d: Float64Array;
}

/** Places in line, for M/M/1: never nearly as many customers wait. */
export const LINE = 4_096;

/** The tables are read round and round with this mask. */
export const MASK = 2 ** 20 - 1;

const COLUMNS = ["x", "y", "p", "a", "d"] as const;

/** C. Doty-Humphrey's sfc32, counter 4, after 20 draws to mix the seed in. */
function sfc32(seed: number): () => number {
  let [a, b, c, counter] = [seed, 2, 3, 4];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let draw = 0; draw < 20; draw++) next();
  return next;
}

function exponentials(seed: number): Float64Array {
  const next = sfc32(seed);
  return new Float64Array(MASK + 1).map(() => -Math.log((next() + 0.5) / 2 ** 32));
}

export function makeInputs(): Inputs {
  const x = exponentials(1);
  const next = sfc32(99);
  const micros = (seconds: number): number => Math.round(1e6 * seconds);
  return {
    x: x.map(micros),
    y: exponentials(7).map(micros),
    p: x.map((value) => Math.round(1e12 * (0.1 + 0.9 * value))),
    a: x.map((value) => micros(value / 0.9)),
    d: new Float64Array(MASK + 1).map(() => Math.floor((1000 * next()) / 2 ** 32)),
  };
}

export function writeInputs(file: string, inputs: Inputs): void {
  writeFileSync(file, new Uint8Array(Float64Array.from(COLUMNS.flatMap((column) => [...inputs[column]])).buffer));
}

export function readInputs(file: string): Inputs {
  const bytes = readFileSync(file);
  const all = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const size = MASK + 1;
  const [x, y, p, a, d] = COLUMNS.map((_, index) => all.slice(index * size, (index + 1) * size));
  return { x, y, p, a, d };
}

/** How much of each workload is run: all engines run the same, so that their results can be compared. */
export const AMOUNTS = {
  /**
   * Events of hold, PHOLD and the robustness rows: this many untimed, or the number held if that is more … So many,
   * because a process with one busy processor to itself has not compiled its last function before.
   */
  warmUp: 1_500_000,
  /** … and this many timed. */
  timed: 2_000_000,
  /** Customers of M/M/1. */
  customers: 1_000_000,
  /** Whole runs of churn and M/M/1 before the one that is timed. */
  warmUpRuns: 3,
} as const;

/** What a measured process prints. */
export interface Measurement {
  /** Nanoseconds per unit of the workload: event, heartbeat or customer. */
  readonly ns: number;
  /** What the workload computed: equal for all engines. */
  readonly check: string;
  /** The most memory that was resident. */
  readonly bytes: number;
}

/** Runs the workload that the command line names (`hold:1000 inputs.bin`) and prints its measurement. */
export function measure(
  workloads: Readonly<Record<string, (inputs: Inputs, size: number) => Omit<Measurement, "bytes">>>,
): void {
  const [name, size] = process.argv[2].split(":");
  const { ns, check } = workloads[name](readInputs(process.argv[3]), Number(size));
  console.log(JSON.stringify({ ns, check, bytes: 1024 * process.resourceUsage().maxRSS } satisfies Measurement));
}

/**
 * Nanoseconds of processor time that `work` takes, for each of `units`. Processor time, all threads counted, rather than
 * time on the clock: on a machine with other work to do, the clock mostly tells how long we waited for our turn.
 */
export function timed(units: number, work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (1_000 * (user + system)) / units;
}
