/**
 * What becomes of records while the high watermark of their partition stands still. Brokers are 1 ms apart, and a follower
 * has a record 5 ms after its leader; a follower that is given up is not waited for any more 100 ms later.
 */
import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { mean } from "../../sim/metrics/occupancy.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import { lagPieces, type LagPiece } from "../../sim/trace/readings/lag.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { eventsOf, first, only } from "../support/runs.ts";

interface Setting {
  readonly brokers?: number;
  readonly version?: string;
  readonly brokerConfig?: string;
  readonly producers?: string;
  readonly flow?: string;
  readonly duration?: string;
  readonly events: string;
}

const scenario = ({
  brokers = 3,
  version = "4.0",
  brokerConfig = "",
  producers = "",
  flow = "fluid",
  duration = "5m",
  events,
}: Setting) => `
duration: ${duration}
flow: ${flow}
cluster:
  brokers: ${brokers}
  brokerVersion: "${version}"
  network: { delay: 1ms }
  appendDelay: 5ms
  catchUp: 1s
  metadataPropagation: 100ms
  config: { auto.leader.rebalance.enable: false, ${brokerConfig} }
topics:
  orders:
    partitions: 1
    rate: 300/s
    arrivals: even
    producers: { burst: 3000/s, config: { ${producers} } }
groups:
  billing:
    config: { auto.offset.reset: earliest }
    members: { initial: 1, capacity: 600/s }
events:
${events}`;

const at = (seconds: number): number => seconds * SECOND;

/** When the controller gave a broker up. */
const fencedAt = (events: readonly TraceEvent[], broker: number): number =>
  first(events, "broker.state", (event) => event.broker === broker && event.to === "Fenced").t;

function piecesOf(events: readonly TraceEvent[]): LagPiece[] {
  const pieces: LagPiece[] = [];
  const reading = lagPieces((piece) => pieces.push(piece));
  for (const event of events) reading.see(event);
  reading.end(at(300));
  return pieces;
}

const produced = (setting: Setting) => first(eventsOf(scenario(setting)), "topic.produced");

describe("a follower dies, and producers ask for acks: 1", () => {
  const events = eventsOf(scenario({ producers: "acks: 1", events: "  - { at: 60s, crash: { broker: 2 } }" }));
  const again = fencedAt(events, 2) + 100_000;
  const stood = again - at(60);

  test("they go on, but nothing of it can be read before the follower is not waited for any more: then all of it", () => {
    const [stands, moves] = only(events, "lag").filter(({ t }) => t >= at(60));
    expect(stands).toMatchObject({ t: at(60), lag: 0, in: 0, out: 0, above: 300 });
    expect(moves).toMatchObject({ t: again, in: 300, out: 600 });
    expect(moves.lag).toBeCloseTo((300 * stood) / SECOND, 6);
    expect(moves.arrived).toBeCloseTo((300 * stood) / SECOND, 6);
  });

  test("the oldest record that is read is as old as the standstill was long", () => {
    const ages = piecesOf(events).map(({ timeLag }) => timeLag);
    expect(Math.max(...ages)).toBeCloseTo(stood, 0);
  });

  test("nothing is lost or written twice, or comes in a burst", () => {
    expect(first(events, "topic.produced")).toMatchObject({ written: 90_000, expired: 0, unsent: 0, repeated: 0 });
    expect(first(events, "topic.produced").truncated).toBeUndefined();
  });

  test("record by record, as many can be read at once", () => {
    const single = eventsOf(
      scenario({
        flow: "records",
        duration: "75s",
        producers: "acks: 1",
        events: "  - { at: 60s, crash: { broker: 2 } }",
      }),
    );
    const until = fencedAt(single, 2) + 100_000;
    const arrivals = only(single, "lag").map(({ t, arrived = 0 }) => ({ t, records: [arrived].flat()[0] }));
    const next = arrivals.find(({ t, records }) => t > at(60) && records > 0)!;
    expect(next.t).toBe(until);
    expect(Math.abs(next.records - (300 * (until - at(60))) / SECOND)).toBeLessThanOrEqual(1);
  });
});

test("who asks for the end of a log whose watermark stands still is told where that stands, and begins there", () => {
  const yaml = scenario({
    producers: "acks: 1",
    brokerConfig: "offsets.topic.num.partitions: 1, offsets.topic.replication.factor: 1", // on broker 1 alone
    events: "  - { at: 60s, crash: { broker: 2 } }\n  - { at: 62s, join: { group: late, count: 1 } }",
  }).replace(
    "events:",
    "  late: { committed: none, config: { auto.offset.reset: latest }, members: { initial: 0, startup: 0s } }\nevents:",
  );
  const parsed = parseScenario(yaml, { file: "test.yaml" }).scenario;
  expect(simulate(parsed, { seed: "1", until: at(66) }).ends("billing").orders[0]).toBeCloseTo(18_000, 6);
  const [lost] = only(eventsOf(yaml), "records.lost");
  expect(lost).toMatchObject({ group: "late", reason: "reset" });
  expect(lost.t).toBeLessThan(at(66)); // its group was formed 3 s after it came
  expect(lost.records).toBeCloseTo(18_000, 6);
});

test("… and who asks for what is no older than 2 s, too, though more has been written since", () => {
  const yaml = scenario({
    producers: "acks: 1",
    brokerConfig: "offsets.topic.num.partitions: 1, offsets.topic.replication.factor: 1",
    events: "  - { at: 60s, crash: { broker: 2 } }\n  - { at: 62s, join: { group: late, count: 1 } }",
  }).replace(
    "events:",
    '  late: { committed: none, config: { auto.offset.reset: "by_duration:PT2S" }, members: { initial: 0, startup: 0s } }\nevents:',
  );
  const [lost] = only(eventsOf(yaml), "records.lost");
  expect(lost).toMatchObject({ group: "late", reason: "reset" });
  expect(lost.t).toBeGreaterThan(at(63)); // 2 s ago more was written than can be read
  expect(lost.t).toBeLessThan(at(66));
  expect(lost.records).toBeCloseTo(18_000, 6);
});

test("with acks: all they wait, and send what they kept in a burst: no record that is read is that old", () => {
  const events = eventsOf(scenario({ events: "  - { at: 60s, crash: { broker: 2 } }" }));
  const [stands, moves] = only(events, "lag").filter(({ t }) => t >= at(60));
  expect(stands).toMatchObject({ t: at(60), lag: 0, in: 0, out: 0, above: 0 });
  expect(moves).toMatchObject({ t: fencedAt(events, 2) + 100_000, lag: 0, out: 600 });
  expect(moves.in).toBeCloseTo(3300, 2);
  expect(first(events, "topic.produced").written).toBeCloseTo(90_000, 6);
});

test("a follower that stops in order holds nobody up, nor does it when it is back", () => {
  const events = eventsOf(scenario({ events: "  - { at: 60s, restart: { broker: 2 }, downtime: 20s }" }));
  expect(only(events, "lag").filter(({ t }) => t >= at(60))).toEqual([]);
  expect(only(events, "partition.watermark")).toEqual([]);
});

test("a follower out of its leader's reach holds everybody up for 30 to 45 s, unless it is back before", () => {
  const cut = (lasts: string) =>
    only(
      eventsOf(scenario({ events: `  - { at: 60s, cut: { from: { broker: 1 }, to: { broker: 2 } }, for: ${lasts} }` })),
      "partition.watermark",
    );
  const [stands, moves] = cut("2m");
  expect(stands).toMatchObject({ t: at(60), partitions: [0], moves: false, waitsFor: [2] });
  expect(moves).toMatchObject({ partitions: [0], moves: true, waitsFor: [] });
  expect(moves.t).toBeGreaterThanOrEqual(at(90));
  expect(moves.t).toBeLessThanOrEqual(at(105));
  expect(cut("7s").map(({ t, moves }) => [t / SECOND, moves])).toEqual([
    [60, false],
    [67, true],
  ]);
});

describe("a leader dies that its only follower could not reach for 10 s", () => {
  const script = `
  - { at: 60s, cut: { from: { broker: 1 }, to: { broker: 2 } }, for: 3m }
  - { at: 70s, crash: { broker: 1 } }`;

  test("what it has acknowledged with acks: 1 meanwhile is gone", () => {
    const events = eventsOf(scenario({ brokers: 2, producers: "acks: 1", events: script }));
    expect(first(events, "partition.truncated")).toMatchObject({ partition: 0, records: 3000 });
    const { written, truncated, expired, repeated } = first(events, "topic.produced");
    expect([written, truncated, expired, repeated]).toEqual([87_000, 3000, 0, 0]);
    // nobody had read of it, so no group misses anything
    expect(only(events, "records.lost")).toEqual([]);
  });

  test("with acks: all it had acknowledged nothing", () => {
    const events = eventsOf(scenario({ brokers: 2, events: script }));
    expect(only(events, "partition.truncated")).toEqual([]);
    expect(first(events, "topic.produced").written).toBeCloseTo(90_000, 6);
  });
});

describe("a leader dies, and its followers have what it had 5 ms before", () => {
  const events = "  - { at: 60s, crash: { broker: 1 } }";

  test("acks: 0: what was sent in 1 + 5 ms before is gone, and nobody knows", () => {
    expect(produced({ producers: "acks: 0", events })).toMatchObject({ written: 89_998.2, truncated: 1.8, expired: 0 });
  });

  test("acks: 1: what was answered, 2 ms after it was sent, is gone with it; the rest is sent again", () => {
    expect(produced({ producers: "acks: 1", events })).toMatchObject({ written: 89_998.8, truncated: 1.2, expired: 0 });
  });

  test("acks: 1 without retries: the rest is given up", () => {
    expect(produced({ producers: "acks: 1, retries: 0", events })).toMatchObject({
      written: 89_998.2,
      truncated: 1.2,
      expired: 0.6,
    });
  });

  test("acks: all without retries: all of it is given up", () => {
    expect(produced({ producers: "retries: 0", events })).toMatchObject({ written: 89_998.2, expired: 1.8 });
  });

  test("acks: all: nothing is, nor written twice, unless idempotence is turned off", () => {
    expect(produced({ events })).toMatchObject({ written: 90_000, expired: 0, repeated: 0 });
    // written and copied, and not answered for the millisecond of its way
    expect(produced({ producers: "enable.idempotence: false", events })).toMatchObject({
      written: 90_000.3,
      repeated: 0.3,
    });
  });
});

test("where a leader has no followers, what it has written is there when it is back", () => {
  const script = "  - { at: 60s, crash: { broker: 1 } }\n  - { at: 80s, restart: { broker: 1 }, downtime: 1s }";
  // without idempotence, what was not answered for the millisecond of its way is written once more
  const { written, repeated, expired, truncated } = produced({ brokers: 1, producers: "acks: 1", events: script });
  expect([written, repeated, expired, truncated]).toEqual([90_000.3, 0.3, 0, undefined]);
});

test("with fewer copies in sync than min.insync.replicas producers of acks: all wait, whatever can be read", () => {
  for (const version of ["3.6", "3.9"]) {
    const script = "  - { at: 60s, crash: { broker: 2 } }\n  - { at: 100s, restart: { broker: 2 }, downtime: 1s }";
    const events = eventsOf(scenario({ brokers: 2, version, brokerConfig: "min.insync.replicas: 2", events: script }));
    const lines = only(events, "lag").filter(({ t }) => t >= at(60));
    expect(lines.find((line) => line.in !== 0)).toMatchObject({ t: at(102) }); // a second after its copy begins to catch up
    expect(first(events, "topic.produced").written).toBeCloseTo(90_000, 6);
  }
});

test("where a watermark moves with fewer copies than min.insync.replicas, as before 3.7, nothing is told of it", () => {
  const told = (version: string) =>
    only(
      eventsOf(
        scenario({
          brokers: 2,
          version,
          brokerConfig: "min.insync.replicas: 2",
          events: "  - { at: 60s, restart: { broker: 2 }, downtime: 20s }",
        }),
      ),
      "partition.watermark",
    ).map(({ moves, waitsFor }) => [moves, waitsFor]);
  expect(told("3.6")).toEqual([]);
  expect(told("3.9")).toEqual([
    [false, []],
    [true, []],
  ]);
});

test("min.insync.replicas asks for no more copies than there are, from 3.7 on; before, nothing is ever written with acks: all", () => {
  for (const [version, written, expired] of [
    ["3.6", 0, true],
    ["3.7", 90_000, false],
  ] as const) {
    const events = eventsOf(scenario({ brokers: 1, version, brokerConfig: "min.insync.replicas: 2", events: "  []" }));
    const produced = first(events, "topic.produced");
    expect(produced.written).toBeCloseTo(written, 6);
    expect(produced.expired > 0).toBe(expired);
    expect(events.some(({ type }) => type === "partition.watermark")).toBe(false);
  }
});

test("what is left after a leader's death, with more written before any of it can be read, is as old as record by record", () => {
  // Broker 3 has what was written until 30 s, broker 2 until 34 s, and leads some 9 s after broker 1 died at 38 s: what was
  // written in the last 4 s is gone. Broker 3 follows again at 60 s, and all of the rest can be read.
  const events = `
  - { at: 30s, cut: { from: { broker: 3 }, to: { broker: 1 } }, for: 30s }
  - { at: 30s, cut: { from: { broker: 3 }, to: { broker: 2 } }, for: 30s }
  - { at: 34s, cut: { from: { broker: 1 }, to: { broker: 2 } }, for: 26s }
  - { at: 38s, crash: { broker: 1 } }`;
  const [fluid, single] = ["fluid", "records"].map((flow) => {
    const summary = summarise();
    const producers = "acks: 1, retries: 0, enable.idempotence: false";
    const told: TraceEvent[] = [];
    const yaml = scenario({ flow, duration: "90s", producers, events });
    const see = (event: TraceEvent) => void told.push(event);
    simulate(parseScenario(yaml, { file: "test.yaml" }).scenario, { seed: "1", to: [summary, { see, end: () => {} }] });
    expect(first(told, "partition.truncated").records).toBeCloseTo(4 * 300, -1); // 5 ms of them had not come to broker 2
    return summary.result().groups[0].endToEnd!;
  });
  expect(Math.abs(fluid.weight - single.weight)).toBeLessThan(3);
  expect(mean(fluid) / mean(single)).toBeCloseTo(1, 2);
});
