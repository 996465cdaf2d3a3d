/** What `regroup assign` does: questions in, answers out, in order and as they come. */
import { once } from "node:events";
import process from "node:process";
import type { Assignment } from "../names.ts";
import { ASSIGNOR_NAMES, assignorNamed, type AssignorOptions } from "../kafka/assignors/assignors.ts";
import { questionOf, readDescribed } from "../kafka/assignors/described-group.ts";
import { claimed, comparisonText, explain, explanationText, type Explanation } from "../kafka/assignors/explain.ts";
import {
  type Answer,
  answer,
  answered,
  answeredLine,
  type Question,
  QuestionError,
  readQuestion,
} from "../kafka/assignors/question.ts";
import { changed } from "../kafka/assignors/what-if.ts";
import { EXIT, Mistake } from "./failure.ts";
import { linesOf, textOf } from "./text-input.ts";

export interface AssignOptions {
  readonly assignor?: string;
  readonly faithful: boolean;
  readonly explain: boolean;
  readonly compare: readonly string[];
  readonly leave: readonly string[];
  readonly join: number;
  readonly json: boolean;
}

/** How what `kafka-consumer-groups.sh` prints begins: a table, or a remark before it. */
const DESCRIBED = /^\s*(?:GROUP\s|Consumer group |The consumer group |Warning|Error|\[\d{4}-)/;

/** Answers every question of the file, prints the answers, and returns the exit status. */
export async function assignLines(file: string, options: AssignOptions): Promise<number> {
  for (const name of [options.assignor, ...options.compare]) {
    if (name === undefined || assignorNamed(name) !== undefined) continue;
    throw new Mistake(`there is no assignor ${JSON.stringify(name)}; there are ${ASSIGNOR_NAMES.join(", ")}`);
  }
  if (!Number.isSafeInteger(options.join) || options.join < 0) throw new Mistake("--join takes a number of members");

  const out = new Output();
  let status: number = EXIT.done;
  let number = 0;
  let described: string[] | undefined;
  for await (const raw of linesOf(textOf(file))) {
    number += 1;
    const line = number === 1 ? raw.replace(/^\uFEFF/, "") : raw; // some editors begin a file with a mark
    if (described !== undefined) described.push(line);
    else if (line.trim() === "") continue;
    else if (DESCRIBED.test(line)) described = [line];
    else {
      const { text, problem } = answerLine(line, `line ${number}`, options);
      if (problem !== undefined) {
        console.error(`${file}:${number}: ${problem}`);
        status = EXIT.mistake;
      }
      await out.print(text);
    }
  }
  if (described !== undefined) await out.print(answerDescribed(described.join("\n"), options));
  await out.end();
  return status;
}

interface Told {
  readonly text: string;
  /** Why the line is not a question, if it is not. */
  readonly problem?: string;
}

function answerLine(line: string, place: string, options: AssignOptions): Told {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    return unanswered({}, `not JSON: ${(error as Error).message}`, options);
  }
  try {
    const question = readQuestion(json, options.assignor);
    const change = changed(question, options);
    if (!options.explain && options.compare.length === 0) {
      return { text: `${answeredLine(line, json, answer(change, choices(options)))}\n` };
    }
    const label = `${String((json as { id?: unknown }).id ?? place)} (${question.assignor})`;
    return { text: tell(change, () => claimed(question.subscribers), label, json, options) };
  } catch (error) {
    if (error instanceof QuestionError) return unanswered(json, error.message, options);
    throw error;
  }
}

function unanswered(json: unknown, problem: string, options: AssignOptions): Told {
  const fields = typeof json === "object" && json !== null && !Array.isArray(json) ? json : {};
  const inWords = (options.explain || options.compare.length > 0) && !options.json;
  return { text: inWords ? "" : `${JSON.stringify(answered(fields, { error: problem }))}\n`, problem };
}

/** What would become of a real group. Without an assignor in what was printed, and none asked for, `range`. */
function answerDescribed(text: string, options: AssignOptions): string {
  const groups = readDescribed(text);
  if (groups.length === 0) throw new Mistake("there is no group in this: neither questions nor what --describe prints");
  try {
    return groups
      .map((group) => {
        const assignor = options.assignor ?? group.assignor ?? "range";
        const question = questionOf(group, assignor);
        const change = changed(question, options);
        const json = { group: group.group, assignor };
        const before = (): Assignment => claimed(question.subscribers);
        return tell(change, before, `group ${group.group} (${assignor})`, json, { ...options, explain: true });
      })
      .join("");
  } catch (error) {
    if (error instanceof QuestionError) throw new Mistake(error.message);
    throw error;
  }
}

const choices = ({ faithful }: AssignOptions): AssignorOptions => (faithful ? {} : { faithful });

/** What an answer is like, or several side by side, as it was asked for: a line of JSON, or words. */
function tell(
  question: Question,
  before: () => Assignment,
  label: string,
  json: unknown,
  options: AssignOptions,
): string {
  const ask = (assignor: string): { answer: Answer; found: Explanation | string } => {
    const given = answer({ ...question, assignor }, choices(options));
    if (given.assignment === undefined) return { answer: given, found: given.error! };
    const after = new Map(Object.entries(given.assignment));
    return { answer: given, found: explain(question.subscribers, question.topics, before(), after) };
  };

  if (options.compare.length > 0) {
    const rows = options.compare.map((name) => ({ name, ...ask(name) }));
    if (!options.json) return `${label}\n${comparisonText(rows).map(indented).join("")}\n`;
    const comparison = Object.fromEntries(rows.map(({ name, answer: given, found }) => [name, detailed(given, found)]));
    return `${JSON.stringify({ ...(json as object), comparison })}\n`;
  }
  const { answer: given, found } = ask(question.assignor);
  if (options.json) return `${JSON.stringify(answered(json, detailed(given, found)))}\n`;
  const text = typeof found === "string" ? [`error       ${found}`] : explanationText(found);
  return `${label}\n${text.map(indented).join("")}\n`;
}

const detailed = (given: Answer, found: Explanation | string): Answer =>
  typeof found === "string" ? given : { ...given, explanation: found };

const indented = (line: string): string => `  ${line}\n`;

/** Standard output in large pieces, and no faster than the reader takes them. */
class Output {
  #pieces: string[] = [];
  #length = 0;

  async print(text: string): Promise<void> {
    this.#pieces.push(text);
    this.#length += text.length;
    if (this.#length > 1 << 16) await this.end();
  }

  async end(): Promise<void> {
    const text = this.#pieces.join("");
    this.#pieces = [];
    this.#length = 0;
    if (text !== "" && !process.stdout.write(text)) await once(process.stdout, "drain");
  }
}
