import { expect, test } from "vitest";
import { mean, quantile } from "../../sim/metrics/occupancy.ts";
import { topicMeasures } from "../../sim/metrics/topics.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import type { Summary } from "../../sim/metrics/summary.ts";
import { summaryTable } from "../../sim/report/summary-table.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import { Story } from "../support/events.ts";

/** One partition at 100/s, if nothing else is said, read at 300/s; to the broker and in it a record takes 1 ms each. */
function run(
  events: string,
  producers = "producers: { instances: 4, config: { linger.ms: 0 } }",
  flow = "fluid",
  rate = "100/s",
): Summary {
  const { scenario } = parseScenario(`
flow: ${flow}
duration: 10m
warmUp: 1m
cluster: { network: { delay: { constant: 1ms } }, appendDelay: { constant: 1ms } }
topics: { orders: { partitions: 1, rate: ${rate}, ${producers} } }
groups:
  billing:
    config: { auto.offset.reset: earliest }
    members: { initial: 1, capacity: 300/s }
events: [${events}]
`);
  const summary = summarise();
  simulate(scenario, { seed: "1", to: [summary] });
  return summary.result();
}

test("a record takes as long as its way to the log and its wait there, on average", () => {
  // Unread for 60 s: under the lag are ½ · 100 · 60² · 300 / 200 = 270,000 record seconds, for 54,000 records: 5 s each.
  const { groups, topics } = run("{ at: 3m, pause: billing-1, lasts: 60s }");
  expect(topics[0].latency).toBe(2_000);
  expect(mean(groups[0].endToEnd!) / 1e6).toBeCloseTo(5.002, 6);
});

test("its percentiles are over records: of what came while nobody read, and until that was caught up with", () => {
  // As above: at 300/s the age of what is read falls from 60 s to 0 over 30 s, so that 9,000 of 54,000 records are spread
  // evenly over 2 ms … 60.002 s. All others take 2 ms.
  const all = run("{ at: 3m, pause: billing-1, lasts: 60s }").groups[0].endToEnd!;
  const late = (share: number): number => 2_000 + 60_000_000 * (1 - (1 - share) * 6);
  expect(all.weight).toBe(54_000);
  expect(all.max).toBe(60_002_000);
  expect(quantile(all, 0.5) / 2_000).toBeCloseTo(1, 2);
  for (const share of [0.9, 0.95, 0.99]) expect(quantile(all, share) / late(share)).toBeCloseTo(1, 2);
});

test("records that nobody has read when the run ends do not count as slow", () => {
  // The only member is gone from 6 m on. Until then it is as above, with 30,000 records read: 270,000 / 30,000 = 9 s.
  const { groups } = run("{ at: 3m, pause: billing-1, lasts: 60s }, { at: 6m, leave: billing-1 }");
  expect(mean(groups[0].endToEnd!) / 1e6).toBeCloseTo(9.002, 6);
});

test("where records are simulated one by one it is their latency, and what they take to the log", () => {
  const { groups, topics } = run("{ at: 3m, pause: billing-1, lasts: 60s }", undefined, "records", "2/s");
  const { inSystem } = groups[0].latency!;
  expect(mean(groups[0].endToEnd!) - topics[0].latency!).toBeCloseTo(mean(inSystem), 6);
  expect(groups[0].endToEnd!.max - topics[0].latency!).toBe(inSystem.max);
});

test("a topic says what it came to: written, given up, never sent", () => {
  const { topics } = run("{ at: 2m, producers: orders, crash: 1 }, { at: 6m, producers: orders, join: 1 }");
  // A quarter of 100/s is nobody's for four minutes and the 5 s in which the next instance starts.
  expect(topics).toEqual([
    {
      topic: "orders",
      partitions: 1,
      instances: 4,
      latency: 2_000,
      written: 60_000 - 25 * 245,
      expired: 0,
      unsent: 25 * 245,
      repeated: 0,
      truncated: 0,
      unacknowledged: false,
      waiting: 0,
      held: 0,
      standstill: null,
    },
  ]);
});

test("what a record takes to the log is a mean over time", () => {
  const story = new Story();
  const producers = { type: "topic.producers", topic: "orders", instances: 1, demand: 1, carried: 1 } as const;
  story.at(0, { ...producers, latency: 1_000 });
  story.at(40, { ...producers, latency: 3_000 });
  const fold = topicMeasures();
  story.tell(fold, 60, { warmUp: 20_000_000 }); // 20 s of the one, and 20 s of the other
  expect(fold.result()[0].latency).toBe(2_000);
});

test("the report tells of records that were not simply written, and says nothing where all were", () => {
  const crash = summaryTable(run("{ at: 2m, producers: orders, crash: 1 }, { at: 6m, producers: orders, join: 1 }"));
  expect(crash).toContain("orders  60.0 k records were to be written: 53.9 k were, 6.13 k never sent\n");
  expect(summaryTable(run(""))).not.toContain("production");
});

test("the report's sum of a topic adds up: what was to be written is written, lost on the way, or on its way", () => {
  const summary = run("");
  const topics = summary.topics.map((topic) => ({
    ...topic,
    written: 52_000, // 2,000 of them for the second time
    repeated: 2_000,
    unsent: 4_000,
    expired: 3_000,
    truncated: 1_000,
    waiting: 2_000,
  }));
  const [, lines] = /production .*\n((?: .*\n)+)/.exec(summaryTable({ ...summary, topics }))!;
  expect(lines.replaceAll(/\s+/g, " ")).toBe(
    " orders 60.0 k records were to be written: 50.0 k were (2.00 k of them twice), 4.00 k never sent, " +
      "3.00 k given up by the producers, 1.00 k acknowledged and gone with a leader, 2.00 k in flight in the end ",
  );
});

test("with acks 0 nobody is told that anything was written, so what is gone with a leader was not acknowledged", () => {
  // What was on its way, 1 ms, or not copied yet, 1 ms, of 10,000/s.
  const producers = 'replicationFactor: 2, producers: { config: { acks: "0" } }';
  const summary = run("{ at: 2m, crash: { broker: 1 } }", producers, "fluid", "10000/s");
  expect(summary.topics[0]).toMatchObject({ truncated: 20, unacknowledged: true });
  const table = summaryTable(summary).replaceAll(/\s+/g, " ");
  expect(table).toContain("20 sent (acks 0: never acknowledged) and gone with a leader");
});

test("each instance has a buffer.memory of its own: when all are full, applications stand still", () => {
  // From 8 m on nobody leads the partition: 2 · 1 MiB hold 2048 records of 1 KiB, and 12,000 are asked for. Nobody waits
  // for delivery.timeout.ms yet.
  const producers =
    "replicationFactor: 1, producers: { instances: 2, config: { linger.ms: 0, buffer.memory: 1048576 } }";
  const { topics } = run("{ at: 8m, crash: { broker: 1 } }", producers);
  expect(topics[0].waiting).toBeCloseTo(2048, 6);
  expect(topics[0].unsent).toBeCloseTo(12_000 - 2048, 6);
});

test("a crashed instance's share is nobody's until it is taken over, and as long as the others gather its first batch", () => {
  // A quarter of 100/s; the takeover takes 20 s. 100/s by four instances to one partition: 25/s each, and a linger of 400 ms
  // gathers for 400 · (1 + 5) / (1 + 10) ms, so much of the share is in the crashed one's hands, too.
  const producers = "producers: { instances: 4, takeover: 20s, config: { linger.ms: 400 } }";
  const { topics } = run("{ at: 2m, producers: orders, crash: 1 }", producers);
  expect(topics[0].unsent).toBeCloseTo(25 * (20 + (0.4 * 6) / 11), 4);
});

test("what still waits for a leader in the end is in flight", () => {
  const { topics } = run("{ at: 9m55s, crash: { broker: 1 } }"); // it leads the partition, and has not been missed yet
  expect(topics[0].waiting).toBeCloseTo(5 * 100, 6);
  expect(topics[0].written).toBeCloseTo(595 * 100, 6);
});

test("what came late, or could not be read though it was there, is told with what it waited for", () => {
  const dead = (broker: number): Summary => run(`{ at: 3m, crash: { broker: ${broker} } }`);
  const told = (summary: Summary): string => summaryTable(summary).replaceAll(/\s+/g, " ");
  // A dead broker is noticed 7 to 10.125 s later, when it has not been heard of for 9 s; that is heard 50 to 200 ms after.
  const noticed = (time: number): void => {
    expect(time / 1e6).toBeGreaterThan(7.05);
    expect(time / 1e6).toBeLessThan(10.325 + 1); // and producers ask once a second
  };
  const [leaderless] = dead(1).topics;
  expect(leaderless.standstill).toBeNull();
  noticed(leaderless.held);
  expect(told(dead(1))).toMatch(/orders producers had to hold records back, for \S+ m?s at most/);

  const [uncopied] = dead(2).topics; // acks: all
  noticed(uncopied.held);
  expect(uncopied.standstill).toMatchObject({ partitions: 1, longest: { partition: 0, waitsFor: [2], from: 180e6 } });
  noticed(uncopied.standstill!.longest.to - 180e6);
  expect(told(dead(2))).toMatch(
    /nothing new could be read of 1 partition; orders-0 the longest: \S+ s from 3m00\.0s on \(a copy on broker 2 did not follow\)/,
  );
});
