import { describe, expect, test } from "vitest";
import { MICROSECOND, MILLISECOND, SECOND } from "../../sim/engine/time.ts";
import type { Instant } from "../../sim/engine/time.ts";
import { eventsOf, first, keepsRare, only } from "../support/runs.ts";

/*
 * Two members of the consumer protocol with four partitions each, which bring twice what they can read: every batch is full, and
 * is committed before it is processed. A third one joins, and to each of the two a heartbeat says to give one partition up: its
 * background thread does so at once, in the midst of a batch (before Kafka 4.2). What poll() has returned is the application's
 * own: no revocation takes it back. Kafka: `AbstractMembershipManager.maybeReconcile`; `ConsumerRecords`.
 *
 * A record takes 2 ms: 500 a batch are 1 s, so that whoever is given the partition, with its next heartbeat 5 s later, begins
 * behind what has been processed by then; 5000 are 10 s, and it begins before. Record by record, the commit before a batch takes
 * a round trip of 2 ms, as the append takes none.
 */
const run = (flow: string, batch: number, ...more: readonly string[]) =>
  eventsOf(
    `
duration: 100s
flow: ${flow}
cluster:
  brokers: 3
  network: { delay: 1ms }
  appendDelay: 0ms
  config: { group.coordinator.append.linger.ms: ${flow === "records" ? 0 : 5} }
topics: { orders: { partitions: 8, rate: 2000/s, recordSize: 1KiB${flow === "records" ? ", arrivals: even" : ""} } }
groups:
  i:
    clientVersion: "4.1"
    config:
      group.protocol: consumer
      max.poll.records: ${batch}
      max.partition.fetch.bytes: ${flow === "records" ? 2048000 : 5120000}
    members: { initial: 2, capacity: 500/s, commit: before-processing }
events: [${["{ at: 60s, join: i }", ...more].join(", ")}]
`,
    "1",
    keepsRare,
  );

type Events = ReturnType<typeof run>;

/** A member that is in the midst of records of the partition it gives up, which it does at about 65 s, in either flow. */
const WHO = { fluid: "i-2", records: "i-1" } as const;

const givesUp = (events: Events, client: string) =>
  first(events, "partition.owner", (one) => one.client === client && one.how === "revoked" && one.t > 60 * SECOND);

/** How many records of one partition were told of so, and when. */
function told(events: Events, type: "records.lost" | "records.found", partition: number) {
  return only(events, type).flatMap(({ t, partitions, records }) => {
    const at = partitions.indexOf(partition);
    return at < 0 ? [] : [{ t, records: typeof records === "number" ? records : records[at] }];
  });
}

const sum = (all: readonly { readonly records: number }[]): number => all.reduce((of, one) => of + one.records, 0);

/**
 * How many records of a partition are in the hands of that member at that instant, by the batch that it was handed before it gave
 * the partition up: as a fluid it goes through a quarter of it, evenly, in 10 s; one by one they come in the order in which
 * poll() handed them out.
 */
function inHand(events: Events, flow: string, client: string, partition: number, at: Instant): number {
  const { t: until } = givesUp(events, client);
  if (flow === "fluid") {
    const { t } = first(events, "partition.reading", (one) => one.client === client && one.reading);
    const into = (until - t) % (10 * SECOND);
    return 1250 - Math.min(1250, ((into + at - until) / SECOND) * 125);
  }
  const all = only(events, "records.polled").filter((one) => one.client === client && one.t <= until);
  const batch = all.filter(({ t }) => t === all.at(-1)!.t);
  const place = batch.findIndex((one) => one.partition === partition);
  const before = batch.slice(0, place).reduce((of, { records }) => of + records, 0);
  const begun = batch[0].t + 2 * MILLISECOND; // when its commit is answered
  const done = Math.floor((at - begun) / 2000) - before;
  return batch[place].records - Math.max(0, Math.min(batch[place].records, done));
}

describe.for(["fluid", "records"] as const)("what is revoked in the midst of a batch: %s", (flow) => {
  const client = WHO[flow];

  test("is processed once, by who had it in its hands", () => {
    const events = run(flow, 500);
    const { t, partitions } = givesUp(events, client);
    const next = first(events, "partition.reading", (one) => one.client === "i-3" && one.reading);
    expect(next.partitions).toMatchObject({ orders: expect.arrayContaining([...partitions.orders]) });
    expect(next.t).toBeGreaterThan(t + SECOND);
    expect(only(events, "records.lost")).toEqual([]);
    expect(only(events, "records.reread")).toEqual([]);
  });

  test("is passed over by who begins before that one is through with it, and then processed all the same", () => {
    const events = run(flow, 5000);
    const { partitions } = givesUp(events, client);
    const [partition] = partitions.orders;
    const next = first(events, "partition.reading", (one) => one.client === "i-3" && one.reading);
    const [lost] = told(events, "records.lost", partition);
    expect(lost.t).toBe(next.t);
    // What is done at that very instant is done after the answer has come with which the other begins.
    expect(lost.records).toBeCloseTo(inHand(events, flow, client, partition, next.t - MICROSECOND), 3);
    const found = told(events, "records.found", partition);
    expect(found[0].t).toBeGreaterThan(next.t);
    expect(sum(found)).toBeCloseTo(lost.records, 3);
    expect(only(events, "records.reread")).toEqual([]);
  });

  test.for([67, 72])("is lost as far as it was not done when that one crashes in it, at %d s", (at) => {
    // At 67 s nobody has begun with the partition, at 72 s somebody has.
    const events = run(flow, 5000, `{ at: ${at}s, crash: ${client} }`);
    const [partition] = givesUp(events, client).partitions.orders;
    const lost = sum(told(events, "records.lost", partition)) - sum(told(events, "records.found", partition));
    expect(lost).toBeGreaterThan(100);
    expect(lost).toBeCloseTo(inHand(events, flow, client, partition, at * SECOND), 3);
    expect(only(events, "records.reread")).toEqual([]);
  });

  test.for([
    "{ at: 67s, freeze: CLIENT, for: 10s }",
    "{ at: 72s, freeze: CLIENT, for: 10s }",
    "{ at: 62s, pause: CLIENT, lasts: 20s }",
    "{ at: 67s, pause: CLIENT, lasts: 20s }",
    "{ at: 72s, pause: CLIENT, lasts: 20s }",
    "{ at: 67s, leave: CLIENT }",
  ])("is not lost if that one takes its time over it, or closes: %s", (event) => {
    const events = run(flow, 5000, event.replace("CLIENT", client));
    const [partition] = givesUp(events, client).partitions.orders;
    const lost = sum(told(events, "records.lost", partition));
    expect(sum(told(events, "records.found", partition))).toBeCloseTo(lost, 3);
    expect(only(events, "records.reread")).toEqual([]);
  });
});
