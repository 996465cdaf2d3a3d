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
