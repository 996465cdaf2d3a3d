/**
 * A trace as text: newline-delimited JSON. A header, one event a line in order of time, a footer; so a file that was
 * cut off is noticed, and `grep` and `jq` work on it. Pure: where the text goes or comes from, and whether it was
 * compressed on the way, is the edge's business.
 *
 *     {"regroup":"trace","schema":1,"version":"0.1.0","scenario":{…},"scenarioHash":"…","seed":"7",…}
 *     {"t":0,"id":"client/a#1","cause":null,"type":"client.process",…}
 *     …
 *     {"regroup":"end","end":600000000,"count":4711,"fingerprint":"3f2a…"}
 *
 * Count and fingerprint are over the lines between, as they stand, healthy heartbeats left out: those change nothing,
 * so a run that writes each of them and a run that knows them to be healthy have the same fingerprint.
 */
import type { Instant } from "../engine/time.ts";
import { SCHEMA_VERSION, type Sink, type TraceEvent, type TraceFooter, type TraceHeader } from "./event.ts";
import { fingerprint } from "./fingerprint.ts";

export function encodeHeader(header: TraceHeader): string {
  return JSON.stringify(header);
}

export function encodeEvent(event: TraceEvent): string {
  return JSON.stringify(event);
}

export function encodeFooter({ end, count, fingerprint }: TraceFooter): string {
  return JSON.stringify({ regroup: "end", end, count, fingerprint });
}

/** The type of events that count neither in the footer's number nor in its fingerprint. */
const UNCOUNTED: string = "heartbeat";

/** Counts events and takes their fingerprint. */
function tally() {
  const print = fingerprint();
  let count = 0;
  return {
    add({ type }: { readonly type: string }, line: string): void {
      if (type === UNCOUNTED) return;
      count++;
      print.line(line);
    },
    footer: (end: Instant): TraceFooter => ({ end, count, fingerprint: print.digits() }),
  };
}

export interface TraceWriter extends Sink {
  /** What the last line says; once the run is over. */
  footer(): TraceFooter;
}

/** Turns a run into the lines of a trace, handed out one by one without their newlines. */
export function traceWriter(write: (line: string) => void): TraceWriter {
  const events = tally();
  let footer: TraceFooter | undefined;
  return {
    begin: (header) => write(encodeHeader(header)),
    see(event) {
      const line = encodeEvent(event);
      events.add(event, line);
      write(line);
    },
    end(t) {
      footer = events.footer(t);
      write(encodeFooter(footer));
    },
    footer() {
      if (!footer) throw new Error("a trace has its footer when the run is over");
      return footer;
    },
  };
}

/** The footer of a trace that nobody writes. */
export function fingerprinting(): TraceWriter {
  return traceWriter(() => undefined);
}

/** A text that is no trace, or not a whole one. `line` counts from 1. */
export class TraceError extends Error {
  override readonly name = "TraceError";
  readonly line: number;
  /** What is wrong, without the place. */
  readonly problem: string;

  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`);
    this.line = line;
    this.problem = problem;
  }
}

/** How the reading of a trace went. */
export interface TraceOutcome {
  readonly header: TraceHeader;
  /** `null` if the text was cut off. */
  readonly footer: TraceFooter | null;
  /** How a cut-off text ends, in words for people; `null` if it is whole. */
  readonly cutOff: string | null;
  readonly events: number;
  /** Where the trace ends; a cut-off one with its last event. */
  readonly end: Instant;
}

export interface ReaderOptions {
  /** `cut-off`: take what is there, and say so in the outcome, instead of throwing. */
  readonly tolerate?: "cut-off";
}

export interface TraceReader {
  /** The next piece of text; a line may begin in one and end in another. */
  push(text: string): void;
  /**
   * No more text is to come. `interrupted` is for sources that know of their own that something is missing, and
   * says what, as in "its compressed data end too early".
   */
  end(interrupted?: string): TraceOutcome;
}

/**
 * Reads a trace from pieces of text and pushes it into a fold, in the order it was written, so that a trace of any
 * length takes no memory.
 *
 * @throws TraceError from `push` and `end`.
 */
export function traceReader(to: Sink, { tolerate }: ReaderOptions = {}): TraceReader {
  const events = tally();
  let header: TraceHeader | undefined;
  let footer: TraceFooter | undefined;
  let line = 0;
  let count = 0;
  let now: Instant = 0;
  let rest = "";

  const fail = (problem: string): never => {
    throw new TraceError(line, problem);
  };

  const readHeader = (text: string) => {
    const first = parse(text);
    if (first === undefined && text.startsWith('{"regroup":"trace"'))
      return fail("the trace was cut off in its header");
    if (first === undefined || first.regroup !== "trace")
      return fail('this is not a regroup trace: its first line should begin with {"regroup":"trace"');
    const { schema } = first;
    if (typeof schema !== "number") return fail("the header does not say which schema it follows");
    if (schema > SCHEMA_VERSION)
      return fail(
        `written by a newer regroup (schema ${schema}; this one reads up to ${SCHEMA_VERSION}); upgrade to read it`,
      );
    const missing = HEADER.find(([field, is]) => !is(first[field]));
    if (missing) return fail(`the header's ${missing[0]} is missing or is not what it should be`);
    header = first as unknown as TraceHeader;
    to.begin?.(header);
  };

  const readFooter = (found: Record<string, unknown>) => {
    if (!isNumber(found.end) || !isNumber(found.count) || !isText(found.fingerprint))
      return fail("the footer does not say end, count and fingerprint");
    footer = { end: found.end, count: found.count, fingerprint: found.fingerprint } as TraceFooter;
    const counted = events.footer(footer.end);
    if (footer.count !== counted.count)
      fail(`the footer promises ${footer.count} events, but there are ${counted.count}: lines were lost or added`);
    if (footer.fingerprint !== counted.fingerprint)
      fail(
        `the events have the fingerprint ${counted.fingerprint}, not ${footer.fingerprint} as the footer says: they were changed`,
      );
    if (footer.end < now) fail(`the footer ends the run at ${footer.end}, before its last event (${now})`);
  };

  const readLine = (raw: string) => {
    line++;
    const text = raw.endsWith("\r") ? raw.slice(0, -1) : raw; // it came by way of Windows
    if (footer) return text.trim() === "" ? undefined : fail("more text follows after the footer");
    if (!header) return readHeader(text);
    const found = parse(text);
    if (found === undefined) return fail(`this is not JSON: ${excerpt(text)}`);
    if (found.regroup === "end") return readFooter(found);
    const { t, type } = found;
    if (!isNumber(t) || !isText(type)) return fail(`this is not an event: ${excerpt(text)}`);
    if (t < now) return fail(`time goes back, from ${now} to ${t}`);
    now = t;
    count++;
    const event = found as unknown as TraceEvent;
    events.add(event, text);
    to.see(event);
  };

  return {
    push(text) {
      let from = 0;
      for (let to = text.indexOf("\n"); to >= 0; to = text.indexOf("\n", from)) {
        readLine(rest + text.slice(from, to));
        rest = "";
        from = to + 1;
      }
      rest += text.slice(from);
    },

    end(interrupted) {
      // A whole trace ends with a newline, but an editor may have taken it away; half a line is cut off.
      const half = rest !== "" && !footer && header !== undefined && parse(rest) === undefined;
      if (rest !== "" && !half) readLine(rest);
      rest = "";
      if (!header) {
        line = Math.max(line, 1);
        return fail("the file is empty: a trace begins with a header");
      }
      let cutOff: string | null = null;
      if (!footer) {
        const where = half ? "in the middle of a line" : "before its footer";
        cutOff = `the trace was cut off ${where}, ${count} events in${interrupted ? ` (${interrupted})` : ""}`;
        if (half) line++;
        if (tolerate !== "cut-off") fail(cutOff);
      }
      const end = footer?.end ?? now;
      to.end(end);
      return { header, footer: footer ?? null, cutOff, events: count, end };
    },
  };
}

const isNumber = (value: unknown): value is number => typeof value === "number";
const isText = (value: unknown): value is string => typeof value === "string";
const isList = (value: unknown, has: (item: Record<string, unknown>) => boolean): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === "object" && item !== null && has(item));

/** What every reader takes for granted of a header, beside the scenario, which only a repetition needs. */
const HEADER: readonly (readonly [keyof TraceHeader, (value: unknown) => boolean])[] = [
  ["version", isText],
  ["scenario", (value) => typeof value === "object" && value !== null],
  ["scenarioHash", isText],
  ["seed", isText],
  ["topics", (value) => isList(value, ({ name, partitions }) => isText(name) && isNumber(partitions))],
  ["groups", (value) => isList(value, ({ id, topics }) => isText(id) && Array.isArray(topics) && topics.every(isText))],
  ["brokers", (value) => value === undefined || isList(value, ({ id }) => isNumber(id))],
  ["warmUp", isNumber],
  ["until", isNumber],
];

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function excerpt(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
