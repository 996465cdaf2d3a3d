import { describe, expect, test } from "vitest";
import { MILLISECOND, SECOND } from "../../sim/engine/time.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { eventsOf, first, only, scenarioOf } from "../support/runs.ts";

/**
 * Two consumers of the ZooKeeper era on four partitions, 100 records a second each; everything 1 ms away, one broker, and
 * ZooKeeper looks after sessions every millisecond. They connect at 2 ms, so they commit at 60.002, 120.002 … s.
 */
const scenario = (events: string, config = ""): string => `
duration: 3m
cluster:
  brokers: 1
  brokerVersion: "2.8"
  controller: { kind: zookeeper, tick: 1ms }
  network: { delay: 1ms }
topics: { orders: { partitions: 4, rate: 400/s } }
groups:
  billing:
    clientProfile: zookeeper
    config: { auto.commit.interval.ms: 60s${config} }
    members: { initial: 2, capacity: 1000/s }
events:
${events}`;

const at = (seconds: number): number => Math.round(seconds * SECOND);

const sum = (counts: number | readonly number[], partitions: readonly number[]): number =>
  typeof counts === "number" ? counts * partitions.length : counts.reduce((total, count) => total + count, 0);

/** How many records were read again, by what was to blame; those read aside apart. */
function rereads(events: readonly TraceEvent[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { reason, records, partitions, aside } of only(events, "records.reread")) {
    const what = aside ? `${reason} aside` : reason;
    found[what] = (found[what] ?? 0) + sum(records, partitions);
  }
  return found;
}

describe("a consumer that crashes", () => {
  const events = eventsOf(scenario("  - { at: 90s, crash: billing-1 }"));

  test("is missed when its session is over, 6 s after its last ping", () => {
    // Its last request was the second of two writes, which came at 60.005; its pings follow 2 s apart: the last at 88.005.
    const removed = first(events, "group.member", ({ change }) => change === "removed");
    expect(removed.t - at(94.005)).toBeGreaterThanOrEqual(0);
    expect(removed.t - at(94.005)).toBeLessThanOrEqual(1 * MILLISECOND);
    expect(removed.reason).toBe("session-expired");
  });

  test("costs what it has read since its last automatic commit, of its own partitions only", () => {
    // 2 partitions · 100 records/s · (90 s − 60.002 s): the other one commits before it rebalances
    expect(rereads(events)).toEqual({ crash: expect.closeTo(2 * 100 * (90 - 60.002), 3) as number });
    expect(only(events, "records.lost")).toEqual([]);
  });

  test("is where the other one's rebalance comes from", () => {
    const byId = new Map(events.flatMap((event) => ("id" in event ? [[event.id, event] as const] : [])));
    const why: string[] = [];
    const assigned = only(events, "partition.owner").findLast(({ how }) => how === "assigned")!;
    for (let event: TraceEvent | undefined = assigned; event; event = byId.get(event.cause ?? "")) why.push(event.type);
    expect(why).toContain("group.member");
    expect(why.at(-1)).toBe("scenario.event");
  });
});

test("a consumer that closes is missed at once, and nothing is read twice", () => {
  const events = eventsOf(scenario("  - { at: 90s, leave: billing-1 }"));
  // two offsets are written, 4 ms, and the session is closed 1 ms later
  const removed = first(events, "group.member", ({ change }) => change === "removed");
  expect([removed.t, removed.reason]).toEqual([at(90.005), "closed"]);
  expect(rereads(events)).toEqual({});
  expect(only(events, "records.lost")).toEqual([]);
});

describe("a consumer that is stopped for longer than its session", () => {
  // Its last ping is at 88.005, and ZooKeeper ends its session by 94.006; it goes on at 98 s.
  const events = eventsOf(scenario("  - { at: 90s, freeze: billing-1, for: 8s }"));

  test("loses its partitions, registers anew, and everybody rebalances twice or more", () => {
    const registered = only(events, "group.member").filter(({ client }) => client === "billing-1");
    expect(registered.map(({ change }) => change)).toEqual(["added", "removed", "added"]);
    const [, , again] = registered;
    expect(again.t).toBeGreaterThan(at(98));
    expect(again.t).toBeLessThan(at(99.1)); // ZooKeeper's client connects again within a second
    const rebalancesOf = (name: string): number =>
      only(events, "client.state").filter(({ client, to, t }) => client === name && to === "REBALANCING" && t > at(90))
        .length;
    expect(rebalancesOf("billing-2")).toBe(2);
    expect(rebalancesOf("billing-1")).toBe(3);
  });

  test("costs what it has read since its last commit, as a zombie; nothing is lost", () => {
    const { zombie, ...others } = rereads(events);
    expect(zombie).toBeCloseTo(2 * 100 * (90 - 60.002), 3);
    for (const [reason, records] of Object.entries(others))
      expect([reason, records > 0]).toEqual(["zombie aside", true]);
    expect(only(events, "records.lost")).toEqual([]);
  });
});

describe("a consumer that is cut off from ZooKeeper", () => {
  const events = eventsOf(scenario("  - { at: 90s, cut: { from: { client: billing-1 }, to: controller }, for: 20s }"));
  const took = first(
    events,
    "partition.reading",
    ({ client, reading, t }) => client === "billing-2" && reading && t > at(90),
  );
  const noticed = first(events, "partition.reading", ({ reason }) => reason === "lost");

  test("reads on what the other one has taken, since nothing fences it, until it hears that its session is over", () => {
    expect(took.t).toBeLessThan(at(94.1));
    expect(noticed.client).toBe("billing-1");
    expect(noticed.t).toBeGreaterThan(at(110));
    expect(noticed.t).toBeLessThan(at(111.1));
  });

  test("so all that comes in meanwhile is processed twice, beside what it had read since its last commit", () => {
    // The session is over at 94.006 at the latest, when it has read 34 s of its two partitions since it committed.
    const { expelled, "expelled aside": aside } = rereads(events);
    expect(expelled).toBeCloseTo((2 * 100 * (took.t - at(60.002))) / SECOND, 1);
    expect(aside).toBeCloseTo((2 * 100 * (noticed.t - took.t)) / SECOND, 1);
  });
});

test("nothing is committed of a partition whose leader has not yet said where to begin", () => {
  // Broker 2, which alone has orders-1 and orders-3, dies when the group begins; a third consumer lets all the others commit.
  const yaml = scenario("  - { at: 0s, crash: { broker: 2 } }\n  - { at: 60s, join: billing }")
    .replace("brokers: 1", "brokers: 2")
    .replace("rate: 400/s", "rate: 400/s, replicationFactor: 1")
    .replace("members:", "committed: none\n    members:");
  const committed = simulate(scenarioOf(yaml), { seed: "1", until: at(90) }).committed("billing")!;
  expect(Object.keys(committed.orders)).toEqual(["0", "2"]);
});

test("new partitions are noticed at once, by everybody: a watch tells of them, not the age of metadata", () => {
  const events = eventsOf(scenario("  - { at: 90s, grow: orders, to: 8 }"));
  const assigned = only(events, "partition.owner").filter(({ how, t }) => how === "assigned" && t > at(90));
  expect(assigned.map(({ partitions }) => partitions.orders)).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
  ]);
  for (const { t } of assigned) expect(t - at(90)).toBeLessThan(200 * MILLISECOND);
});

test("every change wakes everybody: n members rebalance for each that comes or goes", () => {
  const events = eventsOf(
    scenario("  - { at: 90s, join: billing }\n  - { at: 120s, leave: billing-3 }").replace("initial: 2", "initial: 6"),
  );
  const begun = (from: number, to: number): number =>
    only(events, "client.rejoin").filter(({ t }) => t > at(from) && t < at(to)).length;
  expect(begun(90, 110)).toBe(6); // all but the new one, which rebalances by itself
  expect(begun(120, 150)).toBe(6);
});

test("a new group begins at the end of the logs, or at their beginning if that is what it is to do", () => {
  const lost = (config: string): number => {
    const events = eventsOf(
      scenario("  - { at: 90s, leave: billing-1 }", config).replace("members:", "committed: none\n    members:"),
    );
    return only(events, "records.lost").reduce((total, { records, partitions }) => total + sum(records, partitions), 0);
  };
  expect(lost("")).toBeGreaterThan(0); // what was written before it asked where the logs end
  expect(lost("")).toBeLessThan(400);
  expect(lost(", auto.offset.reset: smallest")).toBe(0);
});
