import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { replicateScenario, type ReplicateOptions } from "../../sim/cli/replicate.ts";
import { runScenario } from "../../sim/cli/run.ts";
import { inProcess, perform } from "../../sim/experiment/executor.ts";
import { POPULATION } from "./population.ts";

let folder = "";
let scenario = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "regroup-replicate-"));
  scenario = path.join(folder, "population.yaml");
  writeFileSync(scenario, POPULATION);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

async function replicated(options: Partial<ReplicateOptions>) {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  const status = await replicateScenario({
    scenario,
    seed: "4",
    confidence: 0.95,
    threads: 1,
    json: false,
    expect: false,
    view: false,
    heartbeats: "elided",
    ...options,
  });
  return {
    status,
    printed: String(log.mock.calls[0]?.[0]),
    told: error.mock.calls.map(([line]) => String(line)).join("\n"),
  };
}

test("prints every number with its interval, expectations as probabilities, and what repeats a replication", async () => {
  const { status, printed } = await replicated({ replications: 3 });
  expect(status).toBe(0);
  expect(printed).toMatch(/^population {2}3 replications; the mean lies in its interval with 95 %$/m);
  expect(printed).toMatch(/^ {2}mean\(members\) +\d\S* +\S+ – \S+ +\S+ +\S+ +\S+$/m);
  expect(printed).toMatch(/^✓ {2}mean\(members\) >= 0 +met in 3 of 3: 100 % \(95 %: 43\.9 % – 100 %\)$/m); // 1/(1 + z²/3)
  expect(printed).toMatch(/^replication 3: regroup run \S+population\.yaml --seed 4\/3$/m);
});

test("the line that repeats a replication does repeat it", async () => {
  const { printed } = await replicated({ replications: 1, json: true });
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const seed = JSON.parse(printed).seeds.last;
  await runScenario({ scenario, seed, json: true, expect: false, heartbeats: "elided", view: false, open: false });
  const one = JSON.parse(String(log.mock.calls.at(-1)![0]));
  const members = JSON.parse(printed).measures.find(({ name }: { name: string }) => name === "mean(g.members)");
  expect(members.mean.value).toBe(one.groups[0].members.alive.mean);
  expect(members.mean.interval).toEqual({ low: null, high: null }); // one value says nothing about its law
});

test("a warm-up that is found is told as what repeats the run, and is the same every time", async () => {
  const options = { replications: 2, warmUp: "auto" as const, set: ["duration=6m", "groups.g.members.initial=0"] };
  const { status, printed } = await replicated(options);
  expect(status).toBe(0);
  const [, seconds] = /--seed 4\/2 .* --set warmUp=(?:(\d+(?:\.\d+)?)s|\S+)$/m.exec(printed)!;
  expect(Number(seconds ?? 999)).toBeGreaterThan(30); // it grows from nobody, with a time constant of 20 s
  expect((await replicated(options)).printed).toBe(printed);
});

test("a warm-up that is not to be found is the user's mistake", async () => {
  const set = ["topics.orders.rate=20000/s"];
  await expect(replicated({ replications: 2, warmUp: "auto", set })).rejects.toThrow("--warm-up auto finds none");
});

test("with --expect, an expectation that fails in any replication is not met", async () => {
  expect((await replicated({ replications: 2, expect: true })).status).toBe(1);
});

test("a precision that the replications do not reach is told of", async () => {
  const { status, told } = await replicated({ replications: 3, precision: "mean(members) 0.001%" });
  expect(status).toBe(1);
  expect(told.split("\n")).toContain("--precision mean(members) 0.001% is not reached by 3 replications");
});

test("a replication that fails is told with the line that repeats it", async () => {
  vi.spyOn(inProcess, "run").mockImplementation(async function* (job, tasks) {
    const [first] = tasks;
    yield perform(job, first);
    yield { values: [], verdicts: [], broken: { message: "clocks never go back", at: 28_007_000 } };
  });
  const { status, told } = await replicated({ replications: 9 });
  expect(status).toBe(3);
  expect(told).toContain("clocks never go back");
  expect(told).toMatch(/replay: regroup run \S+population\.yaml --seed 4\/2 --until 28007000us$/);
});

test.for([
  [{ replications: 0 }, "--replications 0: write a whole number"],
  [{ replications: 2, threads: 1.5 }, "--threads 1.5: write a whole number"],
  [{ replications: 2, confidence: 95 }, "--confidence 95: write a share"],
  [{ replications: 2, trace: "x.ndjson" }, "--trace is for one run: choose a replication (--seed 4/1)"],
  [{ replications: 2, until: "5" }, "--until 5: a time needs its unit"],
  [{ precision: "p99(timelag) 5%" }, "did you mean timeLag?"],
  [{ replications: 2, precision: "partitionSecondsUnread per deploy 5%" }, "no replication has such a number"],
] as const)("%j is the user's mistake: %s", async ([options, message]) => {
  await expect(replicated(options)).rejects.toThrow(message);
});
