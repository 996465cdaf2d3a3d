import { expect, test } from "vitest";
import { summarise } from "../../sim/metrics/summarise.ts";
import type { Summary } from "../../sim/metrics/summary.ts";
import { summaryTable } from "../../sim/report/summary-table.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";

function run(members: Readonly<Record<string, string>>, flow = "fluid"): Summary {
  const groups = Object.entries(members).map(([id, of]) => `${id}: { members: { initial: 1, ${of} } }`);
  const { scenario } = parseScenario(`
duration: 30s
flow: ${flow}
cluster: { brokers: 1, network: { delay: 1ms } }
topics: { orders: { partitions: 1, rate: 100/s } }
groups: { ${groups.join(", ")} }
`);
  const summary = summarise();
  simulate(scenario, { seed: "1", to: [summary] });
  return summary.result();
}

const inOneLine = (summary: Summary): string => summaryTable(summary).replaceAll(/\s+/g, " ");

test("the commits of who commits each batch are not counted while the fluid knows no batches, and that is said", () => {
  const summary = run({ auto: "commit: auto", async: "commit: async" });
  expect(summary.uncountedCommits).toEqual(["async"]);
  expect(inOneLine(summary)).toContain("commits of each batch are not in it while async keeps up (flow: fluid)");
  const both = run({ sync: "commit: sync", before: "commit: before-processing" });
  expect(both.uncountedCommits).toEqual(["sync", "before"]);
  expect(inOneLine(both)).toContain("commits of each batch are not in it while 2 groups keep up");
});

test("where a batch has a length, or records are simulated one by one, all are counted", () => {
  const given = run({ async: "commit: async, batch: 200ms" });
  expect(given.uncountedCommits).toEqual([]);
  expect(inOneLine(given)).not.toContain("not in it");
  const single = run({ async: "commit: async" }, "records");
  expect(single.uncountedCommits).toEqual([]);
  expect(single.brokers[0].requests.OffsetCommit).toBeGreaterThan(1000);
});
