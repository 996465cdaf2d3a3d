import { expect, test } from "vitest";
import { type Instant, MILLISECOND, SECOND } from "../../sim/engine/time.ts";
import type { TraceEvent } from "../../sim/trace/event.ts";
import { eventsOf, first, only } from "../support/runs.ts";

/*
 * Who commits before processing calls commitSync() with each batch, and begins with that when it is answered (spec/
 * offsets-and-lag.md, 3). Record by record this takes a round trip of 2 ms and an append of 998 ms here, 1 s in all, and the work on
 * a batch of 100 records another. There is more to read than one member can.
 *
 * The coordinator has the offsets 999 ms after the call, whatever becomes of its caller. That processes the batch if it hears of
 * it, and nothing of it otherwise: then the batch is lost, since the next owner begins behind it. So no record is processed twice.
 */
const run = (events: string, partitions = 1, config = "") =>
  eventsOf(`
duration: 90s
flow: records
cluster:
  brokers: 3
  brokerVersion: "4.1"
  network: { delay: 1ms }
  appendDelay: 998ms
  config: { group.initial.rebalance.delay.ms: 0, group.coordinator.append.linger.ms: 0 }
topics: { orders: { partitions: ${partitions}, rate: 200/s, recordSize: 1KiB, arrivals: even } }
groups:
  i:
    assignmentCost: none
    config: { max.poll.records: 100, max.partition.fetch.bytes: 102400${config} }
    members: { initial: ${partitions === 1 ? 2 : 1}, service: 10ms, startup: 10ms, commit: before-processing }
events: [${events}]
`);

const SESSION = ", session.timeout.ms: 6000";

type Events = readonly TraceEvent[];

const sum = (events: Events, type: "records.lost" | "records.found"): number =>
  only(events, type).reduce(
    (all, { records, partitions }) =>
      all + (typeof records === "number" ? records * partitions.length : records.reduce((of, one) => of + one, 0)),
    0,
  );

const lost = (events: Events) =>
  only(events, "records.lost").map(({ from, records, reason }) => ({ from, records, reason }));

function expectNothingTwice(events: Events): void {
  const all = only(events, "record.done").map(({ partition, offset }) => `${partition} ${offset}`);
  expect(new Set(all).size).toBe(all.length);
  expect(only(events, "records.reread")).toEqual([]);
}

const ms = (t: Instant): string => `${t / MILLISECOND}ms`;

/** Nothing happens; who of the two has the partition, and the first batch that it is handed after 30 s. */
const undisturbed = run("", 1, SESSION);
const batch = first(undisturbed, "records.polled", ({ t }) => t > 30 * SECOND);
const owner = batch.client;
const begin = batch.position - batch.records;

/** What its heir begins with. */
const heirsFirst = (events: Events): number => first(events, "record.done", ({ client }) => client !== owner).offset;

const doneByOwner = (events: Events): number =>
  only(events, "record.done").findLast(({ client }) => client === owner)!.offset;

test("a batch is begun one second after it is handed out, and takes one", () => {
  expect(batch.records).toBe(100);
  const done = only(undisturbed, "record.done").filter(({ offset }) => offset >= begin && offset < batch.position);
  expect(done).toHaveLength(100);
  expect(done[0].started).toBe(batch.t + SECOND);
  expect(first(undisturbed, "records.polled", ({ t }) => t > batch.t).t).toBe(batch.t + 2 * SECOND);
});

test("a crash in the midst of the wait loses that batch, and nothing else", () => {
  const events = run(`{ at: ${ms(batch.t + 500 * MILLISECOND)}, crash: ${owner} }`, 1, SESSION);
  expect(lost(events)).toEqual([{ from: begin, records: 100, reason: "committed-ahead" }]);
  expect(doneByOwner(events)).toBe(begin - 1);
  expect(heirsFirst(events)).toBe(batch.position);
  expectNothingTwice(events);
});

test("a cut in the midst of the wait, until it is expelled: it gets no answer, and nothing of that batch is processed", () => {
  const cut = `{ at: ${ms(batch.t + 500 * MILLISECOND)}, cut: { from: { client: ${owner} } }, for: 20s }`;
  const events = run(cut, 1, SESSION);
  expect(lost(events)).toEqual([{ from: begin, records: 100, reason: "committed-ahead" }]);
  expect(sum(events, "records.found")).toBe(0);
  expect(heirsFirst(events)).toBe(batch.position);
  expectNothingTwice(events);
});

test("a cut before the commit is sent: the coordinator never has it, and the heir gets the whole batch", () => {
  // It is through with a batch that it works on, and commits the next in vain.
  const cut = `{ at: ${ms(batch.t - 300 * MILLISECOND)}, cut: { from: { client: ${owner} } }, for: 20s }`;
  const events = run(cut, 1, SESSION);
  expect(lost(events)).toEqual([]);
  expect(heirsFirst(events)).toBe(begin);
  expectNothingTwice(events);
});

test("a short cut in the midst of the wait: the commit is sent again, and the batch begun when that is answered", () => {
  const cut = `{ at: ${ms(batch.t + 500 * MILLISECOND)}, cut: { from: { client: ${owner} } }, for: 2s }`;
  const events = run(cut, 1);
  const again = first(events, "record.done", ({ offset }) => offset === begin);
  expect(again.client).toBe(owner);
  expect(again.started).toBeGreaterThan(batch.t + 2500 * MILLISECOND);
  expect(lost(events)).toEqual([]);
  expectNothingTwice(events);
});

test("a close in the midst of the wait commits what has been done, so the heir gets the whole batch", () => {
  const events = run(`{ at: ${ms(batch.t + 500 * MILLISECOND)}, leave: ${owner} }`, 1, SESSION);
  expect(doneByOwner(events)).toBe(begin - 1);
  expect(lost(events)).toEqual([]);
  expect(heirsFirst(events)).toBe(begin);
  expectNothingTwice(events);
});

test("a rebalance in the midst of the wait: the batch is processed, and then its consumer joins again", () => {
  // With a heartbeat each 100 ms it hears of the newcomer before it is answered.
  const heartbeats = `${SESSION}, heartbeat.interval.ms: 100`;
  const { t, client } = first(run("", 1, heartbeats), "records.polled", (one) => one.t > 30 * SECOND);
  const events = run(`{ at: ${ms(t + 300 * MILLISECOND)}, join: i }`, 1, heartbeats);
  const begins = first(events, "group.state", (one) => one.t > 30 * SECOND && one.to === "PreparingRebalance");
  expect(begins.t).toBeGreaterThan(t);
  expect(begins.t).toBeLessThan(t + 900 * MILLISECOND);
  const joins = first(events, "client.rejoin", (one) => one.client === client && one.t > t);
  expect(joins.t).toBe(t + 2 * SECOND);
  expect(only(events, "record.done").filter((one) => one.t > t && one.t <= joins.t)).toHaveLength(100);
  expect(lost(events)).toEqual([]);
  expectNothingTwice(events);
});

/*
 * A member of the consumer protocol gives partitions up at a heartbeat, in the midst of the wait (before Kafka 4.2): the commit was
 * sent before. What poll() has returned it processes when it has its answer, and nobody else does.
 */
test("a partition that is revoked in the midst of the wait is processed as far as it is in hand, and that once", () => {
  let revokedInWait = 0;
  for (let i = 0; i < 8; i++) {
    const join = `{ at: ${40_000 + 250 * i}ms, join: { group: i } }`;
    const events = run(join, 4, ", group.protocol: consumer");
    const revoked = first(events, "partition.owner", (one) => one.client === "i-1" && one.how === "revoked");
    const polled = only(events, "records.polled").filter((one) => one.client === "i-1" && one.t <= revoked.t);
    const last = polled.filter(({ t }) => t === polled.at(-1)!.t);
    const inHand = last.filter(({ partition }) => revoked.partitions.orders.includes(partition));
    if (revoked.t < last[0].t + SECOND && inHand.length > 0) {
      revokedInWait++;
      for (const { position, records, partition, t } of inHand) {
        const of = (offset: number) =>
          only(events, "record.done").find((one) => one.partition === partition && one.offset === offset);
        for (let offset = position - records; offset < position; offset++) {
          // (Who processes what is another's by now does so beside the group, and that is no record.done.)
          if (of(offset)) expect(of(offset)).toMatchObject({ client: "i-1" });
          if (of(offset)) expect(of(offset)!.started).toBeGreaterThanOrEqual(t + SECOND);
        }
      }
    }
    expect(sum(events, "records.lost")).toBe(sum(events, "records.found"));
    expectNothingTwice(events);
  }
  expect(revokedInWait).toBeGreaterThan(0);
});
