import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseScenario, simulate } from "../../sim/index.ts";
import { SECOND } from "../../sim/engine/time.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { type Loss, type Reread, records } from "../../sim/trace/readings/records.ts";
import { eventsOf, first, only } from "../support/runs.ts";
import { bothModes } from "../support/both-modes.ts";

/*
 * A member that reaches the leaders of its partitions, but not its coordinator, reads on though they are another's by now
 * (spec/offsets-and-lag.md, 4 and 6): what that costs, against rate times time.
 *
 * Three brokers with one copy of each partition: orders-1, which is g-2's, is on broker 2, and the coordinator is broker 1.
 */

interface Variant {
  readonly events: string;
  readonly duration?: string;
  readonly rate?: string;
  readonly capacity?: string;
  readonly members?: number;
  readonly more?: string;
  readonly topic?: string;
  readonly flow?: string;
  readonly config?: string;
}

const scenario = ({
  events,
  duration = "10m",
  rate = "200/s",
  capacity = "1000/s",
  members = 2,
  more = "",
  topic = "",
  flow = "fluid",
  config = "",
}: Variant): string => `
duration: ${duration}
flow: ${flow}
cluster: { brokers: 3, network: { delay: 1ms }, appendDelay: 0ms, config: { group.coordinator.append.linger.ms: 0, log.retention.check.interval.ms: 10000 } }
topics: { orders: { partitions: 2, rate: ${rate}, replicationFactor: 1${flow === "records" ? ", arrivals: even" : ""}${topic} } }
groups:
  g:
    topics: [orders]
    config: { session.timeout.ms: 10000, partition.assignment.strategy: [range]${config} }
    members: { initial: ${members}, capacity: ${capacity}, startup: 0s${more} }
events: [${events}]
`;

const cut = (lasts: string, client = "g-2", at = "60s"): string =>
  `{ at: ${at}, cut: { from: { client: ${client} }, to: { broker: coordinator of g } }, for: ${lasts} }`;

const run = (variant: Variant): readonly TraceEvent[] => eventsOf(scenario(variant));

/** What was read aside, in order. */
function aside(events: readonly TraceEvent[]) {
  return only(events, "records.reread").filter((event) => event.aside === true);
}

/** When this client began to read orders-1, or stopped; seconds. */
const turns = (events: readonly TraceEvent[], client: string, reading: boolean): readonly number[] =>
  only(events, "partition.reading")
    .filter((event) => event.client === client && event.reading === reading && event.partitions.orders?.includes(1))
    .map(({ t }) => t / SECOND);

const total = (rereads: readonly { readonly records: number | readonly number[] }[]): number =>
  rereads.reduce((sum, { records: some }) => sum + (typeof some === "number" ? some : some.reduce((a, b) => a + b)), 0);

describe("a member that keeps up with what is written", () => {
  test.for(["20s", "60s", "400s"])(
    "reads all that is written while the partition is another's, cut off for %s",
    (lasts) => {
      const events = run({ events: cut(lasts) });
      const [taken] = turns(events, "g-1", true).filter((t) => t > 60);
      const [hears] = turns(events, "g-2", false);
      const [read] = aside(events);
      expect(aside(events)).toHaveLength(1);
      expect(read).toMatchObject({ client: "g-2", topic: "orders", partitions: [1], reason: "expelled" });
      expect(read.t / SECOND).toBe(hears);
      expect(hears).toBeGreaterThan(60 + parseFloat(lasts));
      expect(Number(read.from)).toBeCloseTo(100 * taken, 4);
      expect(Number(read.records)).toBeCloseTo(100 * (hears - taken), 4);
    },
  );

  test("has them counted as duplicates, with its expulsion to blame", () => {
    const summary = summarise();
    const { scenario: parsed } = parseScenario(scenario({ events: cut("400s") }), { file: "cut.yaml" });
    const rereads: Reread[] = [];
    simulate(parsed, { seed: "1", to: [summary, records({ reread: (one) => rereads.push(one) })] });
    const [{ delivery }] = summary.result().groups;
    expect(delivery.duplicates).toBeCloseTo(total(rereads), 4);
    expect(delivery.duplicatesBy.expelled).toBeGreaterThan(100 * 380);
    expect(delivery.duplicatesBy.expelled).toBeLessThan(100 * 410);
    expect(delivery.lost).toBe(0);
    // 120,000 records are produced in ten minutes, nearly all are processed by then, and those once more
    expect(1 - delivery.exactlyOnce!).toBeCloseTo(delivery.duplicates / 120_000, 3);
  });

  test("is told what it has read when the run ends before it hears", () => {
    const events = run({ events: cut("400s"), duration: "5m" });
    const [taken] = turns(events, "g-1", true).filter((t) => t > 60);
    expect(aside(events)).toMatchObject([{ t: 300 * SECOND, client: "g-2" }]);
    expect(total(aside(events))).toBeCloseTo(100 * (300 - taken), 4);
  });

  test("reads no more once it crashes, is closed, stands still, or loses the leader as well", () => {
    const hears = (more: string) => {
      const events = run({ events: `${cut("200s")}, ${more}` });
      const [taken] = turns(events, "g-1", true).filter((t) => t > 60);
      const [last] = turns(events, "g-2", false);
      return { taken, last, read: total(aside(events)) };
    };
    const crash = hears("{ at: 150s, crash: g-2 }");
    expect(crash.read).toBeCloseTo(100 * (150 - crash.taken), 4);
    const closed = hears("{ at: 150s, leave: g-2 }");
    expect(closed.read).toBeCloseTo(100 * (150 - closed.taken), 4);
    // It catches up with what has come meanwhile, at 1000/s; 50 s are far more than that takes.
    const paused = hears("{ at: 150s, pause: g-2, lasts: 20s }, { at: 220s, crash: g-2 }");
    expect(paused.read).toBeCloseTo(100 * (220 - paused.taken), 4);
    const stuck = hears("{ at: 150s, pause: g-2, lasts: 20s }, { at: 165s, crash: g-2 }");
    expect(stuck.read).toBeCloseTo(100 * (150 - stuck.taken), 4);
    const frozen = hears("{ at: 150s, freeze: g-2, for: 20s }, { at: 165s, crash: g-2 }");
    expect(frozen.read).toBeCloseTo(100 * (150 - frozen.taken), 4);
    const parted = hears(
      "{ at: 150s, cut: { from: { client: g-2 }, to: { broker: 2 } }, for: 100s }, { at: 200s, crash: g-2 }",
    );
    expect(parted.read).toBeCloseTo(100 * (150 - parted.taken), 4);
  });

  test("stands still while the leader is down, and nothing is written meanwhile either", () => {
    const events = run({ events: `${cut("300s")}, { at: 150s, crash: { broker: 2 } }, { at: 200s, crash: g-2 }` });
    const [taken] = turns(events, "g-1", true).filter((t) => t > 60);
    expect(total(aside(events))).toBeCloseTo(100 * (150 - taken), 4);
  });
});

describe("a member that is slower than production", () => {
  // 100/s are written to orders-1, it reads 40/s, and so it does on its own account: batch after batch of 12.5 s.
  const events = run({ events: cut("200s"), capacity: "40/s", duration: "8m" });
  const [taken] = turns(events, "g-1", true).filter((t) => t > 60);
  const [hears] = turns(events, "g-2", false);
  const again = first(events, "records.reread", ({ t }) => t / SECOND === taken);

  test("reads at its pace, beyond what it had in hand", () => {
    expect(again).toMatchObject({ client: "g-1", reason: "expelled" });
    expect(Number(again.inHand)).toBeGreaterThan(0);
    // While it waits for leave to connect again, a poll() takes up to a second, and a batch of 500 records 13.5 s.
    let unknown = 0;
    let since: number | undefined;
    for (const { client, t, broker } of only(events, "client.coordinator")) {
      if (client !== "g-2" || t / SECOND < taken) continue;
      if (broker !== null && since !== undefined) unknown += t / SECOND - since;
      since = broker === null ? t / SECOND : undefined;
    }
    expect(unknown).toBeGreaterThan(0);
    const most = 40 * (hears - taken) - Number(again.inHand);
    expect(total(aside(events))).toBeLessThan(most);
    expect(total(aside(events))).toBeGreaterThan(most - (40 - 500 / 13.5) * unknown - 0.001);
  });

  test("goes on where its batch ended, and hears of it between two batches", () => {
    const [read] = aside(events);
    expect(Number(read.from)).toBeCloseTo(Number(again.from) + Number(again.records), 4);
    const [began] = turns(events, "g-2", true);
    expect(((hears - began) / 12.5) % 1).toBeCloseTo(0, 4);
  });

  test("stops where retention has deleted what it would read next, as it may not ask for another place", () => {
    // 1 MB of a partition is kept, 10,000 records or what is written in 100 s; the brokers look every 10 s, and delete
    // segments of 1000. Both readers are slower than that, so what was read aside is told whenever g-1's position is set.
    const topic = ", recordSize: 100B, config: { retention.bytes: 1000000, segment.bytes: 100000 }";
    const config = ", auto.offset.reset: earliest";
    const behind = run({ events: cut("500s"), capacity: "40/s", topic, config });
    const starts = only(behind, "topic.trimmed").flatMap(({ t, partitions, start }) => {
      const place = partitions.indexOf(1);
      return place < 0 ? [] : [{ t, start: typeof start === "number" ? start : start[place] }];
    });
    const last = aside(behind).at(-1)!;
    const end = Number(last.from) + Number(last.records);
    const look = starts.findIndex(({ t }) => t === last.t);
    expect(starts[look].start).toBeGreaterThan(end);
    expect(starts[look - 1].start).toBeLessThan(end);
    expect(last.t).toBeLessThan(560 * SECOND); // and still it does not reach its coordinator
    const parts = aside(behind);
    parts.slice(1).forEach(({ from }, i) => {
      expect(Number(from)).toBeCloseTo(Number(parts[i].from) + Number(parts[i].records), 4);
    });
  });
});

test("of two that are cut off one after the other each reads on by itself", () => {
  // g-2 is cut off from 60 s to 400 s, g-3, which has orders-1 by then, from 120 s to 500 s; g-1 is left.
  const events = run({ events: `${cut("340s")}, ${cut("380s", "g-3", "120s")}`, members: 3 });
  const begins = only(events, "partition.reading").filter(
    ({ reading, partitions }) => reading && partitions.orders?.includes(1),
  );
  const owners = begins.map(({ client }) => client);
  const read = aside(events);
  // whoever lost orders-1 to another reads all that is written from then on until it stops
  let expected = 0;
  begins.forEach(({ t, client }, i) => {
    if (i === 0) return;
    const before = owners[i - 1];
    if (before === client) return;
    const stopped = turns(events, before, false).find((end) => end >= begins[i - 1].t / SECOND)!;
    expected += Math.max(0, 100 * (stopped - t / SECOND));
  });
  const ofOrders1 = read.filter(({ partitions }) => partitions.includes(1));
  expect(new Set(ofOrders1.map(({ client }) => client)).size).toBe(2);
  expect(total(ofOrders1)).toBeCloseTo(expected, 3);
});

test("a topic that is deleted ends it", () => {
  const events = run({ events: `${cut("300s")}, { at: 150s, delete: orders }` });
  const [taken] = turns(events, "g-1", true).filter((t) => t > 60);
  expect(aside(events)).toMatchObject([{ t: 150 * SECOND }]);
  expect(total(aside(events))).toBeCloseTo(100 * (150 - taken), 4);
});

test("an application that waits for its commits stands still in the first of them", () => {
  const events = run({ events: cut("40s"), more: ", commit: sync" });
  expect(aside(events)).toEqual([]);
});

test("record by record it is the same, to a record", () => {
  const events = run({ events: cut("100s"), flow: "records", duration: "4m" });
  const [taken] = turns(events, "g-1", true).filter((t) => t > 60);
  const [hears] = turns(events, "g-2", false);
  expect(Math.abs(total(aside(events)) - 100 * (hears - taken))).toBeLessThanOrEqual(2);
});

test.for([
  ["auto", "fluid"],
  ["sync", "fluid"],
  ["async", "fluid"],
  ["auto", "records"],
] as const)("heartbeats worked out or simulated, the trace is the same: %s, %s", ([commit, flow]) => {
  const events = `${cut("100s")}, { at: 3m, freeze: g-1, for: 40s }, ${cut("30s", "g-1", "250s")}`;
  const yaml = scenario({ events, flow, more: `, commit: ${commit}`, members: 3, duration: "6m" });
  const { elided, explicit } = bothModes(yaml, "cut");
  expect(elided.some((line) => line.includes('"aside":true'))).toBe(true);
  expect(elided).toEqual(explicit);
});

test("a longer cut never costs fewer duplicates", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 2, maxLength: 4 });
  const rates = fc.constantFrom("200/s", "1000/s", "3000/s");
  fc.assert(
    fc.property(lengths, rates, fc.integer({ min: 30, max: 80 }), (all, rate, at) => {
      const costs = all
        .toSorted((a, b) => a - b)
        .map((lasts) => total(only(run({ events: cut(`${lasts}s`, "g-2", `${at}s`), rate }), "records.reread")));
      expect(costs).toEqual(costs.toSorted((a, b) => a - b));
    }),
    { seed: 20_261_121, numRuns: 15 },
  );
});

test.for(["fluid", "records"])("what it alone has read is told with its age, once: %s", (flow) => {
  // g-2 is out of the group at 70 s at the latest, and reads on; g-1 stands still from 75 s to 80 s, with 7500 records of each
  // partition behind it. At 80 s 8000 have come, of which retention keeps the last 300 and what is left of their segment of
  // 60: from 7680 on. g-1 goes on there. Of orders-1 g-2 has read the 180 between, of orders-0 nobody.
  const topic = ", recordSize: 1KiB, config: { retention.bytes: 307200, segment.bytes: 61440 }";
  const events = `${cut("20s")}, { at: 75s, freeze: g-1, for: 5s }`;
  const summary = summarise();
  const losses: Loss[] = [];
  const { scenario: parsed } = parseScenario(
    scenario({ flow, topic, config: ", auto.offset.reset: earliest", duration: "82s", events }),
    { file: "cut.yaml" },
  );
  simulate(parsed, { seed: "1", to: [summary, records({ lost: (one) => losses.push(one) })] });
  // Single records take a moment to come, so one may be under way.
  const lostOf = (partition: number): number =>
    losses.reduce((sum, one) => sum + (one.t === 80 * SECOND && one.partition === partition ? one.records : 0), 0);
  expect(Math.abs(lostOf(0) - 180)).toBeLessThanOrEqual(1);
  expect(lostOf(1)).toBeLessThanOrEqual(1);
  const [{ produced, delivery, endToEnd, lag }] = summary.result().groups;
  expect(endToEnd!.weight).toBeCloseTo(produced - delivery.lost - lag.final, 1);
});

test("a search for the coordinator that nobody answers is begun anew over another connection", () => {
  // The only broker answered the first search over a connection that stays. Cut off at 60 s, the member misses its coordinator at
  // 67.008 s, and asks over that. TCP repeats it after 0.2, 0.6, … 51, 102.2 s: 118.0 s is too early, and the next try is at
  // 169.2 s. But the client gives it up after request.timeout.ms (30 s), and connections that are not accepted after 10 s and
  // 20 s (a fifth more or less), and a backoff: so at 136 s at the latest the first SYN of another one gets through.
  const events = eventsOf(`
duration: 3m
cluster: { brokers: 1, network: { delay: 1ms } }
topics: { orders: { partitions: 1, rate: 100/s } }
groups: { i: { config: { session.timeout.ms: 10000 }, members: { initial: 1, startup: 0s } } }
events: [{ at: 60s, cut: { from: { client: i-1 }, to: { broker: 1 } }, for: 65s }]
`);
  const asked = only(events, "request.sent").filter(({ api, t }) => api === "FindCoordinator" && t > 60 * SECOND);
  const answered = only(events, "request.answered").filter(
    ({ api, t }) => api === "FindCoordinator" && t > 60 * SECOND,
  );
  expect(asked[0].t).toBe(67_008_000);
  expect(answered[0]).toMatchObject({ t: 97_008_000, error: "TIMED_OUT" });
  const found = only(events, "client.coordinator").filter(({ broker, t }) => broker === 1 && t > 60 * SECOND);
  expect(found).toHaveLength(1);
  expect(found[0].t).toBeGreaterThan(125 * SECOND);
  expect(found[0].t).toBeLessThanOrEqual(136 * SECOND);
});
