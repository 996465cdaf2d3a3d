import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MILLISECOND } from "../../sim/engine/time.ts";
import { gatheringTime } from "../../sim/workload/batching.ts";
import { LoadShares } from "../../sim/workload/load-shares.ts";

describe("a load that instances share", () => {
  const four = (): LoadShares => {
    const shares = new LoadShares();
    shares.begin([1, 2, 3, 4]);
    return shares;
  };

  test("is carried in full while instances come and close", () => {
    const shares = four();
    shares.close(2);
    shares.enter(5);
    shares.enter(6);
    expect(shares.carried).toBe(1);
    expect(shares.instances).toBe(5);
  });

  test("loses the part of one that crashes, until it is taken over", () => {
    const shares = four();
    const part = shares.crash(1);
    expect(part).toBe(0.25);
    expect(shares.carried).toBe(0.75);
    shares.takeOver(part);
    expect(shares.carried).toBe(1);
    expect(shares.crash(2)).toBeCloseTo(1 / 3, 12);
  });

  test("loses it for good if nobody takes it over, until another instance comes", () => {
    const shares = four();
    shares.abandon(shares.crash(1));
    expect(shares.carried).toBe(0.75);
    shares.enter(5); // a quarter of what is carried, and the quarter that waited
    expect(shares.carried).toBe(1);
    expect(shares.crash(5)).toBeCloseTo(0.75 / 4 + 0.25, 12);
  });

  test("and only until then: whoever comes later finds nothing that waits", () => {
    const shares = four();
    shares.abandon(shares.crash(1));
    shares.enter(5);
    shares.enter(6);
    expect(shares.carried).toBe(1);
    expect(shares.crash(6)).toBeCloseTo(1 / 5, 12);
  });

  test("is taken over by each in proportion to what it carries", () => {
    const shares = four();
    shares.abandon(shares.crash(1));
    shares.enter(5); // 7 in 16, and 3 in 16 of each of the others
    shares.takeOver(shares.crash(2));
    expect(shares.crash(5)).toBeCloseTo(7 / 13, 12);
    expect(shares.crash(3)).toBeCloseTo(3 / 13, 12);
  });

  test("waits for somebody when nobody is left", () => {
    const shares = new LoadShares();
    shares.begin([1]);
    shares.close(1);
    expect(shares.carried).toBe(0);
    shares.enter(2);
    expect(shares.carried).toBe(1);
  });

  test("is never more than the whole, whatever happens", () => {
    const deeds = fc.array(fc.tuple(fc.constantFrom("enter", "close", "crash", "take"), fc.nat(5)), { maxLength: 60 });
    fc.assert(
      fc.property(deeds, (list) => {
        const shares = four();
        const open: number[] = [];
        let next = 5;
        for (const [deed, who] of list) {
          if (deed === "enter") shares.enter(next++);
          else if (deed === "close") shares.close(next - 1 - who);
          else if (deed === "crash") open.push(shares.crash(next - 1 - who));
          else shares.takeOver(open.pop() ?? 0);
          const missing = open.reduce((sum, part) => sum + part, 0);
          expect(shares.carried).toBeLessThanOrEqual(1);
          if (shares.instances > 0) expect(shares.carried + missing).toBeCloseTo(1, 6);
        }
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

describe("the time in which a batch is gathered", () => {
  const linger = 10 * MILLISECOND;

  test("is the linger where records are rare, and half of it where they are many", () => {
    expect(gatheringTime({ records: 1000, linger }, 0)).toBe(linger);
    expect(gatheringTime({ records: 1e9, linger }, 1e8)).toBeCloseTo(linger / 2, -1);
    // one more record in ten milliseconds: 10 · 1.5 / 2
    expect(gatheringTime({ records: 1000, linger }, 100)).toBe(7.5 * MILLISECOND);
  });

  test("is half of what it takes to fill the batch where that is sooner", () => {
    // 16 records at 4000/s: the first waits for 15 more, 3.75 ms
    expect(gatheringTime({ records: 16, linger }, 4000)).toBe(1.875 * MILLISECOND);
    // at 1550/s 15.5 more would come in 10 ms; the fifteenth fills it
    expect(gatheringTime({ records: 16, linger }, 1550)).toBeCloseTo((15 / (2 * 1550)) * 1e6, 6);
  });

  test("is nothing without a linger, or in batches of one", () => {
    expect(gatheringTime({ records: 16, linger: 0 }, 4000)).toBe(0);
    expect(gatheringTime({ records: 1, linger }, 4000)).toBe(0);
  });
});
