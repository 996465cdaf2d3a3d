import { expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { eventsOf, only } from "../support/runs.ts";

/*
 * A Java consumer of the classic protocol that does not know its coordinator returns one batch a poll(): at its timeout
 * while nobody coordinates, at the end of the wait between two attempts to connect while a dead broker is named (F31 of
 * coordinator-failover; its batches of 500 records take 0.5 ms here, so 500 ms become 500.5 ms).
 */

/** Broker 1 has the only copy of the group's `__consumer_offsets` partition and dies at 60 s; everything is read elsewhere. */
const run = (group: string, event = "crash: { broker: coordinator of g }", duration = "2m") =>
  eventsOf(`
duration: ${duration}
cluster:
  brokers: 4
  brokerVersion: "3.9"
  network: { delay: 1ms }
  metadataPropagation: 0ms
  config: { offsets.topic.replication.factor: 1, broker.heartbeat.interval.ms: 1 }
topics: { orders: { partitions: 1, rate: 3000/s } }
groups:
  g:
    topics: [orders]
${group}
events:
  - { at: 60s, ${event} }
`);

/** Records a second that the member reads just before `second`. */
function pace(events: ReturnType<typeof eventsOf>, second: number): number {
  const { out } = only(events, "lag").findLast(({ t }) => t < second * SECOND)!;
  return typeof out === "number" ? out : out[0];
}

const members = (pollTimeout: string): string =>
  `    members: { initial: 1, capacity: 1000000/s, pollTimeout: ${pollTimeout} }`;

test("without a coordinator it reads a batch per poll timeout", () => {
  const events = run(members("500ms"));
  expect(pace(events, 60)).toBe(3000); // all there is
  expect(pace(events, 80)).toBeCloseTo(500 / 0.5005, 6);
});

test("sent to a broker that refuses, it reads a batch whenever it may connect again, within a second at last", () => {
  const events = run(members("20s"));
  expect(pace(events, 67)).toBeCloseTo(500 / 1.0005, 6);
  expect(pace(events, 80)).toBeCloseTo(500 / 20.0005, 6);
});

test("librdkafka looks for its coordinator in the background, and reads on", () => {
  const events = run(`    clientProfile: librdkafka\n${members("500ms")}`);
  expect(pace(events, 67)).toBe(3000);
  expect(pace(events, 80)).toBe(3000);
});

test("while nobody answers it waits for nothing as long as it is connecting, and for the next attempt in between", () => {
  // The first request is given up at 90 s or so; each attempt to connect takes 8 s and more, before the next it waits
  // until it may connect again, and perhaps once more until it asks for its coordinator again: 1.2 s each at most.
  const events = run(
    members("500ms"),
    "cut: { from: { group: g }, to: { broker: coordinator of g } }, for: 200s",
    "4m",
  );
  const lost = only(events, "client.coordinator").filter(({ broker, t }) => broker === null && t > 100 * SECOND);
  expect(lost.length).toBeGreaterThan(4);
  for (const { t } of lost) {
    expect(pace(events, t / SECOND - 1)).toBe(3000);
    const after = only(events, "client.coordinator").find((found) => found.t > t)!;
    expect(after.t - t).toBeLessThan(2.4 * SECOND);
    expect(pace(events, after.t / SECOND)).toBeLessThan(3000);
  }
});
