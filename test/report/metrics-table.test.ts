import { expect, test } from "vitest";
import { metricsTable } from "../../sim/report/metrics-table.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import { owner, process, reads, Story } from "../support/events.ts";

function table(clients: number, width: number): string[] {
  const story = new Story();
  for (let n = 1; n <= clients; n++) story.at(0, process(`g-${n}`, "Absent", "Running"));
  const summary = summarise();
  story.tell(summary, 60);
  return metricsTable(summary.result(), { width }).split("\n");
}

test("one column a consumer, under Kafka's names; what never happened has no value", () => {
  const lines = table(2, 96);
  expect(lines[3]).toMatch(/^g +g-1 +g-2$/);
  expect(lines.find((line) => line.startsWith("assigned-partitions"))).toMatch(/ 0 +0$/);
  expect(lines.find((line) => line.startsWith("rebalance-latency-avg"))).toMatch(/ – +–$/);
  expect(lines.find((line) => line.startsWith("last-rebalance-seconds-ago"))).toMatch(/ -1 +-1$/);
});

test("whose commits of each batch the fluid does not count is told", () => {
  const story = new Story();
  story.at(0, process("g-1", "Absent", "Running"));
  const summary = summarise();
  story.tell(summary, 60);
  const shown = (uncountedCommits: string[]): string =>
    metricsTable({ ...summary.result(), uncountedCommits }, { width: 200 });
  expect(shown([])).not.toContain("commits of each batch");
  expect(shown(["g"]).split("\n")[2]).toBe("commits of each batch are not in it while g keeps up (flow: fluid)");
});

// Kafka: `SubscriptionState.partitionLag`, of the position behind what the poll hands out.
test("that a consumer's own lag is one before a poll hands records out is told of the fluid, and only of it", () => {
  const summary = summarise();
  new Story().tell(summary, 60);
  const shown = (flow: "fluid" | "records"): string[] =>
    metricsTable(summary.result(), { flow, width: 200 }).split("\n");
  const at = (lines: string[]): number => lines.indexOf("consumer-fetch-manager-metrics") + 2;
  const said = "lag of the fluid, before a poll hands records out: Kafka tells up to max.poll.records less";
  const [fluid, records] = [shown("fluid"), shown("records")];
  expect(fluid[at(fluid)]).toBe(said);
  expect(records).not.toContain(said);
});

test("what a consumer of the ZooKeeper era has none of is not a row", () => {
  const story = new Story();
  story.at(0, process("g-1", "Absent", "Running"));
  const moves = { type: "client.state", client: "g-1", group: "g", reason: "x" } as const;
  story.at(1, { ...moves, from: "UNJOINED", to: "REBALANCING" });
  story.at(2, { ...moves, from: "REBALANCING", to: "STABLE" });
  const summary = summarise();
  story.tell(summary, 60);
  const lines = metricsTable(summary.result()).split("\n");
  const coordinator = lines.slice(4, lines.indexOf("consumer-fetch-manager-metrics") - 1);
  expect(coordinator.map((line) => line.split(/ +/))).toEqual([
    ["assigned-partitions", "0"],
    ["rebalance-total", "1"],
    ["rebalance-latency-avg", "1000"],
    ["rebalance-latency-max", "1000"],
    ["rebalance-rate-per-hour", "60.0"],
  ]);
});

test("as many at a time as fit", () => {
  const heads = table(9, 60).filter((line) => line.startsWith("g "));
  expect(heads.length).toBeGreaterThan(1);
  for (const line of table(9, 60)) expect(line.length).toBeLessThanOrEqual(60);
  expect(heads.join(" ").match(/g-\d/g)).toHaveLength(2 * 9); // coordinator metrics, fetch metrics
});

test("consumers' own lag: the ten partitions with most of it, the others counted", () => {
  const story = new Story();
  story.at(0, process("g-1", "Absent", "Running"));
  const partitions = Array.from({ length: 12 }, (_, i) => i);
  story.at(0, owner("g-1", "assigned", 1, ...partitions));
  story.at(0, reads("g-1", ...partitions));
  const lag = partitions.map((partition) => 100 + partition);
  story.lag(0, { group: "g", topic: "orders", partitions, lag, in: 1, out: 1 });
  const summary = summarise();
  story.tell(summary, 60);
  const lines = metricsTable(summary.result()).split("\n");
  expect(lines.find((line) => line.startsWith("records-lag-max"))).toMatch(/ 111$/);
  const rows = lines.filter((line) => line.startsWith("orders-"));
  expect(rows).toHaveLength(10);
  expect(rows[0]).toMatch(/^orders-11 +g-1 +111 +111 +111$/);
  expect(rows[9]).toMatch(/^orders-2 /);
  expect(lines.at(-1)).toMatch(/^and 2 more/);
});
