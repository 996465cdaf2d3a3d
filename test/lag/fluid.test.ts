import { describe, expect, test } from "vitest";
import type { Instant } from "../../sim/engine/time.ts";
import { World } from "./world.ts";

const SECOND = 1_000_000;

/** One value of a column, which may be one number for all. */
const valueAt = (column: number | readonly number[], i: number) => (typeof column === "number" ? column : column[i]);

/** The lag lines of one partition of topic 0, as the trace would tell them, ended at `end`. */
function linesOf(world: World, partition: number, end: Instant) {
  const starts = world.said.flatMap(({ t, partitions, lag, in: inflow, out }) => {
    const i = partitions.indexOf(partition);
    return i < 0 ? [] : [{ t, lag: valueAt(lag, i), in: valueAt(inflow, i), out: valueAt(out, i) }];
  });
  return starts.map((line, i) => ({ ...line, seconds: ((starts[i + 1]?.t ?? end) - line.t) / SECOND }));
}

/** Record-seconds under the lag of a partition: the area of trapezoids. */
function area(world: World, partition: number, end: Instant): number {
  return linesOf(world, partition, end).reduce(
    (sum, { lag, in: inflow, out, seconds }) => sum + lag * seconds + ((inflow - out) * seconds * seconds) / 2,
    0,
  );
}

/** One partition, caught up for a minute, then unread for `unread`, then read until long after it is drained. */
function interrupted(a: number, c: number, unread: Instant) {
  const world = new World([1]);
  const client = world.lag.addClient(c);
  world.lag.setRate(0, a);
  world.lag.read(client, [0]);
  const stopped = 60 * SECOND;
  world.until(stopped).lag.stop(client, [0]);
  const resumed = stopped + unread;
  world.until(resumed).lag.read(client, [0]);
  return { world, client, stopped, resumed };
}

describe("V15: a partition unread for U, then read with more capacity than flows in", () => {
  test.for([
    { a: 100, c: 300, U: 50 },
    { a: 1000, c: 1500, U: 10 },
    { a: 10_000_000, c: 16_000_000, U: 45 },
    { a: 0.5, c: 0.75, U: 3600 },
  ])("peaks at aU, is dry aU/(c−a) later, with ½aU²c/(c−a) under it ($a/s, $c/s, $U s)", ({ a, c, U }) => {
    const { world, client, resumed } = interrupted(a, c, U * SECOND);
    expect(world.lag.lagAt(0, resumed)).toBe(a * U);
    const drained = resumed + ((a * U) / (c - a)) * SECOND;
    world.until(drained - 1);
    expect(world.lag.backlogged(client)).toBe(true);
    expect(world.lag.lagAt(0, drained - 1)).toBeGreaterThan(0);
    world.until(drained);
    expect(world.lag.lagAt(0, drained)).toBe(0);
    expect(world.lag.backlogged(client)).toBe(false);
    const end = drained + 1000 * SECOND;
    world.until(end);
    expect(world.said.at(-1)).toEqual({ t: drained, topic: 0, partitions: [0], lag: 0, in: a, out: a });
    expect(area(world, 0, end)).toBeCloseTo((0.5 * a * U * U * c) / (c - a), 6);
  });

  test("runs dry at the first whole microsecond at or after the real instant, and counts nothing twice", () => {
    const { world, resumed } = interrupted(100, 400, 10 * SECOND); // 1000 records at 300/s: 3 333 333⅓ µs
    world.until(resumed + 3_333_333);
    expect(world.lag.lagAt(0, world.now())).toBeCloseTo(1e-4, 6);
    world.until(resumed + 3_333_334);
    expect(world.lag.lagAt(0, world.now())).toBe(0);
    expect(world.said.at(-1)).toMatchObject({ t: resumed + 3_333_334, lag: 0, out: 100 });
    expect(world.lag.consumed(0, world.now())).toBeCloseTo(world.lag.produced(0, world.now()), 9);
  });

  test("an answer that is a whole number of microseconds is not pushed to the next one by floats", () => {
    // 0.1/s for 70 s leaves 7.000000000000001 records in floats; at 0.7/s net they take 10 s.
    const { world, resumed } = interrupted(0.1, 0.8, 70 * SECOND);
    world.until(resumed + 20 * SECOND);
    expect(world.said.at(-1)?.t).toBe(resumed + 10 * SECOND);
  });
});

/** Partitions with the given backlogs and inflows, all read by one client from 1 s on. */
function backlogged(capacity: number, partitions: readonly { lag: number; in: number }[]) {
  const world = new World([partitions.length]);
  world.setRates(partitions.map(({ lag }) => lag));
  world.until(SECOND);
  world.setRates(partitions.map((partition) => partition.in));
  const client = world.lag.addClient(capacity);
  world.lag.read(
    client,
    partitions.map((_, i) => i),
  );
  world.flush();
  world.said.length = 0;
  return world;
}

describe("V16: several partitions on one client, equal shares of what is spare", () => {
  test("two backlogs", () => {
    // 300/s for two: 150 each. A (+100/s): 1000 at −50 → dry at 20 s. B (+50/s): 3000 at −100 → 1000 left at 20 s;
    // then A takes its 100, B gets 200: −150 → dry 6⅔ s later, at 26⅔ s. (All: 4000 at 150 − 300: 26⅔ s.)
    const world = backlogged(300, [
      { lag: 1000, in: 100 },
      { lag: 3000, in: 50 },
    ]);
    expect(world.until(11 * SECOND).lags()).toEqual([500, 2000]);
    world.until(100 * SECOND);
    expect(world.said).toEqual([
      { t: 21 * SECOND, topic: 0, partitions: [0, 1], lag: [0, 1000], in: [100, 50], out: [100, 200] },
      { t: 27_666_667, topic: 0, partitions: [1], lag: 0, in: 50, out: 50 },
    ]);
  });

  test("three backlogs, one of which has to wait for the others", () => {
    // 600/s for three: 200 each. A (+100): 900 at −100. B (+200): 3000 at 0. C (+50): 600 at −150 → dry at 4 s, A 500.
    // Then 550 for two: 275. A at −175 → dry 2 6/7 s later, at 6 6/7 s; B at −75 → 3000 − 75 · 20/7 = 2785 5/7.
    // Then B gets 600 − 150 = 450: −250 → 11 1/7 s, dry at 18 s. (All: 4500 at 350 − 600: 18 s.)
    // A is dry in the middle of a microsecond, at 857 142 6/7; in the seventh that is left to the next one B gets 275 in
    // place of 450. So B is a hair late, and its 18 s become the microsecond after.
    const world = backlogged(600, [
      { lag: 900, in: 100 },
      { lag: 3000, in: 200 },
      { lag: 600, in: 50 },
    ]);
    world.until(100 * SECOND);
    expect(world.said).toEqual([
      { t: 5 * SECOND, topic: 0, partitions: [0, 1, 2], lag: [500, 3000, 0], in: [100, 200, 50], out: [275, 275, 50] },
      { t: 7_857_143, topic: 0, partitions: [0, 1], lag: [0, 2785.714275], in: [100, 200], out: [100, 450] },
      { t: 19_000_001, topic: 0, partitions: [1], lag: 0, in: 200, out: 200 },
    ]);
  });

  test("a caught-up partition that wants more than its share falls behind, and is caught up last", () => {
    // 300/s. A (+150) has no lag; B (+30) 600, C (+10) 180. Level 100: A wants 150, so it gets 100 and grows at 50;
    // B at −70, C at −90 → dry at 2 s: A 100, B 460. Then 290 for two: 145. A at +5; B at −115 → dry 4 s later, A 120.
    // Then A gets 260: −110 → 1 1/11 s: dry at 7 1/11 s. (All: 780 at 190 − 300: 7 1/11 s.)
    const world = backlogged(300, [
      { lag: 0, in: 150 },
      { lag: 600, in: 30 },
      { lag: 180, in: 10 },
    ]);
    world.until(100 * SECOND);
    expect(world.said).toEqual([
      { t: 3 * SECOND, topic: 0, partitions: [0, 1, 2], lag: [100, 460, 0], in: [150, 30, 10], out: [145, 145, 10] },
      { t: 7 * SECOND, topic: 0, partitions: [0, 1], lag: [120, 0], in: [150, 30], out: [260, 30] },
      { t: 8_090_910, topic: 0, partitions: [0], lag: 0, in: 150, out: 150 },
    ]);
  });
});

describe("V17: a member with more inflow than capacity", () => {
  test("falls behind at Σa − C for ever", () => {
    const world = new World([3]);
    world.setRates([100, 200, 300]);
    const client = world.lag.addClient(450);
    world.lag.read(client, [0, 1, 2]);
    world.flush();
    expect(world.lag.backlogged(client)).toBe(true);
    for (const hours of [1, 24]) {
      const t = hours * 3600 * SECOND;
      expect(world.until(t).lag.totals(t).lag).toBeCloseTo(150 * hours * 3600, 6);
    }
    // Level 175: the first keeps up, the second lacks 25/s, the third 125/s.
    expect(world.said).toEqual([
      { t: 0, topic: 0, partitions: [0, 1, 2], lag: 0, in: [100, 200, 300], out: [100, 175, 175] },
    ]);
  });

  test("is not backlogged when capacity equals inflow, even if their floats differ", () => {
    const world = new World([3]);
    world.setRates([0.1, 0.1, 0.1]);
    const client = world.lag.addClient(0.3);
    world.lag.read(client, [0, 1, 2]);
    world.until(24 * 3600 * SECOND);
    expect(world.lags()).toEqual([0, 0, 0]);
    expect(world.lag.backlogged(client)).toBe(false);
  });
});

describe("V18: the age of the next record to be read", () => {
  test("equals U at the moment of resumption, under any production curve", () => {
    // 100/s, from 30 s on 400/s, from 80 s on 50/s; unread from 60 s to 110 s.
    const steps = [
      { at: 0, rate: 100 },
      { at: 30, rate: 400 },
      { at: 80, rate: 50 },
    ];
    /** When the record of this offset was produced: the inverse of the cumulative production, in seconds. */
    const producedAt = (offset: number) => {
      let before = 0;
      for (const [i, { at, rate }] of steps.entries()) {
        const until = steps[i + 1]?.at ?? Infinity;
        if (before + rate * (until - at) > offset) return at + (offset - before) / rate;
        before += rate * (until - at);
      }
      throw new Error("never produced");
    };
    const world = new World([1]);
    const client = world.lag.addClient(1000);
    world.lag.read(client, [0]);
    for (const { at, rate } of steps.slice(0, 2)) world.until(at * SECOND).lag.setRate(0, rate);
    world.until(60 * SECOND).lag.stop(client, [0]);
    world.until(80 * SECOND).lag.setRate(0, 50);
    for (const now of [80, 95, 110]) {
      world.until(now * SECOND);
      expect(now - producedAt(world.lag.position(0, now * SECOND))).toBeCloseTo(now - 60, 9);
    }
    world.lag.read(client, [0]);
    world.flush();
    // 8000 + 1500 = 9500 behind, 1000/s: after 8 s the record of 80 s is due, produced when 15 000 were there.
    world.until(118 * SECOND);
    expect(world.lag.position(0, world.now())).toBe(23_000);
    expect(producedAt(23_000)).toBe(80);
  });
});

describe("what is said", () => {
  test("is one batch per topic and instant, in order, of the lines that bend", () => {
    const world = new World([2, 3]);
    const [a, b] = [world.lag.addClient(1000), world.lag.addClient(1000)];
    world.setRates([10, 20], world.lag.indexOf(0, 0));
    world.setRates([30, 30, 30], world.lag.indexOf(1, 0));
    world.lag.read(b, [4, 1]);
    world.lag.read(a, [3, 0]);
    world.flush();
    expect(world.said).toEqual([
      { t: 0, topic: 0, partitions: [0, 1], lag: 0, in: [10, 20], out: [10, 20] },
      { t: 0, topic: 1, partitions: [0, 1, 2], lag: 0, in: 30, out: [0, 30, 30] },
    ]);
    world.said.length = 0;
    world.until(SECOND);
    world.lag.stop(a, [0]); // and back again, in the same instant
    world.lag.read(a, [0]);
    world.lag.setCapacity(b, 2000); // which changes nothing while nothing waits
    world.lag.setRate(3, 60);
    world.flush();
    expect(world.said).toEqual([{ t: SECOND, topic: 1, partitions: [1], lag: 0, in: 60, out: 60 }]);
  });

  test("has lags to the sixth decimal", () => {
    const world = new World([1]);
    world.lag.setRate(0, 1 / 3);
    world.until(SECOND).lag.setRate(0, 0);
    world.flush();
    expect(world.said.at(-1)).toMatchObject({ lag: 0.333333, in: 0, out: 0 });
  });

  test("includes when a client falls behind and when it has caught up", () => {
    const { world, client } = interrupted(100, 300, 50 * SECOND);
    world.until(1000 * SECOND);
    expect(world.saturated).toEqual([
      { t: 110 * SECOND, client, backlogged: true },
      { t: 135 * SECOND, client, backlogged: false },
    ]);
  });

  test("must be asked for before the clock moves on", () => {
    let now = 0;
    const world = new World([1]);
    world.now = () => now;
    world.lag.setRate(0, 10);
    now = 1;
    expect(() => world.lag.setRate(0, 20)).toThrow("the changes of 0 must be flushed before 1");
  });
});

describe("who reads", () => {
  test("is the last that began; one that was taken over from stops nothing", () => {
    const world = new World([1]);
    const [zombie, heir] = [world.lag.addClient(10), world.lag.addClient(20)];
    world.lag.setRate(0, 5);
    world.lag.read(zombie, [0]);
    world.until(SECOND).lag.read(heir, [0]);
    world.until(2 * SECOND).lag.stop(zombie, [0]);
    world.flush();
    expect(world.lag.readerOf(0)).toBe(heir);
    world.stopAll(heir);
    world.flush();
    expect(world.lag.readerOf(0)).toBeUndefined();
    expect(world.until(3 * SECOND).lags()).toEqual([5]);
  });

  test("drains nothing while its capacity is 0, and resumes with its backlog", () => {
    const world = new World([1]);
    const client = world.lag.addClient(20);
    world.lag.setRate(0, 10);
    world.lag.read(client, [0]);
    world.until(SECOND).lag.setCapacity(client, 0);
    expect(world.until(4 * SECOND).lags()).toEqual([30]);
    world.lag.setCapacity(client, 20);
    expect(world.until(6 * SECOND).lags()).toEqual([10]);
  });

  test("has work while anything arrives or waits", () => {
    const world = new World([1]);
    const client = world.lag.addClient(20);
    world.lag.read(client, [0]);
    world.flush();
    expect(world.lag.hasWork(client)).toBe(false);
    world.lag.setRate(0, 10);
    expect([world.lag.hasWork(client), world.lag.backlogged(client)]).toEqual([true, false]);
    world.lag.setRate(0, 30);
    expect(world.lag.backlogged(client)).toBe(true);
    world.until(SECOND).lag.setRate(0, 0);
    expect(world.lag.hasWork(client)).toBe(true);
    world.until(2 * SECOND);
    expect(world.lag.hasWork(client)).toBe(false);
  });
});

test("records that come in at once are said to, and are drained like any others", () => {
  const world = new World([1]);
  const client = world.lag.addClient(300);
  world.setRates([100]);
  world.lag.read(client, [0]);
  world.until(10_000_000);
  world.lag.arrive(0, 500);
  world.until(20_000_000);
  // 500 waiting records, drained at 300 − 100 a second, are gone after 2.5 s.
  expect(world.said.slice(1)).toEqual([
    { t: 10_000_000, topic: 0, partitions: [0], lag: 500, in: 100, out: 300, arrived: 500 },
    { t: 12_500_000, topic: 0, partitions: [0], lag: 0, in: 100, out: 100 },
  ]);
  expect(world.lag.totals(world.now())).toMatchObject({ produced: 2500, consumed: 2500, lag: 0 });
});

describe("a reader that is to read no further than so far", () => {
  // 100 records wait in each of two partitions, and 1/s come into each. It reads 10/s, 5/s of each.
  const client = 0;
  const limited = (): World => {
    const world = backlogged(10, [
      { lag: 100, in: 1 },
      { lag: 100, in: 1 },
    ]);
    world.lag.limit(client, new Map([[0, 30]]));
    return world;
  };

  test("stops there, at the last microsecond before it would pass it, and reads the others faster", () => {
    const world = limited();
    world.until(8 * SECOND); // 6 s at 5/s are 30 records, from 1 s on
    expect(world.lag.position(0, 8 * SECOND)).toBeCloseTo(30, 9);
    expect(world.lag.position(1, 8 * SECOND)).toBeCloseTo(30 + 10, 4);
    expect(world.said.filter((line) => line.t > SECOND)).toMatchObject([
      { t: 7 * SECOND, partitions: [0, 1], out: [0, 10], spent: [true, false] },
    ]);
  });

  test("has spent what it may read where it stands there, and not where nothing is to be had of it, or nobody reads it", () => {
    const world = limited();
    world.until(8 * SECOND);
    world.lag.setRate(0, 2);
    world.until(9 * SECOND);
    world.lag.unlimit(client, [1]);
    world.lag.unlimit(client, [0]);
    world.until(10 * SECOND);
    world.lag.hold(0, true);
    world.until(11 * SECOND);
    const of0 = world.said.filter((line) => line.t > SECOND && line.partitions.includes(0));
    expect(of0.map(({ t, spent }) => [t / SECOND, spent])).toEqual([
      [7, [true, false]],
      [8, true],
      [9, undefined],
      [10, undefined],
    ]);
  });

  test("is told to have spent it no longer when nothing is to be had of it, though it stands still as before", () => {
    const world = limited();
    world.until(8 * SECOND);
    world.lag.hold(0, true);
    world.until(9 * SECOND);
    const of0 = world.said.filter((line) => line.t > SECOND && line.partitions.includes(0));
    expect(of0.map(({ t, spent }) => [t / SECOND, spent])).toEqual([
      [7, [true, false]],
      [8, undefined],
    ]);
  });

  test("has no more of it in hand than that", () => {
    const world = limited();
    world.until(3 * SECOND);
    expect(world.lag.within(0, SECOND)).toBeCloseTo(5, 9);
    expect(world.lag.within(0, 60 * SECOND)).toBeCloseTo(20, 9);
    expect(world.lag.within(1, 6 * SECOND)).toBeCloseTo(30, 9);
  });

  test("has work to do though nothing is open to it, and no backlog", () => {
    const world = limited();
    world.lag.limit(client, new Map([[1, 0]]));
    world.until(20 * SECOND);
    expect(world.lag.hasWork(client)).toBe(true);
    expect(world.lag.backlogged(client)).toBe(false);
  });

  test("goes on where it was as soon as it may", () => {
    const world = limited();
    world.until(10 * SECOND);
    expect(world.lag.unlimit(client)).toBe(true);
    expect(world.lag.unlimit(client)).toBe(false);
    world.until(12 * SECOND);
    expect(world.lag.position(0, 12 * SECOND)).toBeCloseTo(40, 4);
  });

  test("keeps its limit where it goes on by itself with what is given to another", () => {
    const world = limited();
    world.until(2 * SECOND);
    const line = world.lag.detach(0);
    world.until(30 * SECOND);
    expect(world.lag.positionNow(line)).toBeCloseTo(30, 9);
    expect(world.lag.hasWork(client)).toBe(true);
  });
});

describe("where reading stood at the last two commits", () => {
  /** 1000/s come in, and are read at 100/s. */
  function reading(): { readonly world: World; readonly client: number } {
    const world = new World([1]);
    const client = world.lag.addClient(100);
    world.lag.setRate(0, 1000);
    world.lag.read(client, [0]);
    return { world, client };
  }

  test("is known of both while the line goes on as it was, and when it bends after them", () => {
    const { world, client } = reading();
    world.marked = [4 * SECOND, 2 * SECOND];
    world.until(5 * SECOND);
    expect([world.lag.positionAt(0, 2 * SECOND), world.lag.positionAt(0, 4 * SECOND)]).toEqual([200, 400]);
    world.lag.setCapacity(client, 50);
    world.until(6 * SECOND);
    expect([world.lag.positionAt(0, 2 * SECOND), world.lag.positionAt(0, 4 * SECOND)]).toEqual([200, 400]);
  });

  test("is known of both when it bends between them, and after them", () => {
    const { world, client } = reading();
    world.marked = [2 * SECOND, undefined];
    world.until(3 * SECOND).lag.setCapacity(client, 50);
    world.until(4 * SECOND).marked = [4 * SECOND, 2 * SECOND];
    world.until(5 * SECOND).lag.setCapacity(client, 200);
    world.until(6 * SECOND);
    expect([world.lag.positionAt(0, 2 * SECOND), world.lag.positionAt(0, 4 * SECOND)]).toEqual([200, 350]);
  });

  test("is known of both when its position is set after them", () => {
    const { world } = reading();
    world.marked = [4 * SECOND, 2 * SECOND];
    world.until(5 * SECOND).lag.seek(0, 100, { reread: "crash", lost: "reset" }, { records: 0, holder: "gone" });
    world.until(6 * SECOND);
    expect([world.lag.positionAt(0, 2 * SECOND), world.lag.positionAt(0, 4 * SECOND)]).toEqual([200, 400]);
    expect(world.lag.positionNow(0)).toBe(200);
  });
});
