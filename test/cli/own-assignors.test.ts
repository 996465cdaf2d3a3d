import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadAssignors, oneRunAtATime } from "../../sim/cli/own-assignors.ts";
import { parseScenario, simulate } from "../../sim/index.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";

const YAML = (assignor: string): string => `
duration: 1m
topics: { orders: { partitions: 4, rate: 100/s } }
groups:
  g: { topics: [orders], assignor: ${assignor}, members: { initial: 2, capacity: 300/s } }
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "regroup-own-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(code: string): Promise<TraceEvent[]> {
  writeFileSync(path.join(folder, "mine.mjs"), code);
  const { scenario } = parseScenario(YAML("./mine.mjs"), { file: "own.yaml" });
  const assignors = await loadAssignors(path.join(folder, "own.yaml"), scenario);
  const events: TraceEvent[] = [];
  simulate(scenario, { seed: "1", assignors, to: [{ see: (event) => void events.push(event), end: () => {} }] });
  return events;
}

test("a user's own assignor decides who gets what, and sees capacities, lag and production", async () => {
  const events = await run(`
    export default (subscribers, topics) => {
      const { lag, rate } = topics.get("orders");
      if (subscribers.some(({ capacity }) => capacity !== 300)) throw new Error("no capacity");
      if (lag.length !== 4 || rate.some((r) => r !== 25)) throw new Error("no picture of the load");
      const [first, second] = subscribers.map(({ id }) => id).sort();
      return new Map([[first, { orders: [2] }], [second, { orders: [3, 0, 1] }]]);
    };`);
  const owned = events.flatMap((event) =>
    event.type === "partition.owner" ? [[event.client, event.partitions.orders]] : [],
  );
  expect(Object.fromEntries(owned)).toEqual({ "g-1": [2], "g-2": [0, 1, 3] });
});

test("an answer that is no assignment is refused, naming file, partition and what is wrong", async () => {
  await expect(run("export default ([a]) => ({ [a.id]: { orders: [0, 1, 2] } });")).rejects.toThrow(
    "assignor ./mine.mjs: it gave orders-3 to nobody",
  );
});

test("a file that is missing, does not load or exports nothing is the user's mistake", async () => {
  await expect(run("export const x = 1;")).rejects.toThrow("has no function as its default export");
  writeFileSync(path.join(folder, "bent.mjs"), "export default ("); // another name: a module is loaded once
  const bent = parseScenario(YAML("./bent.mjs"), { file: "own.yaml" }).scenario;
  await expect(loadAssignors(path.join(folder, "own.yaml"), bent)).rejects.toThrow("does not load");
  const { scenario } = parseScenario(YAML("./other.mjs"), { file: "own.yaml" });
  await expect(loadAssignors(path.join(folder, "own.yaml"), scenario)).rejects.toThrow("there is no file");
});

test("code cannot travel to workers, so experiments refuse it", () => {
  const { scenario } = parseScenario(YAML("./mine.mjs"), { file: "own.yaml" });
  expect(() => oneRunAtATime(scenario)).toThrow("one run at a time");
});
