import { expect, test } from "vitest";
import { mean, quantile } from "../../sim/metrics/occupancy.ts";
import { summarise } from "../../sim/metrics/summarise.ts";
import type { Happening } from "../../sim/trace/event.ts";
import { Story } from "../support/events.ts";

const s = 1_000_000;
const PRODUCERS = {
  type: "topic.producers",
  topic: "orders",
  instances: 1,
  demand: 50,
  carried: 1,
  latency: 0,
} as const;

/** One partition at 50/s, read as it comes; nothing can be written to it from 10 s on, and all that waited is sent at 20 s. */
function blocked(...more: readonly (readonly [at: number, Happening])[]) {
  const story = new Story();
  const line = (at: number, rate: number) =>
    story.lag(at, { group: "g", topic: "orders", partitions: [0], lag: 0, in: rate, out: rate });
  story.at(0, PRODUCERS);
  line(0, 50);
  line(10, 0);
  // 500 wait; at 550/s they are written in 500/550 s, and in a second all is as it was.
  const last = Math.round((500 / 550) * s);
  const flushed = { after: [0, last, s], waited: [10 * s, last, 0] };
  story.at(20, { type: "topic.flushed", topic: "orders", partitions: [0], ...flushed });
  line(20, 550);
  for (const [at, event] of more) story.at(at, event);
  line(21, 50);
  const fold = summarise();
  story.tell(fold, 30, { topics: [{ name: "orders", partitions: 1 }], until: 30 * s });
  return fold.result().groups[0].endToEnd!;
}

test("what waited in the producers' buffers has waited when it is read", () => {
  // 1500 records in 30 s. 500 wait 10 s and less until they are sent: 2500 record seconds, and 250 while 500 are sent.
  const all = blocked();
  expect(all.weight).toBe(1500);
  expect(mean(all) / s).toBeCloseTo(2750 / 1500, 6);
  expect(all.max).toBe(10 * s);
  // Of the 1500 the 500 that waited fall evenly from 10 s to 500/550 s.
  const late = (share: number) => 10 - (1 - share) * 3 * (10 - 500 / 550);
  for (const share of [0.75, 0.9, 0.99]) expect(quantile(all, share) / s / late(share)).toBeCloseTo(1, 2);
  expect(quantile(all, 0.5)).toBeLessThan(0.01 * s);
});

test("a partition that is lost again while it is sent waits anew from then on", () => {
  // At 20.5 s, when 275 of the 500 are written, it is said again that what waits is sent: in no time.
  const again = { type: "topic.flushed", topic: "orders", partitions: [0], after: [0, 1], waited: [0, 0] } as const;
  const waitAt = (written: number) => 10 - (written / 500) * (10 - 500 / 550);
  expect(mean(blocked([20.5, again])) / s).toBeCloseTo((275 * (10 + waitAt(275))) / 2 / 1500, 5);
});

test("of single records each counts once, when it is first processed", () => {
  const story = new Story();
  story.at(0, PRODUCERS);
  const who = { type: "record.done", client: "a", group: "g", topic: "orders", partition: 0 } as const;
  const done = (at: number, offset: number, produced: number) =>
    story.events.push({ t: at * s, cause: null, ...who, offset, produced: produced * s, started: at * s });
  done(1, 0, 0);
  done(3, 1, 1);
  done(10, 0, 0); // again
  done(11, 1, 1);
  done(14, 3, 11); // 2 was passed over, and is found
  done(18, 2, 10);
  const fold = summarise();
  story.tell(fold, 30, { topics: [{ name: "orders", partitions: 1 }], until: 30 * s });
  const { endToEnd, latency } = fold.result().groups[0];
  for (const of of [endToEnd!, latency!.inSystem]) {
    expect(of.weight).toBe(4);
    expect(mean(of) / s).toBeCloseTo((1 + 2 + 3 + 8) / 4, 6);
  }
});

test("what only somebody beside the group has read counts with its age then", () => {
  // 50/s, read as they come for 10 s. Then nobody reads for the group, but a member that has lost the partition does: 40/s,
  // so what it reads at 10 s + x is 0.2 x old. At 20 s the group passes over 300 of the 500 records that wait; the others are
  // 4 s old and less, at 550/s they are gone after 0.4 s, and 20 have come meanwhile.
  const story = new Story();
  const line = (at: number, lag: number, out: number) =>
    story.lag(at, { group: "g", topic: "orders", partitions: [0], lag, in: 50, out });
  story.at(0, PRODUCERS);
  line(0, 0, 50);
  line(10, 0, 0);
  const of = { group: "g", topic: "orders", partitions: [0], from: 500, records: 400 } as const;
  story.at(20, { type: "records.beside", client: "a", ...of, since: 10 * s, until: 20 * s });
  line(20, 200, 550);
  line(20.4, 0, 50);
  const fold = summarise();
  story.tell(fold, 30, { topics: [{ name: "orders", partitions: 1 }], until: 30 * s });
  const all = fold.result().groups[0].endToEnd!;
  // Of the 400 that it has read the group reads the last 100 as well; the first 300 were 1.5 s old and less.
  expect(all.weight).toBeCloseTo(1500, 6);
  expect(mean(all) / s).toBeCloseTo((300 * 0.75 + 220 * 2) / 1500, 6);
});

test("a single record that waited in the producers' buffers has waited for as long as those that were sent with it", () => {
  const story = new Story();
  story.at(0, { ...PRODUCERS, latency: 2_000 });
  const flushed = { after: [0, s], waited: [10 * s, 0] };
  story.at(20, { type: "topic.flushed", topic: "orders", partitions: [0], ...flushed });
  const done = { type: "record.done", client: "a", group: "g", topic: "orders", partition: 0 } as const;
  const record = (offset: number, produced: number, t: number): void =>
    void story.events.push({ ...done, t: t * s, cause: null, offset, produced: produced * s, started: t * s });
  record(0, 20.25, 21.25); // a quarter of the way: it has waited 7.5 s
  record(1, 25, 25.5);
  const fold = summarise();
  story.tell(fold, 30, { topics: [{ name: "orders", partitions: 1 }], until: 30 * s });
  const all = fold.result().groups[0].endToEnd!;
  expect(all.weight).toBe(2);
  expect([all.min, all.max]).toEqual([502_000, 8_502_000]);
});

test("a record took to the log what it took then, however long others take when it is processed", () => {
  const story = new Story();
  story.at(0, { ...PRODUCERS, latency: 2_000 });
  story.at(20, { ...PRODUCERS, latency: 500_000 });
  const done = { type: "record.done", client: "a", group: "g", topic: "orders", partition: 0 } as const;
  const record = (offset: number, produced: number, t: number): void =>
    void story.events.push({ ...done, t: t * s, cause: null, offset, produced: produced * s, started: t * s });
  record(0, 10, 25);
  record(1, 24, 26);
  const fold = summarise();
  story.tell(fold, 30, { topics: [{ name: "orders", partitions: 1 }], until: 30 * s });
  const all = fold.result().groups[0].endToEnd!;
  expect([all.min, all.max]).toEqual([2_500_000, 15_002_000]);
});
