import { describe, expect, test } from "vitest";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { records } from "../../sim/trace/readings/records.ts";
import { eventsOf } from "../support/runs.ts";

/*
 * Commits that were acknowledged are gone when a copy of `__consumer_offsets` leads that did not have them
 * (unclean.leader.election.enable). What is read again for that is what lies between the commit that was lost and the one
 * that is left; all else has the causes that it would have had without.
 */

interface Variant {
  readonly commit: string;
  readonly flow: string;
  readonly capacity?: number;
  readonly committed?: "start" | "none";
  readonly events?: readonly string[];
  readonly duration?: string;
}

/** Broker 2, the only other one with a copy of what the coordinator of i, broker 3, writes, misses what is written from then on. */
const missesAllSince = (at: string): string => `{ at: ${at}, restart: { broker: 2 }, downtime: 30s }`;

/**
 * 50/s come into each of two partitions, which broker 1 leads. A fetch brings 1,000 records, a batch 125 of them. i-1, which
 * reads orders, and the coordinator die together.
 */
function run({
  commit,
  flow,
  capacity = 1000,
  committed = "start",
  events = [],
  duration = "310s",
}: Variant): readonly TraceEvent[] {
  return eventsOf(`
duration: ${duration}
flow: ${flow}
cluster:
  brokers: 3
  network: { delay: 1ms }
  appendDelay: 0ms
  catchUp: 10m
  config:
    group.coordinator.append.linger.ms: 0
    offsets.topic.replication.factor: 2
    unclean.leader.election.enable: true
topics:
  orders: { partitions: 1, rate: 50/s, recordSize: 1048B, arrivals: even, replicationFactor: 1 }
  returns: { partitions: 1, rate: 50/s, recordSize: 1048B, arrivals: even, replicationFactor: 1 }
groups:
  i:
    topics: [orders, returns]
    committed: ${committed}
    config: { max.poll.records: 125, partition.assignment.strategy: [roundrobin], auto.offset.reset: earliest }
    members: { initial: 2, capacity: ${capacity}/s, startup: 0s, commit: ${commit} }
events: [${[...events, "{ at: 4m, crash: { broker: 3 } }", "{ at: 4m, crash: i-1 }"].join(", ")}]
`);
}

interface Fate {
  readonly what: "reread" | "lost";
  readonly topic: string;
  readonly from: number;
  readonly to: number;
  readonly inHand: number;
  readonly reason: string;
}

/** What is read again and lost, to the thousandth. */
function fates(events: readonly TraceEvent[]): readonly Fate[] {
  const found: Fate[] = [];
  const rounded = (offset: number): number => Math.round(offset * 1000) / 1000;
  const fold = records({
    reread: ({ topic, from, records, inHand, reason }) => {
      const span = { from: rounded(from), to: rounded(from + records), inHand: rounded(inHand) };
      found.push({ what: "reread", topic, ...span, reason });
    },
    lost: ({ topic, from, records, reason }) => {
      found.push({ what: "lost", topic, from: rounded(from), to: rounded(from + records), inHand: 0, reason });
    },
  });
  for (const event of events) fold.see(event);
  return found;
}

describe.each(["fluid", "records"])("flow: %s", (flow) => {
  test("commits every 5 s: what was committed in two minutes is read again for that, and the rest as with a clean leader", () => {
    const clean = fates(run({ commit: "auto", flow }));
    expect(clean).toMatchObject([{ what: "reread", topic: "orders", reason: "crash" }]);
    const [{ from: committed, to: reached }] = clean;
    expect(reached - committed).toBeLessThanOrEqual(5 * 50);
    const unclean = fates(run({ commit: "auto", flow, events: [missesAllSince("2m")] }));
    const lost = { what: "reread", topic: "orders", from: committed - 120 * 50, to: committed, inHand: 0 };
    // i-2 lives, and commits again further on: of returns nothing is read again.
    expect(unclean).toEqual([{ ...lost, reason: "commit-lost" }, ...clean]);
  });

  test("at least once, batch by batch: what the dead had in hand is the crash's, what was committed is not", () => {
    const clean = fates(run({ commit: "sync", flow, capacity: 25 }));
    expect(clean).toMatchObject([{ what: "reread", topic: "orders", reason: "crash" }]);
    const [{ from: committed, to: handedOut, inHand }] = clean;
    expect(inHand).toBeGreaterThan(0);
    expect(handedOut).toBe(committed + 125);
    const unclean = fates(run({ commit: "sync", flow, capacity: 25, events: [missesAllSince("2m")] }));
    // 25/s in batches of 125: two minutes are 24 of them.
    const lost = { what: "reread", topic: "orders", from: committed - 24 * 125, to: committed, inHand: 0 };
    expect(unclean).toEqual([{ ...lost, reason: "commit-lost" }, ...clean]);
  });

  test("at most once: what would have been lost, as it was committed and never processed, is read with all before", () => {
    const commit = "before-processing";
    const clean = fates(run({ commit, flow, capacity: 25 }));
    expect(clean).toMatchObject([{ what: "lost", topic: "orders", reason: "committed-ahead" }]);
    const [{ from: processed, to: committed }] = clean;
    const unclean = fates(run({ commit, flow, capacity: 25, events: [missesAllSince("2m")] }));
    const span = {
      from: committed - 24 * 125,
      to: committed,
      inHand: Math.round((committed - processed) * 1000) / 1000,
    };
    expect(unclean).toEqual([{ what: "reread", topic: "orders", ...span, reason: "commit-lost" }]);
  });

  test("where nothing is left that was committed, it is what lies between that and where the reset policy leads", () => {
    const clean = fates(run({ commit: "auto", flow, committed: "none" }));
    const unclean = fates(run({ commit: "auto", flow, committed: "none", events: [missesAllSince("100ms")] }));
    const [{ from: committed }] = clean;
    const lost = unclean.filter(({ reason }) => reason === "commit-lost");
    // Both are asked for: the new coordinator does not know i-2 either, and throws it out.
    expect(lost.map(({ topic, from, to }) => ({ topic, from, to }))).toEqual([
      { topic: "orders", from: 0, to: committed },
      { topic: "returns", from: 0, to: committed },
    ]);
    const rest = unclean.filter(({ reason }) => reason !== "commit-lost");
    expect(rest).toEqual([
      ...clean,
      expect.objectContaining({ topic: "returns", from: committed, reason: "expelled" }),
    ]);
  });

  test("who dies after it has committed again reads nothing twice for what was lost before", () => {
    const events = [missesAllSince("2m"), "{ at: 6m, crash: i-2 }", "{ at: 6m, join: { group: i, count: 1 } }"];
    const again = fates(run({ commit: "auto", flow, events, duration: "8m" }));
    const late = again.filter(({ topic }) => topic === "returns");
    expect(late).toMatchObject([{ reason: "crash" }]);
    expect(late[0].to - late[0].from).toBeLessThanOrEqual(5 * 50);
    expect(again.filter(({ reason }) => reason === "commit-lost")).toHaveLength(1);
  });
});
