import { describe, expect, test } from "vitest";
import { evaluate, type Hope } from "../../sim/metrics/expectations.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import type { Summary } from "../../sim/metrics/summary.ts";
import { process, reads, state, stops, Story } from "../support/events.ts";

const s = 1_000_000;

/** Two groups: in g a partition is unread from 10 s to 30 s of 100 s; in h nothing happens, with two members. */
function summary(): Summary {
  const story = new Story();
  story.at(0, process("a", "Absent", "Running"));
  story.at(0, reads("a", 0));
  for (const client of ["x", "y"])
    story.at(0, { type: "client.process", client, group: "h", from: "Absent", to: "Running", reason: "starts" });
  story.at(0, {
    type: "partition.reading",
    client: "x",
    group: "h",
    reading: true,
    partitions: { orders: [0] },
    reason: "resumed",
  });
  story.lag(0, { group: "g", topic: "orders", partitions: [0], lag: 0, in: 10, out: 10 });
  story.at(10, state("Stable", "PreparingRebalance", "leader-rejoin", 1, "a"));
  story.at(10, stops("a", "revoked", 0));
  story.lag(10, { group: "g", topic: "orders", partitions: [0], lag: 0, in: 10, out: 0 });
  story.at(30, state("PreparingRebalance", "Stable", "assigned", 2));
  story.at(30, reads("a", 0));
  story.lag(30, { group: "g", topic: "orders", partitions: [0], lag: 200, in: 10, out: 110 });
  story.lag(32, { group: "g", topic: "orders", partitions: [0], lag: 0, in: 10, out: 10 });
  const fold = summarise();
  story.tell(fold, 100, {
    until: 100 * s,
    topics: [{ name: "orders", partitions: 1 }],
    groups: ["g", "h"].map((id) => ({ id, topics: ["orders"] })),
  });
  return fold.result();
}

function hope(
  statistic: string,
  quantity: string,
  comparison: Hope["comparison"],
  bound: number,
  group?: string,
): Hope {
  const text = `${statistic}(${quantity}) ${comparison} ${bound}`;
  return { text, statistic, quantity, comparison, bound, ...(group !== undefined && { group }) };
}

const verdict = (...of: Parameters<typeof hope>) => evaluate([hope(...of)], summary())[0];

describe("a hope of one group", () => {
  test.for([
    ["max", "lag", 200],
    ["final", "lag", 0],
    ["mean", "lag", (200 * 22) / 2 / 100],
    ["max", "timeLag", 20 * s],
    ["mean", "timeLag", (20 * 22 * s) / 2 / 100],
    ["min", "timeLag", 0],
    ["mean", "members", 1],
    ["p50", "members", 1],
    ["value", "rebalances", 1],
    ["max", "rebalanceDuration", 20 * s],
    ["p99.9", "rebalanceDuration", 20 * s],
    ["value", "partitionSecondsUnread", 20],
  ] as const)("%s of %s is measured", ([statistic, quantity, value]) => {
    expect(verdict(statistic, quantity, "==", value, "g")).toMatchObject({
      outcome: "met",
      met: true,
      value,
      group: "g",
    });
    expect(verdict(statistic, quantity, "!=", value, "g")).toMatchObject({ outcome: "unmet", met: false });
  });

  test("a percentile of the lag is within 0.4 % of the truth", () => {
    // Above x for (200 − x) / 10 s rising and (200 − x) / 100 s falling: above 100 for 11 s of 100.
    const { value } = verdict("p89", "lag", "<", 1000, "g");
    expect(value! / 100).toBeGreaterThan(0.996);
    expect(value! / 100).toBeLessThan(1.004);
  });

  test.for([
    ["<", 200, false],
    ["<", 201, true],
    ["<=", 200, true],
    [">", 200, false],
    [">=", 200, true],
  ] as const)("200 %s %i: %s", ([comparison, bound, met]) => {
    expect(verdict("max", "lag", comparison, bound, "g").met).toBe(met);
  });

  test("the longest of no rebalances lasted no time", () => {
    expect(verdict("max", "rebalanceDuration", "<", 1, "h")).toMatchObject({ met: true, value: 0 });
  });
});

describe("a hope of no group in particular", () => {
  test("has to come true in every group; the one that is worst off decides", () => {
    expect(verdict("max", "lag", "<", 100)).toMatchObject({ met: false, value: 200, group: "g" });
    expect(verdict("max", "lag", "<", 300)).toMatchObject({ met: true, value: 200, group: "g" });
    expect(verdict("mean", "members", ">", 1.5)).toMatchObject({ met: false, value: 1, group: "g" });
    expect(verdict("mean", "members", ">", 0.5)).toMatchObject({ met: true, value: 1, group: "g" });
    expect(verdict("value", "rebalances", "==", 0)).toMatchObject({ met: false, value: 1, group: "g" });
  });
});

describe("a total divided by what the run has", () => {
  /** Of 100 s: two deploys after a warm-up of 10 s, and one within it; 30 s unread; two rebalances, one unfinished. */
  const story = new Story();
  story.at(0, process("a", "Absent", "Running"));
  story.at(0, reads("a", 0));
  for (const at of [5, 20, 50])
    story.at(at, { type: "scenario.event", what: "roll", origin: "scripted", subject: "group/g", text: "a roll" });
  story.at(50, { type: "scenario.event", what: "join", origin: "scripted", subject: "group/g", text: "a join" });
  story.at(60, state("Stable", "PreparingRebalance", "leader-rejoin", 1, "a"));
  story.at(60, stops("a", "revoked", 0));
  story.at(80, state("PreparingRebalance", "Stable", "assigned", 2));
  story.at(80, reads("a", 0));
  story.at(90, state("Stable", "PreparingRebalance", "leader-rejoin", 2, "a"));
  story.at(90, stops("a", "revoked", 0));
  const fold = summarise();
  story.tell(fold, 100, { warmUp: 10 * s, until: 100 * s, topics: [{ name: "orders", partitions: 1 }] });
  const divided = (quantity: string, per: "deploy" | "rebalance") =>
    evaluate([{ ...hope("value", quantity, "<", 12), per }], fold.result())[0];

  test("is its share of each deploy, or of each rebalance, finished or not", () => {
    expect(divided("partitionSecondsUnread", "deploy")).toMatchObject({ outcome: "unmet", value: 15 });
    expect(divided("partitionSecondsUnread", "rebalance")).toMatchObject({ outcome: "unmet", value: 15 });
    expect(divided("rebalances", "deploy")).toMatchObject({ outcome: "met", value: 0.5 });
  });

  test("nothing comes to nothing each; what nobody did has no share", () => {
    const one = (quantity: string, per: "deploy" | "rebalance", group: string) =>
      evaluate([{ ...hope("value", quantity, "<", 1, group), per }], summary())[0];
    expect(one("partitionSecondsUnread", "rebalance", "h")).toMatchObject({ outcome: "met", value: 0 });
    expect(one("partitionSecondsUnread", "deploy", "g")).toMatchObject({
      outcome: "unknown",
      reason: "there was no deploy to divide partitionSecondsUnread by",
    });
  });
});

describe("what nobody knows is not met, with the reason", () => {
  test("a group that is not there", () => {
    expect(verdict("max", "lag", "<", 1, "z")).toMatchObject({ outcome: "unknown", reason: "there is no group z" });
  });
  test("a statistic or a quantity that is not there", () => {
    expect(verdict("final", "rebalanceDuration", "<", 1, "g").reason).toBe("there is no final of rebalanceDuration");
    expect(verdict("p101", "lag", "<", 1, "g").reason).toBe("there is no p101 of lag");
    expect(verdict("max", "joy", ">", 1, "g").reason).toBe("joy is nothing that is measured");
  });
});

describe("of a run that ended in its warm-up", () => {
  const story = new Story();
  story.at(0, process("a", "Absent", "Running"));
  story.at(0, reads("a", 0));
  story.lag(0, { group: "g", topic: "orders", partitions: [0], lag: 0, in: 1000, out: 10 });
  const at = (end: number) => {
    const fold = summarise();
    story.tell(fold, end, { warmUp: 300 * s, until: end * s, topics: [{ name: "orders", partitions: 1 }] });
    return (...of: Parameters<typeof hope>) => evaluate([hope(...of)], fold.result())[0];
  };

  test.for([
    ["p99", "timeLag", "<"],
    ["max", "lag", "<"],
    ["min", "members", ">="],
    ["value", "rebalances", "=="],
    ["max", "rebalanceDuration", "<="],
    ["value", "partitionSecondsUnread", "=="],
  ] as const)("nobody knows %s of %s", ([statistic, quantity, comparison]) => {
    for (const end of [240, 300])
      expect(at(end)(statistic, quantity, comparison, 0)).toMatchObject({
        outcome: "unknown",
        met: false,
        value: null,
        reason: "nothing was measured: the run ended in its warm-up",
      });
  });

  test("how things stand at its end is known", () => {
    expect(at(240)("final", "lag", "<", 1)).toMatchObject({ outcome: "unmet", value: 240 * 990 });
  });

  test("a second later something is measured", () => {
    expect(at(301)("max", "lag", "<", 1)).toMatchObject({ outcome: "unmet", value: 301 * 990 });
  });
});
