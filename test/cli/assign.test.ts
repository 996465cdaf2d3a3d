import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { assignLines, type AssignOptions } from "../../sim/cli/assign.ts";
import { vectors } from "../assignors/vectors.ts";
import { EXIT } from "../../sim/cli/failure.ts";

const PLAIN: AssignOptions = { faithful: true, explain: false, compare: [], leave: [], join: 0, json: false };
const QUESTION = {
  id: "q1",
  assignor: "range",
  topics: { orders: { partitions: 3 } },
  subscriptions: [["orders"]],
  members: [
    { id: "a", sub: 0, owned: { orders: [0, 1, 2] }, generation: 1 },
    { id: "b", sub: 0 },
  ],
};
const DESCRIBED = `
GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID
billing         orders          0          10              15              5               c-1             /127.0.0.1      c-1
billing         orders          1          12              12              0               c-2             /127.0.0.1      c-2
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "regroup-assign-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** Runs the command on a file with this content. */
async function assign(content: string | Uint8Array, options: Partial<AssignOptions> = {}) {
  const file = path.join(folder, "input");
  writeFileSync(file, content);
  const out: string[] = [];
  const err: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0);
  vi.spyOn(console, "error").mockImplementation((text) => void err.push(String(text)));
  const status = await assignLines(file, { ...PLAIN, ...options });
  return { status, out: out.join(""), err: err.join("\n").replaceAll(file, "input") };
}

test("a line in, the same line with its assignment out", async () => {
  const { status, out, err } = await assign(`${JSON.stringify(QUESTION)}\n`);
  expect(out).toBe(`${JSON.stringify({ ...QUESTION, assignment: { a: { orders: [0, 1] }, b: { orders: [2] } } })}\n`);
  expect({ status, err }).toEqual({ status: EXIT.done, err: "" });
});

test("gzip is recognised by its first bytes, and a last line may lack its end", async () => {
  const { out } = await assign(gzipSync(JSON.stringify(QUESTION)));
  expect(JSON.parse(out).assignment).toEqual({ a: { orders: [0, 1] }, b: { orders: [2] } });
});

test("lines that are no questions get an error, their number on stderr, and exit status 2 at the end", async () => {
  const lines = ["nonsense", "", JSON.stringify({ ...QUESTION, assignor: "best" }), JSON.stringify(QUESTION), "[1]"];
  const { status, out, err } = await assign(lines.join("\n"));
  const answers = out.trimEnd().split("\n").map((line) => JSON.parse(line)); // prettier-ignore
  expect(answers.map(({ id, error, assignment }) => [id, error?.slice(0, 30), assignment !== undefined])).toEqual([
    [undefined, "not JSON: Unexpected token 'o'", false],
    ["q1", 'assignor: there is no "best"; ', false],
    ["q1", undefined, true],
    [undefined, "a question: must be an object", false],
  ]);
  expect(err.match(/^input:\d+/gm)).toEqual(["input:1", "input:3", "input:5"]);
  expect(status).toBe(EXIT.mistake);
});

test("an exception of Kafka's class is an answer", async () => {
  const { error, ...shrunk } = vectors<{ id: string; error: string }>("quirks").find(({ id }) => id === "sticky/hand/shrunk-topic")!; // prettier-ignore
  const { status, out } = await assign(JSON.stringify(shrunk));
  expect(JSON.parse(out)).toEqual({ ...shrunk, error });
  expect(status).toBe(EXIT.done);
  const mended = await assign(JSON.stringify(shrunk), { faithful: false });
  expect(JSON.parse(mended.out).error).toBeUndefined();
});

test.for([
  ["assignor: must be a text", { assignor: undefined }],
  ["topics: must be an object", { topics: [] }],
  ["topics.orders.partitions: must be a whole number, not negative", { topics: { orders: { partitions: -1 } } }],
  ["topics.orders.racks: must have one entry for each", { topics: { orders: { partitions: 2, racks: [["r"]] } } }],
  ["topics.orders.id: uniform goes by topic ids", { assignor: "uniform" }],
  ["subscriptions[0][0]: must be a text", { subscriptions: [[7]] }],
  ["members[0].sub: there is no subscription 1", { members: [{ id: "a", sub: 1 }] }],
  ["members[1].id: a is there twice", { members: [{ id: "a", sub: 0 }, { id: "a", sub: 0 }] }], // prettier-ignore
  ["members[0].owned.orders: must be a whole number", { members: [{ id: "a", sub: 0, owned: { orders: ["0"] } }] }],
  ["members[0].generation: must be a whole number", { members: [{ id: "a", sub: 0, generation: 1.5 }] }],
] as const)("a mistake is told with its place: %s", async ([complaint, mistake]) => {
  const { out, status } = await assign(JSON.stringify({ ...QUESTION, ...mistake }));
  expect(JSON.parse(out).error).toContain(complaint);
  expect(status).toBe(EXIT.mistake);
});

test("--explain tells moves, balance, idle members and stickiness, in words or as JSON", async () => {
  const { out } = await assign(JSON.stringify(QUESTION), { explain: true });
  expect(out).toBe(`q1 (range)
  balance     3 partitions over 2 members: most 2, mean 1.5, max/mean 1.333, Gini 0.167
  idle        nobody
  stickiness  0.667: 2 of 3 owned partitions stay; 0 had no owner
  moves       1
    orders-2  a → b

`);
  const { out: json } = await assign(JSON.stringify(QUESTION), { explain: true, json: true });
  expect(JSON.parse(json).explanation).toMatchObject({ kept: 2, owned: 3, idle: [] });
});

test("--compare shows several assignors side by side", async () => {
  const { out } = await assign(JSON.stringify(QUESTION), { compare: ["range", "roundrobin", "sticky"] });
  expect(out).toBe(`q1 (range)
  assignor    most  mean  max/mean   Gini  idle  moves  stickiness
  range          2   1.5     1.333  0.167     0      1       0.667
  roundrobin     2   1.5     1.333  0.167     0      1       0.667
  sticky         2   1.5     1.333  0.167     0      1       0.667

`);
});

test("--leave and --join ask what would happen", async () => {
  const { out } = await assign(JSON.stringify(QUESTION), { leave: ["a"], join: 1 });
  expect(JSON.parse(out).assignment).toEqual({ b: { orders: [0, 1] }, "new-1": { orders: [2] } });
});

test("what kafka-consumer-groups.sh prints is explained", async () => {
  const { out, status } = await assign(DESCRIBED, { assignor: "sticky", leave: ["c-2"], join: 2 });
  expect(out).toContain("group billing (sticky)\n  balance     2 partitions over 3 members");
  expect(out).toContain("moves       1\n    orders-1  c-2 → new-1");
  expect(status).toBe(EXIT.done);
});

test("an unknown assignor, a missing file and a member that is not there are mistakes of the user", async () => {
  await expect(assign("", { assignor: "best" })).rejects.toThrow('there is no assignor "best"; there are range, ');
  await expect(assignLines(path.join(folder, "none"), PLAIN)).rejects.toThrow("there is no file");
  await expect(assign(DESCRIBED, { leave: ["c-9"] })).rejects.toThrow('there is no member "c-9" that could leave');
});
