import { describe, expect, test } from "vitest";
import { evaluate } from "../../sim/metrics/expectations.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import type { Summary } from "../../sim/metrics/summary.ts";
import { summaryJson } from "../../sim/report/summary-json.ts";
import { summaryTable } from "../../sim/report/summary-table.ts";
import { verdictLines } from "../../sim/report/verdicts.ts";
import type { Happening } from "../../sim/trace/event.ts";
import { assignment, joinComplete, member, process, reads, sends, state, stops, Story } from "../support/events.ts";

const s = 1_000_000;

const lag = (partitions: number[], lag: number, out: number) => ({
  group: "g",
  topic: "orders",
  partitions,
  lag,
  in: 100,
  out,
});

/** billing-2 crashes at 120 s, its session ends at 162 s, billing-1 reads its two partitions from 164 s on. */
function crash(times = 1): Summary {
  const story = new Story();
  for (const [client, ...partitions] of [
    ["billing-1", 0, 1],
    ["billing-2", 2, 3],
  ] as const) {
    story.at(0, process(client, "Absent", "Running"));
    story.at(0, member(client, "added"));
    story.at(0, reads(client, ...partitions));
  }
  story.lag(0, lag([0, 1, 2, 3], 0, 100));
  for (let i = 0; i < times; i++) {
    const at = 120 + 100 * i;
    const crashed = story.at(at, process("billing-2", "Running", "Crashed"));
    story.lag(at, lag([2, 3], 0, 0));
    story.at(
      at + 42,
      { ...member("billing-2", "removed", "session-expired"), silentFor: 45 * s } as Happening,
      crashed,
    );
    story.at(at + 42, state("Stable", "PreparingRebalance", "session-expired", 1, "billing-2"), crashed);
    story.at(at + 42.5, stops("billing-1", "revoked", 0, 1));
    story.at(at + 43, member("billing-1", "rejoined"));
    story.at(at + 43, joinComplete(2, 1, 1, "billing-1"));
    story.at(at + 43, state("PreparingRebalance", "CompletingRebalance", "join-complete", 2));
    story.at(at + 43.2, assignment("billing-1", 2, 1, 4));
    story.at(at + 43.2, sends("billing-1", "SyncGroup"));
    story.at(at + 43.5, state("CompletingRebalance", "Stable", "assigned", 2));
    story.at(at + 44, reads("billing-1", 0, 1, 2, 3));
    story.lag(at + 44, lag([2, 3], 4400, 540));
    story.lag(at + 54, lag([2, 3], 0, 100));
    story.at(at + 60, process("billing-2", "Absent", "Running"));
  }
  story.at(360, { type: "broker.served", broker: 1, requests: { Heartbeat: 388, JoinGroup: 11 }, offsets: 40 });
  story.at(360, { type: "broker.served", broker: 2, requests: {}, offsets: 0 });
  const fold = summarise({ footer: () => ({ end: 360 * s, count: 185, fingerprint: "c6c3bfdfa0614cbd" }) });
  const until = Math.max(360, 100 * times + 220);
  story.tell(fold, until, { scenario: { name: "crash" }, warmUp: 60 * s, until: until * s, seed: "7" });
  return fold.result();
}

const lineWith = (table: string, text: string) => table.split("\n").find((line) => line.includes(text)) ?? "";
const words = (line: string) => line.trim().split(/ {2,}/);

describe("the summary table of a crash", () => {
  const table = summaryTable(crash(), { replay: "regroup run scenarios/crash.yaml --seed 7", width: 96 });

  test("begins with the run, and ends with what repeats it", () => {
    const lines = table.split("\n");
    expect(lines[0]).toBe("crash  6 m 00 s simulated, measured from 1m00.0s on");
    expect(lines.at(-1)).toBe(
      "seed 7 · trace c6c3bfdfa0614cbd (185 events) · replay: regroup run scenarios/crash.yaml --seed 7",
    );
  });

  test("has the statistics worked out by hand", () => {
    // Measured are 300 s. One process of two is missing for 60 s of them.
    expect(words(lineWith(table, "members")).slice(0, 7)).toEqual(["members", "1.8", "2", "2", "2", "2", "2"]);
    // Two partitions with 100/s each, unread for 44 s, then drained at 880/s.
    const lag = words(lineWith(table, "  lag "));
    expect([lag[1], lag[5], lag[6]]).toEqual(["792", "8.80 k", "0"]); // (44 + 10) s · 8800 / 2 / 300 s
    const timeLag = words(lineWith(table, "time lag"));
    expect([timeLag[5], timeLag[6]]).toEqual(["44.0 s", "0 s"]);
    expect(words(lineWith(table, "  rebalance "))).toEqual(["rebalance", ...Array.from({ length: 5 }, () => "2.00 s")]);
    expect(table).toContain("g  4 partitions of orders; 120 k records produced, 120 k read");
    expect(table).toContain("  kept up  everything produced was read in the end");
    expect(table).toContain("  1 rebalance (1 crash); under way 0.5 % of the time"); // 1.5 s of 300 s
    expect(table).toContain("  91 partition-seconds without a reader; orders-2 the longest: 44.0 s from 2m00.0s on");
  });

  test("says when the rebalance was, why, how long, in which phases, for whom it waited and what it cost", () => {
    const line = lineWith(table, "crashed");
    expect(words(line)).toEqual([
      "2m42.0s",
      "billing-2 crashed (silent 45.0 s)", // since its last heartbeat, 3 s before it crashed
      "2.00 s",
      "············", // 42 s of 44 s
      "billing-1",
      "91 p·s",
    ]);
  });

  test("shows the shape of members and lag over the measured time", () => {
    const shape = words(lineWith(table, "members")).at(-1)!;
    expect(shape).toMatch(/^█+▅+█+$/);
    expect(words(lineWith(table, "  lag ")).at(-1)).toMatch(/^▁+[▂-█]+▁+$/);
  });

  test("counts what coordinators served, and leaves out those who served nothing", () => {
    expect(table).toContain("  broker 1  Heartbeat 388  JoinGroup 11  offsets written 40");
    expect(table).not.toContain("broker 2");
  });

  test("fits its width, with colours and without", () => {
    for (const width of [80, 96, 120])
      for (const line of summaryTable(crash(20), { width }).split("\n"))
        expect([...line].length).toBeLessThanOrEqual(width);
  });

  test("wraps the heading of a group that reads topics with long names", () => {
    const run = crash();
    const topics = ["orders", "payments-captured-by-region", "shipments-announced-by-carrier"];
    const long = { ...run, groups: run.groups.map((group) => ({ ...group, topics })) };
    for (const line of summaryTable(long, { width: 80 }).split("\n")) expect([...line].length).toBeLessThanOrEqual(80);
  });

  test("speaks of one partition a member in the singular", () => {
    const run = crash();
    const load = { ...run.groups[0].load, mean: 1 };
    const table = summaryTable({ ...run, groups: [{ ...run.groups[0], load }] });
    expect(table).toContain("  1 partition a member, at most");
  });

  test("has colours only if asked for, and the same text then", () => {
    const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");
    expect(table).not.toMatch(escapes);
    const colours = summaryTable(crash(), {
      replay: "regroup run scenarios/crash.yaml --seed 7",
      width: 96,
      colour: true,
    });
    expect(colours).toMatch(escapes);
    expect(colours.replaceAll(escapes, "")).toBe(table);
  });
});

test("of many rebalances the ten costliest are listed, in order of time, and the rest counted", () => {
  const table = summaryTable(crash(13));
  expect(table.match(/crashed \(silent/g)).toHaveLength(10);
  expect(table).toContain("and 3 more rebalances, each of which left no more unread");
});

test("an overloaded group is told so, with who and by how much", () => {
  const story = new Story();
  story.at(0, reads("a", 0));
  story.lag(0, { group: "g", topic: "orders", partitions: [0], lag: 0, in: 4500, out: 3000 });
  const fold = summarise();
  story.tell(fold, 100, { until: 100 * s });
  const table = summaryTable(fold.result());
  expect(table).toContain("OVERLOADED  a gets more than it can take; the lag grows by 1.50 k/s");
  expect(table).not.toContain("kept up");
});

test("one record that was read twice is a duplicate, not duplicates", () => {
  const story = new Story();
  const where = { group: "g", topic: "orders", partitions: [0] } as const;
  story.at(0, reads("a", 0));
  story.lag(0, { ...where, lag: 0, in: 100, out: 100 });
  story.at(50, { type: "records.reread", client: "a", ...where, from: 5000, records: 1, inHand: 0, reason: "crash" });
  const fold = summarise();
  story.tell(fold, 100, { until: 100 * s });
  expect(summaryTable(fold.result())).toContain("  1 duplicate (1 crash); 0 lost");
});

test("the lag of an overloaded group that retention has overtaken does not grow for ever", () => {
  const story = new Story();
  const where = { group: "g", topic: "orders", partitions: [0] } as const;
  story.at(0, reads("a", 0));
  story.lag(0, { ...where, lag: 0, in: 4500, out: 3000 });
  story.at(50, { type: "records.lost", ...where, from: 0, records: 50, reason: "out-of-range" });
  const fold = summarise();
  story.tell(fold, 100, { until: 100 * s });
  expect(summaryTable(fold.result())).toContain(
    "OVERLOADED  a gets more than it can take, by 1.50 k/s, until retention takes what it has not read",
  );
});

test.each([
  [1, "behind  1 record waits in the end"],
  [2, "behind  2 records wait in the end"],
])("a group that is behind by %d says so in good English", (lag, words) => {
  const story = new Story();
  story.at(0, reads("a", 0));
  story.lag(0, { group: "g", topic: "orders", partitions: [0], lag, in: 0, out: 0 });
  const fold = summarise();
  story.tell(fold, 100, { until: 100 * s });
  expect(summaryTable(fold.result())).toContain(words);
});

test("a group that read nothing is not said to have kept up, or to have read all once", () => {
  const nothing = (write: (story: Story) => void) => {
    const story = new Story();
    story.at(0, reads("a", 0));
    write(story);
    const fold = summarise();
    story.tell(fold, 100, { until: 100 * s });
    return { table: summaryTable(fold.result()), share: fold.result().groups[0].delivery.exactlyOnce };
  };
  const idle = nothing(() => {});
  expect(idle.share).toBeNull();
  expect(idle.table).toContain("  nothing was produced, so there was nothing to read\n");
  expect(idle.table).toContain("  no record was read\n");
  const where = { group: "g", topic: "orders", partitions: [0] } as const;
  const gone = nothing((story) => {
    story.lag(10, { ...where, lag: 0, in: 0, out: 0, arrived: 50 });
    story.at(10, { type: "records.lost", ...where, from: 0, records: 50, reason: "out-of-range" });
  });
  expect(gone.share).toBe(0);
  expect(gone.table).toContain("  NOTHING READ  all that waited is lost\n");
  for (const { table } of [idle, gone]) expect(table).not.toMatch(/kept up|read once/);
});

test("a run that ended in its warm-up has no statistics, and says so", () => {
  const story = new Story();
  story.at(0, process("a", "Absent", "Running"));
  story.at(0, reads("a", 0));
  story.lag(0, { group: "g", topic: "orders", partitions: [0], lag: 0, in: 1000, out: 10 });
  const fold = summarise();
  story.tell(fold, 240, { scenario: { name: "early" }, warmUp: 300 * s, until: 240 * s });
  expect(summaryTable(fold.result()).split("\n").slice(0, 6)).toEqual([
    "early  4 m 00 s simulated, nothing measured: the run ended in its warm-up",
    "",
    "g  4 partitions of orders",
    "  in the end: members 1, lag 238 k, time lag 3 m 58 s", // 240 s · 990/s; of 240 s, 2.4 s are read
    "  OVERLOADED  a gets more than it can take; the lag grows by 990/s",
    "",
  ]);
});

/** What a group of this name is said to read, if it subscribes anew and topics have so many partitions in the end. */
function headingOf(
  subscriptions: readonly (readonly string[])[],
  partitions: Readonly<Record<string, number>>,
): string {
  const story = new Story();
  story.at(0, process("a", "Absent", "Running"));
  subscriptions.forEach((topics, i) => {
    if (i > 0) story.at(i, { type: "group.subscribed", group: "g", topics });
  });
  const change = (topic: string) => ({ type: "topic.changed", topic, change: "deleted", before: 1 }) as const;
  for (const [topic, present] of Object.entries(partitions)) {
    if (present === 0) story.at(50, { ...change(topic), partitions: 0 });
  }
  const fold = summarise();
  story.tell(fold, 100, {
    until: 100 * s,
    topics: Object.entries(partitions).map(([name, number]) => ({ name, partitions: number || 1 })),
    groups: [{ id: "g", topics: subscriptions[0] }],
  });
  return lineWith(summaryTable(fold.result()), "records produced")
    .split(";")[0]
    .replace(/^g +\d+ partitions?/, "");
}

test("the heading names every topic whose records are counted: also one that the group has left, or that is gone", () => {
  expect(headingOf([["orders"]], { orders: 2 })).toBe(" of orders");
  expect(headingOf([["orders", "spare"]], { orders: 2, spare: 3 })).toBe(": 2 of orders, 3 of spare");
  expect(headingOf([["orders"], ["spare"]], { orders: 1, spare: 1 })).toBe(": 1 of spare, 1 of orders (unsubscribed)");
  expect(headingOf([["orders"], ["spare"], ["orders"]], { orders: 1, spare: 1 })).toBe(
    ": 1 of orders, 1 of spare (unsubscribed)",
  );
  expect(headingOf([["orders"]], { orders: 0 })).toBe(" of orders (not there in the end)");
  expect(
    headingOf(
      [
        ["a", "b"],
        ["c", "d"],
      ],
      { a: 1, b: 1, c: 1, d: 1 },
    ),
  ).toBe(" of 4 topics");
});

test("verdicts say what was hoped for, what was found, and what nobody knows", () => {
  const hopes = (
    [
      ["p99(timeLag) < 60s", "p99", "timeLag", "<", 60 * s],
      ["max(lag) < 1000", "max", "lag", "<", 1000],
      ["joy == 0", "value", "joy", "==", 0],
    ] as const
  ).map(([text, statistic, quantity, comparison, bound]) => ({ text, statistic, quantity, comparison, bound }));
  const lines = verdictLines(evaluate(hopes, crash())).split("\n");
  // 1 % of 1200 partition-seconds: two partitions above x for (44 − x) s rising and (44 − x) / 4.4 s falling, x = 39.1 s.
  expect(lines[0]).toMatch(/^✓ {2}p99\(timeLag\) < 60s {2}39\.[0-2] s in g$/);
  expect(lines[1]).toBe("✗  max(lag) < 1000     8.80 k in g");
  expect(lines[2]).toBe("?  joy == 0            unknown: joy is nothing that is measured");
});

test("the JSON has the same figures, bare", () => {
  const json = JSON.parse(summaryJson(crash())) as Summary & {
    groups: { lag: { distribution: Record<string, number> } }[];
  };
  expect(json.seed).toBe("7");
  expect(json.groups[0].lag.peak).toEqual({ records: 8800, at: 164 * s });
  expect(json.groups[0].lag.distribution).toMatchObject({ mean: 792, max: 8800, p50: 0 });
  expect(json.groups[0].rebalances.costliest[0]).toMatchObject({
    cause: { kind: "crash", client: "billing-2" },
    phases: { detection: 42 * s, joining: 1 * s, assignment: 0.2 * s, sync: 0.3 * s, resumption: 0.5 * s },
  });
});
