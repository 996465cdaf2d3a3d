import { describe, expect, test } from "vitest";
import { MILLISECOND, SECOND } from "../../../sim/engine/time.ts";
import { fetchCeilings, isFelt, type Route, type Routed } from "../../../sim/lag/fluid/fetch-ceilings.ts";
import type { FetchLimits } from "../../../sim/lag/fetch-limits.ts";
import { World } from "../world.ts";

const LIMITS: FetchLimits = {
  records: 500,
  partitionBytes: 1_048_576,
  bytes: 52_428_800,
  minBytes: 1,
  maxWait: 500 * MILLISECOND,
  drainsBrokers: true,
};

/** 200 ms each way, unless told otherwise; records of 1 KiB, so chunks of 1,024. */
const way = (limits: Partial<FetchLimits> = {}, roundTrip = 400 * MILLISECOND): Route => ({
  roundTrip,
  limits: { ...LIMITS, ...limits },
});

const behind: Routed = { recordSize: 1024, inflow: 0, behind: true };
const caughtUp = (inflow: number): Routed => ({ recordSize: 1024, inflow, behind: false });

describe("how fast a partition can be fetched", () => {
  // 1,024 records: polls of 500, 500 and 24. The last 24 take 12 ms of the 400, the 1,000 others 500 ms: 900 ms a chunk.
  test("a chunk for each round trip, less what overlaps it", () => {
    expect(fetchCeilings(2000, way(), [behind])[0]).toBeCloseTo(1024 / 0.9, 9);
  });

  // Polls of 1,024 take the whole chunk at once: 512 ms of work overlap the 400.
  test("no bound, where the last batch takes as long as a round trip", () => {
    expect(fetchCeilings(2000, way({ records: 1024 }), [behind])).toEqual([Infinity]);
  });

  // 2,048 records: 48 with the last poll, 2,000 before it. 1 s and 400 ms for both chunks.
  test("two of a broker's partitions come with one fetch, from 4.0 on", () => {
    const [one, other] = fetchCeilings(2000, way(), [behind, behind]);
    expect(one).toBeCloseTo(1024 / 1.4, 9);
    expect(other).toBe(one);
  });

  test("and each by itself before", () => {
    const [one, other] = fetchCeilings(2000, way({ drainsBrokers: false }), [behind, behind]);
    expect(one).toBeCloseTo(1024 / 0.9, 9);
    expect(other).toBe(one);
  });

  // In 0.9 s 270 more come in: still two full polls before the last one, which has the more to do while the fetch is under way.
  // With 600/s there are three: 1,024 and 690 in 3 · 250 ms + 400 ms.
  test("what comes into those that are caught up counts as far as it makes for more polls", () => {
    const [one, other] = fetchCeilings(2000, way(), [behind, caughtUp(300)]);
    expect(one).toBeCloseTo(1024 / 0.9, 9);
    expect(other).toBe(Infinity);
    expect(fetchCeilings(2000, way(), [behind, caughtUp(600)])[0]).toBeCloseTo(1024 / 1.15, 9);
    expect(fetchCeilings(2000, way(), [behind, caughtUp(1000), caughtUp(1000)])[0]).toBe(Infinity);
  });

  // Alone it could be read at 1,138/s, so 1,100/s are no trouble. Beside a backlog it gets a chunk in 1.4 s.
  test("one that would bring more than a chunk is bounded, too", () => {
    expect(fetchCeilings(2000, way(), [caughtUp(1100)])).toEqual([Infinity]);
    expect(fetchCeilings(2000, way(), [caughtUp(1140)])[0]).toBeCloseTo(1024 / 0.9, 9);
    const [one, other] = fetchCeilings(2000, way(), [caughtUp(1100), behind]);
    expect(one).toBeCloseTo(1024 / 1.4, 9);
    expect(other).toBe(one);
  });

  // 2 MiB in all of the chunks of four: 2,048 records a fetch, half a chunk of each.
  test("fetch.max.bytes bounds all of a fetch", () => {
    const [one] = fetchCeilings(2000, way({ bytes: 2_097_152 }), [behind, behind, behind, behind]);
    expect(one).toBeCloseTo(512 / 1.4, 9);
  });

  test("small records make more of a chunk than large ones", () => {
    const [small, large] = fetchCeilings(1e6, way(), [{ ...behind, recordSize: 256 }, behind]);
    expect(small / large).toBeCloseTo(4, 9);
  });

  test("what costs less than a percent costs nothing: links of a data centre", () => {
    for (const capacity of [100, 1000, 5000]) {
      expect(isFelt(way({}, 1.6 * MILLISECOND), 1024, capacity)).toBe(false);
      expect(fetchCeilings(capacity, way({}, 1.6 * MILLISECOND), [behind])).toEqual([Infinity]);
    }
    expect(isFelt(way(), 1024, 100)).toBe(true);
  });
});

describe("the fluid below such ceilings", () => {
  const start = (...backlogs: number[]): World => {
    const world = new World([backlogs.length]);
    backlogs.forEach((records, partition) => world.lag.arrive(partition, records));
    return world;
  };

  // 1,138/s of a capacity of 2,000: the other partition, near its leader, gets what is left.
  test("a backlog is drained at its ceiling, and another partition gets the rest", () => {
    const world = start(102_400, 1_000_000);
    const client = world.lag.addClient(2000);
    world.lag.read(client, [0, 1]);
    world.lag.route(0, way({ records: 300 }), 1024);
    // 1,024 = 3 · 300 + 124: 62 ms of the 400 overlap, 900 take 450 ms. So 850 ms a chunk: 1,204.7/s, more than half.
    world.until(10 * SECOND);
    expect(world.lags()).toEqual([92_400, 990_000]);
    world.lag.route(0, way({ records: 300 }, 1400 * MILLISECOND), 1024); // 1.85 s a chunk
    world.until(11.85 * SECOND);
    expect(world.lags()[0]).toBeCloseTo(92_400 - 1024, 6);
    expect(world.lags()[1]).toBeCloseTo(990_000 - (3700 - 1024), 6);
    expect(world.lag.backlogged(client)).toBe(true);
    world.lag.route(0, undefined, 1024);
    world.until(12.85 * SECOND);
    expect(world.lags()[0]).toBeCloseTo(92_400 - 2024, 6);
  });

  test("more than a ceiling comes in: it falls behind, though its reader has time", () => {
    const world = start(0);
    const client = world.lag.addClient(2000);
    world.lag.read(client, [0]);
    world.lag.setRate(0, 1500);
    world.until(SECOND);
    expect(world.lags()).toEqual([0]);
    world.lag.route(0, way(), 1024);
    world.until(10 * SECOND);
    expect(world.lags()[0]).toBeCloseTo(9 * (1500 - 1024 / 0.9), 6);
    expect(world.lag.backlogged(client)).toBe(true);
  });

  test("when one backlog is gone, the other has the fetches for itself", () => {
    const world = start(1024, 1_024_000);
    world.lag.read(world.lag.addClient(2000), [0, 1]);
    const both = way();
    for (const partition of [0, 1]) world.lag.route(partition, both, 1024);
    world.until(1.4 * SECOND);
    expect(world.lags()[0]).toBe(0);
    world.until(2.3 * SECOND);
    expect(world.lags()[1]).toBeCloseTo(1_024_000 - 2 * 1024, 6);
  });

  test("a way that is not felt changes nothing at all", () => {
    const tell = (routed: boolean) => {
      const world = start(5000, 0);
      world.lag.read(world.lag.addClient(1000), [0, 1]);
      world.lag.setRate(1, 300);
      world.until(SECOND);
      const near = way({}, 1500);
      if (routed) for (const partition of [0, 1]) world.lag.route(partition, near, 1024);
      world.until(20 * SECOND);
      return world.said;
    };
    expect(tell(true)).toEqual(tell(false));
  });

  test("who goes on reading on its own account keeps its way", () => {
    const world = start(1_000_000);
    world.lag.read(world.lag.addClient(2000), [0]);
    world.lag.route(0, way(), 1024);
    world.until(0.9 * SECOND);
    const line = world.lag.detach(0);
    world.until(1.8 * SECOND);
    expect(world.lag.positionNow(line)).toBeCloseTo(2 * 1024, 6);
    world.lag.route(line, undefined, 1024);
    world.until(2.8 * SECOND);
    expect(world.lag.positionNow(line)).toBeCloseTo(2 * 1024 + 2000, 6);
  });

  test("who takes a partition over has his own way to its leader", () => {
    const world = start(1_000_000);
    const [one, other] = [world.lag.addClient(2000), world.lag.addClient(2000)];
    world.lag.read(one, [0]);
    world.lag.route(0, way(), 1024);
    world.until(SECOND);
    const lag = world.lags()[0];
    world.lag.read(other, [0]);
    world.until(2 * SECOND);
    expect(world.lags()[0]).toBeCloseTo(lag - 2000, 6);
  });
});
