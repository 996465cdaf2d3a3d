import { expect, test } from "vitest";
import { SECOND, toSeconds } from "../../sim/engine/time.ts";
import { eventsOf, only } from "../support/runs.ts";

test("V14: a static member that is back within its session costs no rebalance, and only its own partitions wait", () => {
  const events = eventsOf(`
duration: 300s
cluster: { brokers: 1, network: { delay: 1ms } }
topics: { orders: { partitions: 6, rate: 60/s } }
groups:
  g:
    topics: [orders]
    members: { initial: 3, startup: 20s, static: true, capacity: 1000/s }
    config: { session.timeout.ms: 45000, partition.assignment.strategy: [range] }
events:
  - { at: 100s, roll: g }
`);
  const later = events.filter(({ t }) => t > 50 * SECOND);
  expect(only(later, "group.state")).toEqual([]);
  expect(only(later, "group.join-complete")).toEqual([]);
  // Each of the three is replaced: its two partitions are unread for exactly as long as it is away.
  const readings = only(later, "partition.reading");
  for (const stopped of readings.filter(({ reading }) => !reading)) {
    const resumed = readings.find(({ reading, partitions, t }) => {
      return reading && t > stopped.t && JSON.stringify(partitions) === JSON.stringify(stopped.partitions);
    });
    expect(resumed).toBeDefined();
    const away = toSeconds(resumed!.t - stopped.t);
    expect(away).toBeGreaterThan(20);
    expect(away).toBeLessThan(20.1);
  }
  expect(readings.filter(({ reading }) => !reading)).toHaveLength(3);
});
