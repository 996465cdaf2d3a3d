import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { DeliveryFold } from "../../sim/metrics/delivery.ts";
import type { Again, Loss } from "../../sim/trace/readings/records.ts";

const PLACE = { t: 10 * SECOND, group: "g", topic: "orders", partition: 0 } as const;
const again = (from: number, records: number, more: Partial<Again> = {}): Again => ({
  ...PLACE,
  from,
  records,
  inHand: 0,
  unprocessed: 0,
  reason: "crash",
  ...more,
});
const loss = (from: number, records: number): Loss => ({ ...PLACE, from, records, reason: "out-of-range" });

/** Of 1000 records that were produced: those that were processed once, over those that were processed or lost. */
describe("the share of records that is processed exactly once", () => {
  test("is all of them where none is read again or lost, and where there are none", () => {
    expect(new DeliveryFold(0).result(1000)).toMatchObject({ duplicates: 0, lost: 0, exactlyOnce: 1 });
    expect(new DeliveryFold(0).result(0).exactlyOnce).toBe(1);
  });

  test("lacks those that were processed twice, once each", () => {
    const fold = new DeliveryFold(0);
    fold.seeReread(again(500, 100));
    expect(fold.result(1100)).toMatchObject({ duplicates: 100, exactlyOnce: 0.9 });
    fold.seeReread(again(550, 50, { reason: "revoked" })); // a third time
    expect(fold.result(1150)).toMatchObject({
      duplicates: 150,
      duplicatesBy: { crash: 100, revoked: 50 },
      exactlyOnce: 0.9,
    });
  });

  test("lacks those that were lost", () => {
    const fold = new DeliveryFold(0);
    fold.seeLoss(loss(900, 50));
    expect(fold.result(950)).toMatchObject({ lost: 50, lostBy: { "out-of-range": 50 }, exactlyOnce: 0.95 });
    fold.seeFound(loss(900, 20));
    expect(fold.result(970)).toMatchObject({ lost: 30, exactlyOnce: 0.97 });
  });

  test("counts what a crashed reader had only in hand as processed once, by the next one", () => {
    // It had processed 900 and was handed 50 more; the next one begins at 500: 900 and 500 are processed in the end.
    const fold = new DeliveryFold(0);
    fold.seeReread(again(500, 450, { inHand: 50, unprocessed: 50 }));
    expect(fold.result(1400)).toMatchObject({ duplicates: 450, exactlyOnce: 0.6 });
  });

  test("lacks what somebody still processed whose partition was taken from him", () => {
    // The same, but he works through his 50 beside the group, which are no part of what that has processed.
    const fold = new DeliveryFold(0);
    fold.seeReread(again(500, 450, { inHand: 50, reason: "expelled" }));
    expect(fold.result(1400)).toMatchObject({ duplicates: 450, exactlyOnce: 0.55 });
  });

  test("has those again that were to be read again, and were not", () => {
    const fold = new DeliveryFold(0);
    fold.seeReread(again(500, 100));
    fold.seeSpared(again(560, 40));
    expect(fold.result(1060)).toMatchObject({ duplicates: 60, exactlyOnce: 0.94 });
  });

  test("leaves out what was told in the warm-up", () => {
    const fold = new DeliveryFold(PLACE.t + 1);
    fold.seeReread(again(500, 100));
    fold.seeLoss(loss(900, 50));
    expect(fold.result(1000)).toMatchObject({ duplicates: 0, lost: 0, exactlyOnce: 1 });
  });
});
