import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { eventsOf, first, only } from "../support/runs.ts";

/*
 * Applications that stand still in the midst of a batch or of a commit: when they poll next, and from when on
 * max.poll.interval.ms is counted.
 */

describe("an application whose records take 10 ms each, stopped in the midst of a batch of 500", () => {
  /** Batch follows batch, as more comes than it can do; at 60 s something keeps it for 10 s. */
  const run = (event: string) => {
    const events = eventsOf(`
duration: 2m
flow: records
cluster: { brokers: 1, network: { delay: 1ms }, appendDelay: 0ms }
topics: { orders: { partitions: 1, rate: 200/s, arrivals: even, recordSize: 100B } }
groups:
  g:
    topics: [orders]
    config: { session.timeout.ms: 6000, max.poll.interval.ms: 9000 }
    members: { initial: 1, capacity: 100/s, startup: 0s }
events: [{ at: 60s, ${event} }]
`);
    const polled = only(events, "records.polled").filter(({ t }) => t <= 60 * SECOND);
    const began = polled.at(-1)!.t;
    const batch = polled.filter(({ t }) => t === began).reduce((sum, { records }) => sum + records, 0);
    expect(batch).toBe(500);
    const lost = first(events, "partition.owner", ({ how }) => how === "lost");
    return { began: began / SECOND, lost: lost.t / SECOND };
  };

  test("polls when the rest is done, after it was frozen past its session", () => {
    const { began, lost } = run("freeze: g-1, for: 10s");
    expect(lost).toBeCloseTo(began + 5 + 10, 6);
  });

  test("and when the batch that takes longer is over, after that has outlasted its poll interval", () => {
    expect(run("pause: g-1, lasts: 10s").lost).toBeCloseTo(60 + 10, 6);
  });
});

test("who comes out of a long batch into a commit that waits has not polled since before that batch", () => {
  // Nothing is written after 55 s, so it is inside poll() until 60 s. Stuck until 80 s, it commits, but the coordinator is
  // out of reach: at 90 s it has not polled for 30 s.
  const events = eventsOf(`
duration: 4m
cluster: { brokers: 3, network: { delay: 1ms }, appendDelay: 0ms, config: { group.coordinator.append.linger.ms: 0 } }
topics: { orders: { partitions: 1, rate: [{ at: 0s, rate: 100/s }, { at: 55s, rate: 0/s }], replicationFactor: 1 } }
groups:
  g:
    topics: [orders]
    config: { max.poll.interval.ms: 30000 }
    members: { initial: 1, capacity: 1000/s, startup: 0s, commit: sync }
events:
  - { at: 60s, pause: g-1, lasts: 20s }
  - { at: 70s, cut: { from: { group: g }, to: { broker: coordinator of g } }, for: 50s }
`);
  const left = first(events, "client.state", ({ reason }) => reason === "poll-interval-exceeded");
  expect(left.t).toBe(90 * SECOND);
});

test("two long batches that end together are told to be over once", () => {
  const events = eventsOf(`
duration: 1m
cluster: { brokers: 1 }
topics: { orders: { partitions: 1, rate: 100/s } }
groups: { g: { topics: [orders], members: { initial: 1, capacity: 1000/s, startup: 0s } } }
events: [{ at: 20s, pause: g-1, lasts: 10s }, { at: 22s, pause: g-1, lasts: 8s }]
`);
  expect(only(events, "client.busy").map(({ t, busy }) => [t / SECOND, busy])).toEqual([
    [20, true],
    [22, true],
    [30, false],
  ]);
});

test("a kafkajs consumer that comes out of a commit sends heartbeats between the records of the batch", () => {
  // It commits before it processes: its coordinator is out of reach from 60 s to 65 s, and so it is held up for some time.
  // The batch that follows takes 40 s, longer than its session of 30 s.
  const events = eventsOf(`
duration: 3m
cluster: { brokers: 3, network: { delay: 1ms }, appendDelay: 0ms, config: { group.coordinator.append.linger.ms: 0 } }
topics: { orders: { partitions: 1, rate: 100/s, replicationFactor: 1 } }
groups:
  g:
    topics: [orders]
    clientProfile: kafkajs
    members: { initial: 1, capacity: 1000/s, startup: 0s, commit: before-processing, batch: 40s }
events: [{ at: 42s, cut: { from: { group: g }, to: { broker: coordinator of g } }, for: 10s }]
`);
  expect(
    only(events, "client.committing")
      .map(({ committing }) => committing)
      .slice(0, 2),
  ).toEqual([true, false]);
  expect(only(events, "group.member").filter(({ change }) => change === "removed")).toEqual([]);
});
