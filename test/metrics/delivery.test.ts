import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { DeliveryFold } from "../../sim/metrics/delivery.ts";
import type { Found, Loss, Reread } from "../../sim/trace/readings/records.ts";

const PLACE = { t: 10 * SECOND, group: "g", topic: "orders", partition: 0 } as const;
const again = (from: number, records: number, more: Partial<Reread> = {}): Reread => ({
  ...PLACE,
  client: "a",
  aside: false,
  from,
  records,
  inHand: 0,
  unprocessed: 0,
  reason: "crash",
  ...more,
});
const loss = (from: number, records: number): Loss => ({ ...PLACE, from, records, reason: "out-of-range" });
const found = (from: number, records: number, beside = false): Found => ({ ...loss(from, records), beside });

/** Of 1000 records that were produced: those that were processed once, over those that were processed or lost. */
describe("the share of records that is processed exactly once", () => {
  test("is all of them where none is read again or lost", () => {
    expect(new DeliveryFold(0).result(1000)).toMatchObject({ duplicates: 0, lost: 0, exactlyOnce: 1 });
  });

  test("is no number where there are none", () => {
    for (const consumed of [0, 1e-13]) expect(new DeliveryFold(0).result(consumed).exactlyOnce).toBeNull();
    const crashed = new DeliveryFold(0); // it had been handed its first batch
    crashed.seeReread(again(0, 50, { inHand: 50, unprocessed: 50 }));
    expect(crashed.result(50)).toMatchObject({ duplicates: 50, unprocessed: 50, exactlyOnce: null });
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
    fold.seeFound(found(900, 20));
    expect(fold.result(970)).toMatchObject({ lost: 30, exactlyOnce: 0.97 });
  });

  test("counts what a crashed reader had only in hand as processed once, by the next one", () => {
    // It had processed 900 and was handed 50 more; the next one begins at 500: 950 and 500 are handed out in the end.
    const fold = new DeliveryFold(0);
    fold.seeReread(again(500, 450, { inHand: 50, unprocessed: 50 }));
    expect(fold.handedOutBeside).toBe(50);
    expect(fold.result(1450)).toMatchObject({ duplicates: 450, unprocessed: 50, exactlyOnce: 0.6 });
  });

  test("counts what a crashed reader had in hand, and nobody is handed after him, as lost and not as read", () => {
    // It is set back by 50 and ahead again over all of it, which had been committed: what was processed is not read again.
    const fold = new DeliveryFold(0);
    fold.seeReread(again(850, 100, { inHand: 50, unprocessed: 50 }));
    fold.seeSpared(again(850, 100, { inHand: 50, unprocessed: 50 }));
    fold.seeLoss(loss(900, 50));
    expect(fold.handedOutBeside).toBe(0);
    expect(fold.result(900)).toMatchObject({ duplicates: 0, unprocessed: 0, lost: 50, settled: 0 });
    expect(fold.result(900).exactlyOnce).toBeCloseTo(900 / 950, 12);
  });

  test("lacks what somebody still processed whose partition was taken from him", () => {
    // The same, but he works through his 50 beside the group, which are no part of what that has processed.
    const fold = new DeliveryFold(0);
    fold.seeReread(again(500, 450, { inHand: 50, reason: "expelled" }));
    expect(fold.handedOutBeside).toBe(50);
    expect(fold.result(1450)).toMatchObject({ duplicates: 450, unprocessed: 0, exactlyOnce: 0.55 });
  });

  test("lacks what somebody read aside, which is handed out beside the group", () => {
    const fold = new DeliveryFold(0);
    fold.seeReread(again(500, 100, { inHand: 100, aside: true, reason: "expelled" }));
    expect(fold.handedOutBeside).toBe(100);
    expect(fold.result(1100)).toMatchObject({ duplicates: 100, aside: 100, exactlyOnce: 0.9 });
    // The group's position is set forward over 40 of those: they have been read once, by somebody else.
    fold.seeSpared(again(500, 40, { inHand: 40, reason: "expelled" }));
    expect(fold.result(1060)).toMatchObject({ duplicates: 60, aside: 60, exactlyOnce: 0.94 });
  });

  test("has those that were lost, had not somebody had them in hand", () => {
    const fold = new DeliveryFold(0);
    fold.seeLoss(loss(900, 50));
    fold.seeFound(found(900, 20, true));
    expect(fold.handedOutBeside).toBe(20);
    expect(fold.result(950 + 20)).toMatchObject({ lost: 30, exactlyOnce: 0.97 });
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

  test("takes nothing out that was told in the warm-up, but says how much of it turned out otherwise since", () => {
    const fold = new DeliveryFold(PLACE.t);
    fold.seeReread({ ...again(500, 100), t: PLACE.t - 1 });
    fold.seeLoss({ ...loss(900, 50), t: PLACE.t - 1 });
    fold.seeSpared(again(560, 40));
    expect(fold.result(1000)).toMatchObject({ duplicates: 0, lost: 0, settled: 40 });
    fold.seeFound(found(900, 10));
    expect(fold.result(1000)).toMatchObject({ duplicates: 0, lost: 0, settled: 30 });
  });
});
