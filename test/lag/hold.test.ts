import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { World } from "./world.ts";

/** Two partitions at 30/s each, read by one client that can take 100/s. */
function twoPartitions() {
  const world = new World([2]);
  const client = world.lag.addClient(100);
  world.setRates([30, 30]);
  world.lag.read(client, [0, 1]);
  return { world, client };
}

describe("a partition that nobody can get at", () => {
  test("falls behind, and is worked off with all that the others leave when it can be read again", () => {
    const { world } = twoPartitions();
    world.until(10 * SECOND).lag.hold(0, true);
    world.until(20 * SECOND);
    expect(world.lags()).toEqual([300, 0]);
    world.lag.hold(0, false); // 100 less the 30 of the other: 70/s, of which 30 come in
    expect(world.until(25 * SECOND).lags()).toEqual([100, 0]);
    expect(world.until(27.5 * SECOND).lags()).toEqual([0, 0]);
    expect(world.said.at(-1)).toMatchObject({ t: 27.5 * SECOND, partitions: [0], lag: 0, in: 30, out: 30 });
  });

  test("keeps its reader, who has nothing to do if there is nothing else", () => {
    const world = new World([1]);
    const client = world.lag.addClient(100);
    world.lag.setRate(0, 30);
    world.lag.read(client, [0]);
    world.until(10 * SECOND).lag.hold(0, true);
    world.until(20 * SECOND);
    expect([world.lag.readerOf(0), world.lag.hasWork(client), world.lag.backlogged(client)]).toEqual([0, false, false]);
  });

  test("in the middle of a backlog keeps what it has", () => {
    const { world, client } = twoPartitions();
    world.until(10 * SECOND).lag.setCapacity(client, 0);
    world.until(20 * SECOND).lag.setCapacity(client, 100); // 300 wait in each, which get 50/s each
    world.until(25 * SECOND).lag.hold(1, true);
    expect(world.lags()).toEqual([200, 200]);
    world.until(27 * SECOND); // the first gets 100/s now, the second only what comes
    expect(world.lags()).toEqual([60, 260]);
  });
});

test("records that come in at once wait like others, and have come in", () => {
  const { world } = twoPartitions();
  world.until(10 * SECOND).lag.arrive(0, 350);
  expect(world.lag.produced(0, 10 * SECOND)).toBe(650);
  expect(world.until(15 * SECOND).lags()).toEqual([150, 0]); // 70 − 30 a second
});

test("what is skipped is lost, and what has been read is not", () => {
  const { world, client } = twoPartitions();
  world.until(10 * SECOND).lag.setCapacity(client, 0);
  world.until(20 * SECOND).lag.skip(0, 450, "gone"); // of the 600 so far 300 have been read
  world.lag.skip(1, 200, "gone");
  world.flush();
  expect(world.lags()).toEqual([150, 300]);
  expect(world.lag.totals(20 * SECOND)).toMatchObject({ produced: 1200, consumed: 600, lag: 450, lost: 150 });
  expect(world.lag.ledger.lostByCause.get("gone")).toBe(150);
});

describe("a partition whose high watermark stands still", () => {
  test("has no lag and nothing to read, until all that was written can be read at once", () => {
    const { world } = twoPartitions();
    world.until(10 * SECOND).lag.standStill(0, 10 * SECOND, 0);
    world.until(19 * SECOND);
    expect(world.lags()).toEqual([0, 0]);
    expect(world.said.at(-1)).toMatchObject({ t: 10 * SECOND, partitions: [0], lag: 0, in: 0, out: 0, above: 30 });
    expect(world.lag.produced(0, 19 * SECOND)).toBe(300);
    world.lag.standStill(0, undefined, 270);
    expect(world.until(22 * SECOND).lags()).toEqual([150, 0]); // 70/s are left of the client's 100, 30 come in
    const said = world.said.at(-1)!;
    expect(said).toMatchObject({ t: 19 * SECOND, partitions: [0], lag: 270, in: 30, out: 70, arrived: 270 });
    expect(said.above).toBeUndefined();
  });

  test("gets some to read when the watermark moves a little, and stands again", () => {
    const { world } = twoPartitions();
    world.until(10 * SECOND).lag.standStill(0, 10 * SECOND, 0);
    world.until(15 * SECOND).lag.setRate(0, 50);
    world.until(16 * SECOND).lag.standStill(0, 12 * SECOND, 60);
    world.flush();
    expect(world.said.at(-1)).toMatchObject({ partitions: [0], lag: 60, in: 0, out: 70, arrived: 60, above: 50 });
  });

  test("keeps the backlog that lies below it, which is read on", () => {
    const { world, client } = twoPartitions();
    world.until(10 * SECOND).lag.setCapacity(client, 0);
    world.until(20 * SECOND).lag.standStill(0, 20 * SECOND, 0);
    world.lag.setCapacity(client, 100); // 300 wait in each, which get 50/s each
    expect(world.until(24 * SECOND).lags()).toEqual([100, 300 + 4 * 30 - 200]);
  });
});
