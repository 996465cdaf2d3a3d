/**
 * Mistakes of users, as data: what is wrong, where, and what would be right. The command line prints them with the
 * line they are in, the page underlines them.
 */

/** Where in the file; lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
  /** How many characters of that line are meant. */
  readonly length: number;
}

/** One of several keys that a problem is about. */
export interface ProblemPart {
  readonly name: string;
  readonly at: Position | null;
  readonly option?: string;
}

export interface Problem {
  readonly message: string;
  /** `null` when it is not at a place in the file, but in an option or the whole file. */
  readonly at: Position | null;
  /** The option it is in: `--set duration=ten`. */
  readonly option?: string;
  /** What would be right, and why. */
  readonly advice?: string;
  /** All that it is about, in the order of the file, if it is about several keys of one map; `at` is the first one's. */
  readonly parts?: readonly ProblemPart[];
}

/** In the order of the file; what is not in the file comes last, in the order in which it was found. */
export const inOrder = <Placed extends Pick<Problem, "at">>(all: readonly Placed[]): Placed[] =>
  [...all].sort((a, b) => lineOf(a) - lineOf(b) || columnOf(a) - columnOf(b));

const lineOf = ({ at }: Pick<Problem, "at">): number => at?.line ?? Number.MAX_SAFE_INTEGER;

const columnOf = ({ at }: Pick<Problem, "at">): number => at?.column ?? 0;

/** How parts of a rendered problem are emphasised; the identity where there are no colours. */
export interface Paint {
  place(text: string): string;
  mark(text: string): string;
  advice(text: string): string;
}

const PLAIN: Paint = { place: String, mark: String, advice: String };

/** A scenario that cannot be simulated: all its mistakes at once. */
export class ScenarioError extends Error {
  readonly problems: readonly Problem[];
  readonly file: string;
  readonly text: string;

  constructor(problems: readonly Problem[], file: string, text: string) {
    super(problems.map((problem) => renderProblem(problem, file, text)).join("\n\n"));
    this.name = "ScenarioError";
    this.problems = problems;
    this.file = file;
    this.text = text;
  }
}

/**
 * A problem for people: place and message, the line with a mark under it, the advice.
 *
 *     scenarios/crash.yaml:6:23 session.timeout.ms must exceed heartbeat.interval.ms (3000)
 *      6 |   session.timeout.ms: 2000
 *        |                       ^^^^
 *        = with less, every member expires before its second heartbeat; Kafka advises three a session
 */
export function renderProblem(problem: Problem, file: string, text: string, paint = PLAIN): string {
  const { at, option, message, advice, parts } = problem;
  const gutter = " ".repeat(String(at?.line ?? 1).length);
  const place = at ? `${file}:${at.line}:${at.column}` : option;
  const lines = [`${place === undefined ? "" : `${paint.place(printable(place))} `}${printable(message)}`];
  if (at) {
    const { before, marked, after } = window(text.split(/\r\n|[\r\n]/)[at.line - 1] ?? "", at);
    lines.push(` ${at.line} | ${before}${marked}${after}`.trimEnd());
    lines.push(` ${gutter} | ${before.replace(/[^\t]/g, " ")}${paint.mark("^".repeat(Math.max(1, marked.length)))}`);
  }
  for (const [i, line] of listed(parts ?? []).entries())
    lines.push(` ${gutter} ${paint.advice(`${i === 0 ? "=" : " "} ${printable(line)}`)}`);
  if (advice !== undefined) lines.push(` ${gutter} ${paint.advice(`= ${printable(advice)}`)}`);
  return lines.join("\n");
}

const WIDTH = 100;

/** The names of all parts, in lines of at most `WIDTH`. */
function listed(parts: readonly ProblemPart[]): string[] {
  const lines: string[] = [];
  for (const [i, { name }] of parts.entries()) {
    const word = i < parts.length - 1 ? `${name},` : name;
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

/** The part of a line that is shown: all of it if it is short, else the neighbourhood of the mistake. */
function window(line: string, at: Position): { before: string; marked: string; after: string } {
  const start = at.column - 1;
  const from = start > WIDTH - 20 ? start - 30 : 0;
  const marked = line.slice(start, start + Math.min(at.length, WIDTH));
  const end = Math.max(from + WIDTH, start + marked.length);
  return {
    before: (from > 0 ? "…" : "") + printable(line.slice(from, start)),
    marked: printable(marked),
    after: printable(line.slice(start + marked.length, end)) + (end < line.length ? "…" : ""),
  };
}

/** A file may hold anything, a terminal should not get it: control and direction characters become dots. */
const printable = (text: string): string => text.replace(/(?!\t)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "·");
