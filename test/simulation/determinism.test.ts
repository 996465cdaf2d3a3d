import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { parseScenario, simulate, simulation, traceWriter } from "../../sim/index.ts";
import { fingerprintOfRun } from "../support/fingerprint-of-run.ts";
import { STORMY, STORMY_IN_BOTH_PROTOCOLS } from "../support/stormy.ts";

const SEED = "4711";
const script = new URL("../support/fingerprint.js", import.meta.url);

function traceOf(yaml: string, seed: string): string {
  const lines: string[] = [];
  const { scenario } = parseScenario(yaml, { file: "scenario.yaml" });
  simulate(scenario, { seed, to: [traceWriter((line) => void lines.push(line))] });
  return lines.join("\n");
}

/** What each of these is held against. */
const trace = traceOf(STORMY_IN_BOTH_PROTOCOLS, SEED);
const fingerprint = fingerprintOfRun(STORMY_IN_BOTH_PROTOCOLS, SEED);

test("V27: the same scenario and seed give the same trace, byte for byte, twice in a process", () => {
  expect(traceOf(STORMY_IN_BOTH_PROTOCOLS, SEED)).toBe(trace);
});

test("another seed gives another trace", () => {
  expect(fingerprintOfRun(STORMY_IN_BOTH_PROTOCOLS, "4712")).not.toBe(fingerprint);
});

test("running it slice by slice changes nothing in it", () => {
  const lines: string[] = [];
  const { scenario } = parseScenario(STORMY_IN_BOTH_PROTOCOLS, { file: "scenario.yaml" });
  const shares = [...simulation(scenario, { seed: SEED, to: [traceWriter((line) => void lines.push(line))] })];
  expect(shares.at(-1)).toBeLessThan(1);
  expect(lines.join("\n")).toBe(trace);
});

test("V27: … in another process", () => {
  const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(script), SEED], {
    input: STORMY_IN_BOTH_PROTOCOLS,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(stdout.trim()).toBe(fingerprint);
});

test("V27: … in a worker thread", async () => {
  const worker = new Worker(script, {
    workerData: { yaml: STORMY_IN_BOTH_PROTOCOLS, seed: SEED },
  });
  const answer = await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  expect(answer).toBe(fingerprint);
});

test("one more member leaves the fate of the others alone: common random numbers", () => {
  const crashesOf = (yaml: string): string[] =>
    traceOf(yaml, SEED)
      .split("\n")
      .filter(
        (line) => line.includes('"scenario.event"') && line.includes('"chance"') && line.includes("client/audit-"),
      )
      .map((line) => JSON.parse(line).t);
  const law = (yaml: string): string =>
    yaml.replace(
      "members: { initial: 3, capacity: 2000/s }",
      "members: { initial: 3, capacity: 2000/s, lifetime: { exponential: 5m } }",
    );
  const base = law(STORMY);
  expect(crashesOf(base)).not.toEqual([]);
  expect(crashesOf(base.replace("initial: 6", "initial: 7"))).toEqual(crashesOf(base));
});
