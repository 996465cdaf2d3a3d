/** What an admin client is told of a group's offsets when something has become of its topics. */
import { expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate, type RunResult } from "../../sim/simulation/simulate.ts";
import { eventsOf, only } from "../support/runs.ts";

/** A run up to some seconds. */
function until(yaml: string, seconds: number, heartbeats: "elided" | "explicit" = "elided"): RunResult {
  const { scenario } = parseScenario(yaml, { file: "test.yaml" });
  return simulate(scenario, { seed: "1", until: seconds * SECOND, heartbeats });
}

test("a partition that nobody leads has no end", () => {
  const yaml = `
duration: 2m
topics: { orders: { partitions: 3, replicationFactor: 1, rate: 30/s } }
groups: { billing: { members: 1 } }
events:
  - { at: 30s, crash: { broker: 2 } }`;
  // until it is given up, 7 s later at the earliest, the brokers name the dead one
  const [first, second] = until(yaml, 33).ends("billing").orders;
  expect([first, second]).toEqual([expect.closeTo(330, 6), expect.closeTo(300, 6)]);
  expect(until(yaml, 60).ends("billing").orders[1]).toBeNull();
  expect(until(yaml, 60).ends("billing").orders[2]).toBeCloseTo(600, 6);
});

// GroupCoordinatorService.onPartitionsDeleted; the brokers hear of it 100 ms later
test.each(["elided", "explicit"] as const)("what was committed of a topic is deleted with it, %s", (heartbeats) => {
  const yaml = `
duration: 5m
cluster: { metadataPropagation: 100ms }
topics: { orders: { partitions: 1, rate: 30/s }, returns: { partitions: 2, rate: 30/s } }
groups: { billing: { members: 2 } }
events:
  - { at: 60s, delete: returns }`;
  const topics = (seconds: number) => Object.keys(until(yaml, seconds, heartbeats).committed("billing")!).sort();
  expect(topics(60.05)).toEqual(["orders", "returns"]);
  expect(topics(60.15)).toEqual(["orders"]);
  // its members commit on, and know for a while no better than to name it
  expect(topics(90)).toEqual(["orders"]);
});

test("a group that has committed nothing but of a deleted topic is gone with the next look for old offsets", () => {
  const yaml = `
duration: 20m
cluster: { config: { offsets.retention.check.interval.ms: 60000 } }
topics: { orders: { partitions: 1, rate: 30/s }, returns: { partitions: 2, rate: 30/s } }
groups: { audit: { topics: [returns], members: 1 }, billing: { topics: [orders], members: 1 } }
events:
  - { at: 30s, leave: audit-1 }
  - { at: 40s, delete: returns }`;
  expect(until(yaml, 35).committed("audit")).toHaveProperty("returns");
  expect(until(yaml, 45).committed("audit")).toEqual({});
  // looks are 60 s apart, counted from the beginning
  const removed = only(eventsOf(yaml), "group.state").filter(({ reason }) => reason === "removed");
  expect(removed).toMatchObject([{ group: "audit", t: 60 * SECOND, from: "Empty" }]);
});
