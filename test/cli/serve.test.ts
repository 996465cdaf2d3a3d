import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Mistake } from "../../sim/cli/failure.ts";
import { crashStory } from "../support/story.ts";
import { serveTraces, viewTraces, type Served } from "../../sim/cli/serve.ts";

let folder: string;
let served: Served;
const trace = () => path.join(folder, "run one.ndjson");

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "regroup-serve-"));
  writeFileSync(path.join(folder, "index.html"), "<!doctype html><title>page</title>");
  writeFileSync(trace(), crashStory());
  served = await serveTraces([trace()], folder);
});

afterAll(async () => {
  await served.close();
  rmSync(folder, { recursive: true });
});

/** A request with any path and headers, as a browser would not send it. */
function ask(
  target: string,
  host?: string,
  method = "GET",
): Promise<{ readonly status: number; readonly body: string }> {
  const { port } = new URL(served.url);
  return new Promise((answered, failed) => {
    const headers = host === undefined ? {} : { host };
    const asked = request({ host: "127.0.0.1", port, path: target, method, headers }, (response) => {
      let body = "";
      response.on("data", (piece: Buffer) => (body += piece.toString()));
      response.on("end", () => answered({ status: response.statusCode!, body }));
    });
    asked.on("error", failed);
    asked.end();
  });
}

test("listens on this machine alone, on a port of its own", () => {
  expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
});

test("serves the page, the names of the traces, and the traces as they are", async () => {
  expect((await ask("/")).body).toContain("<title>page</title>");
  expect((await ask("/traces")).body).toBe('["run one.ndjson"]');
  const response = await fetch(new URL("traces/0", served.url));
  expect(response.headers.get("content-encoding")).toBeNull();
  expect(await response.text()).toBe(crashStory());
});

test("serves nothing else", async () => {
  for (const target of [
    "/traces/1",
    "/traces/0/../../..",
    "/nothing",
    "/../../../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
  ])
    expect((await ask(target)).status, target).toBe(404);
  expect((await ask("/", undefined, "POST")).status).toBe(405);
});

test("does not answer to another name, so no other site can read a trace through the browser", async () => {
  expect((await ask("/traces/0", "evil.example")).status).toBe(403);
  expect((await ask("/traces/0", "127.0.0.1:1")).status).toBe(403);
});

test("a trace that is not there is the user's mistake", async () => {
  await expect(serveTraces([path.join(folder, "nothing.ndjson")], folder)).rejects.toThrow(Mistake);
  await expect(viewTraces([folder], { open: false })).rejects.toThrow(/is not a file/);
});

test("without a terminal it says how to view, and does not serve", async () => {
  const said = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const terminal = process.stdout.isTTY;
  process.stdout.isTTY = false;
  try {
    await viewTraces([trace()], { open: true });
    expect(said.mock.calls).toEqual([[`To look at it: regroup view '${trace()}'`]]);
  } finally {
    process.stdout.isTTY = terminal;
    said.mockRestore();
  }
});
