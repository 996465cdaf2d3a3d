import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LagSlopes } from "../../../sim/trace/event.ts";
import { lagPieces, totalLag, type LagPiece } from "../../../sim/trace/readings/lag.ts";
import { sampledLag, type LagSample } from "../../../sim/trace/readings/sampled-lag.ts";
import { cpuSeconds } from "../../support/cpu.ts";
import { collect, headerOf, Story } from "../../support/events.ts";

const s = 1_000_000;

const line = (partition: number, lag: number, inflow: number, out: number) => ({
  group: "g",
  topic: "orders",
  partitions: [partition],
  lag,
  in: inflow,
  out,
});

/** Time lag in seconds at an instant, from whichever piece is under way then. */
function timeLagAt(pieces: readonly LagPiece[], seconds: number): number {
  const piece = pieces.find(({ from, to }) => from <= seconds * s && seconds * s < to)!;
  return (piece.timeLag + piece.timeSlope * (seconds * s - piece.from)) / s;
}

describe("V15 and V18: a partition unread for U = 50 s at a = 100/s, then read at c = 300/s", () => {
  const story = new Story();
  story.lag(0, line(0, 0, 100, 100));
  story.lag(10, line(0, 0, 100, 0));
  story.lag(60, line(0, 5000, 100, 300)); // aU
  story.lag(85, line(0, 0, 100, 100)); // aU / (c − a) later
  const pieces = collect(lagPieces, story, 100);

  test("its lag is three straight lines between calm ones", () => {
    expect(pieces.map(({ from, to, lag, slope }) => [from / s, to / s, lag, slope])).toEqual([
      [0, 10, 0, 0],
      [10, 60, 0, 100],
      [60, 85, 5000, -200],
      [85, 100, 0, 0],
    ]);
  });

  test("its time lag grows with time, equals U at resumption, and shrinks by c / a − 1 a second", () => {
    expect(pieces.map(({ timeLag, timeSlope }) => [timeLag / s, timeSlope])).toEqual([
      [0, 0],
      [0, 1],
      [50, -2],
      [0, 0],
    ]);
  });

  test("the group's total is its lag, with the area ½ a U² c / (c − a)", () => {
    const total = collect(totalLag, story, 100);
    const area = total.reduce((sum, { from, to, lag, slope }) => {
      const length = (to - from) / s;
      return sum + length * (lag + (slope * length) / 2);
    }, 0);
    expect(area).toBe((0.5 * 100 * 50 * 50 * 300) / 200);
  });
});

test("records one by one: the time lag is the age of the oldest that is not done", () => {
  const story = new Story();
  const step = (seconds: number, lag: number, arrived: number): void =>
    story.lag(seconds, { ...line(0, lag, 0, 0), arrived });
  step(1, 1, 1); // the first comes
  step(2, 2, 1); // the second
  step(2.5, 1, 0); // the first is done
  step(4, 3, 2); // two more at once
  step(5, 2, 0); // the second is done
  step(6, 1, 0); // the third
  step(7, 0, 0);
  step(9, 1, 1); // after a rest
  const pieces = collect(lagPieces, story, 10);
  const ages = [0.5, 1.5, 2.25, 3, 4.5, 5.5, 6.5, 8, 9.5].map((at) => timeLagAt(pieces, at));
  expect(ages).toEqual([0, 0.5, 1.25, 1, 2.5, 1.5, 2.5, 0, 0.5]);
});

describe("V18: rates that change while nobody reads", () => {
  // 100/s for 10 s, 200/s for 10 s, then 50/s; unread until 30 s (3500 records), then read at 500/s.
  const story = new Story();
  story.lag(0, line(0, 0, 100, 0));
  story.lag(10, line(0, 1000, 200, 0));
  story.lag(20, line(0, 3000, 50, 0));
  story.lag(30, line(0, 3500, 50, 500));
  story.lag(37.777778, line(0, 0, 50, 50));
  const pieces = collect(lagPieces, story, 50);

  test("the position meets each rate when its records are reached: bends at 32 s and 36 s", () => {
    // 1000 records of the first rate take 2 s, 2000 of the second 4 s.
    expect(pieces.map(({ from }) => from / s)).toEqual([0, 10, 20, 30, 32, 36, 37.777778]);
  });

  test("the time lag follows the inverse of what was produced", () => {
    for (const [at, age] of [
      [29, 29],
      [30, 30],
      [31, 31 - 5], // the 500th record came at 5 s
      [32, 32 - 10],
      [34, 34 - 15], // the 2000th at 15 s
      [36, 36 - 20],
      [37, 37 - 30], // the 3500th at 30 s
      [38, 0],
    ])
      expect(timeLagAt(pieces, at)).toBeCloseTo(age, 9);
  });
});

test("V18: over a time without production the time lag jumps: the next record is a younger one", () => {
  const story = new Story();
  story.lag(0, line(0, 0, 100, 0));
  story.lag(10, line(0, 1000, 0, 0));
  story.lag(20, line(0, 1000, 100, 0));
  story.lag(25, line(0, 1500, 100, 100));
  const pieces = collect(lagPieces, story, 50);
  expect(timeLagAt(pieces, 34.999)).toBeCloseTo(25, 9);
  expect(timeLagAt(pieces, 35)).toBeCloseTo(15, 9);
});

test("where records are gone with a leader, the next one to be read is as old as it is, and so are those behind it", () => {
  // 100/s for 10 s, 200/s until 20 s, half of which is read; then those from 15 s on, 1000, are gone, and 50/s come in.
  const story = new Story();
  story.lag(0, line(0, 0, 100, 50));
  story.lag(10, line(0, 500, 200, 100));
  story.lag(20, { ...line(0, 500, 50, 250), gone: 1000 });
  story.lag(22.5, line(0, 0, 50, 50));
  story.lag(30, line(0, 250, 50, 50)); // the last 250 once more: those of 25 s to 30 s
  story.lag(40, line(0, 2500, 50, 500)); // … and all since 5 s
  const pieces = collect(lagPieces, story, 44);
  for (const [at, age] of [
    [19.999, 19.999 - 12.4995], // the 1500th: 1000 came by 10 s
    [20, 20 - 12.5],
    [21, 21 - 13.75],
    [21.999, 21.999 - 14.99875],
    [22.2, 22.2 - 21], // 50 of those that came from 20 s on
    [29, 0],
    [30, 5],
    [39, 5],
    [41, 41 - 10], // 500 of those from 5 s on
    [42, 42 - 12.5],
    [42.999, 42.999 - 14.9975],
    [43, 43 - 20], // the 2000th is one of the new ones
    [43.5, 43.5 - 25],
  ])
    expect([at, timeLagAt(pieces, at)]).toEqual([at, expect.closeTo(age, 9)]);
});

test("set back behind two changes of rate, with nothing waiting in between: each record is as old as it is", () => {
  // 100/s for 10 s, 200/s for 10 s, then 50/s, all read at once; at 30 s the 1500 records from 2000 on are read again.
  const story = new Story();
  story.lag(0, line(0, 0, 100, 100));
  story.lag(10, line(0, 0, 200, 200));
  story.lag(20, line(0, 0, 50, 50));
  story.lag(30, line(0, 1500, 50, 500));
  const pieces = collect(lagPieces, story, 40);
  for (const [at, age] of [
    [29, 0],
    [30, 30 - 15], // record 2000 came at 15 s
    [31, 31 - 17.5], // 2500
    [32, 32 - 20], // 3000, the first at 50/s
    [32.5, 32.5 - 25], // 3250
    [33, 33 - 30], // 3500
  ])
    expect(timeLagAt(pieces, at)).toBeCloseTo(age, 9);
  expect(pieces.map(({ from }) => from / s)).toEqual([0, 10, 20, 30, 32]);
});

test("a long history is remembered in part: the newest rates as they were, older ones joined where it does no harm", () => {
  // Of 10,000 partitions each may remember 25 rates behind its position. One of them was produced at a rate of its own
  // each second; it is set back by all it has, and later by what came at the last ten rates.
  const rates = Array.from({ length: 200 }, (_, second) => 10 + (second % 7));
  const story = new Story();
  const all = Array.from({ length: 10_000 }, (_, partition) => partition);
  story.lag(0, { ...line(0, 0, 0, 0), partitions: all });
  rates.forEach((rate, second) => story.lag(second, line(0, 0, rate, rate)));
  const produced = (until: number) => rates.slice(0, until).reduce((sum, rate) => sum + rate, 0);
  story.lag(200, line(0, produced(200) - produced(190), 0, 0));
  story.lag(210, line(0, produced(200) - produced(100), 0, 0));
  const pieces = collect(lagPieces, story, 220).filter(({ partition }) => partition === 0);
  expect(timeLagAt(pieces, 200)).toBeCloseTo(10, 9);
  // In the middle of the past it is off by what the rates differ within a stretch: seconds of 110.
  expect(timeLagAt(pieces, 210)).toBeGreaterThan(105);
  expect(timeLagAt(pieces, 210)).toBeLessThan(115);
});

test("a backlog at the beginning is as old as if the first rate had always been so", () => {
  const story = new Story();
  story.lag(0, line(0, 500, 100, 0));
  expect(timeLagAt(collect(lagPieces, story, 10), 1)).toBe(6);
});

test("a line that ends below zero within its last microsecond has never been there", () => {
  const story = new Story();
  story.lag(0, line(0, 1, 0, 3));
  story.lag(0.333334, line(0, 0, 0, 0));
  const total = collect(totalLag, story, 1);
  expect(total.at(-1)).toMatchObject({ lag: 0, slope: 0 });
  expect(Math.min(...collect(lagPieces, story, 1).map(({ lag }) => lag))).toBe(0);
});

test("a partition no line speaks of has none; the total begins with nothing", () => {
  expect(collect(lagPieces, new Story(), 10)).toEqual([]);
  expect(collect(totalLag, new Story(), 10)).toMatchObject([{ from: 0, to: 10 * s, lag: 0, slope: 0 }]);
});

/** A partition's production and consumption, step by step, and its lag as whoever writes a trace has to reckon it. */
interface Step {
  readonly length: number;
  readonly in: number;
  readonly out: number;
  /** Records by which the position is set back at its begin, as far as there are so many. */
  readonly back: number;
}
const steps = fc.array(
  fc.record({
    length: fc.integer({ min: 1, max: 60 }),
    in: fc.constantFrom(0, 1, 50, 100, 1000),
    out: fc.constantFrom(0, 0, 30, 100, 400, 3000),
    back: fc.constantFrom(0, 0, 0, 7, 400, 20_000),
  }),
  { minLength: 1, maxLength: 25 },
);

/** Writes the steps as lines; when the lag runs dry before a step ends, consumption falls to production. */
function written(
  plan: readonly Step[],
  partition: number,
): { lines: { t: number; line: Omit<LagSlopes, "type" | "t" | "cause"> }[]; end: number } {
  const lines: { t: number; line: Omit<LagSlopes, "type" | "t" | "cause"> }[] = [];
  let t = 0;
  let lag = 0;
  let produced = 0;
  for (const { length, in: inflow, out: wanted, back } of plan) {
    lag = Math.min(produced, lag + back);
    produced += inflow * length;
    let out = lag === 0 ? Math.min(wanted, inflow) : wanted;
    lines.push({ t, line: line(partition, lag, inflow, out) });
    const dry = out > inflow ? t + Math.ceil((lag / (out - inflow)) * s) : Infinity;
    if (dry < t + length * s) {
      out = inflow;
      lag = 0;
      lines.push({ t: dry, line: line(partition, 0, inflow, out) });
    } else if (dry === t + length * s) lag = 0;
    else lag = Math.round((lag + (inflow - out) * length) * 1e6) / 1e6;
    t += length * s;
    if (dry < t) lag = 0;
  }
  lines.push({ t, line: line(partition, lag, 0, 0) }); // and nothing more ever happens to it
  return { lines, end: t };
}

/** The age of the next record to be read at an instant, by adding up records one production step after another. */
function ageByHand(plan: readonly Step[], lag: number, t: number): number {
  if (lag <= 1e-6) return 0;
  let produced = 0;
  let from = 0;
  const rates: { from: number; to: number; rate: number }[] = [];
  for (const { length, in: rate } of plan) {
    const to = Math.min(t, from + length * s);
    if (to > from) rates.push({ from, to, rate });
    produced += (rate * Math.max(0, to - from)) / s;
    from += length * s;
  }
  let before = 0;
  const position = Math.max(0, produced - lag);
  for (const { from, to, rate } of rates) {
    const after = before + (rate * (to - from)) / s;
    if (after > position + 1e-6) return t - (from + ((position - before) / rate) * s);
    before = after;
  }
  return 0;
}

test("the time lag of any history is the one reckoned by hand, record after record", () => {
  fc.assert(
    fc.property(
      steps,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 20 }),
      (plan, where) => {
        const story = new Story();
        const { lines, end } = written(plan, 0);
        for (const { t, line } of lines) story.lag(t / s, line);
        const pieces = collect(lagPieces, story, end / s);
        for (const share of where) {
          const t = share * end * 0.999999;
          const piece = pieces.find(({ from, to }) => from <= t && t < to)!;
          const lag = Math.max(0, piece.lag + (piece.slope * (t - piece.from)) / s);
          const age = piece.timeLag + piece.timeSlope * (t - piece.from);
          // The record under the position may be the last of one rate or the first of the next: allow a millisecond
          // of production on either side.
          const rates = [lag - 1e-3, lag, lag + 1e-3].map((l) => ageByHand(plan, Math.max(0, l), t));
          const slack = 2;
          expect(age).toBeGreaterThanOrEqual(Math.min(...rates) - slack);
          expect(age).toBeLessThanOrEqual(Math.max(...rates) + slack);
        }
      },
    ),
    { seed: 5, numRuns: 500 },
  );
});

test("the total of any histories is the sum of their lags, without drift", () => {
  fc.assert(
    fc.property(fc.array(steps, { minLength: 1, maxLength: 8 }), (plans) => {
      const all = plans.map((plan, partition) => written(plan, partition));
      const lines = all.flatMap(({ lines }) => lines).sort((a, b) => a.t - b.t);
      const end = Math.max(...all.map(({ end }) => end));
      const story = new Story();
      for (const { t, line } of lines) story.lag(t / s, line);
      const pieces = collect(lagPieces, story, end / s);
      for (const { from, lag } of collect(totalLag, story, end / s)) {
        const sum = pieces
          .filter((piece) => piece.from <= from && from < piece.to)
          .reduce((sum, piece) => sum + Math.max(0, piece.lag + (piece.slope * (from - piece.from)) / s), 0);
        // A line may stand below zero for its last microsecond: at most 3000/s · 1 µs each.
        expect(Math.abs(lag - sum)).toBeLessThan(0.003 * plans.length + 1e-6);
      }
    }),
    { seed: 6, numRuns: 200 },
  );
});

const sampled = (step: number) => (tell: (sample: LagSample) => void) => sampledLag(step * s, tell);

describe("samples", () => {
  test("come at every step, both ends included, after what happens at that instant", () => {
    const story = new Story();
    story.lag(0, line(0, 0, 100, 100));
    story.lag(10, line(0, 0, 100, 0));
    story.lag(20, line(0, 4000, 100, 0));
    const samples = collect(sampled(10), story, 30);
    expect(samples.map(({ t, total }) => [t / s, total])).toEqual([
      [0, 0],
      [10, 0],
      [20, 4000],
      [30, 5000],
    ]);
  });

  test("say the worst partition, and quantiles over all of the group's partitions", () => {
    const story = new Story();
    // 100 partitions; partition p has p records if p ≥ 40, produced at 1/s: p seconds old.
    const partitions = Array.from({ length: 60 }, (_, i) => 40 + i);
    story.lag(0, { group: "g", topic: "orders", partitions, lag: partitions, in: 1, out: 1 });
    const [sample] = collect(sampled(10), story, 5, headerOf({ topics: [{ name: "orders", partitions: 100 }] }));
    expect(sample.total).toBe(((40 + 99) * 60) / 2);
    expect(sample.worst).toEqual({ topic: "orders", partition: 99, lag: 99 });
    expect(sample.lag).toEqual({ p50: 49, p90: 89, p99: 98, max: 99 });
    expect(sample.timeLag).toEqual({ p50: 49 * s, p90: 89 * s, p99: 98 * s, max: 99 * s });
  });

  test("have the quantiles that sorting would give", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 200 }), (lags) => {
        const story = new Story();
        story.lag(0, { group: "g", topic: "orders", partitions: lags.map((_, i) => i), lag: lags, in: 0, out: 0 });
        const header = headerOf({ topics: [{ name: "orders", partitions: lags.length }] });
        const [{ lag }] = collect(sampled(10), story, 5, header);
        const sorted = lags.toSorted((a, b) => a - b);
        const at = (share: number) => sorted[Math.ceil(share * lags.length) - 1];
        expect(lag).toEqual({ p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) });
      }),
      { seed: 7 },
    );
  });

  test("of 10,000 backlogged partitions, a thousand of them, take seconds at most", () => {
    const story = new Story();
    const partitions = Array.from({ length: 10_000 }, (_, i) => i);
    story.lag(0, {
      group: "g",
      topic: "orders",
      partitions,
      lag: partitions.map((p) => (p * 7919) % 10_007),
      in: 1,
      out: 1,
    });
    const header = headerOf({ topics: [{ name: "orders", partitions: 10_000 }] });
    const seconds = cpuSeconds(() => expect(collect(sampled(1), story, 999, header)).toHaveLength(1000));
    expect(seconds).toBeLessThan(6);
  });
});

describe("what was written above a watermark that stood still is as old as it is once it can be read", () => {
  const arrives = (records: number, inflow: number, out: number) => ({
    ...line(0, records, inflow, out),
    arrived: records,
  });

  test("at one rate: U old at first, and younger as fast as it is read ahead", () => {
    const story = new Story();
    story.lag(0, line(0, 0, 300, 300));
    story.lag(10, { ...line(0, 0, 0, 0), above: 300 });
    story.lag(19, arrives(2700, 300, 600));
    story.lag(28, line(0, 0, 300, 300));
    const pieces = collect(lagPieces, story, 40);
    expect([12, 18.9, 19, 23.5, 27, 30].map((t) => timeLagAt(pieces, t))).toEqual([0, 0, 9, 4.5, 1, 0]);
  });

  test("at several rates, of which the first ended before", () => {
    const story = new Story();
    story.lag(0, line(0, 0, 300, 300));
    story.lag(10, { ...line(0, 0, 0, 0), above: 300 });
    story.lag(13, { ...line(0, 0, 0, 0), above: 600 });
    story.lag(19, arrives(900 + 3600, 0, 600));
    story.lag(26.5, line(0, 0, 0, 0));
    const pieces = collect(lagPieces, story, 40);
    // the first 900 are read in 1.5 s, the others as fast as they came
    expect([19, 20.5, 22, 26].map((t) => timeLagAt(pieces, t))).toEqual([9, 7.5, 7.5, 7.5]);
  });

  test("where the watermark moves a little first", () => {
    const story = new Story();
    story.lag(0, line(0, 0, 300, 300));
    story.lag(10, { ...line(0, 0, 0, 0), above: 300 });
    story.lag(16, { ...arrives(900, 0, 600), above: 300 }); // what was written until 13 s
    story.lag(17.5, { ...line(0, 0, 0, 0), above: 300 });
    story.lag(19, arrives(1800, 300, 600));
    story.lag(25, line(0, 0, 300, 300));
    const pieces = collect(lagPieces, story, 40);
    expect([15, 16, 17, 18, 19, 22, 26].map((t) => timeLagAt(pieces, t))).toEqual([0, 6, 5, 0, 6, 3, 0]);
  });

  test("where the rest is gone with the leader that had it", () => {
    const story = new Story();
    story.lag(0, line(0, 0, 300, 300));
    story.lag(10, { ...line(0, 0, 0, 0), above: 300 });
    story.lag(19, arrives(900, 300, 600)); // what was written until 13 s
    story.lag(22, line(0, 0, 300, 300));
    const pieces = collect(lagPieces, story, 40);
    // 900 are read in 1.5 s, and then what came since 19 s
    expect([19, 20, 20.5, 21.5, 25].map((t) => timeLagAt(pieces, t))).toEqual([9, 8, 1.5, 0.5, 0]);
  });

  test("where some of the rest is gone with it, and more is written before any can be read", () => {
    // One follower has what was written until 10 s, another until 13 s. Their leader dies at 16 s, the second of them leads
    // from 19 s on without what was written from 13 s to 16 s, and does not wait for the first any more at 22 s.
    const story = new Story();
    story.lag(0, line(0, 0, 300, 300));
    story.lag(10, { ...line(0, 0, 0, 0), above: 300 });
    story.lag(16, { ...line(0, 0, 0, 0), above: 0 });
    story.at(19, { type: "partition.truncated", topic: "orders", partition: 0, records: 900 });
    story.lag(19, { ...line(0, 0, 0, 0), above: 300 });
    story.lag(22, arrives(900 + 900, 300, 600));
    story.lag(28, line(0, 0, 300, 300));
    const pieces = collect(lagPieces, story, 40);
    // 900 are read in 1.5 s; those that follow were written from 19 s on, and read twice as fast as they came
    expect([22, 23, 23.5, 25, 26, 29].map((t) => timeLagAt(pieces, t))).toEqual([12, 11, 4.5, 3, 2, 0]);
  });

  test("… written at several rates, of which the last is gone altogether", () => {
    // As before, but 600/s from 12 s on, and all that was written from 11 s on is gone: 300 and 4 · 600. It reads as fast as the first came.
    const story = new Story();
    story.lag(0, line(0, 0, 300, 300));
    story.lag(10, { ...line(0, 0, 0, 0), above: 300 });
    story.lag(12, { ...line(0, 0, 0, 0), above: 600 });
    story.lag(16, { ...line(0, 0, 0, 0), above: 0 });
    story.at(19, { type: "partition.truncated", topic: "orders", partition: 0, records: 2700 });
    story.lag(19, { ...line(0, 0, 0, 0), above: 600 });
    story.lag(20, arrives(300 + 600, 0, 300));
    story.lag(23, line(0, 0, 0, 0));
    const pieces = collect(lagPieces, story, 40);
    expect([20, 20.5, 21, 22].map((t) => timeLagAt(pieces, t))).toEqual([10, 10, 2, 2.5]);
  });
});
