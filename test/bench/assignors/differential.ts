/**
 * Puts random questions to Kafka's own classes and to ours, and shows where they differ.
 *
 *     node --import tsx test/bench/assignors/differential.ts [count for each assignor] [first seed]
 */
import process from "node:process";
import { answer, readQuestion } from "../../../sim/kafka/assignors/question.ts";
import { askJava, buildHarness, KAFKA_RELEASE } from "./java.ts";
import { randomQuestion } from "./random-questions.ts";

const count = Number(process.argv[2] ?? 2000);
const first = Number(process.argv[3] ?? 1);
const missing = buildHarness();
if (missing !== undefined) {
  console.log(`No comparison with Kafka's own classes: ${missing}`);
  process.exit(0);
}

/** The beginning of an answer. */
const told = ({ assignment, error }: { assignment?: unknown; error?: string }): string =>
  (error ?? JSON.stringify(assignment)).slice(0, 300);

console.log(`${count} questions each to the classes of Kafka ${KAFKA_RELEASE} and to ours, seeds from ${first}`);
for (const assignor of ["range", "roundrobin", "sticky", "cooperative-sticky", "uniform", "server-range"]) {
  const questions = Array.from({ length: count }, (_, n) => randomQuestion(assignor, first + n, (first + n) % 3 === 0));
  const errors = new Map<string, number>();
  let place = 0;
  let equal = 0;
  let different = 0;
  for await (const reply of askJava(questions)) {
    const question = questions[place++];
    const { assignment, error } = answer(readQuestion(question));
    if (error !== undefined) errors.set(error, (errors.get(error) ?? 0) + 1);
    const same = reply.error === error && JSON.stringify(reply.assignment) === JSON.stringify(assignment);
    if (same) equal += 1;
    else if ((different += 1) <= 3) {
      console.log(`${question.id}: Kafka ${told(reply)}, ours ${told({ assignment, error })}`);
    }
  }
  const thrown = [...errors].map(([kind, times]) => `${times} ${kind}`).join(", ") || "no exceptions";
  console.log(`${assignor}: ${equal} equal, ${different} different, ${count - place} unanswered (${thrown})`);
  if (different + count - place > 0) process.exitCode = 1;
}
