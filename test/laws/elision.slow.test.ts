import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { parseScenario, simulate, traceWriter } from "../../sim/index.ts";
import type { Scenario } from "../../sim/scenario/scenario.ts";
import { LinesDigest } from "../support/lines-digest.ts";
import { STORMY } from "../support/stormy.ts";
import { scenario as storm } from "./books.ts";

const SCENARIOS = new URL("../../scenarios/", import.meta.url);

/** What a run of this scenario comes to, in either mode. */
const inBothModes = (scenario: Scenario, seed = "every scenario") =>
  (["elided", "explicit"] as const).map((heartbeats) => {
    const lines = new LinesDigest();
    const writer = traceWriter((line) => lines.add(line));
    simulate(scenario, { seed, heartbeats, to: [writer] });
    return { ...lines.result(), footer: writer.footer() };
  });

test.for(readdirSync(SCENARIOS).filter((name) => name.endsWith(".yaml")))(
  "V28: %s is the same with heartbeats worked out and with every one simulated",
  (name) => {
    const { scenario } = parseScenario(readFileSync(new URL(name, SCENARIOS), "utf8"), { file: name });
    const [elided, explicit] = inBothModes(scenario);
    // consumers of the ZooKeeper era send none
    if (scenario.groups.some(({ clientProfile }) => clientProfile !== "zookeeper")) {
      expect(explicit.heartbeats).toBeGreaterThan(0);
    }
    expect(elided).toEqual({ ...explicit, heartbeats: 0 });
  },
);

test.for(Array.from({ length: 8 }, (_, index) => `elision ${4 + index}`))(
  "V28: so is a stormy run, seed %s",
  (seed) => {
    const [elided, explicit] = inBothModes(parseScenario(STORMY, { file: "stormy.yaml" }).scenario, seed);
    expect(explicit.heartbeats).toBeGreaterThan(1000);
    expect(elided).toEqual({ ...explicit, heartbeats: 0 });
  },
);

test("V28: so is any storm in which applications wait for their commits", () => {
  const waiting = storm.map((file) => {
    const groups = Object.entries(file.groups as Record<string, { readonly members: object }>);
    const commits = { g: "sync", h: "before-processing" } as Readonly<Record<string, string>>;
    const changed = groups.map(([id, group]) => [id, { ...group, members: { ...group.members, commit: commits[id] } }]);
    return { ...file, flow: "fluid", groups: Object.fromEntries(changed) };
  });
  const same = fc.property(waiting, (file) => {
    const yaml = stringify(file);
    const [elided, explicit] = inBothModes(parseScenario(yaml, { file: "storm.yaml" }).scenario);
    expect(elided, yaml).toEqual({ ...explicit, heartbeats: 0 });
  });
  fc.assert(same, { seed: 7, numRuns: 20, endOnFailure: true });
});
