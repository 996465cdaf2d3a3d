import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadExperiment } from "../../../sim/cli/files.ts";
import { memoryStore } from "../../../sim/experiment/sweep/store.ts";
import { resultsOf, sweep } from "../../../sim/experiment/sweep/sweep.ts";
import { threads } from "../../../sim/executors/threads.ts";
import { builtWorker, ROOT } from "../../support/cli.ts";

/*
 * The experiments that are shipped: each is held to what its header says it found, with few replications, of those cells that
 * it says something of. That the commands do what they say is `docs.slow.test.ts`'s concern.
 */

const FOLDER = path.join(ROOT, "scenarios/experiments");

/** The mean of an output in the cell with these labels, in order of the parameters. Its runs are made when it is asked for. */
type Mean = (output: string, ...labels: (string | number)[]) => Promise<number>;

const FOUND: Readonly<Record<string, (mean: Mean) => Promise<void>>> = {
  async "deploy-protocol"(mean) {
    const unread = (...cell: (string | number)[]): Promise<number> => mean("partitionSecondsUnread", ...cell);
    expect(await unread("cooperative", 1)).toBeLessThan((await unread("eager", 1)) / 10);
    expect(await unread("eager", 10)).toBeLessThan((await unread("eager", 1)) / 3);
    expect((await unread("eager, sticky", 1)) / (await unread("eager", 1))).toBeCloseTo(1, 1);
    expect(await mean("max(timeLag)", "eager, sticky", 1)).toBeLessThan(await mean("max(timeLag)", "eager", 1));
    expect(await mean("max(timeLag)", "cooperative", 10)).toBeGreaterThan(await mean("max(timeLag)", "cooperative", 1));
    // 40 times 5 partitions that leave and 5 that come back, each unread for half a heartbeat interval of 5 s
    expect(await unread("consumer", 1)).toBeGreaterThan(1000);
    expect(await unread("consumer", 1)).toBeLessThan(1300);
    expect(await mean("max(timeLag)", "consumer", 1)).toBeLessThan((await mean("max(timeLag)", "cooperative", 1)) / 2);
  },
  async "session-timeout"(mean) {
    const alarms: number[] = [];
    for (const session of ["6s", "13s", "30s", "45s"]) alarms.push(await mean("rebalances", session, "nobody"));
    expect(alarms).toEqual(alarms.toSorted((a, b) => b - a));
    expect(alarms[0]).toBeGreaterThan(20);
    expect(alarms[3]).toBeLessThan(0.5);
    expect(await mean("longestUnread", "45s", "one member")).toBeGreaterThan(36e6);
    expect(await mean("longestUnread", "6s", "one member")).toBeLessThan(16e6);
  },
  async "static-membership"(mean) {
    const unread = (...cell: (string | number)[]): Promise<number> => mean("partitionSecondsUnread", ...cell);
    expect(await mean("rebalances", "true", "5s")).toBe(0);
    expect(await unread("true", "5s")).toBeLessThan(await unread("false", "5s"));
    expect(await unread("true", "30s")).toBeGreaterThan(await unread("false", "30s"));
    expect(await mean("rebalances", "true", "60s")).toBeGreaterThan(5);
    expect(await mean("longestUnread", "true", "60s")).toBeLessThan(52e6);
  },
  async "diurnal-load"(mean) {
    expect(await mean("final(lag)", 4)).toBeGreaterThan(40e6);
    expect(await mean("p99(timeLag)", 5)).toBeGreaterThan(45 * 60e6);
    expect(await mean("p99(timeLag)", 6)).toBeLessThan(30e6);
    expect(await mean("p99(timeLag)", 8)).toBeLessThan(1e6);
    expect(await mean("max(timeLag)", 10)).toBeGreaterThan(42e6);
  },
  async "adding-members"(mean) {
    expect(await mean("rebalancing", 120, "eager")).toBeGreaterThan(2 * (await mean("rebalancing", 40, "eager")));
    expect(await mean("mean(lag)", 120, "eager")).toBeGreaterThan(1.5 * (await mean("mean(lag)", 60, "eager")));
    expect(await mean("p99(timeLag)", 60, "cooperative")).toBeLessThan(await mean("p99(timeLag)", 24, "cooperative"));
    expect(await mean("mean(lag)", 120, "cooperative")).toBeLessThan((await mean("mean(lag)", 120, "eager")) / 10);
  },
  async "storm-boundary"(mean) {
    const down = (load: string, batch: string): Promise<number> => mean("P(final(timeLag) > 5m)", load, batch);
    for (const load of ["8000/s", "12000/s", "18000/s"]) expect(await down(load, "20s")).toBe(0);
    expect(await down("8000/s", "160s")).toBe(0);
    expect(await down("18000/s", "160s")).toBe(1);
    expect(await mean("rebalancing", "8000/s", "80s")).toBe(await mean("rebalancing", "18000/s", "80s"));
  },
};

describe("shipped experiments", () => {
  const pool = threads({ entry: builtWorker() });
  afterAll(() => pool.close());
  const names = readdirSync(FOLDER).flatMap((name) => (name.endsWith(".yaml") ? [name.slice(0, -5)] : []));

  test("each has a question, a command and an answer, and a line in the README", () => {
    expect(names.toSorted()).toEqual(Object.keys(FOUND).toSorted());
    const readme = readFileSync(path.join(FOLDER, "README.md"), "utf8");
    for (const name of names) {
      const text = readFileSync(path.join(FOLDER, `${name}.yaml`), "utf8");
      expect(text).toMatch(/^# [^]*\?[^]*\n#\n# {3}regroup sweep \S+\n#\n# Found [^]*^description: .*\?$/m);
      expect(readme).toContain(`[${name}](${name}.yaml)`);
    }
  });

  test.each(names)("%s still finds what its header says", async (name) => {
    const parsed = await loadExperiment(path.join(FOLDER, `${name}.yaml`));
    const experiment = { ...parsed.experiment, replications: 2 };
    const store = memoryStore();
    await FOUND[name](async (output, ...labels) => {
      const { parameters, outputs } = experiment;
      const wanted = labels.map((label, axis) =>
        parameters[axis].points.findIndex((point) => point.label === `${label}`),
      );
      const cells = parsed.cells.filter(({ at }) => at.every((point, axis) => point === wanted[axis]));
      const asked = { ...parsed, experiment, cells };
      await sweep(asked, { executor: pool, store });
      const [cell] = resultsOf(asked, store, () => "").cells;
      return cell.outputs[outputs.findIndex((one) => one.name === output)]!.mean.value;
    });
  });
});
