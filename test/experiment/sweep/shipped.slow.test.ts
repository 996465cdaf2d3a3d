import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { SweepResults } from "../../../sim/experiment/sweep/results.ts";
import { ROOT, shell } from "../../support/cli.ts";

/* The experiments that are shipped: each is run as its header says, with few replications, and held to what it found. */

const FOLDER = path.join(ROOT, "scenarios/experiments");

/** Looks up the mean of an output in the cell with these labels, in order of the parameters. */
type Mean = (output: string, ...labels: (string | number)[]) => number;

const FOUND: Readonly<Record<string, (mean: Mean) => void>> = {
  "deploy-protocol"(mean) {
    const unread = (...cell: (string | number)[]): number => mean("partitionSecondsUnread", ...cell);
    expect(unread("cooperative", 1)).toBeLessThan(unread("eager", 1) / 10);
    expect(unread("eager", 10)).toBeLessThan(unread("eager", 1) / 3);
    expect(unread("eager, sticky", 1) / unread("eager", 1)).toBeCloseTo(1, 1);
    expect(mean("max(timeLag)", "eager, sticky", 1)).toBeLessThan(mean("max(timeLag)", "eager", 1));
    expect(mean("max(timeLag)", "cooperative", 10)).toBeGreaterThan(mean("max(timeLag)", "cooperative", 1));
    // 40 times 5 partitions that leave and 5 that come back, each unread for half a heartbeat interval of 5 s
    expect(unread("consumer", 1)).toBeGreaterThan(1000);
    expect(unread("consumer", 1)).toBeLessThan(1300);
    expect(mean("max(timeLag)", "consumer", 1)).toBeLessThan(mean("max(timeLag)", "cooperative", 1) / 2);
  },
  "session-timeout"(mean) {
    const alarms = ["6s", "13s", "30s", "45s"].map((session) => mean("rebalances", session, "nobody"));
    expect(alarms).toEqual(alarms.toSorted((a, b) => b - a));
    expect(alarms[0]).toBeGreaterThan(20);
    expect(alarms[3]).toBeLessThan(0.5);
    expect(mean("longestUnread", "45s", "one member")).toBeGreaterThan(36e6);
    expect(mean("longestUnread", "6s", "one member")).toBeLessThan(16e6);
  },
  "static-membership"(mean) {
    const unread = (...cell: (string | number)[]): number => mean("partitionSecondsUnread", ...cell);
    expect(mean("rebalances", "true", "5s")).toBe(0);
    expect(unread("true", "5s")).toBeLessThan(unread("false", "5s"));
    expect(unread("true", "30s")).toBeGreaterThan(unread("false", "30s"));
    expect(mean("rebalances", "true", "60s")).toBeGreaterThan(5);
    expect(mean("longestUnread", "true", "60s")).toBeLessThan(52e6);
  },
  "diurnal-load"(mean) {
    expect(mean("final(lag)", 4)).toBeGreaterThan(40e6);
    expect(mean("p99(timeLag)", 5)).toBeGreaterThan(45 * 60e6);
    expect(mean("p99(timeLag)", 6)).toBeLessThan(30e6);
    expect(mean("p99(timeLag)", 8)).toBeLessThan(1e6);
    expect(mean("max(timeLag)", 10)).toBeGreaterThan(42e6);
  },
  "adding-members"(mean) {
    expect(mean("rebalancing", 120, "eager")).toBeGreaterThan(2 * mean("rebalancing", 40, "eager"));
    expect(mean("mean(lag)", 120, "eager")).toBeGreaterThan(1.5 * mean("mean(lag)", 60, "eager"));
    expect(mean("p99(timeLag)", 60, "cooperative")).toBeLessThan(mean("p99(timeLag)", 24, "cooperative"));
    expect(mean("mean(lag)", 120, "cooperative")).toBeLessThan(mean("mean(lag)", 120, "eager") / 10);
  },
  "storm-boundary"(mean) {
    const down = (load: string, batch: string): number => mean("P(final(timeLag) > 5m)", load, batch);
    for (const load of ["8000/s", "12000/s", "18000/s"]) expect(down(load, "20s")).toBe(0);
    expect(down("8000/s", "160s")).toBe(0);
    expect(down("18000/s", "160s")).toBe(1);
    expect(mean("rebalancing", "8000/s", "80s")).toBe(mean("rebalancing", "18000/s", "80s"));
  },
};

describe("shipped experiments", () => {
  const sh = shell(afterAll);
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
    const [, command] = /^# {3}(regroup sweep \S+)$/m.exec(readFileSync(path.join(FOLDER, `${name}.yaml`), "utf8"))!;
    const { status, stdout, stderr } = await sh.run(`${command} --replications 2 --results ${name} --json`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { cells, outputs, parameters } = JSON.parse(stdout) as SweepResults;
    FOUND[name]((output, ...labels) => {
      const wanted = labels.map((label, axis) =>
        parameters[axis].points.findIndex((point) => point.label === `${label}`),
      );
      const cell = cells.find(({ at }) => at.every((point, axis) => point === wanted[axis]));
      return cell!.outputs[outputs.findIndex((head) => head.name === output)]!.mean.value;
    });
    expect(existsSync(path.join(sh.folder, name, "results.json"))).toBe(true);
  });
});
