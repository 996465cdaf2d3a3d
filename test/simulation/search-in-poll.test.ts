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

/*
 * The same record by record: 200 a second, at most 20 a poll, 1 µs for each of them.
 */
const single = ({ event = "crash: { broker: coordinator of g }", pollTimeout = "500ms", profile = "java" }) =>
  only(
    eventsOf(`
duration: 110s
flow: records
cluster:
  brokers: 4
  brokerVersion: "3.9"
  network: { delay: 1ms }
  metadataPropagation: 0ms
  config: { offsets.topic.replication.factor: 1, broker.heartbeat.interval.ms: 1 }
topics: { orders: { partitions: 1, rate: 200/s, arrivals: even, replicationFactor: 1 } }
groups:
  g:
    topics: [orders]
    clientProfile: ${profile}
    config: { max.poll.records: 20 }
    members: { initial: 1, capacity: 1000000/s, pollTimeout: ${pollTimeout} }
events:
  - { at: 60s, ${event} }
`),
    "records.polled",
  );

type Polls = ReturnType<typeof single>;

const within = (polls: Polls, from: number, to: number): Polls =>
  polls.filter(({ t }) => t >= from * SECOND && t < to * SECOND);

const read = (polls: Polls, from: number, to: number): number =>
  within(polls, from, to).reduce((sum, { records }) => sum + records, 0);

/** From each hand-out to the next it works on the batch, and then poll() waits. */
const expectWaits = (polls: Polls, waits: number): void => {
  expect(polls.length).toBeGreaterThan(5);
  polls.slice(1).forEach(({ t }, i) => expect(t - polls[i].t - polls[i].records).toBe(waits));
};

test("record by record, too, poll() hands out one batch in its timeout", () => {
  const polls = single({});
  expect(read(polls, 50, 60)).toBe(2000); // all there is
  expectWaits(within(polls, 80, 110), 500_000);
  expect(within(polls, 80, 110).filter(({ records }) => records === 20).length).toBeGreaterThan(50);
});

test("… or whenever it may connect again to a broker that refuses, within a second at last", () => {
  const polls = single({ pollTimeout: "20s" });
  expectWaits(within(polls, 62, 69), 1_000_000);
});

test("… but that which it is inside of returns what comes in until its timeout is over", () => {
  // It hears of the broker's death at 60.001 s, and that its coordinator is not to be found at 60.003 s. A record came to its
  // leader at 60.005 s. By then it had waited for it since 60.001 s.
  const polls = within(single({}), 60.002, 60.1);
  expect(polls.map(({ t, records }) => [t, records])).toEqual([[60_006_000, 1]]);
});

test("… and who is stuck in a batch meanwhile calls poll() when he is through with it, and waits anew", () => {
  const event = "crash: { broker: coordinator of g } }\n  - { at: 90s, pause: g-1, lasts: 3s";
  const polls = single({ event });
  expect(within(polls, 90, 93)).toEqual([]);
  expect(within(polls, 93, 110)[0].t).toBe(93_500_000);
  expectWaits(within(polls, 93, 110), 500_000);
});

test("… and librdkafka all there is", () => {
  expect(read(single({ profile: "librdkafka" }), 62, 102)).toBe(8000);
});

test("… as anybody does while he is connecting to a broker that does not answer", () => {
  // The first request is given up at 90 s or so. From then on it waits for nothing for 8 s at least.
  const event = "cut: { from: { group: g }, to: { broker: coordinator of g } }, for: 50s";
  expect(read(single({ event }), 62, 88)).toBe(200 * 26);
  expect(read(single({ event }), 94, 97)).toBe(200 * 3);
});
