/**
 * Our assignors against Kafka's own classes, warm, on the same inputs, on this machine.
 *
 * Inputs are by formula (`assignors/workloads.ts`): 1,000 members × 10,000 partitions and 2,000 × 20,000, in 1 topic and in
 * 100, subscribed to the same topics or not; fresh, after one member left, after one joined. Kafka's classes are run by
 * `java/`, if there are a JDK and Maven; else only ours are timed. The answers have to be equal, and are compared.
 *
 * Timed is the assign call alone, on inputs that are ready-made objects, here as there, in CPU time, since other programs
 * may want the machine: in Java that of the calling thread, without collector and compiler; here that of the whole
 * process, with both. Calls of the two go in turns, some of ours, some of theirs, so that both meet the same disturbances.
 * A line that comes out slower is measured again, and counts as slower if it is so every time.
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { gunzipSync } from "node:zlib";
import { assignorNamed } from "../../sim/kafka/assignors/assignors.ts";
import { answer, answeredLine, readQuestion } from "../../sim/kafka/assignors/question.ts";
import { buildHarness, KAFKA_RELEASE, TimedJava } from "./assignors/java.ts";
import { inputOf, questionOf, type Workload } from "./assignors/workloads.ts";
import type { Benchmark } from "./bench.ts";
import { columns } from "./columns.ts";

const ASSIGNORS = ["range", "roundrobin", "sticky", "cooperative-sticky", "uniform", "server-range"];
const SIZES = [1000, 2000];

/** A side is warm when its fastest call has not become faster by a twentieth in so many slices of so many seconds. */
const STEADY_SLICES = 4;
const SLICE = 0.2;

/** …or after so many seconds: the general sticky path of Kafka's classes takes its time. */
const LONGEST_WARM_UP = 10;

/** In each round, each side: so many calls, or as many as fit into so many seconds. */
const CALLS = 11;
const SECONDS = 0.3;

/** No further round when the calls of Kafka's class took so many milliseconds. */
const LONGEST_ROUNDS = 3000;

/** How often a line is measured before it counts as slower. */
const ATTEMPTS = 3;

/** Twice the members and partitions may take at most so many times as long, in the median of all lines. */
const GROWTH_LIMIT = 2.6;

interface Timing {
  /** Median milliseconds. */
  readonly ours: number;
  /** The same of Kafka's class. */
  readonly theirs?: number;
  /** Ours as a share of theirs: the median over the rounds, for what disturbs one round disturbs both in it. */
  readonly ratio?: number;
}

export const run: Benchmark = async ({ rounds, only = ASSIGNORS }) => {
  const unknown = only.filter((name) => !ASSIGNORS.includes(name));
  if (unknown.length > 0) throw new Error(`no such assignor: ${unknown.join(", ")}; there are ${ASSIGNORS.join(", ")}`);
  console.log("\nassignors: milliseconds of CPU time of one assign call, medians");
  const missing = buildHarness();
  if (missing === undefined) console.log(`beside the classes of Kafka ${KAFKA_RELEASE}, warm, on the same inputs`);
  else console.log(`KAFKA'S CLASSES ARE NOT TIMED, only ours: ${missing}`);

  const java = missing === undefined ? new TimedJava() : undefined;
  let lines = 0;
  let slower = 0;
  let different = 0;
  const growths: number[] = [];
  for (const assignor of ASSIGNORS.filter((name) => only.includes(name))) {
    const rows: string[][] = [];
    const smaller = new Map<string, number>();
    for (const workload of workloadsOf(assignor)) {
      const { members, partitions, topics, subscribed, event } = workload;
      const { same, ...timing } = await measure(workload, rounds, java);
      const kind = `${topics} ${subscribed} ${event}`;
      const before = smaller.get(kind);
      smaller.set(kind, timing.ours);
      if (before !== undefined) growths.push(timing.ours / before);
      lines += 1;
      if (isSlower(timing)) slower += 1;
      if (!same) different += 1;
      rows.push([
        `${members} × ${partitions}`,
        String(topics),
        subscribed,
        event,
        timing.ours.toFixed(3),
        timing.theirs?.toFixed(3) ?? "",
        timing.ratio?.toFixed(2) ?? "",
        before === undefined ? "" : `× ${(timing.ours / before).toFixed(2)}`,
        `${isSlower(timing) ? "SLOWER" : ""}${same ? "" : " DIFFERENT"}`,
      ]);
    }
    console.log(`\n${assignor}`);
    console.log(columns(["size", "topics", "subscribed", "event", "ours", "Kafka's", "ratio", "growth", ""], rows));
  }
  java?.end();

  console.log(`\nregroup assign: ${Math.round(linesPerSecond())} lines of the golden vectors a second of CPU time`);
  const growth = median(growths);
  const compared = java && `, ${slower} slower than Kafka's classes, ${different} answered differently`;
  console.log(`\n${lines} lines${compared ?? ""}; twice the size takes ${growth.toFixed(2)} times as long (limit ${GROWTH_LIMIT})`); // prettier-ignore
  return slower === 0 && different === 0 && growth <= GROWTH_LIMIT;
};

/** How many lines of the golden vectors are read, answered and written in a second of CPU time, as by `regroup assign`. */
function linesPerSecond(): number {
  const lines = ASSIGNORS.flatMap((name) => {
    const packed = readFileSync(new URL(`../assignors/vectors/${name}.jsonl.gz`, import.meta.url));
    return gunzipSync(packed).toString().trimEnd().split("\n");
  });
  const passes = [1, 2, 3].map(() => {
    const start = process.cpuUsage();
    for (const line of lines) {
      const json: unknown = JSON.parse(line);
      answeredLine(line, json, answer(readQuestion(json)));
    }
    const { user, system } = process.cpuUsage(start);
    return (lines.length / (user + system)) * 1e6;
  });
  return median(passes);
}

function workloadsOf(assignor: string): Workload[] {
  const kinds = [
    [1, "same"],
    [100, "same"],
    [100, "buckets"],
    [100, "odd"],
    [100, "overlap"],
  ] as const;
  const events = ["fresh", "leave", "join"] as const;
  return SIZES.flatMap((members) =>
    kinds.flatMap(([topics, subscribed]) =>
      events.map((event) => ({ assignor, members, partitions: members * 10, topics, subscribed, event })),
    ),
  );
}

/** Times one line; and says whether the two answers are the same. */
async function measure(workload: Workload, rounds: number, java?: TimedJava): Promise<Timing & { same: boolean }> {
  const input = inputOf(workload);
  const assign = assignorNamed(workload.assignor)!;
  const time = (calls: number, seconds: number): number[] => {
    const took: number[] = [];
    const begin = performance.now();
    while (took.length < calls && (took.length === 0 || performance.now() - begin < seconds * 1000)) {
      const start = process.cpuUsage();
      assign(input.subscribers, input.topics);
      const { user, system } = process.cpuUsage(start);
      took.push((user + system) / 1000);
    }
    return took;
  };

  const theirAnswer = await java?.ask(questionOf("", workload.assignor, input));
  const ourAnswer = answer({ assignor: workload.assignor, ...input });
  const same = java === undefined || JSON.stringify(theirAnswer?.assignment) === JSON.stringify(ourAnswer.assignment);
  if (java !== undefined) await warmUp((seconds) => java.time(1e6, seconds));
  await warmUp((seconds) => time(1e6, seconds));
  let timing: Timing;
  let attempts = 0;
  do {
    const ours: number[] = [];
    const theirs: number[] = [];
    const ratios: number[] = [];
    for (let round = 0; round < rounds && total(theirs) < LONGEST_ROUNDS; round++) {
      const own = time(CALLS, SECONDS);
      ours.push(...own);
      if (java === undefined) continue;
      const others = await java.time(CALLS, SECONDS);
      theirs.push(...others);
      ratios.push(median(own) / median(others));
    }
    timing = { ours: median(ours), ...(java && { theirs: median(theirs), ratio: median(ratios) }) };
    attempts += 1;
  } while (isSlower(timing) && attempts < ATTEMPTS);
  return { ...timing, same };
}

/** Calls until they grow no faster. */
async function warmUp(time: (seconds: number) => readonly number[] | Promise<readonly number[]>): Promise<void> {
  let best = Infinity;
  let steady = 0;
  for (let spent = 0; steady < STEADY_SLICES && spent < LONGEST_WARM_UP * 1000;) {
    const took = await time(SLICE);
    const fastest = Math.min(...took);
    steady = fastest < best * 0.95 ? 0 : steady + 1;
    best = Math.min(best, fastest);
    spent += total(took);
  }
}

const isSlower = ({ ratio = 0 }: Timing): boolean => ratio > 1;

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
