import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parquetReadObjects } from "hyparquet";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { checkFiles } from "../../../sim/cli/check.ts";
import { runScenario } from "../../../sim/cli/run.ts";
import { mergeShards, type MergeOptions } from "../../../sim/cli/sweep/merge.ts";
import { sweepExperiment, type SweepOptions } from "../../../sim/cli/sweep/sweep.ts";
import type { SweepResults } from "../../../sim/experiment/sweep/results.ts";
import { csvLine } from "../../../sim/report/sweep-columns.ts";
import { POPULATION } from "../population.ts";
import { GRID } from "./support.ts";

let folder = "";
let experiment = "";
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "regroup-sweep-"));
  experiment = path.join(folder, "churn.yaml");
  writeFileSync(path.join(folder, "population.yaml"), POPULATION);
  writeFileSync(experiment, `scenario: population.yaml\nreplications: 3\nseed: 4${GRID}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const at = (name: string): string => path.join(folder, name);
const text = (name: string): string => readFileSync(at(name), "utf8");
const USUAL = { json: false, runs: false, threads: 1 };

/** What a deed printed; nothing else may be printed meanwhile. */
async function printed(deed: () => Promise<number>): Promise<{ status: number; out: string; told: string }> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const error = vi.spyOn(console, "error").mockImplementation(() => {});
  const status = await deed();
  const lines = (spy: typeof log): string => spy.mock.calls.map(([line]) => String(line)).join("\n");
  const found = { status, out: lines(log), told: lines(error) };
  vi.restoreAllMocks();
  return found;
}

const swept = (options: Partial<SweepOptions> = {}) =>
  printed(() => sweepExperiment({ ...USUAL, experiment, results: at("all"), ...options }));
const merged = (parts: string[], options: Partial<MergeOptions> = {}) =>
  printed(() => mergeShards({ ...USUAL, parts: parts.map(at), ...options }));

test("prints a row for each cell, with its scenario's hash and its seeds, and the line that repeats it", async () => {
  const { status, out } = await swept();
  expect(status).toBe(0);
  expect(out).toMatch(/^churn {2}4 cells, 3 replications each; means, and where they lie with 95 %$/m);
  expect(out).toMatch(/^ +initial +lifetime +mean\(members\) +p5 +p50 +p95 +scenario +seeds$/m);
  expect(out).toMatch(/^4 +8 +40s +\d\S* +\S+ – \S+ +\S+ +\S+ +\S+ +[0-9a-f]{16} +4\/1 … 4\/3$/m);
  expect(out).toMatch(/^ +initial +lifetime +P\(final\(members\) == 0\)$/m);
  expect(out).toMatch(/^4 +8 +40s +0 % +0 % – 56\.1 %$/m); // z²/(3 + z²)
  expect(out).toMatch(
    /^4 {2}regroup run \S+population\.yaml --seed 4\/3 --set groups\.g\.members\.initial=8 --set groups\S+=40s$/m,
  );
});

test("the printed line repeats a run of the cell", async () => {
  const { out } = await swept({ json: true });
  const { cells, outputs, scenario } = JSON.parse(out) as SweepResults;
  const { set, seeds, outputs: told, scenarioHash, replay } = cells[2];
  expect(replay).toContain(`--seed ${seeds.last} --set ${set[0]} --set ${set[1]}`);
  const options = {
    scenario: scenario.file,
    seed: seeds.last,
    set,
    json: true,
    expect: false,
    view: false,
    open: false,
  };
  const one = JSON.parse((await printed(() => runScenario({ ...options, heartbeats: "elided" }))).out);
  expect(outputs[0].name).toBe("mean(members)");
  expect(told[0]!.first[2]).toBe(one.groups[0].members.alive.mean);
  expect(scenarioHash).toBe(one.scenarioHash);
});

test("a second time nothing is run, and the same is told", async () => {
  const first = await swept({ results: at("twice") });
  const second = await swept({ results: at("twice") });
  expect(second.out).toBe(first.out);
  expect(second.told).toBe(`12 of 12 runs were in ${at("twice")} already`);
});

test("results lie beside the experiment unless another folder is named", async () => {
  await swept({ results: undefined, replications: 1 });
  expect(JSON.parse(text("churn.results/results.json"))).toMatchObject({
    regroup: "sweep",
    name: "churn",
    replications: 1,
  });
});

describe("tables", () => {
  test("CSV has a row for each cell, or for each run", async () => {
    await swept({ csv: at("cells.csv") });
    const [head, ...rows] = text("cells.csv").trimEnd().split("\n");
    expect(head).toMatch(/^cell,initial,lifetime_us,replications,mean\(members\) mean,mean\(members\) low,/);
    expect(rows.map((row) => row.split(",").slice(0, 4).join())).toEqual([
      "1,5,20000000,3",
      "2,5,40000000,3",
      "3,8,20000000,3",
      "4,8,40000000,3",
    ]);
    await swept({ csv: at("runs.csv"), runs: true });
    const runs = text("runs.csv").trimEnd().split("\n");
    expect(runs).toHaveLength(1 + 12);
    expect(runs[0]).toBe("cell,initial,lifetime_us,replication,mean(members),final(members),scenario_hash,seed,replay");
  });

  test("CSV goes to standard output for -", async () => {
    const write = vi.spyOn(process.stdout, "write").mockImplementation(() => true);
    await sweepExperiment({ ...USUAL, experiment, results: at("all"), csv: "-" });
    const out = write.mock.calls.map(([piece]) => String(piece)).join("");
    vi.restoreAllMocks();
    expect(out).toBe(text("cells.csv"));
  });

  test("Parquet has the same rows, with numbers as numbers and texts as texts", async () => {
    await swept({ csv: at("runs.csv"), parquet: at("runs.parquet"), runs: true });
    const bytes = readFileSync(at("runs.parquet"));
    const rows = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    });
    expect(rows).toHaveLength(12);
    expect(typeof rows[0]["mean(members)"]).toBe("number");
    const lines = [Object.keys(rows[0]), ...rows.map((row) => Object.values(row))];
    expect(`${lines.map((values) => csvLine(values as string[])).join("\n")}\n`).toBe(text("runs.csv"));
  });

  test("texts with commas, quotes and line ends are quoted (RFC 4180)", () => {
    expect(csvLine(["a,b", 'say "x"', "two\nlines", null, 1.5])).toBe('"a,b","say ""x""","two\nlines",,1.5');
  });
});

describe("shards", () => {
  test("merged, they print and keep what one sweep does, to the byte", async () => {
    for (const shard of ["1/3", "2/3", "3/3"]) {
      const { out } = await swept({ results: at("shards"), shard });
      expect(out).toContain(`regroup merge ${at("shards")}`);
    }
    const one = await swept({ results: at("one") });
    const all = await merged(["shards"], { results: at("joined") });
    expect(all.out).toBe(one.out);
    expect(text("joined/results.json")).toBe(text("one/results.json"));
    expect(text("joined/sweep.json")).toBe(text("one/sweep.json"));
    const again = await swept({ results: at("joined") });
    expect(again.told).toContain("12 of 12 runs were");
  });

  test("an absent one is named, and what it would have", async () => {
    const parts = ["shards/shard-1-of-3", "shards/shard-3-of-3"];
    await expect(merged(parts)).rejects.toThrow(
      /4 of 4 cells cannot be told:\n {2}initial 5, lifetime 20s: replication \d is missing\n/,
    );
    await expect(merged(parts)).rejects.toThrow("shard 2 of 3 is not among these");
  });

  test("two that differ in what was asked are not joined", async () => {
    await swept({ results: at("other"), shard: "2/3", replications: 4 });
    const parts = ["shards/shard-1-of-3", "other/shard-2-of-3", "shards/shard-3-of-3"];
    await expect(merged(parts)).rejects.toThrow(
      /different sweeps: replications 4 and 3|different sweeps: replications 3 and 4/,
    );
  });

  test("the same one twice does no harm", async () => {
    cpSync(at("shards/shard-2-of-3"), at("copy"), { recursive: true });
    const { out } = await merged(["shards", "copy"]);
    expect(out).toBe((await swept({ results: at("one") })).out);
  });

  test.each([
    [["nowhere"], "there is no "],
    [["all/cells"], "there are no results of a sweep in "],
  ])("%j is no place of shards", async (parts, message) => {
    await expect(merged(parts)).rejects.toThrow(message);
  });
});

test("check takes experiments, too, and says how large they are", async () => {
  const { out, status } = await printed(() => checkFiles([experiment, at("population.yaml")], [], false));
  expect(status).toBe(0);
  expect(out).toContain("churn.yaml: fine (4 cells, each 3 times, 12 runs)");
});

test.for([
  [{ shard: "0/3" }, "--shard 0/3: write 2/8"],
  [{ shard: "4/3" }, "--shard 4/3: write 2/8"],
  [{ shard: "1/3", json: true }, "a shard has no results to tell yet"],
  [{ replications: 0 }, "--replications 0: write a whole number"],
  [{ experiment: "/nowhere.yaml" }, "there is no file /nowhere.yaml"],
  [{ results: "/proc/nowhere" }, "results cannot be kept in /proc/nowhere"],
] as const)("%j is the user's mistake: %s", async ([options, message]) => {
  await expect(swept(options)).rejects.toThrow(message);
});
