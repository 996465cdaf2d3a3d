import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { TopicLog } from "../../sim/lag/log.ts";
import type { Flush } from "../../sim/simulation/blocked.ts";
import { type SendingLaws, Supply } from "../../sim/simulation/supply.ts";

/** A topic's producers by themselves: a clock, and the moments they asked for. */
class Stage {
  readonly supply: Supply;
  #now = 0;
  #full: number | undefined;
  /** How long what was sent last had waited, by partition. */
  flushes: ReadonlyMap<number, Flush> = new Map();
  #bursts: { readonly at: number; readonly partition: number }[] = [];

  /** Two partitions that share 100 records a second, with room for so many records, sent at 500/s beside the usual. */
  constructor(laws: Partial<SendingLaws> = {}, shares: readonly number[] = [0.5, 0.5]) {
    this.supply = new Supply(new TopicLog(shares.length), {
      now: () => this.#now,
      changed: () => {},
      flushed: (flushes) => (this.flushes = flushes),
      burstOverAt: (at, partition) => this.#bursts.push({ at, partition }),
      buffersFullAt: (at) => (this.#full = at),
    });
    this.supply.setDemand(100);
    this.supply.setProducers(1, {
      room: 1e9,
      patience: 120 * SECOND,
      burst: 500,
      repeated: 0,
      dropped: 0,
      truncated: 0,
      ...laws,
    });
    this.supply.spread(shares);
  }

  until(seconds: number): this {
    for (;;) {
      const next = Math.min(this.#full ?? Infinity, ...this.#bursts.map(({ at }) => at));
      if (next > seconds * SECOND) break;
      this.#now = next;
      if (this.#full === next) {
        this.#full = undefined;
        this.supply.lookAtBuffers();
      }
      const over = this.#bursts.filter(({ at }) => at === next);
      this.#bursts = this.#bursts.filter(({ at }) => at > next);
      for (const { partition } of over) this.supply.burstOver(partition);
    }
    this.#now = seconds * SECOND;
    return this;
  }

  end(partition: number): number {
    return this.supply.log.end(partition, this.#now);
  }
}

describe("a partition without a leader", () => {
  test("gets nothing, and afterwards all that waited, in a burst", () => {
    const stage = new Stage();
    stage.until(10).supply.block([0], true);
    expect(stage.until(19).end(0)).toBe(500);
    stage.supply.release([0]);
    // 9 s at 50/s wait: 450 records, at 500/s beside the usual 50/s gone in 0.9 s
    expect(stage.supply.log.rateOf(0)).toBe(550);
    expect(stage.until(19.9).end(0)).toBe(500 + 450 + 45);
    expect(stage.supply.log.rateOf(0)).toBe(50);
    expect(stage.until(100).end(0)).toBe(5000);
    expect(stage.end(1)).toBe(5000);
    expect(stage.supply.balance()).toEqual({
      written: 10_000,
      expired: 0,
      unsent: 0,
      repeated: 0,
      truncated: 0,
      waiting: 0,
    });
  });

  test("tells how long what is sent has waited: in the order in which it was made, and what comes meanwhile behind it", () => {
    const stage = new Stage();
    stage.until(10).supply.block([0], false);
    stage.until(20).supply.release([0]);
    // 500 wait and are sent at 500/s, for a second; with the 50/s that come they are 550/s, so that the last of the 500 is
    // written after 500/550 s.
    const last = Math.round((500 / 550) * SECOND);
    expect(stage.flushes).toEqual(new Map([[0, { after: [0, last, SECOND], waited: [10 * SECOND, last, 0] }]]));
  });

  test("when buffers were full, what came first has waited long, and what came after hardly", () => {
    const stage = new Stage({ room: 600 });
    stage.until(0).supply.block([0], false);
    stage.until(20).supply.release([0]);
    // 600 were made until 12 s, the next at 20 s: they are sent at 500/s in 1.2 s, and at 550/s in all.
    const last = Math.round((600 / 550) * SECOND);
    expect(stage.flushes.get(0)!.after).toEqual([0, last, 1.2 * SECOND]);
    expect(stage.flushes.get(0)!.waited).toEqual([20 * SECOND, 8 * SECOND + last, 0]);
  });

  test("that loses its leader again in the burst keeps what has not been sent", () => {
    const stage = new Stage();
    stage.until(10).supply.block([0], true);
    stage.until(19).supply.release([0]);
    stage.until(19.4).supply.block([0], true); // 200 of the 450 are sent
    expect(stage.end(0)).toBe(500 + 200 + 20);
    stage.until(20).supply.release([0]); // 250 and 30 wait: 0.56 s
    expect(stage.until(20.56).end(0)).toBeCloseTo(500 + 500 + 28, 6);
  });

  test("gets its new share of what is produced to a topic that grew meanwhile", () => {
    const stage = new Stage({}, [0.5, 0.5, 0]);
    stage.until(10).supply.block([0], true);
    stage.until(14).supply.spread([0.2, 0.2, 0.6]);
    stage.until(19).supply.release([0]); // 4 s at 50/s and 5 s at 20/s
    expect(stage.until(30).end(0)).toBeCloseTo(500 + 200 + 100 + 20 * 11, 6);
  });
});

describe("buffer.memory", () => {
  test("holds so many records; when it is full, nothing is produced any more, to no partition", () => {
    const stage = new Stage({ room: 600 });
    stage.supply.block([0], true);
    expect(stage.until(12).supply.produced).toBe(0); // 50/s wait: full after 12 s
    expect(stage.until(20).end(1)).toBe(600);
    stage.supply.release([0]);
    expect(stage.until(30).end(0)).toBeCloseTo(600 + 500, 6);
    expect(stage.end(1)).toBe(600 + 500);
    expect(stage.supply.balance().unsent).toBe(800); // 8 s at 100/s
  });

  test("has room again when records are given up", () => {
    const stage = new Stage({ room: 600, patience: 15 * SECOND });
    stage.supply.block([0], true);
    expect(stage.until(14).supply.produced).toBe(0);
    expect(stage.until(15).supply.produced).toBe(100);
  });

  test("has room for as many as are given up, so that production goes on and stops as it did a timeout ago", () => {
    const stage = new Stage({ room: 600, patience: 15 * SECOND });
    stage.supply.block([0], true);
    // Full at 12 s. From 15 s to 27 s 50/s are given up, as many as come; of 12 s to 15 s there is nothing to give up.
    expect(stage.until(26).supply.produced).toBe(100);
    expect(stage.until(28).supply.produced).toBe(0);
    expect(stage.until(31).supply.produced).toBe(100);
    expect(stage.until(45).end(1)).toBe(36 * 50);
    // of 4500, 600 still wait
    expect(stage.supply.balance()).toEqual({
      written: 1800,
      expired: 24 * 50,
      unsent: 9 * 100,
      repeated: 0,
      truncated: 0,
      waiting: 600,
    });
  });

  test("when full takes no more than are given up, though more is asked for", () => {
    const stage = new Stage({ room: 600, patience: 10 * SECOND });
    stage.supply.block([0], true);
    stage.until(10).supply.setDemand(300); // 500 wait; of 150/s that come 50/s find room that others leave: full at 11 s
    expect(stage.until(12).supply.produced).toBe(100);
    expect(stage.until(19).end(1)).toBe(500 + 150 + 8 * 50);
    // at 20 s those are given up that came in the second in which there was room
    expect(stage.until(20.5).supply.produced).toBe(300);
  });
});

test("delivery.timeout.ms: what has waited for longer is given up", () => {
  const stage = new Stage({ patience: 30 * SECOND });
  stage.until(10).supply.block([0], true);
  stage.until(50).supply.release([0]); // of 40 s the first 10 are too old: 500 records
  expect(stage.until(100).end(0)).toBe(5000 - 500);
  expect(stage.supply.balance()).toEqual({
    written: 9500,
    expired: 500,
    unsent: 0,
    repeated: 0,
    truncated: 0,
    waiting: 0,
  });
});

test("delivery.timeout.ms: what was made before the topic grew counts with the share that the partition had then", () => {
  const stage = new Stage({ patience: 10 * SECOND }, [0.5, 0.5, 0]);
  stage.supply.block([0], true);
  stage.until(14).supply.spread([0.2, 0.2, 0.6]);
  expect(stage.until(19).supply.balance().expired).toBeCloseTo(9 * 50, 6); // made up to 9 s
  stage.until(26).supply.release([0]); // made up to 16 s: 14 s at 50/s and 2 s at 20/s; the 10 s since wait
  expect(stage.supply.balance().expired).toBeCloseTo(14 * 50 + 2 * 20, 6);
  expect(stage.until(30).end(0)).toBeCloseTo(10 * 20 + 4 * 20, 6);
});

test("delivery.timeout.ms: full buffers have room for as many as came before the topic grew, then for as many as since", () => {
  const stage = new Stage({ patience: 10 * SECOND, room: 300 }, [0.2, 0.2, 0.6]);
  stage.supply.block([0], true);
  stage.until(8).supply.spread([0.5, 0.5, 0]);
  // 160 wait, and 260 at 10 s. From then on 20/s are given up, of 50/s that come: full at 11.33 s, and 40/s are produced.
  expect(stage.until(11).supply.produced).toBe(100);
  expect(stage.until(12).supply.produced).toBeCloseTo(40, 6);
  expect(stage.until(17).supply.produced).toBeCloseTo(40, 6);
  expect(stage.until(18.5).supply.produced).toBe(100); // what was made since 8 s, 50/s
});

test("delivery.timeout.ms: so it is with what was left of a burst, and what was written once is not written again", () => {
  const stage = new Stage({ patience: 30 * SECOND, repeated: 0.1 * SECOND });
  stage.until(10).supply.block([0], true);
  stage.until(19).supply.release([0]); // 450 have waited, and 5 are sent again: 455 at 500/s
  stage.until(19.41).supply.block([0], false); // 250 are left of them
  stage.until(50).supply.release([0]); // made before 19 s, they are too old; and so is what was made from 19.41 s to 20 s
  expect(stage.until(100).end(0)).toBeCloseTo(5005 - 250 - 0.59 * 50, 6);
  expect(stage.supply.balance().expired).toBeCloseTo(250 + 0.59 * 50, 6);

  const late = new Stage({ patience: 30 * SECOND, repeated: 0.1 * SECOND });
  late.until(10).supply.block([0], true);
  late.until(50).supply.release([0]);
  expect(late.until(100).supply.balance()).toEqual({
    written: 9500,
    expired: 500,
    unsent: 0,
    repeated: 0,
    truncated: 0,
    waiting: 0,
  });
});

test("without idempotence what was written and not answered is written once more", () => {
  const stage = new Stage({ repeated: 0.1 * SECOND });
  stage.until(10).supply.block([0], true); // 0.1 s at 50/s
  stage.until(19).supply.release([0]);
  expect(stage.until(100).end(0)).toBeCloseTo(5005, 6);
  expect(stage.supply.balance().repeated).toBe(5);
});

// Kafka: `ProducerBatch.hasReachedDeliveryTimeout`, `deliveryTimeoutMs <= now - createdMs`.
test("and not, once delivery.timeout.ms is over: at that very instant nobody sends it any more", () => {
  const stage = new Stage({ repeated: 0.1 * SECOND, patience: 9 * SECOND });
  stage.until(10).supply.block([0], true);
  stage.until(19).supply.release([0]);
  expect(stage.until(100).end(0)).toBeCloseTo(5000, 6);
  expect(stage.supply.balance()).toMatchObject({ repeated: 0, expired: 0 });
});

test("without retries what was on its way when the leader died is gone", () => {
  const stage = new Stage({ dropped: 0.1 * SECOND });
  stage.until(10).supply.block([0], true);
  stage.until(19).supply.release([0]);
  expect(stage.until(100).end(0)).toBeCloseTo(4995, 6);
  expect(stage.supply.balance().expired).toBe(5);
});

test("what nobody carries is never sent", () => {
  const stage = new Stage();
  const laws = { room: 1e9, patience: SECOND, burst: 500, repeated: 0, dropped: 0, truncated: 0 };
  stage.until(10).supply.setProducers(0.75, laws);
  stage.until(30).supply.setProducers(1, laws);
  expect(stage.until(40).supply.balance()).toEqual({
    written: 3500,
    expired: 0,
    unsent: 500,
    repeated: 0,
    truncated: 0,
    waiting: 0,
  });
});

describe("an instance that crashes while a partition has no leader", () => {
  test("takes its part of what waits with it", () => {
    const stage = new Stage();
    stage.until(10).supply.block([0], true);
    stage.until(14).supply.lose(0.5); // of 200
    stage.until(19).supply.release([0]);
    expect(stage.until(100).end(0)).toBe(5000 - 100);
    expect(stage.end(1)).toBe(5000);
    expect(stage.supply.balance()).toEqual({
      written: 9900,
      expired: 0,
      unsent: 100,
      repeated: 0,
      truncated: 0,
      waiting: 0,
    });
  });

  test("and nothing of what had been given up before, nor is that given up again", () => {
    const stage = new Stage({ patience: 10 * SECOND });
    stage.supply.block([0], true);
    stage.until(4).supply.lose(0.5); // of 200
    stage.until(12).supply.lose(0.2); // the 50 that are left of the first 2 s are gone; 50 and 400 wait
    stage.until(23).supply.release([0]);
    // made up to 13 s, and given up: 50, and of 50 + 400 what was kept, and the 50 of the second after
    const expired = 50 + 0.8 * 450 + 50;
    expect(stage.supply.balance().expired).toBeCloseTo(expired, 6);
    expect(stage.supply.balance().unsent).toBeCloseTo(100 + 90, 6);
    expect(stage.until(100).end(0)).toBeCloseTo(5000 - expired - 190, 6);
  });
});

test("an instance that crashes in a burst takes its part of what is still to be sent, repetitions first", () => {
  const stage = new Stage();
  stage.until(10).supply.block([0], true);
  stage.until(19).supply.release([0]); // 450 at 500/s: until 19.9 s
  stage.until(19.4).supply.lose(0.5); // 250 are left, 125 of them its own; the others send theirs in the same time
  expect(stage.supply.log.rateOf(0)).toBe(250 + 50);
  expect(stage.until(19.9).end(0)).toBeCloseTo(500 + 325 + 45, 6);
  expect(stage.supply.log.rateOf(0)).toBe(50);
  expect(stage.supply.balance()).toMatchObject({ expired: 0, repeated: 0 });
  expect(stage.supply.balance().unsent).toBeCloseTo(125, 6);
  expect(stage.until(100).end(0)).toBeCloseTo(5000 - 125, 6);
});

test("an instance that crashes after a burst was cut short takes its part of what is left of it, which is given up once", () => {
  const stage = new Stage({ patience: 30 * SECOND });
  stage.until(10).supply.block([0], true);
  stage.until(19).supply.release([0]); // 450 at 500/s
  stage.until(19.4).supply.block([0], false); // 250 are left of them, and 50/s come
  stage.until(20).supply.lose(0.5); // of 250 and 30
  expect(stage.supply.balance().unsent).toBeCloseTo(140, 6);
  stage.until(50).supply.release([0]); // what is older than 30 s: 125 and 15
  expect(stage.supply.balance().expired).toBeCloseTo(140, 6);
  expect(stage.until(100).end(0)).toBeCloseTo(5000 - 280, 6);
});

test("an instance that crashes in a burst takes its part of what would have been written once more", () => {
  const stage = new Stage({ repeated: 1 * SECOND });
  stage.until(10).supply.block([0], true); // 50 are written, and not answered
  stage.until(19).supply.release([0]); // 50 and 450 at 500/s: the 50 until 19.1 s
  stage.until(19.05).supply.lose(0.5); // 25 and 450 are left
  stage.until(30);
  expect(stage.supply.balance().repeated).toBeCloseTo(50 - 12.5, 6);
  expect(stage.supply.balance().unsent).toBeCloseTo(225, 6);
  expect(stage.end(0)).toBeCloseTo(500 + 25 + 0.5 * 475 + 11 * 50, 6);
});

test("what a new leader lacks is gone, and what had gone with the old one is among it", () => {
  const stage = new Stage({ truncated: 0.2 * SECOND });
  stage.until(10).supply.block([0], true); // 10 of the last are gone
  stage.until(19).supply.cutBack(0, 7 * SECOND); // and so are 140 before
  expect(stage.end(0)).toBe(350);
  stage.supply.release([0]);
  expect(stage.until(100).end(0)).toBeCloseTo(5000 - 150, 6);
  const { written, truncated } = stage.supply.balance();
  expect([written, truncated]).toEqual([expect.closeTo(9850, 6), expect.closeTo(150, 6)]);
});

test("what was acknowledged and not copied when the leader died is gone", () => {
  const stage = new Stage({ truncated: 0.2 * SECOND });
  stage.until(10).supply.block([0], true);
  stage.until(19).supply.release([0]);
  expect(stage.until(100).end(0)).toBeCloseTo(4990, 6);
  expect(stage.supply.balance().truncated).toBe(10);
});

test("a topic that is deleted takes with it what is being sent", () => {
  const stage = new Stage({ repeated: 1 * SECOND });
  stage.until(10).supply.block([0], true); // 50 are written, and not answered
  stage.until(19).supply.release([0]); // 50 and 450 at 500/s: the 50 until 19.1 s
  stage.until(19.05).supply.spread([0, 0]);
  stage.supply.forget([0, 1]);
  stage.supply.setDemand(0);
  const { expired, repeated, waiting } = stage.supply.balance();
  expect([expired, repeated, waiting]).toEqual([expect.closeTo(450, 6), expect.closeTo(25, 6), 0]);
});

test("at any moment all that was asked for is written, given up, never sent, gone with a leader or on its way; or written twice", () => {
  const partition = fc.constantFrom(0, 1);
  const deed = fc.oneof(
    fc.record({ what: fc.constant("block"), partition, died: fc.boolean() }),
    fc.record({ what: fc.constant("release"), partition }),
    fc.record({ what: fc.constant("cut back"), partition, by: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ what: fc.constant("lose"), part: fc.constantFrom(0.2, 0.5, 1) }),
    fc.record({ what: fc.constant("demand"), rate: fc.constantFrom(50, 100, 400) }),
  );
  const laws = fc.record({
    room: fc.constantFrom(300, 1e9),
    patience: fc.constantFrom(7 * SECOND, 120 * SECOND),
    burst: fc.constantFrom(20, 500),
    repeated: fc.constantFrom(0, 0.02 * SECOND),
    dropped: fc.constantFrom(0, 0.02 * SECOND),
    truncated: fc.constantFrom(0, 0.02 * SECOND),
  });
  fc.assert(
    fc.property(laws, fc.array(deed, { maxLength: 12 }), (laws, deeds) => {
      const stage = new Stage(laws);
      let asked = 0;
      let rate = 100;
      let now = 0;
      const pass = (seconds: number): void => {
        asked += rate * seconds;
        stage.until((now += seconds));
        const { written, expired, unsent, truncated, repeated, waiting } = stage.supply.balance();
        expect(written + expired + unsent + truncated + waiting - repeated).toBeCloseTo(asked, 3);
      };
      for (const one of deeds) {
        pass(10);
        const { supply } = stage;
        if ("died" in one) supply.block([one.partition], one.died);
        else if ("by" in one) supply.cutBack(one.partition, (now - one.by) * SECOND);
        else if ("partition" in one) supply.release([one.partition]);
        else if ("part" in one) supply.lose(one.part);
        else supply.setDemand((rate = one.rate));
      }
      pass(10);
      stage.supply.release([0, 1]);
      pass(3000);
      expect(stage.supply.balance().waiting).toBeCloseTo(0, 6);
    }),
    { numRuns: 300, seed: 20 },
  );
});
