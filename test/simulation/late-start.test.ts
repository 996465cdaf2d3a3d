import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { bothModes } from "../support/both-modes.ts";
import { eventsOf, first, only } from "../support/runs.ts";

/*
 * g-2 joins at 30 s and is given orders-1, where 100 records a second come in. What the coordinator answers takes 4.5 s to it, its
 * OffsetFetch 4 s to the coordinator, and what it sends after that 15 s. So when the coordinator has not heard of it for 6 s, it
 * gives orders-1 to g-1, which has caught up within two seconds; and only then g-2 is told where to begin: at what g-1 had
 * committed when it gave that partition up. In the classic protocol no coordinator refuses that request (Kafka:
 * `OffsetMetadataManager.fetchOffsets`, `ClassicGroup.validateOffsetFetch`), and the member does not know before a heartbeat or a
 * commit is answered.
 */
const scenario = (flow: string, commit: string): string => {
  const given = 30_600 + (commit === "auto" ? 100 : 0); // ms: when members hear of it, as g-1 waits for its last commit first
  const [from, to] = ["{ broker: coordinator of g }", "{ client: g-2 }"];
  return `
duration: 90s
flow: ${flow}
cluster: { brokers: 3, network: { delay: 50ms }, appendDelay: 0ms, config: { group.coordinator.append.linger.ms: 0 } }
topics: { orders: { partitions: 2, rate: 200/s, replicationFactor: 1${flow === "records" ? ", arrivals: even" : ""} } }
groups:
  g:
    config:
      session.timeout.ms: 6000
      heartbeat.interval.ms: 1000
      auto.commit.interval.ms: 1000
      partition.assignment.strategy: [range]
    members: { initial: 1, capacity: 1000/s, startup: 0s, commit: ${commit} }
events:
  - { at: 30s, join: { group: g, count: 1 } }
  - { at: ${given - 80}ms, slow: { from: ${from}, to: ${to} }, oneWay: true, delay: 4500ms, for: 15s }
  - { at: ${given + 4400}ms, slow: { from: ${to}, to: ${from} }, oneWay: true, delay: 4s, for: 100ms }
  - { at: ${given + 4500}ms, slow: { from: ${to}, to: ${from} }, oneWay: true, delay: 15s, for: 10s }
`;
};

/** Records a second that come into orders-1. */
const RATE = 100;

describe.for(["fluid", "records"])("who is told where to begin when the group has gone on without it (%s)", (flow) => {
  /** What comes in while a Fetch is under way, 50 ms there and back: one by one, nobody gets at a record sooner. */
  const nearly = flow === "records" ? RATE * 0.1 : 1e-3;

  test("reads on its own account, and the group's position stays with whom the partition belongs to", () => {
    const events = eventsOf(scenario(flow, "auto"));
    const given = first(events, "partition.reading", ({ client, t }) => client === "g-1" && t > 40 * SECOND);
    const begins = first(events, "partition.reading", ({ client }) => client === "g-2");
    const hears = first(events, "partition.owner", ({ client, how }) => client === "g-2" && how === "lost");
    expect(begins.t - given.t).toBeGreaterThan(SECOND);
    const stopped = first(events, "partition.reading", ({ client, reading }) => client === "g-1" && !reading);
    const again = only(events, "records.reread");
    expect(again.map(({ client, partitions, aside }) => ({ client, partitions, aside }))).toEqual(
      again.map(() => ({ client: "g-2", partitions: [1], aside: true })),
    );
    const records = again.reduce((sum, one) => sum + (one.records as number), 0);
    expect(Math.abs(records - (RATE * (hears.t - stopped.t)) / SECOND)).toBeLessThanOrEqual(nearly);
    expect(only(events, "records.lost")).toEqual([]);
  });

  test("processes nothing if it has to commit that before", () => {
    const events = eventsOf(scenario(flow, "before-processing"));
    expect(only(events, "partition.reading").map(({ client }) => client)).toContain("g-2");
    expect(only(events, "records.reread")).toEqual([]);
    expect(only(events, "records.lost")).toEqual([]);
  });

  test("does so whether heartbeats are simulated or worked out", () => {
    const { elided, explicit } = bothModes(scenario(flow, "auto"), "1");
    expect(elided).toEqual(explicit);
  });
});
