/**
 * A leader is cut off from the controller, and from nobody else: others lead what it led, and it does not know. The
 * controller gives it up a session of 9 s after its last heartbeat, brokers hear of that 100 ms later; it hears of what it
 * missed 100 ms after the cut.
 */
import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { eventText } from "../../sim/trace/text.ts";
import { eventsOf, first, only } from "../support/runs.ts";

interface Setting {
  readonly flow?: string;
  readonly producers?: string;
  readonly group?: string;
  readonly topic?: string;
  readonly duration?: string;
  readonly capacity?: string;
  readonly events?: string;
  /** Lines of the cluster. */
  readonly cluster?: string;
  readonly partitions?: number;
}

const CUT = "  - { at: 60s, cut: { from: { broker: 1 }, to: controller }, for: 60s }";

/** One partition, led by broker 1, followed by 2 and 3. */
const scenario = ({
  flow = "fluid",
  producers = "",
  group = "",
  topic = "",
  duration = "4m",
  capacity = "600/s",
  events = CUT,
  cluster = `brokerVersion: "4.0"`,
  partitions = 1,
}: Setting): string => `
duration: ${duration}
flow: ${flow}
cluster:
  brokers: 3
  ${cluster}
  network: { delay: 1ms }
  appendDelay: 5ms
  catchUp: 1s
  metadataPropagation: 100ms
  config: { auto.leader.rebalance.enable: false }
topics:
  orders: { partitions: ${partitions}, rate: 300/s, arrivals: even, ${topic} producers: { burst: 3000/s, config: { ${producers} } } }
groups:
  billing:
    config: { auto.offset.reset: earliest, ${group} }
    members: { initial: 1, capacity: ${capacity} }
events:
${events}`;

const at = (seconds: number): number => seconds * SECOND;
const HEARS = at(120.1);

/** When the other brokers begin to follow the new leader. */
const overruledAt = (events: readonly TraceEvent[]): number =>
  first(events, "partition.leader", ({ t, from, topic }) => t > at(60) && from === 1 && topic === "orders").t + 100_000;

const lines = (events: readonly TraceEvent[]) => only(events, "lag").filter(({ t }) => t >= at(60));

describe("producers ask for acks: all", () => {
  const events = eventsOf(scenario({}));
  const overruled = overruledAt(events);

  test("nothing is written from when the others follow another leader, until a request has waited for 30 s", () => {
    const [stands, burst] = lines(events);
    expect(stands).toMatchObject({ t: overruled, lag: 0, in: 0, out: 0, above: 0 });
    expect(burst.t).toBe(overruled + at(30));
    expect(burst.in).toBeCloseTo(3300, 2);
  });

  test("nothing of it is read until the old leader knows that it is none", () => {
    const read = lines(events).filter(({ out }) => out !== 0);
    expect(read[0].t).toBe(HEARS);
    expect(read[0].lag).toBeCloseTo((300 * (HEARS - overruled)) / SECOND, 3);
  });

  test("the trace says who does not know", () => {
    const [stands, moves] = only(events, "partition.watermark");
    expect(stands).toMatchObject({ t: overruled, moves: false, waitsFor: [2, 3], overruled: 1 });
    expect(eventText(stands).detail).toMatch(/, broker 1 does not know that it leads no more$/);
    expect(moves).toMatchObject({ t: overruled + at(30), moves: true, waitsFor: [] });
    expect(moves.overruled).toBeUndefined();
  });

  test("no record is lost or written twice", () => {
    const { written, expired, unsent, repeated, truncated } = first(events, "topic.produced");
    expect(written).toBeCloseTo(300 * 240, 6);
    expect([expired, unsent, repeated, truncated]).toEqual([0, 0, 0, undefined]);
  });

  test("who fetches metadata meanwhile reads as soon as anything is written to the new leader", () => {
    // It fetches at the latest 20 s after its last time; the new leader has what is old until producers hear of it.
    const young = eventsOf(scenario({ group: "metadata.max.age.ms: 20000" }));
    const read = lines(young).filter(({ out }) => out !== 0);
    expect(read[0].t).toBe(overruledAt(young) + at(30));
  });

  test("a consumer that comes meanwhile knows the new leader", () => {
    const joined = eventsOf(
      scenario({
        events: `${CUT}\n  - { at: 80s, crash: { group: billing, count: 1 } }\n  - { at: 81s, join: { group: billing, count: 1 } }`,
      }),
    );
    // The session of the one before ends 45 s after its last heartbeat: too late for the other to tell a difference.
    const quick = eventsOf(
      scenario({
        group: "session.timeout.ms: 6000, heartbeat.interval.ms: 2000",
        events: `${CUT}\n  - { at: 80s, crash: { group: billing, count: 1 } }\n  - { at: 81s, join: { group: billing, count: 1 } }`,
      }),
    );
    const readsNew = (told: readonly TraceEvent[]) =>
      lines(told).find((line) => line.t > at(80) && line.in !== 0 && line.out !== 0)!.t;
    expect(readsNew(joined)).toBeGreaterThan(HEARS);
    expect(readsNew(quick)).toBe(overruledAt(quick) + at(30));
  });
});

describe("producers ask for acks: 1", () => {
  const events = eventsOf(scenario({ producers: "acks: 1" }));
  const overruled = overruledAt(events);

  test("they go on, and nobody reads it", () => {
    const [stands, next] = lines(events);
    expect(stands).toMatchObject({ t: overruled, lag: 0, in: 0, out: 0, above: 300 });
    expect(next).toMatchObject({ t: HEARS, lag: 0, in: 300, out: 300 });
  });

  test("when the old leader knows that it is none, what they have written to it is gone", () => {
    const cut = first(events, "partition.truncated");
    expect(cut.t).toBe(HEARS);
    expect(cut.records).toBeCloseTo((300 * (HEARS - overruled)) / SECOND, 5);
    const { written, truncated, repeated } = first(events, "topic.produced");
    expect(written + truncated!).toBeCloseTo(300 * 240, 5);
    expect(repeated).toBe(0);
    // nobody had read of it, so no group misses anything
    expect(only(events, "records.lost")).toEqual([]);
  });

  test("who fetches metadata meanwhile writes no more that will be lost", () => {
    const young = eventsOf(scenario({ producers: "acks: 1, metadata.max.age.ms: 50000" })); // at 50, 100 s …
    expect(first(young, "partition.truncated")).toMatchObject({ t: at(100) });
  });

  test("if it dies before, they hear at once", () => {
    const died = eventsOf(scenario({ producers: "acks: 1", events: `${CUT}\n  - { at: 90s, crash: { broker: 1 } }` }));
    const gone = first(died, "partition.truncated");
    expect(gone.t).toBe(at(90));
    expect(gone.records).toBeCloseTo((300 * (at(90) - overruledAt(died))) / SECOND, 5);
    expect(lines(died).find(({ t, out }) => t >= at(90) && out !== 0)!.t).toBe(at(90));
  });
});

test("record by record it is the same", () => {
  for (const producers of ["", "acks: 1"]) {
    const [fluid, single] = ["fluid", "records"].map((flow) =>
      eventsOf(scenario({ flow, producers, duration: "150s", capacity: "3000/s" })),
    );
    const produced = [fluid, single].map((told) => first(told, "topic.produced"));
    expect(Math.abs(produced[0].written - produced[1].written)).toBeLessThan(2);
    const read = only(single, "record.done").filter(({ t }) => t > at(60) && t < HEARS);
    expect(Math.abs(Math.max(...read.map(({ t }) => t)) - overruledAt(single))).toBeLessThan(at(0.1));
    expect(only(single, "record.done").some(({ t }) => t > HEARS && t < HEARS + at(1))).toBe(true);
  }
});

test("where nobody else can lead, all goes on until the old leader hears that it does not, and stops until it does again", () => {
  const events = eventsOf(scenario({ topic: "replicationFactor: 1," }));
  expect(lines(events).filter(({ t }) => t < HEARS)).toEqual([]);
  const [gone, again] = lines(events);
  expect(gone).toMatchObject({ t: HEARS, in: 0, out: 0 });
  // Heartbeats are 2 s apart, a refused one is tried again as soon: heard of at 122 s at the latest.
  expect(again.t).toBeGreaterThan(HEARS);
  expect(again.t).toBeLessThanOrEqual(at(122.2));
  const { written, truncated } = first(events, "topic.produced");
  expect(written).toBeCloseTo(300 * 240, 3);
  expect(truncated).toBeUndefined();
});

test("a zone is cut off with a leader in it: producers of acks: all find the next one after request.timeout.ms", () => {
  const events = eventsOf(scenario({ events: "  - { at: 60s, cut: { from: { broker: 1 } }, for: 60s }" }));
  // The other copies stop at 60 s, and so does what is answered.
  const [stands, burst] = lines(events);
  expect(stands).toMatchObject({ t: at(60), in: 0 });
  expect(burst).toMatchObject({ t: at(90) });
  expect(first(events, "topic.produced").written).toBeCloseTo(300 * 240, 3);
});

test("who overruled a leader is overruled in turn: each client goes on where it has got to", () => {
  // Broker 1 does not hear the controller from 60 s to 260 s, broker 2 from 120 s to 180 s: 3 leads in the end.
  const events = eventsOf(
    scenario({
      duration: "5m",
      events: `
  - { at: 60s, cut: { from: { broker: 1 }, to: controller }, for: 200s }
  - { at: 120s, cut: { from: { broker: 2 }, to: controller }, for: 60s }`,
    }),
  );
  const moves = only(events, "partition.leader").filter(({ t, topic }) => t > at(60) && topic === "orders");
  expect(moves.map(({ from, to }) => [from, to])).toEqual([
    [1, 2],
    [2, 3],
  ]);
  const [first2, then3] = moves.map(({ t }) => t + 100_000);
  // Producers wait 30 s for broker 1, later for broker 2, each time from when nobody follows it who counts.
  const writes = lines(events).map((line) => [line.t, line.in !== 0]);
  const turns = writes.filter(([, on], i) => i === 0 || on !== writes[i - 1][1]);
  expect(turns).toEqual([
    [first2, false],
    [first2 + at(30), true],
    [then3, false],
    [then3 + at(30), true],
  ]);
  // The consumer asks broker 1 until that knows, and hears of broker 3 then.
  expect(lines(events).find(({ out }) => out !== 0)!.t).toBe(260_100_000);
  expect(first(events, "topic.produced").written).toBeCloseTo(300 * 300, 3);
});

/** The same cut, for two minutes: until 180 s, so that the old leader hears at 180.1 s. */
const LONG = CUT.replace("for: 60s", "for: 120s");

describe("whoever fetches metadata hears of everything at once", () => {
  /** When a partition is first read from after it stood still. */
  const readsAgain = (events: readonly TraceEvent[], topic: string): number =>
    lines(events).find(
      (line) =>
        line.topic === topic && line.t > overruledAt(events) + at(30) && line.partitions.includes(0) && line.out !== 0,
    )!.t;

  test("a consumer of all topics", () => {
    // Its consumer began at 0 s, and fetches metadata after 110 s.
    const yaml = scenario({ group: "metadata.max.age.ms: 110000", events: LONG, capacity: "900/s" })
      .replace("topics:\n", "topics:\n  others: { partitions: 1, rate: 300/s }\n")
      .replace("billing:\n", "billing:\n    topics: [orders, others]\n");
    const events = eventsOf(yaml);
    expect([readsAgain(events, "orders"), readsAgain(events, "others")]).toEqual([at(110), at(110)]);
  });

  test.each([
    ["a leader of other partitions dies", "crash: { broker: 3 }", 80],
    ["a leader of other partitions moves in order", "restart: { broker: 3 }, downtime: 10s", 80.1],
  ])("producers: %s", (_, event, seconds) => {
    const events = eventsOf(
      scenario({ partitions: 3, producers: "acks: 1", events: `${LONG}\n  - { at: 80s, ${event} }` }),
    );
    const gone = first(events, "partition.truncated");
    expect(gone).toMatchObject({ t: Math.round(at(seconds)), partition: 0 });
    expect(gone.records).toBeCloseTo((100 * (at(seconds) - overruledAt(events))) / SECOND, 5);
  });

  test("but not a client whose request has only waited for a while", () => {
    // What it has sent TCP sends again; it has asked nobody else.
    const cut = "cut: { from: { client: billing-1 }, to: { broker: 1 } }, for: 5s";
    const events = eventsOf(scenario({ events: `${LONG}\n  - { at: 75s, ${cut} }` }));
    expect(readsAgain(events, "orders")).toBe(180_100_000);
  });
});

test("who hears of a leader that is dead waits for the next one", () => {
  const events = eventsOf(
    scenario({ producers: "acks: 1", duration: "5m", events: `${CUT}\n  - { at: 118s, crash: { broker: 2 } }` }),
  );
  // From 120.1 s on broker 1 says that it leads no more, and broker 2 is dead: nothing more is written, or lost.
  const next = first(events, "partition.leader", ({ topic, from }) => topic === "orders" && from === 2).t + 100_000;
  expect(first(events, "partition.truncated").records).toBeCloseTo((300 * (HEARS - overruledAt(events))) / SECOND, 5);
  const again = lines(events).find((line) => line.t > HEARS && line.in !== 0)!;
  expect(again.t).toBeGreaterThanOrEqual(next);
  expect(again.t).toBeLessThanOrEqual(next + 1.2 * SECOND); // retry.backoff.max.ms and a fifth
});

test("a leader that has not heard that it is one answers nobody", () => {
  // Broker 3 dies at 52 s, and broker 1, which is to lead its partition from 61.4 s on, does not hear the controller then.
  const events = eventsOf(
    scenario({
      partitions: 3,
      events:
        "  - { at: 52s, crash: { broker: 3 } }\n  - { at: 58s, cut: { from: { broker: 1 }, to: controller }, for: 5s }",
    }),
  );
  const move = first(events, "partition.leader", ({ topic, from }) => topic === "orders" && from === 3);
  expect(move.to).toBe(1);
  expect(move.t).toBeGreaterThan(at(58));
  expect(move.t).toBeLessThan(at(63));
  const [partition] = move.partitions;
  const written = only(events, "lag").find(({ t, partitions, in: inflow }) => {
    const column = partitions.indexOf(partition);
    return t > move.t && column >= 0 && (typeof inflow === "number" ? inflow : inflow[column]) > 0;
  })!;
  expect(written.t).toBeGreaterThanOrEqual(63_100_000);
  expect(written.t).toBeLessThanOrEqual(63_100_000 + 1.2 * SECOND);
});

test("a request's time-out counts from when it is not answered, not from when its leader was overruled", () => {
  // Brokers 2 and 3 do not hear the controller either, and follow broker 1 until broker 2 hears, at 78.1 s.
  const events = eventsOf(
    scenario({
      duration: "5m",
      events: `${LONG}
  - { at: 66s, cut: { from: { broker: 2 }, to: controller }, for: 12s }
  - { at: 66s, cut: { from: { broker: 3 }, to: controller }, for: 20s }`,
    }),
  );
  const [stands] = lines(events);
  expect(stands).toMatchObject({ t: 78_100_000, in: 0 });
  expect(lines(events).find((line) => line.in !== 0)!.t).toBe(108_100_000);
});

test("a leader that does not hear of it waits for a follower that stops in order", () => {
  const events = eventsOf(
    scenario({
      cluster: `brokerVersion: "4.0"\n  loading: { size: 0B }`,
      events: `${CUT}\n  - { at: 61s, restart: { broker: 3 }, downtime: 30s }`,
    }).replace("auto.leader", "offsets.topic.num.partitions: 1, auto.leader"),
  );
  const [stands, again] = lines(events);
  expect(stands).toMatchObject({ t: at(61), in: 0 });
  expect(again.t).toBe(at(91));
});

test("a broker of the ZooKeeper era that was given up hears what it missed when it has registered again", () => {
  const events = eventsOf(
    scenario({
      cluster: `brokerVersion: "3.5"\n  controller: zookeeper`,
      duration: "5m",
      producers: "acks: 1",
      events: LONG,
    }),
  );
  const registered = first(
    events,
    "broker.state",
    ({ broker, reason, t }) => broker === 1 && reason === "heard-again" && t > at(180),
  ).t;
  expect(registered).toBeGreaterThan(at(180));
  expect(first(events, "partition.truncated").t).toBe(registered + 100_000);
});

test("record by record, who has found the next leader reads there what is old", () => {
  // It cannot reach broker 1 from 65 s on, asks others after 30 s, and has some 7,000 records to read then.
  const cut = "cut: { from: { client: billing-1 }, to: { broker: 1 } }, for: 100s";
  const events = eventsOf(
    scenario({
      flow: "records",
      producers: "acks: 1",
      capacity: "200/s",
      duration: "110s",
      events: `${LONG}\n  - { at: 65s, ${cut} }`,
    }),
  );
  const done = only(events, "record.done").map(({ t }) => t);
  expect(done.filter((t) => t > at(76) && t < at(95))).toEqual([]); // what it had fetched before took it until then
  expect(done.filter((t) => t > at(96) && t < at(110)).length).toBeGreaterThan(14 * 190);
});

test("… also one that has asked both of them, for different partitions: what one tells it is true of all", () => {
  // Broker 1 leads p0, then broker 2, which leads p1 besides. The consumer asks broker 1 for p0 and broker 2 for p1.
  const events = eventsOf(
    scenario({
      partitions: 3,
      duration: "5m",
      events: `
  - { at: 60s, cut: { from: { broker: 1 }, to: controller }, for: 200s }
  - { at: 120s, cut: { from: { broker: 2 }, to: controller }, for: 60s }`,
    }),
  );
  const again = only(events, "lag").find(({ t, partitions, out }) => {
    const column = partitions.indexOf(0);
    return t > at(80) && column >= 0 && (typeof out === "number" ? out : out[column]) > 0;
  })!;
  expect(again.t).toBe(180_100_000);
});
