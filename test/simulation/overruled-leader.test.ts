import { expect, test } from "vitest";
import { eventsOf, only } from "../support/runs.ts";

test("what a leader of the commits' log writes after an incomplete copy was elected is in no log that counts", () => {
  // Broker 2 grants partitions at 63.551 s, and has not heard that the controller let another lead at 63.517 s, with a copy
  // that knows nothing of what g-1 has given up meanwhile. The new coordinator does not know of the grant, nor of g-2's epochs.
  const events = eventsOf(
    `
duration: 6m
cluster:
  brokers: { count: 3, zones: [a, b, c] }
  controller: { kind: kraft, inBrokers: true }
  config: { unclean.leader.election.enable: true }
  catchUp: { uniform: [1s, 10s] }
  loading: { size: 200MiB }
  network: { delay: 1ms }
topics: { orders: {} }
groups:
  g: { topics: [orders], config: { group.protocol: consumer }, members: { initial: 1 } }
events:
  - { at: 28240ms, join: { group: g, count: 1 } }
  - { at: 63517ms, restart: { controller: active }, downtime: 14621ms }
  - { at: 23272ms, roll: brokers, downtime: 2858ms, pause: 3247ms }
  - { at: 58461ms, restart: { broker: 1 }, downtime: 35362ms }
  - { at: 9212ms, slow: { from: { zone: b } }, delay: 12s, for: 36028ms }
`,
    "storm",
  );
  // The group's invariants hold to the end: no partition is granted twice.
  const elected = only(events, "partition.leader").filter(({ topic }) => topic === "__consumer_offsets");
  expect(elected.length).toBeGreaterThan(0);
});
