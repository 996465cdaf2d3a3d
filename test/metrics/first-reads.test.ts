import { expect, test } from "vitest";
import { FirstOfSingles, FirstReads, Unread } from "../../sim/metrics/first-reads.ts";
import { lagMeasures } from "../../sim/metrics/lag-measures.ts";
import { lagPieces } from "../../sim/trace/readings/lag.ts";
import { Story } from "../support/events.ts";

const s = 1_000_000;

/** Mean age, in seconds, at which the records of one partition at 100/s are first read; breakpoints: at, lag, out. */
function meanAge(lines: readonly (readonly [at: number, lag: number, out: number])[], end: number, from = 0) {
  let records = 0;
  let ages = 0;
  const reads = new FirstReads(from * s, (read) => {
    records += read.records;
    ages += (read.records * (read.age[0] + read.age[1])) / 2;
  });
  const story = new Story();
  for (const [at, lag, out] of lines)
    story.lag(at, { group: "g", topic: "orders", partitions: [0], lag, in: 100, out });
  story.tell(
    lagPieces((piece) => reads.see(piece)),
    end,
    { topics: [{ name: "orders", partitions: 1 }], until: end * s },
  );
  return records > 0 ? ages / records / s : null;
}

test("a record that is read as it comes is of no age, and what is not read has none", () => {
  expect(meanAge([[0, 0, 100]], 10)).toBe(0);
  expect(meanAge([[0, 0, 0]], 10)).toBeNull();
});

test("where everything is read in the end, it is the area under the lag over the records (Little's law)", () => {
  // Unread for 50 s, then read at 300/s: ½ · 100 · 50² · 300 / 200 = 187,500 record seconds for 10,000 records.
  const v15 = [
    [0, 0, 100],
    [10, 0, 0],
    [60, 5000, 300],
    [85, 0, 100],
  ] as const;
  expect(meanAge(v15, 100)).toBeCloseTo(18.75, 9);
});

test("what is not yet read when the run ends is not in it", () => {
  // 1000 records of no age, then nobody reads any more.
  const left = [
    [0, 0, 100],
    [10, 0, 0],
  ] as const;
  expect(meanAge(left, 1000)).toBe(0);
  // 50/s of 100/s from the begin on: age grows by half a second a second, to 50 s.
  expect(meanAge([[0, 0, 50]], 100)).toBeCloseTo(25, 9);
});

test("what a position jumps over is not in it", () => {
  // 50/s for 100 s: 5000 records, on average 25 s old. Then retention takes 4000 of the 5000 that wait, so the next is
  // 10 s old; and 100/s for 50 s are 5000 more, each 10 s old.
  const retention = [
    [0, 0, 50],
    [100, 1000, 100],
  ] as const;
  expect(meanAge(retention, 150)).toBeCloseTo((25 + 10) / 2, 9);
});

test("what is read again is not in it", () => {
  // At 10 s the position is set back by 500 records, the first 5 s old; at 300/s age falls by two seconds a second. They
  // are read again after 5/3 s, and first reads go on with a record that is 5 − 2 · 5/3 = 5/3 s old; at 12.5 s it is 0.
  const crash = [
    [0, 0, 100],
    [10, 500, 300],
    [12.5, 0, 100],
  ] as const;
  // Besides those 250: 1000 records before and 750 after, of no age.
  const aged = 300 * (2.5 - 5 / 3);
  expect(meanAge(crash, 20)).toBeCloseTo((aged * (5 / 3 / 2)) / 2000, 9);
});

test("what a position jumped over and is set back to, is", () => {
  // Nobody reads for 10 s, the position is put to the end (1000 records of no age follow), and 10 s later back to the
  // begin: of the 2000 that wait the first 1000 are new to the group. At 1100/s age falls by ten seconds a second, from
  // 20 s: in 1/1.1 s they are read, in as much again the next 1000, and in the 0.2/1.1 s until 22 s 200 new ones, whose
  // age falls from 20 − 20/1.1 s to 0. Until 30 s come 800 of no age.
  const rewound = [
    [0, 0, 0],
    [10, 0, 100],
    [20, 2000, 1100],
    [22, 0, 100],
  ] as const;
  const found = 1000 * (20 - 5 / 1.1);
  const late = 200 * (10 - 10 / 1.1);
  expect(meanAge(rewound, 30)).toBeCloseTo((found + late) / 3000, 6);
});

test("what is read in the warm-up is not in it, and is read", () => {
  // As in the first with an area, from 70 s on: 3000 records wait, the oldest for 30 s; 15 s at 300/s, then 1500.
  const v15 = [
    [0, 0, 100],
    [10, 0, 0],
    [60, 5000, 300],
    [85, 0, 100],
  ] as const;
  expect(meanAge(v15, 100, 70)).toBeCloseTo((4500 * 15) / 6000, 9);
  // Read before 10 s, and again after: not for the first time.
  const again = [
    [0, 0, 100],
    [10, 500, 300],
    [12.5, 0, 100],
  ] as const;
  expect(meanAge(again, 20, 10)).toBeCloseTo((250 * (5 / 6)) / 1000, 9);
});

test("where records are gone, what is left of those read is not read for the first time again; what comes in their place is", () => {
  const unread = new Unread();
  unread.read(0, 300);
  unread.read(500, 700); // of 1000; then those from 600 on are gone
  unread.cutBack(400, 1000);
  expect(unread.read(400, 1000)).toEqual([[700, 900]]);
  expect(unread.read(1000, 1100)).toEqual([[1000, 1100]]);
});

test("a single record is told from one that had its offset before", () => {
  const singles = new FirstOfSingles();
  const at = { cause: null, group: "g", topic: "orders" };
  const done = (t: number, offset: number, produced: number) =>
    singles.isFirst({ ...at, type: "record.done", t, client: "g-1", partition: 0, offset, produced, started: t });
  expect([done(5, 0, 1), done(6, 1, 2), done(7, 1, 2)]).toEqual([true, true, false]);
  singles.seeLag({ ...at, type: "lag", t: 10, partitions: [0, 1], lag: 0, in: 0, out: 0, gone: [1, 0] });
  expect([done(11, 0, 1), done(12, 1, 11), done(13, 1, 11)]).toEqual([false, true, false]);
});

test("what only somebody beside the group has read counts, though it went with a leader", () => {
  // 100/s for 10 s, of which the group reads 200 meanwhile; somebody beside it reads 100 to 700, from 10 s to 16 s. At 20 s
  // those from 500 on are gone.
  const told: [records: number, first: number, last: number][] = [];
  const story = new Story();
  const line = { group: "g", topic: "orders", partitions: [0] };
  story.lag(0, { ...line, lag: 0, in: 100, out: 20 });
  story.lag(10, { ...line, lag: 800, in: 0, out: 0 });
  const beside = { ...line, from: 100, records: 600, since: 10 * s, until: 16 * s };
  story.at(16, { type: "records.beside", client: "g-1", ...beside });
  story.lag(20, { ...line, lag: 300, in: 0, out: 0, gone: 500 });
  const measures = lagMeasures((_, { records, at }) => told.push([records, at[0] / s, at[1] / s]));
  story.tell(measures, 30, { topics: [{ name: "orders", partitions: 1 }], until: 30 * s });
  expect(told).toEqual([
    [200, 0, 10],
    [expect.closeTo(200, 6), expect.closeTo(14, 6), expect.closeTo(16, 6)],
  ]);
});
