import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { readTrace, traceFile } from "../../sim/cli/trace-files.ts";
import type { Sink, TraceEvent } from "../../sim/trace/event.ts";
import { TraceError } from "../../sim/trace/ndjson.ts";
import { process as lives, Story } from "../support/events.ts";

const folder = mkdtempSync(join(tmpdir(), "regroup-trace-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Enough for several chunks, with names outside ASCII where chunks may be cut. */
const story = new Story();
for (let i = 0; i < 20_000; i++) story.at(i / 1000, lives(`größe-${i % 10}→`, "Absent", "Running"));

function write(name: string): string {
  const path = join(folder, name);
  const file = traceFile(path);
  story.tell(file, 60);
  file.close();
  return path;
}

async function read(path: string, tolerate?: "cut-off") {
  const events: TraceEvent[] = [];
  const sink: Sink = { see: (event) => events.push(event), end: () => undefined };
  const outcome = await readTrace(path, sink, tolerate ? { tolerate } : {});
  return { outcome, events };
}

describe.for(["a.ndjson", "a.ndjson.gz"])("%s", (name) => {
  test("is read back as it was written", async () => {
    const { outcome, events } = await read(write(name));
    expect(outcome.cutOff).toBeNull();
    expect(events).toEqual(story.events);
  });

  test("has the same bytes every time", () => {
    const once = readFileSync(write(name));
    expect(readFileSync(write(name)).equals(once)).toBe(true);
  });

  test("has its name only when it is whole, and leaves nothing beside", () => {
    const inner = mkdtempSync(join(folder, "inner-"));
    const file = traceFile(join(inner, name));
    story.tell(file, 60);
    expect(readdirSync(inner)).toEqual([expect.stringMatching(/^\..*\.part$/)]);
    file.close();
    expect(readdirSync(inner)).toEqual([name]);
  });

  test("is not there at all when it was abandoned, and one that was there before stays", () => {
    const path = write(name);
    const before = readFileSync(path);
    const file = traceFile(path);
    for (const event of story.events.slice(0, 100)) file.see(event);
    file.abandon();
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder).filter((file) => file.endsWith(".part"))).toEqual([]);
  });

  test("cut in half it is refused, or read as far as it goes if that is asked for", async () => {
    const path = write(name);
    const whole = readFileSync(path);
    for (const share of [0.25, 0.5, 0.9, 0.999]) {
      writeFileSync(path, whole.subarray(0, Math.floor(whole.length * share)));
      await expect(read(path)).rejects.toThrow(/the trace was cut off/);
      const { outcome, events } = await read(path, "cut-off");
      expect(outcome.cutOff).toMatch(/cut off/);
      expect(events).toEqual(story.events.slice(0, events.length));
      // Text is cut where it is cut, compressed data at a chunk or a block, so a bit of the end may be missing too.
      expect(events.length).toBeGreaterThan(story.events.length * share * 0.7 - 5000);
    }
  });
});

// Not every browser's DecompressionStream reads past the first member.
test("the compressed file is a single gzip member with the whole text in it", () => {
  const text = readFileSync(write("b.ndjson"), "utf8");
  const bytes = readFileSync(write("b.ndjson.gz"));
  expect(gunzipSync(bytes).toString("utf8")).toBe(text);
  expect(bytes.length).toBeLessThan(text.length / 10);
  expect(bytes.readUInt32LE(bytes.length - 4)).toBe(Buffer.byteLength(text)); // the size of the last member's text (RFC 1952)
});

test("the gzip tool accepts the compressed file", async () => {
  const child = spawn("gzip", ["-t", write("c.ndjson.gz")]);
  expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
});

test("a file's first bytes say whether it is compressed, not its name", async () => {
  const bytes = readFileSync(write("d.ndjson"));
  const path = join(folder, "d.txt");
  writeFileSync(path, gzipSync(bytes));
  expect((await read(path)).outcome.cutOff).toBeNull();
  writeFileSync(join(folder, "d.gz"), bytes);
  expect((await read(join(folder, "d.gz"))).outcome.cutOff).toBeNull();
});

test("damaged compressed data are said to be damaged, cut-off or not", async () => {
  const path = write("e.ndjson.gz");
  const bytes = readFileSync(path);
  bytes.fill(0xff, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 16);
  writeFileSync(path, bytes);
  await expect(read(path, "cut-off")).rejects.toThrow(TraceError);
});

test("an empty file is no trace", async () => {
  const path = write("f.ndjson");
  truncateSync(path, 0);
  await expect(read(path)).rejects.toThrow("line 1: the file is empty");
});

test("a file that is not there is the system's error", async () => {
  await expect(read(join(folder, "nowhere.ndjson"))).rejects.toThrow(/ENOENT/);
});

test("a process that is interrupted takes its half-written file with it, and ends by the signal", async () => {
  const inner = mkdtempSync(join(folder, "signal-"));
  const script = `
    import { traceFile } from ${JSON.stringify(new URL("../../sim/cli/trace-files.ts", import.meta.url).href)};
    const file = traceFile(${JSON.stringify(join(inner, "g.ndjson"))});
    file.begin({ regroup: "trace" });
    console.log("begun");
    setInterval(() => {}, 1000);
  `;
  const child = spawn(globalThis.process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
  const ended = new Promise((resolve) => child.on("close", (code, signal) => resolve(signal ?? code)));
  let errors = "";
  child.stderr.on("data", (data) => (errors += data));
  await Promise.race([new Promise((resolve) => child.stdout.once("data", resolve)), ended]);
  expect(readdirSync(inner), errors).toHaveLength(1);
  child.kill("SIGINT");
  expect(await ended).toBe("SIGINT");
  expect(readdirSync(inner)).toEqual([]);
});
