import { expect, test } from "vitest";
import { clientMetrics } from "../../sim/metrics/client-metrics.ts";
import { eventsOf } from "../support/runs.ts";
import { headerOf } from "../support/events.ts";

/*
 * O29 of spec/offsets-and-lag.md: one dynamic consumer joins an empty group; round trips take 10 ms and the initial delay
 * is 3 s. Its first JoinGroup is answered MEMBER_ID_REQUIRED after 10 ms; the second one waits for the initial delay;
 * then comes SyncGroup, whose record takes 2 ms to be committed.
 */
test("O29: a joiner's metrics: the barrier is join time, the id round trip is a failed rebalance", () => {
  const metrics = clientMetrics();
  metrics.begin!(headerOf());
  const events = eventsOf(`
duration: 60s
cluster:
  brokers: 1
  network: { delay: 5ms }
  appendDelay: 2ms
  config: { group.coordinator.append.linger.ms: 0 }
topics: { orders: { partitions: 2, rate: 0/s } }
groups:
  g: { topics: [orders], assignmentCost: none, members: { initial: 1, capacity: 1000/s } }
`);
  for (const event of events) metrics.see(event);
  metrics.end(60_000_000);
  const [client] = metrics.result();
  expect(client).toMatchObject({
    client: "g-1",
    "assigned-partitions": 2,
    "join-total": 1,
    "join-time-avg": 3010,
    "join-time-max": 3010,
    "sync-total": 1,
    "sync-time-avg": 12,
    "rebalance-total": 1,
    "rebalance-latency-avg": 10 + 3010 + 12,
    "rebalance-rate-per-hour": 60,
    "failed-rebalance-total": 1,
    "last-rebalance-seconds-ago": 56,
  });
});

test("a commit takes its way there, the append to the log, and its way back", () => {
  const metrics = clientMetrics();
  metrics.begin!(headerOf());
  const events = eventsOf(`
duration: 60s
cluster:
  brokers: 1
  network: { delay: 5ms }
  appendDelay: 2ms
  config: { group.coordinator.append.linger.ms: 0 }
topics: { orders: { partitions: 2, rate: 100/s } }
groups:
  g: { topics: [orders], assignmentCost: none, members: { initial: 1, capacity: 1000/s } }
events: [{ at: 30s, leave: g-1 }]
`);
  for (const event of events) metrics.see(event);
  metrics.end(60_000_000);
  // The last one is made by close(), and so is told as an event of its own.
  expect(metrics.result()[0]).toMatchObject({ "commit-latency-avg": 12, "commit-latency-max": 12 });
});
