import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { evaluate } from "../../sim/metrics/expectations.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { only } from "../support/runs.ts";

/* The story of the herd, held against its own header. */

const { scenario } = parseScenario(readFileSync(new URL("../../scenarios/zookeeper-herd.yaml", import.meta.url), "utf8"));

test.each(["1", "2", "3", "4", "5"])("comes out as its header says, with seed %s", (seed) => {
  const summary = summarise();
  simulate(scenario, { seed, to: [summary] });
  const verdicts = evaluate(scenario.expect, summary.result());
  expect(verdicts.filter(({ met }) => !met).map(({ expectation }) => expectation.text)).toEqual([]);
});

test("when the thirty-first comes all others stop at once, and read again when they have worked and claimed their shares", () => {
  // The new one has registered at 3 ms. The others are told 1 ms later, watch again for 4 ms, and read three brokers twice and
  // themselves, 9 round trips: so they stop at 26 ms. 8 commits, 8 deletions, 35 readings, 8 offsets and 8 claims take 67 round
  // trips; 7 of them get one partition less. The new one begins 2 ms after the others, has nothing to give up, and gets 7.
  const events: TraceEvent[] = [];
  simulate(scenario, { seed: "1", until: 121 * SECOND, to: [{ see: (event) => void events.push(event), end: () => {} }] });
  const told = only(events, "partition.reading").filter(({ t }) => t > 120 * SECOND);
  const times = new Map<string, number>();
  for (const { t, reading } of told) {
    const what = `${reading ? "reads" : "stops"} at ${(t - 120 * SECOND) / 1000} ms`;
    times.set(what, (times.get(what) ?? 0) + 1);
  }
  expect(Object.fromEntries(times)).toEqual({
    "stops at 26 ms": 30,
    "reads at 126 ms": 1,
    "reads at 156 ms": 7,
    "reads at 160 ms": 23,
  });
});
