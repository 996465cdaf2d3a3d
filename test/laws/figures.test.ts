import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseScenario, simulate } from "../../sim/index.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import { expectFiguresToAddUp } from "./figures.ts";

const FOLDER = new URL("../../scenarios/", import.meta.url);
const stories = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));

test.each(stories)("whoever adds up the JSON of %s finds every record", (name) => {
  const { scenario } = parseScenario(readFileSync(new URL(name, FOLDER), "utf8"), { file: name });
  const summary = summarise();
  simulate(scenario, { seed: "1", to: [summary] });
  expectFiguresToAddUp(summary.result(), scenario.flow, name);
});

/* A sixth of 500/s has no end as a decimal: 6 h of 500/s are 10,800,000 records all the same. */
test("rates that are no round numbers add up however long the run is", () => {
  const { scenario } = parseScenario(`
duration: 6h
topics: { orders: { partitions: 6, rate: 500/s } }
groups: { billing: { members: { initial: 1, capacity: 120/s } } }
`);
  const summary = summarise();
  simulate(scenario, { seed: "1", to: [summary] });
  expectFiguresToAddUp(summary.result(), scenario.flow, "a sixth of 500/s");
  expect(summary.result().groups[0].produced).toBeCloseTo(10_800_000, 4);
});
