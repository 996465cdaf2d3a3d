import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { summarise } from "../../sim/metrics/summarise.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import type { Scenario } from "../../sim/scenario/scenario.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import { distributionTest, meanTest } from "../support/statistics.ts";

/**
 * V20: what a crash costs where positions are committed every T. Seeds were fixed before looking; each statistical test
 * raises a false alarm with probability 10⁻³.
 */
const ALARM = 1e-3;

const FILE = new URL("../../scenarios/crash-auto-commit.yaml", import.meta.url);

const scenarioWith = (set: readonly string[]): Scenario =>
  parseScenario(readFileSync(FILE, "utf8"), { file: "crash-auto-commit.yaml", set: [...set] }).scenario;

function duplicatesOf(scenario: Scenario, seed: string): number {
  const summary = summarise();
  simulate(scenario, { seed, to: [summary] });
  const { duplicates, duplicatesBy, lost } = summary.result().groups[0].delivery;
  expect(lost).toBe(0);
  expect(duplicatesBy.crash ?? 0).toBeCloseTo(duplicates, 6);
  return duplicates;
}

const SEEDS = Array.from({ length: 200 }, (_, index) => `duplicates ${index}`);

/** The crash comes as soon as the group has settled, and the run ends when its replacement, a session later, has read on. */
const SOON = ["events.0.at=75s", "duration=145s"];

test.for([
  { T: 5, r: 300 },
  { T: 1, r: 300 },
])(
  "V20: with a commit every $T s and $r records/s, what is read again is uniform up to r·T, r·T/2 on average",
  ({ T, r }) => {
    const scenario = scenarioWith([`groups.billing.config.auto.commit.interval.ms=${T * 1000}`, ...SOON]);
    const counts = SEEDS.map((seed) => duplicatesOf(scenario, seed));
    // A commit counts once it is in the log: a delay and an append after it was sent, 20 ms at most here but for one in 10⁴.
    const latency = 0.05 * r;
    for (const count of counts) expect(count).toBeLessThanOrEqual(r * T + latency);
    expect(meanTest(counts, (r * T) / 2)).toBeGreaterThan(ALARM);
    expect(distributionTest(counts, (x) => Math.min(1, Math.max(0, x / (r * T))))).toBeGreaterThan(ALARM);
  },
);

test("V20: a commit after every batch costs no more than the batch in hand", () => {
  // Behind by the 20 s that it was held up, it polls full batches of 500: that is what is handed out again.
  const scenario = scenarioWith([
    "groups.billing.members.commit=async",
    "groups.billing.members.capacity=500/s",
    "events=[{ at: 90s, pause: billing, lasts: 20s }, { at: 2m, crash: billing }]",
  ]);
  for (const seed of SEEDS.slice(0, 20)) expect(duplicatesOf(scenario, seed)).toBeCloseTo(500, 5);
});
