import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Sink, TraceEvent, TraceHeader } from "../../sim/trace/event.ts";
import { fingerprinting, TraceError, traceReader, traceWriter, type ReaderOptions } from "../../sim/trace/ndjson.ts";
import { headerOf, process, reads, Story } from "../support/events.ts";

const END = 60_000_000;

function story(): Story {
  const story = new Story();
  const started = story.at(0, process("a", "Absent", "Running"));
  story.at(1.000001, reads("a", 0, 1, 2, 3), started);
  story.lag(1.5, { group: "g", topic: "orders", partitions: [0, 1], lag: 0.5, in: 10, out: [10, 0.000001] });
  story.at(20, process("a", "Running", "Crashed"));
  return story;
}

function written(from = story()): string {
  let text = "";
  from.tell(
    traceWriter((line) => {
      text += `${line}\n`;
    }),
    END / 1e6,
  );
  return text;
}

function read(pieces: readonly string[], options: ReaderOptions = {}) {
  const events: TraceEvent[] = [];
  const headers: TraceHeader[] = [];
  const ends: number[] = [];
  const sink: Sink = {
    begin: (header) => headers.push(header),
    see: (event) => events.push(event),
    end: (t) => ends.push(t),
  };
  const reader = traceReader(sink, options);
  for (const piece of pieces) reader.push(piece);
  return { outcome: reader.end(), events, headers, ends };
}

function problem(text: string, options: ReaderOptions = {}): TraceError {
  try {
    read([text], options);
  } catch (error) {
    expect(error).toBeInstanceOf(TraceError);
    return error as TraceError;
  }
  throw new Error("it was read without complaint");
}

describe("a trace that was written", () => {
  test("is read back event for event, with header, end and outcome", () => {
    const { outcome, events, headers, ends } = read([written()]);
    expect(events).toEqual(story().events);
    expect(headers).toEqual([headerOf()]);
    expect(ends).toEqual([END]);
    expect(outcome).toMatchObject({ cutOff: null, events: 4, end: END, footer: { end: END, count: 4 } });
  });

  test("is read the same however it is cut into pieces", () => {
    const text = written();
    const whole = read([text]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 20 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        expect(read(at.slice(1).map((to, i) => text.slice(at[i], to)))).toEqual(whole);
      }),
      { seed: 11 },
    );
  });

  test("is one JSON value a line, the first and last of them the trace's own", () => {
    const lines = written().trimEnd().split("\n");
    expect(lines).toHaveLength(6);
    const values = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(values[0].regroup).toBe("trace");
    expect(values.at(-1)).toEqual({
      regroup: "end",
      end: END,
      count: 4,
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  test("may have come by way of Windows", () => {
    const { outcome, events } = read([written().replaceAll("\n", "\r\n")]);
    expect(outcome.cutOff).toBeNull();
    expect(events).toEqual(story().events);
  });

  test("may have lost its last newline", () => {
    expect(read([written().trimEnd()]).outcome.cutOff).toBeNull();
  });

  test("has the fingerprint of one that nobody writes", () => {
    const print = fingerprinting();
    story().tell(print, END / 1e6);
    expect(read([written()]).outcome.footer).toEqual(print.footer());
  });

  test("has the same count and fingerprint with healthy heartbeats in it and without", () => {
    const lines = written().split("\n");
    lines.splice(3, 0, '{"t":1200000,"id":null,"cause":null,"type":"heartbeat","client":"a"}');
    const { outcome, events } = read([lines.join("\n")]);
    expect(outcome.footer).toEqual(read([written()]).outcome.footer);
    expect(events).toHaveLength(5);
  });
});

describe("a text that is not a whole trace is refused, with its line and what is wrong", () => {
  const lines = written().trimEnd().split("\n");
  const swapped = (index: number, ...replacement: string[]) =>
    `${lines.toSpliced(index, 1, ...replacement).join("\n")}\n`;

  test("nothing at all", () => {
    expect(problem("")).toMatchObject({ line: 1, problem: expect.stringContaining("empty") });
  });
  test("something else", () => {
    expect(problem("name: rolling-deploy\n")).toMatchObject({
      line: 1,
      problem: expect.stringContaining("not a regroup"),
    });
    expect(problem('{"t":0}\n')).toMatchObject({ line: 1, problem: expect.stringContaining("not a regroup") });
    expect(problem("PK\u0003\u0004")).toMatchObject({ line: 1, problem: expect.stringContaining("not a regroup") });
  });
  test("a newer schema", () => {
    const newer = JSON.stringify({ ...headerOf(), schema: 2 });
    expect(problem(`${newer}\n`).message).toMatch(/^line 1: written by a newer regroup \(schema 2; .* up to 1\)/);
  });
  test.each(["version", "scenario", "scenarioHash", "seed", "topics", "groups", "warmUp", "until"])(
    "a header without %s",
    (field) => {
      const header = JSON.stringify({ ...headerOf(), [field]: undefined });
      expect(problem(swapped(0, header))).toMatchObject({
        line: 1,
        problem: expect.stringContaining(`header's ${field}`),
      });
    },
  );
  test("a header whose topics have no number of partitions", () => {
    const header = JSON.stringify({ ...headerOf(), topics: [{ name: "orders" }] });
    expect(problem(swapped(0, header))).toMatchObject({ line: 1, problem: expect.stringContaining("topics") });
  });
  test("a footer that says nothing", () => {
    expect(problem(swapped(5, '{"regroup":"end"}'))).toMatchObject({
      line: 6,
      problem: expect.stringContaining("footer"),
    });
  });
  test("a line that is not JSON", () => {
    expect(problem(swapped(2, '{"t":1,"id":'))).toMatchObject({
      line: 3,
      problem: expect.stringContaining("not JSON"),
    });
  });
  test("a line that is not an event", () => {
    expect(problem(swapped(2, "{}"))).toMatchObject({ line: 3, problem: expect.stringContaining("not an event") });
    expect(problem(swapped(2, "[1]"))).toMatchObject({ line: 3 });
  });
  test("time that goes back", () => {
    expect(problem(swapped(4, lines[4], lines[2]))).toMatchObject({
      line: 6,
      problem: "time goes back, from 20000000 to 1000001",
    });
  });
  test("a line too few", () => {
    expect(problem(swapped(2)).problem).toMatch(/promises 4 events, but there are 3/);
  });
  test("a line too many", () => {
    expect(problem(swapped(2, lines[2], lines[2])).problem).toMatch(/promises 4 events, but there are 5/);
  });
  test("a changed line", () => {
    expect(problem(swapped(2, lines[2].replace("[0,1,2,3]", "[0,1,2]")))).toMatchObject({
      line: 6,
      problem: expect.stringMatching(/have the fingerprint [0-9a-f]{16}, not [0-9a-f]{16}/),
    });
  });
  test("more after the footer", () => {
    expect(problem(`${written()}${lines[1]}\n`)).toMatchObject({
      line: 7,
      problem: expect.stringContaining("after the footer"),
    });
  });
  test("an empty line after the footer is nothing", () => {
    expect(read([`${written()}\n`]).outcome.cutOff).toBeNull();
  });
});

describe("a trace that was cut off", () => {
  const text = written();
  const headerEnds = text.indexOf("\n") + 1;
  const footerBegins = text.lastIndexOf("\n", text.length - 2) + 1;

  test("is noticed wherever it was cut behind its header", () => {
    for (let cut = headerEnds; cut < text.length - 1; cut++)
      expect(problem(text.slice(0, cut)).problem).toMatch(/^the trace was cut off/);
  });

  test("is of use as far as it goes, if that is asked for, and says so", () => {
    const { outcome, events, ends } = read([text.slice(0, footerBegins + 10)], { tolerate: "cut-off" });
    expect(events).toEqual(story().events);
    expect(ends).toEqual([20_000_000]);
    expect(outcome).toMatchObject({
      footer: null,
      events: 4,
      end: 20_000_000,
      cutOff: "the trace was cut off in the middle of a line, 4 events in",
    });
    expect(read([text.slice(0, footerBegins)], { tolerate: "cut-off" }).outcome.cutOff).toBe(
      "the trace was cut off before its footer, 4 events in",
    );
  });

  test("is of no use without its header, and damage is not tolerated with it", () => {
    expect(problem(text.slice(0, 20), { tolerate: "cut-off" }).message).toBe(
      "line 1: the trace was cut off in its header",
    );
    expect(problem(text.replace('"t":1000001', '"t":1'), { tolerate: "cut-off" }).problem).toContain("fingerprint");
  });
});
