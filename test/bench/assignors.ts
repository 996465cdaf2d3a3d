/**
 * Our assignors against Kafka's own classes, warm, on the same inputs, on this machine.
 *
 *     node --import tsx test/bench/assignors.ts [which assignors, comma-separated]
 *
 * Inputs are by formula (`assignors/workloads.ts`): 1,000 members × 10,000 partitions and 2,000 × 20,000, in 1 topic and in
 * 100, subscribed to the same topics or not; fresh, after one member left, after one joined. Kafka's classes are run by
 * `java/`, if there are a JDK and Maven; else only ours. The answers have to be equal, and are compared.
 */
import process from "node:process";
import { assignorNamed } from "../../sim/kafka/assignors/assignors.ts";
import { answer } from "../../sim/kafka/assignors/question.ts";
import { askJava, buildHarness, type JavaReply, KAFKA_RELEASE } from "./assignors/java.ts";
import { type Input, inputOf, questionOf, type Workload } from "./assignors/workloads.ts";

/** Seconds of warming up, for each line. */
const WARM_UP = 1;

const asked = process.argv[2]?.split(",");
const workloads: Workload[] = [];
for (const assignor of ["range", "roundrobin", "sticky", "cooperative-sticky", "uniform", "server-range"]) {
  if (asked !== undefined && !asked.includes(assignor)) continue;
  for (const members of [1000, 2000]) {
    for (const [topics, subscribed] of [
      [1, "same"],
      [100, "same"],
      [100, "buckets"],
      [100, "odd"],
      [100, "overlap"],
    ] as const) {
      // prettier-ignore
      for (const event of ["fresh", "leave", "join"] as const) {
        workloads.push({ assignor, members, partitions: members * 10, topics, subscribed, event });
      }
    }
  }
}
const name = ({ assignor, members, partitions, topics, subscribed, event }: Workload): string =>
  `${assignor} ${members}×${partitions} ${topics} ${subscribed} ${event}`;

/** Median and minimum of the calls, in milliseconds. */
function time({ assignor }: Workload, { subscribers, topics }: Input): { median: number; minimum: number } {
  const assign = assignorNamed(assignor)!;
  const took: number[] = [];
  const until = performance.now() + WARM_UP * 1000;
  while (performance.now() < until) assign(subscribers, topics);
  for (let run = 0; run < 21; run++) {
    const start = performance.now();
    assign(subscribers, topics);
    took.push(performance.now() - start);
  }
  took.sort((a, b) => a - b);
  return { median: took[10], minimum: took[0] };
}

const missing = buildHarness();
if (missing !== undefined) console.log(`Only our own assignors are timed: ${missing}\n`);
else console.log(`Milliseconds, median (minimum); Kafka's classes are those of release ${KAFKA_RELEASE}\n`);

/** All replies of the harness, by question. It runs alone, as ours do after it. */
async function replies(args: readonly string[]): Promise<ReadonlyMap<string, JavaReply>> {
  const byId = new Map<string, JavaReply>();
  if (missing !== undefined) return byId;
  const questions = workloads.map((workload) => questionOf(name(workload), workload.assignor, inputOf(workload)));
  for await (const reply of askJava(args, questions)) byId.set(reply.id, reply);
  return byId;
}

const times = await replies(["time", String(WARM_UP)]);
const answers = await replies(["answer", "120"]);
let slower = 0;
let different = 0;
for (const workload of workloads) {
  const java = times.get(name(workload));
  const theirs = answers.get(name(workload));
  const input = inputOf(workload);
  const ours = time(workload, input);
  let line = `${name(workload).padEnd(58)} ${shown(ours)}`;
  if (java?.median !== undefined && java.minimum !== undefined) {
    const same = JSON.stringify(theirs?.assignment) === JSON.stringify(answer({ assignor: workload.assignor, ...input }).assignment); // prettier-ignore
    if (!same) different += 1;
    if (ours.median > java.median) slower += 1;
    line += `  Kafka ${shown({ median: java.median, minimum: java.minimum })}  ${(ours.median / java.median).toFixed(2)}${same ? "" : "  DIFFERENT"}`; // prettier-ignore
  }
  console.log(line);
}
if (missing === undefined) {
  console.log(
    `\n${workloads.length} lines, ${slower} of them slower than Kafka's classes, ${different} answered differently`,
  );
}
process.exitCode = different > 0 ? 1 : 0;

function shown({ median, minimum }: { median: number; minimum: number }): string {
  return `${median.toFixed(3).padStart(9)} (${minimum.toFixed(3)})`;
}
