/** Kafka's own assignors, run by the harness of `../java/`. */
import { type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
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
}

/** Puts questions to the harness, as fast as it takes them, and yields its replies in order. */
export async function* askJava(questions: Iterable<unknown>): AsyncGenerator<JavaReply> {
  const java = start();
  const feeding = feed(java.stdin, questions).then(() => java.stdin.end());
  for await (const line of createInterface({ input: java.stdout })) yield JSON.parse(line) as JavaReply;
  await feeding;
}

/** A running harness, to time its answer to one question after the other. */
export class TimedJava {
  readonly #java = start();
  readonly #replies = createInterface({ input: this.#java.stdout })[Symbol.asyncIterator]();

  /** Puts a question. The calls that are timed from now on answer it. */
  async ask(question: unknown): Promise<JavaReply> {
    return (await this.#say(question)) as JavaReply;
  }

  /** Milliseconds of CPU time that each call took: so many calls, or as many as fit into so many seconds. */
  async time(calls: number, seconds: number): Promise<readonly number[]> {
    return ((await this.#say({ calls, seconds })) as { took: number[] }).took;
  }

  end(): void {
    this.#java.stdin.end();
  }

  async #say(line: unknown): Promise<unknown> {
    await feed(this.#java.stdin, [line]);
    const { done, value } = await this.#replies.next();
    if (done) throw new Error("the harness has ended");
    return JSON.parse(value);
  }
}

/** A question that takes longer does not end, the harness says. */
const PATIENCE_SECONDS = 300;

function start(): ChildProcessByStdio<Writable, Readable, null> {
  const classPath = `${BUILT}/classes:${BUILT}/lib/*`;
  const options = ["-Xms2g", "-Xmx6g", "-cp", classPath, "AssignorHarness", String(PATIENCE_SECONDS)];
  return spawn("java", options, { stdio: ["pipe", "pipe", "ignore"] });
}

async function feed(input: Writable, lines: Iterable<unknown>): Promise<void> {
  for (const line of lines) {
    if (!input.write(`${JSON.stringify(line)}\n`)) await once(input, "drain");
  }
}
