import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseScenario, simulate, traceWriter } from "../../sim/index.ts";
import { LinesDigest } from "../support/lines-digest.ts";

const SCENARIOS = new URL("../../scenarios/", import.meta.url);

test.for(readdirSync(SCENARIOS).filter((name) => name.endsWith(".yaml")))(
  "V28: %s is the same with heartbeats worked out and with every one simulated",
  (name) => {
    const { scenario } = parseScenario(readFileSync(new URL(name, SCENARIOS), "utf8"), { file: name });
    const [elided, explicit] = (["elided", "explicit"] as const).map((heartbeats) => {
      const lines = new LinesDigest();
      const writer = traceWriter((line) => lines.add(line));
      simulate(scenario, { seed: "every scenario", heartbeats, to: [writer] });
      return { ...lines.result(), footer: writer.footer() };
    });
    expect(explicit.heartbeats).toBeGreaterThan(0);
    expect(elided).toEqual({ ...explicit, heartbeats: 0 });
  },
);
