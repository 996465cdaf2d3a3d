import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { eventsOf, only } from "../support/runs.ts";

/**
 * One partition at 1000/s, read at 600/s from 3 s on; a record is kept for ten minutes after its minute's segment is
 * closed, and the brokers look once a minute. After k minutes the log starts k − 11 minutes after its begin, and the
 * group has read 600 records for each second but the first three or so: retention gets ahead of it at 28 minutes.
 */
const overtaken = (reset: string): string => `
duration: 40m
cluster:
  network: { delay: { constant: 1ms } }
  config: { log.retention.check.interval.ms: 60000 }
topics:
  orders: { partitions: 1, rate: 1000/s, config: { retention.ms: 600000, segment.ms: 60000 } }
groups:
  billing: { config: { auto.offset.reset: ${reset} }, members: { initial: 1, capacity: 600/s } }
`;

const minutes = (count: number): number => count * 60 * SECOND;

describe("retention that overtakes a slow group", () => {
  test("is told once something unread is deleted, and each time thereafter", () => {
    const trimmed = only(eventsOf(overtaken("earliest")), "topic.trimmed");
    expect(trimmed.map(({ t }) => t)).toEqual(Array.from({ length: 13 }, (_, i) => minutes(28 + i)));
    expect(trimmed[0]).toMatchObject({ topic: "orders", partitions: [0], start: [17 * 60_000] });
  });

  test("with earliest leaves the group at the log's start: eleven minutes of records wait", () => {
    const lines = only(eventsOf(overtaken("earliest")), "lag").filter(({ t }) => t >= minutes(28));
    expect(lines.map(({ t, lag }) => [t, lag])).toEqual(
      Array.from({ length: 13 }, (_, i) => [minutes(28 + i), 660_000]),
    );
  });

  test("with latest takes the group to the log's end: all that waited is lost", () => {
    const events = eventsOf(overtaken("latest"));
    const lines = only(events, "lag").filter(({ t }) => t >= minutes(28));
    expect(lines[0]).toMatchObject({ t: minutes(28), lag: 0, in: 1000, out: 600 });
    expect(only(events, "topic.trimmed")).toHaveLength(1);
  });
});

// Kafka: `OffsetOutOfRangeException` out of poll(), and `NoOffsetForPartitionException` where nothing was committed.
test("with none the application gets an exception, which says whether an offset was out of range or none was there", () => {
  const [overtook] = only(eventsOf(overtaken("none")), "client.failed");
  expect(overtook).toMatchObject({ client: "billing-1", error: "OFFSET_OUT_OF_RANGE" });
  expect(overtook.t).toBeGreaterThanOrEqual(minutes(28));
  expect(overtook.t).toBeLessThan(minutes(28) + 2 * SECOND);
  const fresh = overtaken("none").replace("billing: {", "billing: { committed: none,");
  const [began] = only(eventsOf(fresh), "client.failed");
  expect(began).toMatchObject({ client: "billing-1", error: "NO_OFFSET_FOR_PARTITION" });
  expect(began.t).toBeLessThan(10 * SECOND);
});

test("who does not fetch at present finds out when it does: one that is stuck in a batch goes on where the policy says then", () => {
  // Stuck from 27 m 30 s on, it has read up to minute 16 and some; the minutes up to 17 are deleted at 28 m.
  const events = eventsOf(`${overtaken("latest")}events: [{ at: 27m30s, pause: billing-1, lasts: 60s }]`);
  const [lost] = only(events, "records.lost");
  expect(lost).toMatchObject({ reason: "out-of-range" });
  expect(lost.t).toBeGreaterThanOrEqual(28.5 * minutes(1));
  expect(lost.t).toBeLessThan(28.5 * minutes(1) + 2 * SECOND); // what it had in hand was less than a second's work
  // it goes on at the log's end as it is then
  expect((lost.from as number) + (lost.records as number)).toBeCloseTo((1000 * lost.t) / SECOND, 3);
});

test("retention by size does the same where records are many", () => {
  const yaml = overtaken("earliest").replace(
    "retention.ms: 600000, segment.ms: 60000",
    "retention.bytes: 614400000, segment.bytes: 61440000",
  );
  // 600,000 records of 1 KiB are kept, in segments of 60,000: eleven segments before one goes
  const trimmed = only(eventsOf(yaml), "topic.trimmed");
  // after k minutes the log starts at 60,000 (k − 10), and the group is at 36,000 k − 1,800: from k = 25 on it is behind
  expect(trimmed[0]).toMatchObject({ t: minutes(25), start: [15 * 60_000] });
});
