import { readdirSync, readFileSync } from "node:fs";
import { test } from "vitest";
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
