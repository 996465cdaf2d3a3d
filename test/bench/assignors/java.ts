/** Kafka's own assignors, run by the harness of `../java/`. */
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const BUILT = here("../../../node_modules/.cache/assignor-harness");

/** The release of Kafka that the harness is built against: `kafka.version` of its `pom.xml`. */
export const KAFKA_RELEASE = "4.0.0";

/** Builds the harness. Returns why it cannot be had, or nothing. */
export function buildHarness(): string | undefined {
  for (const [tool, flag] of [
    ["java", "-version"],
    ["mvn", "-version"],
  ] as const) {
    if (spawnSync(tool, [flag]).status !== 0) return `${tool} is not there (JDK 17 and Maven are needed)`;
  }
  const goals = ["compile", "dependency:copy-dependencies", `-DoutputDirectory=${BUILT}/lib`];
  const built = spawnSync("mvn", ["-q", "-B", "-f", here("../java/pom.xml"), ...goals], { encoding: "utf8" });
  return built.status === 0 ? undefined : `the harness cannot be built:\n${built.stdout}${built.stderr}`;
}

/** What the harness says to one question. */
export interface JavaReply {
  readonly id: string;
  readonly assignment?: unknown;
  readonly error?: string;
  /** Milliseconds. */
  readonly median?: number;
  readonly minimum?: number;
}

/** A running harness: puts questions to it and yields its replies in order. */
export async function* askJava(args: readonly string[], questions: Iterable<unknown>): AsyncGenerator<JavaReply> {
  const classPath = `${BUILT}/classes:${BUILT}/lib/*`;
  const java = spawn("java", ["-Xms2g", "-Xmx6g", "-cp", classPath, "AssignorHarness", ...args], {
    stdio: ["pipe", "pipe", "ignore"],
  }) as ChildProcessByStdio<Writable, Readable, null>;
  const feeding = feed(java.stdin, questions);
  for await (const line of createInterface({ input: java.stdout })) yield JSON.parse(line) as JavaReply;
  await feeding;
}

async function feed(input: Writable, questions: Iterable<unknown>): Promise<void> {
  for (const question of questions) {
    if (!input.write(`${JSON.stringify(question)}\n`)) await new Promise((resolve) => input.once("drain", resolve));
  }
  input.end();
}
