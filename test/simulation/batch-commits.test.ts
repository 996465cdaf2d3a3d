import { expect, test } from "vitest";
import { eventsOf, only } from "../support/runs.ts";

test.for(["sync", "async", "before-processing"])(
  "an application that commits each batch does so once a batch: %s",
  (commit) => {
    const events = eventsOf(`
duration: 60s
cluster: { brokers: 1, network: { delay: 1ms }, appendDelay: 0ms }
topics: { orders: { partitions: 1, rate: 100/s } }
groups:
  g:
    topics: [orders]
    members: { initial: 1, capacity: 1000/s, startup: 0s, commit: ${commit}, batch: 200ms }
    config: { partition.assignment.strategy: [range] }
`);
    const begun = only(events, "partition.reading")[0].t;
    // One when it begins, and one every 200 ms until the run is over; the last but a moment before.
    const commits = 1 + Math.floor((60_000_000 - begun) / 200_000);
    expect(only(events, "broker.served").map(({ requests }) => requests.OffsetCommit)).toEqual([commits]);
  },
);

test("what an application commits without waiting is not kept while too few copies of the log are complete", () => {
  // All three copies have to be complete. A follower dies at 60 s: what is committed then waits for it, and is refused 9 s
  // later, when the controller takes that copy out of the set; so is all that is committed after. When the application
  // dies at 120 s, the 6000 records that it has read since 60 s are read again: by its successor, once the follower is back.
  const events = eventsOf(`
duration: 4m
cluster:
  brokers: 4
  network: { delay: 1ms }
  appendDelay: 0ms
  metadataPropagation: 0ms
  config: { min.insync.replicas: 3, group.coordinator.append.linger.ms: 0 }
topics: { orders: { partitions: 1, rate: 100/s, replicationFactor: 1 } }
groups:
  g:
    topics: [orders]
    config: { session.timeout.ms: 10000 }
    members: { initial: 1, capacity: 1000/s, startup: 0s, commit: async, replaceAfter: 1s }
events:
  - { at: 60s, crash: { broker: 2 } }
  - { at: 120s, crash: g-1 }
  - { at: 150s, restart: { broker: 2 }, downtime: 1s }
`);
  const again = only(events, "records.reread");
  expect(again).toMatchObject([{ client: "g-2", reason: "crash", from: 6000, inHand: 0 }]);
  expect(Number(again[0].records)).toBeCloseTo(6000, 4);
});
