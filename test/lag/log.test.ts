import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { TopicLog } from "../../sim/lag/log.ts";

/** One partition that gets all of 100/s, from 0 on. */
function steady(): TopicLog {
  const log = new TopicLog(1);
  log.setRate(0, 100);
  log.setShare(0, 0, 1);
  return log;
}

describe("the end of a log", () => {
  test("is what was produced so far, at any instant that is over", () => {
    const log = steady();
    log.setRate(10 * SECOND, 400);
    log.setRate(30 * SECOND, 0);
    // 10 s at 100/s, 20 s at 400/s, then nothing
    expect([0, 5, 10, 20, 30, 99].map((t) => log.end(0, t * SECOND))).toEqual([0, 500, 1000, 5000, 9000, 9000]);
  });

  test("grows by each partition's share of the topic's rate", () => {
    const log = new TopicLog(3);
    log.setRate(0, 1000);
    [0.5, 0.25, 0.25].forEach((share, partition) => log.setShare(0, partition, share));
    expect([0, 1, 2].map((partition) => log.rateOf(partition))).toEqual([500, 250, 250]);
    expect([0, 1, 2].map((partition) => log.end(partition, 8 * SECOND))).toEqual([4000, 2000, 2000]);
  });

  test("stands still while nothing can be written, and more comes afterwards", () => {
    const log = steady();
    log.setShare(20 * SECOND, 0, 0);
    log.setShare(29 * SECOND, 0, 1, 300); // 900 records waited: at 300/s beside the usual, for 3 s
    log.setShare(32 * SECOND, 0, 1);
    expect([20, 29, 30, 32, 40].map((t) => log.end(0, t * SECOND))).toEqual([2000, 2000, 2400, 3200, 4000]);
  });

  test("moves on at once by what is written at once", () => {
    const log = steady();
    log.write(5 * SECOND, 0, 40);
    expect(log.end(0, 5 * SECOND)).toBe(540);
    expect(log.end(0, 6 * SECOND)).toBe(640);
  });
});

describe("the high watermark", () => {
  test("stands where the log ended at an instant, though more is written, until it is the log's end again", () => {
    const log = steady();
    log.standStill(0, 10 * SECOND);
    expect([log.watermark(0, 15 * SECOND), log.end(0, 15 * SECOND)]).toEqual([1000, 1500]);
    log.standStill(0, 12 * SECOND); // somebody else has what was written until then
    expect([log.watermark(0, 15 * SECOND), log.standsStill(0)]).toEqual([1200, true]);
    log.standStill(0, undefined);
    expect([log.watermark(0, 15 * SECOND), log.standsStill(0)]).toEqual([1500, false]);
  });

  test("is where a log goes on whose leader lacks the rest", () => {
    const log = steady();
    log.setShare(11 * SECOND, 0, 1, 100);
    log.setShare(14 * SECOND, 0, 1, 300);
    expect(log.cutBack(15 * SECOND, 0, 12 * SECOND)).toBe(200 + 200 + 400); // of 1300, 1500, 1700, 2100
    expect([15, 16].map((t) => log.end(0, t * SECOND))).toEqual([1300, 1700]);
    expect([1200, 1300, 1700].map((offset) => log.reachedAt(0, offset) / SECOND)).toEqual([11.5, 12, 16]);
  });

  test("is where it stood ever since, to who asks afterwards", () => {
    const log = steady();
    expect(log.cutBack(20 * SECOND, 0, 10 * SECOND)).toBe(1000);
    expect([10, 15, 20, 21].map((t) => log.end(0, t * SECOND))).toEqual([1000, 1000, 1000, 1100]);
    expect(log.cutBack(30 * SECOND, 0, 15 * SECOND)).toBe(1000); // nothing is left of what was written from 10 s to 20 s
    expect(log.end(0, 30 * SECOND)).toBe(1000);
  });

  test("is the same where what came before it has been deleted", () => {
    const log = steady();
    log.setShare(15 * SECOND, 0, 0.5);
    log.deleteBefore(0, 1600); // of 1750
    expect(log.cutBack(20 * SECOND, 0, 10 * SECOND)).toBe(750);
    expect([log.start(0), log.end(0, 20 * SECOND)]).toEqual([1000, 1000]);
  });
});

describe("the instant at which an offset was reached", () => {
  test("is where the curve has that height, across rates, standstills and jumps", () => {
    const log = steady();
    log.setRate(10 * SECOND, 400);
    log.setShare(20 * SECOND, 0, 0); // at 5000
    log.setShare(30 * SECOND, 0, 1);
    log.write(40 * SECOND, 0, 1000); // from 9000 to 10000
    const cases = [
      [0, 0],
      [500, 5],
      [1000, 10],
      [3000, 15],
      [5000, 20],
      [5400, 31],
      [9000, 40],
      [9500, 40],
      [10_000, 40],
      [10_400, 41],
    ];
    for (const [offset, seconds] of cases)
      expect([offset, log.reachedAt(0, offset) / SECOND]).toEqual([offset, seconds]);
  });

  test("of one that the log ends with for a while is when it got there", () => {
    const log = steady();
    log.setRate(10 * SECOND, 0);
    log.setRate(60 * SECOND, 100);
    expect(log.reachedAt(0, 1000)).toBe(10 * SECOND);
    expect(log.reachedAt(0, 1100)).toBe(61 * SECOND);
  });

  test("inverts the end, whatever has happened", () => {
    const deed = fc.record({
      after: fc.integer({ min: 0, max: 20 * SECOND }),
      rate: fc.option(fc.integer({ min: 0, max: 5000 })),
      share: fc.option(fc.constantFrom(0, 0.25, 0.5, 1)),
      besides: fc.constantFrom(0, 0, 700),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(deed, { minLength: 1, maxLength: 30 }), (deeds) => {
        const log = steady();
        let now = 0;
        for (const { after, rate, share, besides } of deeds) {
          now += after;
          if (rate !== null) log.setRate(now, rate);
          if (share !== null) log.setShare(now, 0, share, besides);
        }
        for (const { at } of deeds) {
          const offset = at * log.end(0, now);
          const reached = log.reachedAt(0, offset);
          expect(log.end(0, reached)).toBeCloseTo(offset, 5);
          if (reached > 1) expect(log.end(0, reached - 1)).toBeLessThanOrEqual(offset + 1e-6);
        }
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});
