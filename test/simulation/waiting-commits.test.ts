import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { unread } from "../../sim/trace/readings/reading.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { eventsOf, first, only } from "../support/runs.ts";
import { bothModes } from "../support/both-modes.ts";

/*
 * An application that waits inside `commitSync()` (spec/offsets-and-lag.md, 3): nothing is read until the coordinator has
 * answered, whatever keeps it from doing so.
 */

interface Variant {
  readonly commit?: string;
  readonly flow?: string;
  readonly config?: string;
  readonly partitions?: number;
  readonly members?: number;
  readonly capacity?: string;
  readonly events: string;
}

/**
 * The coordinator of i is broker 3, which leads neither orders-0 nor orders-1: what is the matter with it concerns no fetch.
 * 100 records a second, and an application that could read 1000; batches of 500 records, so of 0.5 s, if enough wait.
 */
const scenario = ({
  commit = "sync",
  flow = "fluid",
  config = "",
  partitions = 1,
  members = 1,
  capacity = "1000/s",
  events,
}: Variant): string => `
duration: 5m
flow: ${flow}
cluster:
  brokers: 3
  network: { delay: 1ms }
  appendDelay: 0ms
  config: { group.coordinator.append.linger.ms: 0 }
topics: { orders: { partitions: ${partitions}, rate: 100/s${flow === "records" ? ", arrivals: even" : ""}, replicationFactor: 1 } }
groups:
  i:
    topics: [orders]
    config: { max.poll.records: 500, partition.assignment.strategy: [range]${config} }
    members: { initial: ${members}, capacity: ${capacity}, startup: 0s, commit: ${commit} }
events: [${events}]
`;

/** From when until when nobody read because of a commit: seconds. */
function waits(events: readonly TraceEvent[], until = 300): readonly (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  const fold = unread(({ reason, from, to }) => {
    if (reason === "commit-pending") found.push([from / SECOND, to / SECOND]);
  });
  for (const event of events) fold.see(event);
  fold.end(until * SECOND);
  return found;
}

/** A request and its answer take 2 s each from 60 s to 70 s. */
const SLOW = "{ at: 60s, slow: { from: { group: i }, to: { broker: coordinator of i } }, delay: 2s, for: 10s }";

/** Nothing gets through to the coordinator from 60 s to 150 s. */
const CUT = "{ at: 60s, cut: { from: { group: i }, to: { broker: coordinator of i } }, for: 90s }";

describe("a slow link to the coordinator", () => {
  const events = eventsOf(scenario({ events: SLOW }));
  // It has always just committed, so the first slow commit is sent at 60 s and answered 4 s later. By then 400 records
  // wait. It is through with them after 400 / (1000 − 100) s, commits, and waits for another 4 s; and so once more, but
  // that answer is sent when all is well again: on its way there for 2 s, back for 1 ms.

  test("holds the application up for a round trip at each commit", () => {
    const found = waits(events);
    expect(found).toHaveLength(3);
    const expected = [
      [60, 64],
      [64.4444, 68.4444],
      [68.8889, 70.8899],
    ];
    found.forEach(([from, to], i) => {
      expect(from).toBeCloseTo(expected[i][0], 4);
      expect(to).toBeCloseTo(expected[i][1], 4);
    });
  });

  test("lets lag grow meanwhile at the rate of production, and nothing is read", () => {
    const lines = only(events, "lag").filter(({ t }) => t >= 60 * SECOND && t < 70 * SECOND);
    const last = new Map(lines.map(({ t, lag, out }) => [t, [lag, out]])); // of each instant
    expect([...last].map(([t, [lag, out]]) => [t, lag, out])).toEqual([
      [60 * SECOND, 0, 0],
      [64 * SECOND, 400, 1000],
      [64_444_445, 0, 0],
      [68_444_445, 400, 1000],
      [68_888_890, 0, 0],
    ]);
  });

  test("is nothing to an application that does not wait for its commits", () => {
    expect(waits(eventsOf(scenario({ commit: "async", events: SLOW })))).toEqual([]);
  });
});

test("record by record it is the same: the record in hand is done, and then none until the answer", () => {
  const events = eventsOf(scenario({ flow: "records", events: SLOW }));
  const [[from, to], [, next]] = waits(events);
  // A record comes every 10 ms and takes 1 ms; the first of which the commit is slow comes within 10 ms.
  expect(from).toBeGreaterThanOrEqual(60);
  expect(from).toBeLessThanOrEqual(60.011);
  expect(to - from).toBeCloseTo(4, 5);
  const done = only(events, "record.done").map(({ t }) => t / SECOND);
  expect(done.filter((t) => t > from && t < to)).toEqual([]);
  // One record had been fetched when it came to stand still. The others are asked for as that is handed out; they come while
  // it commits again, and are done one after the other when that is over.
  expect(done.filter((t) => t >= to && t < next)).toHaveLength(1);
  expect(done.filter((t) => t >= next && t <= next + 0.3995)).toHaveLength(399); // all that had come by then
});

describe("a coordinator that is out of reach for longer than default.api.timeout.ms", () => {
  const after = (commit: string, flow = "fluid") => {
    const events = eventsOf(scenario({ commit, flow, partitions: 3, events: CUT }));
    const timeouts = only(events, "client.commit").filter(({ result }) => result === "timed-out");
    const inside = ({ t }: { readonly t: number }): boolean => t > 61 * SECOND && t < 149 * SECOND;
    const read = only(events, "lag").filter((line) => inside(line) && Number(line.out) > 0);
    const done = only(events, "record.done").filter(inside);
    return { timeouts: timeouts.map(({ t }) => t / SECOND), read, done };
  };

  test("lets an application that commits after its batch go on after 60 s, with one batch", () => {
    const { timeouts, read } = after("sync");
    expect(timeouts).toEqual([120]);
    expect(read.length).toBeGreaterThan(0);
    expect(read[0].t).toBe(120 * SECOND);
  });

  test("does not let one go on that must have committed before it processes", () => {
    const { timeouts, read } = after("before-processing");
    expect(timeouts).toEqual([120]);
    expect(read).toEqual([]);
  });

  test("… nor one that has the records of that batch in its hands", () => {
    // The first record after 60 s came within 10 ms, and was fetched in 2 ms.
    const { timeouts, done } = after("before-processing", "records");
    expect(timeouts).toHaveLength(1);
    expect(timeouts[0]).toBeGreaterThan(120);
    expect(timeouts[0]).toBeLessThanOrEqual(120.012);
    expect(done).toEqual([]);
  });
});

test("the poll interval runs on: who waits for longer is out of the group, and begins anew", () => {
  const events = eventsOf(scenario({ partitions: 3, config: ", max.poll.interval.ms: 40000", events: CUT }));
  const resets = only(events, "client.state").filter(({ to }) => to === "UNJOINED");
  // It polled last just before 60 s. The coordinator is unknown from 90 s on (request.timeout.ms), or still thought to be
  // found over again; LeaveGroup goes into the cut, the member forgets its membership at 100 s.
  expect(resets.map(({ t, reason }) => [t / SECOND, reason])).toContainEqual([100, "poll-interval-exceeded"]);
  const lost = only(events, "partition.owner").filter(({ how }) => how === "lost");
  expect(lost.map(({ t }) => t >= 100 * SECOND)).toEqual([true]);
});

test.for([
  ["sync", "fluid"],
  ["before-processing", "fluid"],
  ["sync", "records"],
  ["before-processing", "records"],
] as const)("heartbeats worked out or simulated, the trace is the same: %s, %s", ([commit, flow]) => {
  const events = `${SLOW}, { at: 100s, cut: { from: { group: i }, to: { broker: coordinator of i } }, for: 20s }, { at: 3m, crash: { broker: coordinator of i } }`;
  const { elided, explicit } = bothModes(scenario({ commit, flow, partitions: 3, events }), "waits");
  expect(elided.filter((line) => line.includes('"committing":true')).length).toBeGreaterThan(3);
  expect(elided).toEqual(explicit);
});

describe("a reader that is slower than production, and cannot commit the last batch it did", () => {
  // orders-1 is i-2's. i-2 works through 500 records in 12.5 s and has more
  // than that waiting at any time, so batch follows batch from its first one on, and it commits at the end of each. From
  // 60 s to 115 s it cannot reach the coordinator: its fifth batch, which it is through with 62.5 s after it began to read,
  // is read again by i-1 once that is given orders-1.
  const cut = "{ at: 60s, cut: { from: { client: i-2 }, to: { broker: coordinator of i } }, for: 55s }";
  const run = (more = "", config = ""): readonly TraceEvent[] =>
    eventsOf(scenario({ partitions: 2, members: 2, capacity: "40/s", config, events: cut + more }));
  const alive = run();
  const crashing = run(", { at: 80s, crash: i-2 }");
  const began = only(alive, "partition.reading").find(({ client, reading }) => client === "i-2" && reading)!.t / SECOND;

  test.for([
    ["expelled", alive],
    ["crash", crashing],
  ] as const)("has just that batch read again: %s", ([reason, events]) => {
    const [again] = only(events, "records.reread");
    expect(again).toMatchObject({ client: "i-1", partitions: [1], from: 2000, records: 500, inHand: 0, reason });
  });

  test("keeps its partition unread from the end of the batch on, until it dies", () => {
    const [[from, to]] = waits(crashing);
    expect(from).toBeCloseTo(began + 62.5, 3);
    expect(to).toBe(80);
  });

  test("takes nothing from the next reader when it comes out of the commit", () => {
    const refused = first(alive, "client.commit", ({ result }) => result === "commit-failed");
    expect(refused.client).toBe("i-2");
    expect(refused.t).toBeGreaterThan(115 * SECOND);
    const stops = only(alive, "lag").filter(({ t, partitions }) => t === refused.t && partitions.includes(1));
    expect(stops).toEqual([]);
  });

  test("has it read again since it could not commit, too, if it is told to end while it tries", () => {
    // It is inside its commit for some 0.5 s when it is told, tries for another 3 s, and closes. Its LeaveGroup goes into
    // the cut, and its session runs out.
    const config = ", default.api.timeout.ms: 3000, session.timeout.ms: 15000";
    const events = run(", { at: 69s, leave: i-2 }", config);
    const given = first(events, "client.commit", ({ purpose }) => purpose === "closing");
    expect(given).toMatchObject({ t: 72 * SECOND, client: "i-2", result: "timed-out" });
    const [again] = only(events, "records.reread");
    expect(again).toMatchObject({ client: "i-1", from: 2000, records: 500, inHand: 0, reason: "commit-refused" });
  });
});

describe("an application that commits before it processes, and comes out of a commit that held it up", () => {
  // One partition and one member: it polls at the end of each batch. Nobody reaches the coordinator from 61 s to 71 s.
  const run = (more: { batch: string; rate: string; interval: number }): readonly TraceEvent[] =>
    eventsOf(`
duration: 5m
cluster:
  brokers: 3
  network: { delay: 1ms }
  appendDelay: 0ms
  config: { group.coordinator.append.linger.ms: 0 }
topics: { orders: { partitions: 3, rate: ${more.rate}, replicationFactor: 1 } }
groups:
  g:
    topics: [orders]
    config: { partition.assignment.strategy: [range], max.poll.interval.ms: ${more.interval} }
    members: { initial: 1, capacity: 1000/s, startup: 0s, commit: before-processing, batch: ${more.batch} }
events: [{ at: 61s, cut: { from: { group: g }, to: { broker: coordinator of g } }, for: 10s }]
`);
  const held = (events: readonly TraceEvent[]) => only(events, "client.committing").map(({ committing }) => committing);
  const left = (events: readonly TraceEvent[]): readonly number[] =>
    only(events, "client.state")
      .filter(({ reason }) => reason === "poll-interval-exceeded")
      .map(({ t }) => t / SECOND);

  test("polls if there is nothing to read, and stays in the group", () => {
    const events = run({ batch: "2s", rate: "[{ at: 0s, rate: 100/s }, { at: 61s, rate: 0/s }]", interval: 30_000 });
    expect(held(events)).toEqual([true, false]);
    expect(left(events)).toEqual([]);
  });

  test("last polled before it, which counts in the batch that follows", () => {
    // Its first record comes at 62 s. It polls, and is held up for 10 s or so, then inside a batch until after 92 s.
    const events = run({ batch: "35s", rate: "[{ at: 0s, rate: 0/s }, { at: 62s, rate: 100/s }]", interval: 30_000 });
    expect(held(events).slice(0, 2)).toEqual([true, false]);
    expect(left(events)[0]).toBe(92);
  });
});
