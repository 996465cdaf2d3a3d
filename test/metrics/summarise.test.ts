import { describe, expect, test } from "vitest";
import { measured } from "../../sim/metrics/expectations.ts";
import { summarise, type SummaryOptions } from "../../sim/metrics/summarise.ts";
import { mean, quantile } from "../../sim/metrics/occupancy.ts";
import { fingerprinting } from "../../sim/trace/ndjson.ts";
import type { TraceHeader } from "../../sim/trace/event.ts";
import { epoch, joinComplete, member, process, reads, state, stops, Story, target } from "../support/events.ts";

const s = 1_000_000;

function summaryOf(story: Story, end: number, header: Partial<TraceHeader> = {}, options: SummaryOptions = {}) {
  const fold = summarise(options);
  story.tell(fold, end, { until: end * s, ...header });
  return fold.result();
}

const ONE = { topics: [{ name: "orders", partitions: 1 }] };
const line = (partition: number, lag: number, inflow: number, out: number) => ({
  group: "g",
  topic: "orders",
  partitions: [partition],
  lag,
  in: inflow,
  out,
});

/** V15: unread for U = 50 s at a = 100/s, then read at c = 300/s. */
function v15(): Story {
  const story = new Story();
  story.lag(0, line(0, 0, 100, 100));
  story.lag(10, line(0, 0, 100, 0));
  story.lag(60, line(0, 5000, 100, 300));
  story.lag(85, line(0, 0, 100, 100));
  return story;
}

describe("V15: a partition unread for U seconds, then capacity c > a", () => {
  const { lag, timeLag, produced, consumed, overload } = summaryOf(v15(), 100, ONE).groups[0];

  test("peaks at aU when reading resumes, has the area ½ a U² c / (c − a), and is gone in the end", () => {
    expect(lag.peak).toEqual({ records: 5000, at: 60 * s });
    expect(lag.worst).toEqual({ topic: "orders", partition: 0, records: 5000, at: 60 * s });
    expect(lag.area).toBe((0.5 * 100 * 50 * 50 * 300) / 200);
    expect(lag.final).toBe(0);
  });

  test("V18: its time lag peaks at U at that same instant", () => {
    expect(timeLag.peak).toEqual({ topic: "orders", partition: 0, age: 50 * s, at: 60 * s });
    expect(timeLag.final).toBe(0);
  });

  test("is at any level as long as its two straight lines are", () => {
    // Above x: (5000 − x) / 100 s rising and (5000 − x) / 200 s falling, of 100 s.
    for (const x of [500, 2500, 4500]) {
      const above = (5000 - x) / 100 + (5000 - x) / 200;
      expect(quantile(lag.distribution, 1 - above / 100)).toBeCloseTo(x, 0);
    }
    expect(mean(lag.distribution)).toBeCloseTo(lag.area / 100, 9);
  });

  test("has everything produced, consumed", () => {
    expect([produced, consumed]).toEqual([10_000, 10_000]);
    expect(overload).toBeNull();
  });
});

describe("V17: more comes in than the members can take", () => {
  const story = new Story();
  for (const [i, client] of ["a", "b"].entries()) {
    story.at(0, process(client, "Absent", "Running"));
    story.at(0, reads(client, 2 * i, 2 * i + 1));
  }
  // a: 2 × 100/s and a capacity of 150/s. b: 2 × 100/s and a capacity of 400/s.
  story.lag(0, { group: "g", topic: "orders", partitions: [0, 1], lag: 0, in: 100, out: 75 });
  story.lag(0, { group: "g", topic: "orders", partitions: [2, 3], lag: 0, in: 100, out: 100 });

  test("the lag grows at Σa − C for ever, and who is overloaded is named", () => {
    const { overload, lag } = summaryOf(story, 100).groups[0];
    expect(overload).toEqual({ clients: ["a"], growth: 50 });
    expect(lag.final).toBe(5000);
  });

  test("a partition without a reader overloads nobody", () => {
    const orphaned = new Story();
    orphaned.events.push(...story.events);
    orphaned.at(50, process("a", "Running", "Crashed"));
    orphaned.lag(50, { group: "g", topic: "orders", partitions: [0, 1], lag: 1250, in: 100, out: 0 });
    expect(summaryOf(orphaned, 100).groups[0].overload).toBeNull();
  });

  test("catching up is not being overloaded", () => {
    const catching = new Story();
    catching.at(0, reads("a", 0, 1));
    // Two backlogged partitions share 300/s equally; the one that gets 200/s grows while the other shrinks.
    catching.lag(0, { group: "g", topic: "orders", partitions: [0, 1], lag: 5000, in: [200, 20], out: [150, 150] });
    expect(summaryOf(catching, 10).groups[0].overload).toBeNull();
  });
});

describe("the warm-up", () => {
  test("is left out of every measure of lag", () => {
    const { lag, timeLag, produced } = summaryOf(v15(), 100, { ...ONE, warmUp: 70 * s }).groups[0];
    expect(lag.peak).toEqual({ records: 3000, at: 70 * s });
    expect(lag.area).toBe((3000 * 15) / 2);
    expect(lag.distribution.weight).toBe(30 * s);
    expect(timeLag.peak).toMatchObject({ age: 30 * s, at: 70 * s });
    expect(timeLag.distribution.weight).toBe(30 * s);
    expect(produced).toBe(3000);
  });

  test("is left out of members and of the time unread, and a rebalance that begins in it does not count", () => {
    const story = new Story();
    story.at(0, process("a", "Absent", "Running"));
    story.at(1, state("Empty", "PreparingRebalance", "first-member", 0, "a"));
    story.at(4, joinComplete(1, 1, 3, "a"));
    story.at(4, state("PreparingRebalance", "CompletingRebalance", "join-complete", 1));
    story.at(14, state("CompletingRebalance", "Stable", "assigned", 1));
    story.at(15, reads("a", 0, 1, 2, 3));
    const { members, rebalances, unread } = summaryOf(story, 30, { warmUp: 10 * s }).groups[0];
    expect(rebalances.count).toBe(0);
    expect(rebalances.share).toBe(4 / 20);
    expect(unread).toEqual({
      partitionSeconds: 4 * 5,
      worst: { topic: "orders", partition: 0, from: 10 * s, to: 15 * s },
    });
    expect(members.alive).toMatchObject({ min: 1, mean: 1, max: 1, values: [1], lengths: [20 * s] });
  });
});

describe("members", () => {
  const story = new Story();
  story.at(0, process("a", "Absent", "Running"));
  story.at(10, process("b", "Absent", "Running"));
  story.at(10, member("b", "added"));
  story.at(15, process("a", "Running", "Crashed"));
  const { members } = summaryOf(story, 40).groups[0];

  test("are counted over time, living ones and those the coordinator knows", () => {
    expect(members.alive).toEqual({
      min: 1,
      mean: (1 * 35 + 2 * 5) / 40,
      max: 2,
      final: 1,
      values: [1, 2],
      lengths: [35 * s, 5 * s],
    });
    expect(members.known).toMatchObject({ min: 0, max: 1, final: 1 });
  });

  test("have a curve of the whole measured time", () => {
    expect(members.curve).toHaveLength(60);
    expect(members.curve.slice(0, 15)).toEqual(Array.from({ length: 15 }, () => 1));
    expect(members.curve.slice(15, 22)).toEqual(Array.from({ length: 7 }, () => 2));
    expect(members.curve.at(-1)).toBe(1);
  });
});

describe("rebalances", () => {
  const story = new Story();
  story.at(0, process("a", "Absent", "Running"));
  story.at(0, reads("a", 0, 1, 2, 3));
  /** One rebalance in which all four partitions are unread, `seconds` long. */
  const rebalance = (at: number, seconds: number, reason = "leader-rejoin") => {
    story.at(at, state("Stable", "PreparingRebalance", reason, 1, "a"));
    story.at(at, stops("a", "revoked", 0, 1, 2, 3));
    story.at(at + seconds / 2, joinComplete(2, 1, seconds / 2, "a"));
    story.at(at + seconds / 2, state("PreparingRebalance", "CompletingRebalance", "join-complete", 2));
    story.at(at + seconds, state("CompletingRebalance", "Stable", "assigned", 2));
    story.at(at + seconds, reads("a", 0, 1, 2, 3));
  };
  for (const [i, seconds] of [4, 1, 3, 2].entries()) rebalance(10 * (i + 1), seconds);
  story.at(55, state("Stable", "PreparingRebalance", "leader-rejoin", 2, "a"));
  const { rebalances, unread } = summaryOf(story, 60, {}, { keep: 2 }).groups[0];

  test("are counted by cause, with their lengths in order", () => {
    expect(rebalances).toMatchObject({ count: 4, unfinished: 1, byCause: { group: 5 }, failedAttempts: 0 });
    expect(rebalances.durations).toEqual([1 * s, 2 * s, 3 * s, 4 * s]);
    expect(rebalances.share).toBe((10 + 5) / 60);
  });

  test("that left most unread are kept, the worst first", () => {
    expect(rebalances.costliest.map(({ from, partitionSecondsUnread }) => [from / s, partitionSecondsUnread])).toEqual([
      [10, 16],
      [30, 12],
    ]);
  });

  test("leave partitions unread for as long as they last", () => {
    expect(unread.partitionSeconds).toBe(4 * 10);
    expect(unread.worst).toMatchObject({ from: 10 * s, to: 14 * s });
  });
});

test("a join phase that begins anew is a failed attempt; a target of the consumer protocol that another follows is none", () => {
  const failed = (story: Story) => summaryOf(story, 60).groups[0].rebalances.failedAttempts;
  const classic = new Story();
  classic.at(10, state("Stable", "PreparingRebalance", "new-member", 1, "b"));
  classic.at(12, state("PreparingRebalance", "CompletingRebalance", "join-complete", 2));
  classic.at(13, state("CompletingRebalance", "PreparingRebalance", "new-member", 2, "c"));
  classic.at(15, state("PreparingRebalance", "CompletingRebalance", "join-complete", 3));
  classic.at(16, state("CompletingRebalance", "Stable", "assigned", 3));
  expect(failed(classic)).toBe(1);
  const consumer = new Story();
  for (const [i, client] of ["b", "c"].entries()) {
    consumer.at(10 + i, epoch(2 + i, "member-joined", client));
    if (i === 0) consumer.at(10, state("Stable", "Assigning", "member-joined", 2, client));
    consumer.at(10 + i, target(client, 2 + i, 2 + i));
  }
  consumer.at(12, state("Assigning", "Reconciling", "assigned", 3, "c"));
  consumer.at(16, state("Reconciling", "Stable", "reconciled", 3, "c"));
  expect(failed(consumer)).toBe(0);
});

describe("times without a coordinator", () => {
  const coordinator = (broker: number, from: string, to: string) =>
    ({ type: "coordinator.state", broker, partition: 9, groups: ["g"], from, to, reason: "x" }) as const;
  const knows = (client: string, broker: number | null) =>
    ({ type: "client.coordinator", client, group: "g", broker, reason: "x" }) as const;
  /** Of the group from 10 to 12 s, 20 to 30 s and 50 to 54 s; a is 1 s and b 3 s later in finding the next one. */
  const story = new Story();
  story.at(0, coordinator(1, "Initial", "Loading"));
  story.at(0, coordinator(1, "Loading", "Active"));
  for (const client of ["a", "b"]) story.at(0, knows(client, 1));
  for (const [from, to] of [
    [10, 12],
    [20, 30],
    [50, 54],
  ]) {
    story.at(from, coordinator(1, "Active", "Closed"));
    for (const client of ["a", "b"]) story.at(from, knows(client, null));
    story.at(to, coordinator(1, "Loading", "Active"));
    story.at(to + 1, knows("a", 1));
    story.at(to + 3, knows("b", 1));
  }
  const summary = summaryOf(story, 60, { warmUp: 15 * s });

  test("are those of the group, and longer ones of its members, after the warm-up", () => {
    expect(summary.groups[0].outages).toEqual({
      coordinator: [4 * s, 10 * s],
      member: [5 * s, 7 * s, 11 * s, 13 * s],
      unfinished: false,
    });
  });

  test.for([
    ["max", "coordinatorOutage", 10],
    ["mean", "coordinatorOutage", 7],
    ["p50", "coordinatorOutage", 4], // the least that half of them do not exceed
    ["p51", "coordinatorOutage", 10],
    ["p25", "memberOutage", 5],
    ["p75", "memberOutage", 11],
    ["p99", "memberOutage", 13],
  ] as const)("can be asked for: %s of %s", ([statistic, quantity, seconds]) => {
    expect(measured(summary.groups[0], quantity, statistic)).toBe(seconds * s);
  });
});

test("the final time lag is that of the partition whose next record is oldest, the final lag that of all", () => {
  const story = new Story();
  story.lag(0, { group: "g", topic: "orders", partitions: [0, 1], lag: 0, in: 10, out: 10 });
  story.lag(40, line(0, 0, 10, 0));
  story.lag(50, line(1, 0, 10, 0));
  const { lag, timeLag } = summaryOf(story, 60, { topics: [{ name: "orders", partitions: 2 }] }).groups[0];
  expect(timeLag.final).toBe(20 * s);
  expect(lag.final).toBe(300);
});

test("what comes in at once is produced, after the warm-up", () => {
  const story = new Story();
  story.lag(5, { ...line(0, 100, 0, 0), arrived: 100 });
  story.lag(20, { ...line(0, 150, 0, 0), arrived: 50 });
  expect(summaryOf(story, 60, { ...ONE, warmUp: 10 * s }).groups[0].produced).toBe(50);
});

test("a level that is kept for half of the time is not exceeded in half of it", () => {
  const story = new Story();
  story.at(0, process("a", "Absent", "Running"));
  story.at(30, process("b", "Absent", "Running"));
  const [group] = summaryOf(story, 60).groups;
  expect(measured(group, "members", "p50")).toBe(1);
  expect(measured(group, "members", "p51")).toBe(2);
});

test("a partition unread for one reason after another is unread for one time", () => {
  const story = new Story();
  story.at(0, reads("a", 0));
  story.at(5, stops("a", "revocation-pending", 0));
  story.at(8, stops("a", "revoked", 0));
  story.at(12, reads("b", 0));
  const { unread } = summaryOf(story, 20, ONE).groups[0];
  expect(unread).toEqual({ partitionSeconds: 7, worst: { topic: "orders", partition: 0, from: 5 * s, to: 12 * s } });
});

test("a summary knows its run, and the fingerprint of whoever took it", () => {
  const story = v15();
  const writer = fingerprinting();
  story.tell(writer, 100, ONE);
  const summary = summaryOf(story, 100, { ...ONE, seed: "7" }, { footer: () => writer.footer() });
  const { count, fingerprint } = writer.footer();
  expect(summary).toMatchObject({ name: "by hand", seed: "7", from: 0, end: 100 * s, events: count, fingerprint });
  expect(summaryOf(story, 100, ONE)).toMatchObject({ events: null, fingerprint: null });
});

test("what brokers served is handed on", () => {
  const story = new Story();
  story.at(60, { type: "broker.served", broker: 1, requests: { Heartbeat: 12, OffsetCommit: 7 }, offsets: 28 });
  expect(summaryOf(story, 60).brokers).toEqual([
    { broker: 1, requests: { Heartbeat: 12, OffsetCommit: 7 }, offsets: 28 },
  ]);
});

test("each group is summed up alone", () => {
  const story = v15();
  const header = { ...ONE, groups: ["g", "h"].map((id) => ({ id, topics: ["orders"] })) };
  const [g, h] = summaryOf(story, 100, header).groups;
  expect(g.lag.peak.records).toBe(5000);
  expect(h.lag.peak.records).toBe(0);
  expect(h.unread.partitionSeconds).toBe(100);
});
