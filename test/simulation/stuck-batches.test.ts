import { describe, expect, test } from "vitest";
import { MILLISECOND, SECOND } from "../../sim/engine/time.ts";
import { eventsOf, first, keepsRare, only } from "../support/runs.ts";

/*
 * Two members, each with a partition that brings twice what it can read: every batch is 500 records, which take it 5 s, and is
 * committed by itself. At 60 s one of them gets stuck in the batch in its hands, for 40 s; it may be for 20 s from its last
 * poll() on. Until it goes on it has those 500 in its hands, however many of them it has done (spec/offsets-and-lag.md, 3).
 */
const run = (flow: string, commit: string, ...more: readonly string[]) =>
  eventsOf(
    `
duration: 150s
flow: ${flow}
cluster: { brokers: 3, network: { delay: 1ms }, appendDelay: 0ms }
topics: { orders: { partitions: 2, rate: 400/s, recordSize: 1KiB${flow === "records" ? ", arrivals: even" : ""} } }
groups:
  i:
    config: { max.poll.interval.ms: 20000, max.partition.fetch.bytes: 512000, auto.offset.reset: earliest }
    members: { initial: 2, capacity: 100/s, commit: ${commit} }
events: [${["{ at: 60s, pause: i-1, lasts: 40s }", ...more].join(", ")}]
`,
    "1",
    keepsRare,
  );

type Events = ReturnType<typeof run>;

/** How many records there are in all that were told of so, and why. */
function told(events: Events, type: "records.lost" | "records.found" | "records.reread") {
  const found = only(events, type);
  return {
    records: found.reduce((sum, { records, partitions }) => sum + inAll(records, partitions.length), 0),
    reasons: [...new Set(found.map(({ reason }) => reason))],
  };
}

/** A number in place of a list stands for all of them. */
const inAll = (records: number | readonly number[], partitions: number): number =>
  typeof records === "number" ? records * partitions : records.reduce((sum, one) => sum + one, 0);

const NOTHING = { records: 0, reasons: [] };

const allOf = (records: number, reason: string) => ({ records: expect.closeTo(records, 4), reasons: [reason] });

/**
 * How much of the batch in its hands it has done when it gets stuck, if it commits each before. Where records are fetched, the
 * first batch comes a round trip after reading begins, and the commit of each takes 7 ms: a round trip and the linger.
 */
function doneOfBatch(events: Events, flow: string): number {
  const { t } = first(events, "partition.reading", ({ client, reading }) => client === "i-1" && reading);
  if (flow === "fluid") return ((60 * SECOND - t) / 10_000) % 500;
  const commit = 7 * MILLISECOND;
  const intoBatch = (60 * SECOND - t - 2 * MILLISECOND) % (5 * SECOND + commit);
  return Math.floor((intoBatch - commit) / 10_000);
}

describe.for(["fluid", "records"])("a batch that a pause stretches: %s", (flow) => {
  test("is read again as a whole if its consumer crashes in it, and commits after each batch", () => {
    const events = run(flow, "sync", "{ at: 65s, crash: i-1 }");
    expect(told(events, "records.reread")).toEqual(allOf(500, "crash"));
    expect(told(events, "records.lost")).toEqual(NOTHING);
  });

  test("is lost from where its consumer got stuck if that crashes in it, and commits before each", () => {
    const events = run(flow, "before-processing", "{ at: 65s, crash: i-1 }");
    expect(told(events, "records.lost")).toEqual(allOf(500 - doneOfBatch(events, flow), "committed-ahead"));
    expect(told(events, "records.reread")).toEqual(NOTHING);
  });

  test("is processed twice as a whole if it outruns the poll interval", () => {
    // Its heir begins with it at 80 s; it goes on with it, and is refused its commit.
    const events = run(flow, "sync");
    expect(told(events, "records.reread")).toEqual(allOf(500, "poll-interval-exceeded"));
    expect(told(events, "records.lost")).toEqual(NOTHING);
  });

  test("is processed once if it outruns the poll interval, but was committed before", () => {
    // Its heir begins behind it; it goes on with it, so that nothing of it is lost after all.
    const events = run(flow, "before-processing");
    expect(told(events, "records.reread")).toEqual(NOTHING);
    expect(told(events, "records.found")).toEqual(told(events, "records.lost"));
  });
});

test("a second pause inside the first takes nothing out of the consumer's hands", () => {
  const events = run("fluid", "sync", "{ at: 62s, pause: i-1, lasts: 45s }", "{ at: 65s, crash: i-1 }");
  expect(told(events, "records.reread")).toEqual(allOf(500, "crash"));
});

/*
 * Two members with four partitions each, twice as much as they can read: every batch is 500 records, which take 1 s, and is
 * committed before. Somebody else joins while i-1 is stuck in one, and it hears of that in the poll() with which that batch ends:
 * there it gives partitions up. So all that it had been handed it has processed, whatever was left of the batch when it got
 * stuck; no matter whether it is stuck for longer than that.
 */
describe.for(["fluid", "records"])("partitions given up with the poll that ends a stretched batch: %s", (flow) => {
  const givesUp = (assignor: string, more: string) =>
    eventsOf(
      `
duration: 150s
flow: ${flow}
cluster: { brokers: 3, network: { delay: 1ms }, appendDelay: 0ms }
topics: { orders: { partitions: 8, rate: 2000/s${flow === "records" ? ", arrivals: even" : ""} } }
groups:
  i:
    config: { partition.assignment.strategy: [${assignor}] }
    members: { initial: 2, capacity: 500/s, commit: before-processing }
events: [${more}]
`,
      "1",
      keepsRare,
    );

  test.for([
    ["cooperative-sticky", "{ at: 60s, join: i }, { at: 61400ms, pause: i-1, lasts: 10s }"],
    ["cooperative-sticky", "{ at: 60s, join: i }, { at: 61400ms, pause: i-2, lasts: 10s }"],
    ["cooperative-sticky", "{ at: 60s, join: i }, { at: 65400ms, pause: i-1, lasts: 300ms }"],
    ["cooperative-sticky", "{ at: 60s, join: i }, { at: 65400ms, pause: i-2, lasts: 300ms }"],
    ["range", "{ at: 60s, join: i }, { at: 61400ms, pause: i-1, lasts: 10s }"],
  ] as const)("are without loss, and nothing of them is processed twice: %s, %s", ([assignor, more]) => {
    const events = givesUp(assignor, more);
    const gone = only(events, "partition.owner").filter(({ t, how }) => t > 60 * SECOND && how === "revoked");
    expect(gone).not.toEqual([]);
    const { records: lost } = told(events, "records.lost");
    expect(lost - told(events, "records.found").records).toBeCloseTo(0, 3);
    expect(told(events, "records.reread")).toEqual(NOTHING);
  });
});

/*
 * The same two members; i-1 is stuck in a batch from 61.4 s to 71.4 s, and closes. Whoever closes inside a batch stops there,
 * and commits what it has done of it: the rest is its heir's. Whoever does so after it, when it has polled and waits for the
 * group before it gets another one, has processed all that it committed.
 */
describe.for(["fluid", "records"])("who closes after a pause, or inside it: %s", (flow) => {
  test.for([
    ["inside", "{ at: 65s, leave: i-1 }"],
    ["while it rejoins", "{ at: 71500ms, leave: i-1 }, { at: 60s, join: i }"],
  ] as const)("leaves nothing unprocessed, and nothing twice: %s", ([, more]) => {
    const events = eventsOf(
      `
duration: 150s
flow: ${flow}
cluster: { brokers: 3, network: { delay: 1ms }, appendDelay: 0ms }
topics: { orders: { partitions: 8, rate: 2000/s${flow === "records" ? ", arrivals: even" : ""} } }
groups:
  i:
    config: { partition.assignment.strategy: [cooperative-sticky] }
    members: { initial: 2, capacity: 500/s, commit: before-processing }
events: [{ at: 61400ms, pause: i-1, lasts: 10s }, ${more}]
`,
      "1",
      keepsRare,
    );
    const stops = first(events, "partition.reading", ({ client, reading }) => client === "i-1" && !reading);
    expect(stops.t).toBeGreaterThan(65 * SECOND);
    expect(told(events, "records.lost").records - told(events, "records.found").records).toBeCloseTo(0, 3);
    expect(told(events, "records.reread")).toEqual(NOTHING);
  });
});
