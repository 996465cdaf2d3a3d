import { expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { eventsOf, first, only } from "../support/runs.ts";
import { bothModes } from "../support/both-modes.ts";

/** Worlds that once went wrong. */
test("static members that crash and are replaced within a generation keep the laws", () => {
  const events = eventsOf(`
duration: 5m
topics: { orders: 6 }
groups:
  g:
    topics: [orders]
    members: { initial: 3, static: true, replaceAfter: 10s, startup: 5s }
    config: { partition.assignment.strategy: [range] }
events: [{ at: 60s, crash: g-1 }]
`);
  const successor = first(events, "partition.owner", ({ client, how }) => client === "g-4" && how === "assigned");
  expect(successor.generation).toBe(1);
});

test("two pauses in a row outrun the poll interval from the last poll on", () => {
  const events = eventsOf(`
duration: 12m
cluster: { brokers: 1, network: { delay: 1ms } }
topics: { orders: 6 }
groups:
  g: { topics: [orders], members: 2, config: { partition.assignment.strategy: [range] } }
events:
  - { at: 120s, pause: g-1, lasts: 200s }
  - { at: 270s, pause: g-1, lasts: 200s }
`);
  const left = only(events, "request.sent").filter(({ api }) => api === "LeaveGroup");
  expect(left.map(({ t }) => t)).toEqual([420 * SECOND]);
});

// Kafka: `ClusterControlManager.registerBroker` refuses another process while the former one's session is valid.
test("a broker that came back too soon is not registered before its former life's session is over, and is fenced once", () => {
  const events = eventsOf(`
duration: 3m
cluster: { brokers: 3, brokerVersion: "3.9" }
topics: { orders: 6 }
groups:
  g: { topics: [orders], members: 2, config: { partition.assignment.strategy: [range] } }
events:
  - { at: 60s, crash: { broker: 1 } }
  - { at: 60s, restart: { broker: 1 }, downtime: 3s }
  - { at: 64s, crash: { broker: 1 } }
`);
  const fenced = only(events, "broker.state").filter(({ to }) => to === "Fenced");
  expect(fenced).toHaveLength(1);
  // 9 s after the former life's last heartbeat, at most 2 s before its crash; the second life was never registered.
  expect(fenced[0].t).toBeGreaterThanOrEqual(67 * SECOND);
  expect(fenced[0].t).toBeLessThanOrEqual(69 * SECOND);
});

test("V28: … where everything of an instant happens without any delay at all", () => {
  for (const seed of ["1", "2", "33"]) {
    const yaml = `
duration: 10m
cluster: { brokers: 3, network: { delay: 0s }, appendDelay: 0s, metadataPropagation: 0s, config: { group.coordinator.append.linger.ms: 0 } }
topics: { orders: { partitions: 12, rate: 600/s } }
groups:
  g: { topics: [orders], members: { initial: 5, startup: 0s, capacity: 400/s }, config: { session.timeout.ms: 10000, partition.assignment.strategy: [range] } }
events:
  - { at: 60s, leave: g-1 }
  - { at: 90s, crash: g-2 }
  - { at: 120s, restart: { broker: coordinator of g }, downtime: 9s }
  - { at: 150s, join: g }
  - { at: 180s, crash: { broker: coordinator of g } }
  - { at: 300s, roll: g }
`;
    const { elided, explicit } = bothModes(yaml, seed);
    expect(elided).toEqual(explicit);
  }
});

test("what a script cannot do is told as nothing", () => {
  const events = eventsOf(`
duration: 3m
cluster: { brokers: 3 }
topics: { orders: 6 }
groups:
  g: { topics: [orders], members: 2, config: { partition.assignment.strategy: [range] } }
events:
  - { at: 60s, crash: { broker: 1 } }
  - { at: 61s, crash: { broker: 1 } }
  - { at: 70s, crash: g-1 }
  - { at: 71s, pause: g-1, lasts: 5s }
`);
  expect(only(events, "scenario.event").map(({ what }) => what)).toEqual([
    "crash-broker",
    "nothing",
    "crash",
    "nothing",
  ]);
});

// 4 members, a partition each, commit 5 batches a second: the first from 0 s on, two from 5 s on, when they are granted
// theirs. The last one is cut off from its leader, and TCP's repetitions come through at 1 + 0.2 · (2⁷ − 1) = 26.4 s. Of what
// waited retention has left nothing by then: it is caught up at once, and goes on as the others do.
test("who gets at its partition again commits its batches again, though nothing waits for it", () => {
  const yaml = `
duration: 60s
cluster:
  brokers: 3
  brokerVersion: "4.0"
  config: { log.retention.check.interval.ms: 10000 }
  network: { delay: 1ms }
topics:
  orders: { partitions: 4, rate: 600/s, config: { retention.bytes: 300000, segment.bytes: 60000 } }
groups:
  g:
    topics: [orders]
    config: { group.protocol: consumer, enable.auto.commit: false }
    members: { initial: 4, capacity: 400/s, startup: 0ms, batch: 200ms }
events:
  - { at: 1s, cut: { from: { client: g-2 }, to: { broker: 3 } }, for: 13s }
`;
  const { elided, explicit } = bothModes(yaml, "1");
  expect(elided).toEqual(explicit);
  const commits = elided.reduce((sum, line) => sum + Number(/"OffsetCommit":(\d+)/.exec(line)?.[1] ?? 0), 0);
  expect(Math.abs(commits - 5 * (60 + 2 * 55 + 33.6))).toBeLessThan(4);
});
