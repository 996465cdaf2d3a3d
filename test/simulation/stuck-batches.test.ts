import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { eventsOf, first, only } from "../support/runs.ts";

/*
 * Two members, each with a partition that brings twice what it can read: every batch is 500 records, which take it 5 s, and is
 * committed by itself. At 60 s one of them gets stuck in the batch in its hands, for 40 s; it may be for 20 s from its last
 * poll() on. Until it goes on it has those 500 in its hands, however many of them it has done (spec/offsets-and-lag.md, 3).
 */
const run = (flow: string, commit: string, ...more: readonly string[]) =>
  eventsOf(`
duration: 150s
flow: ${flow}
cluster: { brokers: 3, network: { delay: 1ms }, appendDelay: 0ms }
topics: { orders: { partitions: 2, rate: 400/s, recordSize: 1KiB${flow === "records" ? ", arrivals: even" : ""} } }
groups:
  i:
    config: { max.poll.interval.ms: 20000, max.partition.fetch.bytes: 512000, auto.offset.reset: earliest }
    members: { initial: 2, capacity: 100/s, commit: ${commit} }
events: [${["{ at: 60s, pause: i-1, lasts: 40s }", ...more].join(", ")}]
`);

type Events = ReturnType<typeof run>;

/** How many records there are in all that were told of so, and why. */
function told(events: Events, type: "records.lost" | "records.found" | "records.reread") {
  const found = only(events, type);
  return {
    records: found.reduce((sum, { records }) => sum + Number(records), 0),
    reasons: [...new Set(found.map(({ reason }) => reason))],
  };
}

const NOTHING = { records: 0, reasons: [] };

const allOf = (records: number, reason: string) => ({ records: expect.closeTo(records, 4), reasons: [reason] });

/** How much of the batch in its hands it has done when it gets stuck. */
function doneOfBatch(events: Events, flow: string): number {
  const { t } = first(events, "partition.reading", ({ client, reading }) => client === "i-1" && reading);
  // Where records are fetched, the first batch comes a round trip after reading begins.
  const done = (60 * SECOND - t - (flow === "records" ? 2000 : 0)) / 10_000;
  return (flow === "records" ? Math.floor(done) : done) % 500;
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
