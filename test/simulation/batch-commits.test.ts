import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { fingerprinting } from "../../sim/trace/ndjson.ts";
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

/*
 * One of three copies that all have to be complete is gone from 69 s or so (the controller notices) to 150 s. A commit is
 * refused from then on (NOT_ENOUGH_REPLICAS, of which clients hear COORDINATOR_NOT_AVAILABLE), and with it a consumer gives
 * its coordinator and its connection up, though that is where it was. Kafka: `OffsetCommitResponseHandler`.
 */
describe("commits that nobody waits for, and that are refused", () => {
  const story = (rate: number, protocol = "classic"): string => `
duration: 4m
cluster:
  brokers: 4
  network: { delay: 1ms }
  appendDelay: 0ms
  metadataPropagation: 0ms
  config: { min.insync.replicas: 3, group.coordinator.append.linger.ms: 0 }
topics: { orders: { partitions: 1, rate: ${rate}/s, replicationFactor: 1 } }
groups:
  g:
    topics: [orders]
    config: { group.protocol: ${protocol}, reconnect.backoff.ms: 50, retry.backoff.ms: 100 }
    members: { initial: 1, capacity: 20000/s, startup: 0s, commit: async }
events:
  - { at: 60s, crash: { broker: 2 } }
  - { at: 150s, restart: { broker: 2 }, downtime: 1s }
`;
  const run = (rate: number, protocol?: string): readonly TraceEvent[] => eventsOf(story(rate, protocol));
  const between = (events: readonly TraceEvent[], from: number, to: number) =>
    events.filter(({ t }) => t > from * SECOND && t < to * SECOND);

  test("have it look for the coordinator again and again, and leave its membership alone", () => {
    const events = run(3000);
    const meanwhile = between(events, 70, 150);
    const lost = only(meanwhile, "client.coordinator").filter(({ broker }) => broker === null);
    const found = only(meanwhile, "client.coordinator").filter(({ broker }) => broker !== null);
    // Found at once, the coordinator may not be connected to for 40 ms to 60 ms; so it asks again after 80 ms to 120 ms, and the
    // commit that follows is refused in a round trip. A search takes another.
    expect(lost.length).toBeGreaterThan(80 / (0.12 + 3 * 0.002) - 2);
    expect(lost.length).toBeLessThan(80 / 0.08 + 2);
    for (const { t } of lost.slice(0, -1)) {
      const again = found.find((one) => one.t > t)!.t - t;
      expect(again).toBeGreaterThanOrEqual(0.08 * SECOND);
      expect(again).toBeLessThanOrEqual(0.124 * SECOND);
    }
    expect(only(meanwhile, "client.state")).toEqual([]);
    expect(only(meanwhile, "group.state")).toEqual([]);
    expect(only(between(events, 153, 240), "client.coordinator")).toEqual([]);
  });

  test("are simulated as they are whether heartbeats are worked out or not", () => {
    const { scenario } = parseScenario(story(3000), { file: "test.yaml" });
    const [elided, explicit] = (["elided", "explicit"] as const).map((heartbeats) => {
      const print = fingerprinting();
      simulate(scenario, { seed: "1", heartbeats, to: [print] });
      return print.footer();
    });
    expect(elided).toEqual(explicit);
  });

  test("slow down who gets more than a batch per poll timeout", () => {
    // While it looks for its coordinator it gets 500 records in 100 ms and the 25 ms that they take: 4000/s. In between it reads
    // 20,000/s until the batch in hand is done and its commit refused, 27 ms of 107 ms at most: 8000/s on average.
    const lag = (rate: number, at: number): number => {
      const { t, lag, in: inflow, out } = only(run(rate), "lag").findLast((line) => line.t <= at * SECOND)!;
      return Number(lag) + (Number(inflow) - Number(out)) * (at - t / SECOND);
    };
    expect(lag(3000, 150)).toBe(0);
    expect(lag(10_000, 60)).toBe(0);
    expect(lag(10_000, 150)).toBeGreaterThan(80 * (10_000 - 8000));
    expect(lag(10_000, 150)).toBeLessThan(81 * (10_000 - 4000));
    expect(lag(10_000, 239)).toBe(0);
  });

  test("are no reason for a member of the consumer protocol to leave either", () => {
    const meanwhile = between(run(3000, "consumer"), 70, 150);
    expect(only(meanwhile, "client.coordinator").length).toBeGreaterThan(10);
    expect(only(meanwhile, "group.member")).toEqual([]);
  });
});

/*
 * A broker takes a request from a connection when it has answered the one before, so the JoinGroup of a member, which it
 * sends at the end of a batch, does not overtake the commit of that batch, and who fetches what was committed, fetches that.
 * Batches of 500 records take 3.3 s here, and writing takes up to a second, now a commit longer and now an assignment.
 */
describe("a rebalance alone makes nobody read again what was committed", () => {
  const cases = ["sync", "async"].flatMap((commit) =>
    ["fluid", "records"].flatMap((flow) =>
      ["classic", "consumer"].map((protocol): [string, string, string] => [commit, flow, protocol]),
    ),
  );

  test.each(cases)("commit: %s, flow: %s, group.protocol: %s", (commit, flow, protocol) => {
    const events = eventsOf(`
duration: 50s
flow: ${flow}
cluster: { appendDelay: { uniform: [1ms, 1s] } }
topics: { orders: { partitions: 12, rate: 600/s } }
groups:
  i:
    topics: [orders]
    config: { group.protocol: ${protocol}, auto.offset.reset: earliest }
    members: { initial: 3, capacity: 150/s, commit: ${commit} }
events: [{ at: 20s, join: i }, { at: 32s, join: i }, { at: 44s, leave: i-1 }]
`);
    // (A commit of the consumer protocol may be refused, where a member has not heard of its new epoch.)
    expect(only(events, "records.reread").filter(({ reason }) => reason === "revoked")).toEqual([]);
  });
});
