import { describe, expect, test } from "vitest";
import { World } from "./world.ts";

const SECOND = 1_000_000;
const WORKING = { records: 0, holder: "working" as const };

/** Two partitions with 200/s each, read by one client that can read 300/s; from 10 s on partition 0 belongs to an heir. */
function takenAt10(heirs = 1000) {
  const world = new World([2]);
  const { lag } = world;
  const [client, heir] = [lag.addClient(300), lag.addClient(heirs)];
  world.setRates([200, 200]);
  lag.read(client, [0, 1]);
  world.until(10 * SECOND); // 150/s each: 1500 read, 500 wait
  const line = lag.detach(0);
  const move = lag.seek(0, 1000, { reread: "expelled", lost: "reset" }, WORKING);
  lag.read(heir, [0]);
  return { world, lag, client, heir, line, move };
}

describe("a reader on its own account", () => {
  test("goes on from where it was, at its share of its client's capacity", () => {
    const { world, lag, line } = takenAt10();
    world.until(20 * SECOND);
    expect(lag.position(line, 20 * SECOND)).toBe(3000); // 150/s
    expect(lag.position(1, 20 * SECOND)).toBe(3000);
    expect(lag.position(0, 20 * SECOND)).toBe(4000); // 1000 waited at 10 s, and were gone at 11.25 s
  });

  test("leaves all of it to what its client still reads once it ends", () => {
    const { world, lag, client, line } = takenAt10();
    world.until(20 * SECOND).lag.discard(line);
    world.until(29 * SECOND);
    expect(lag.position(1, 29 * SECOND)).toBe(3000 + 300 * 9);
    world.until(30 * SECOND); // 1000 waited at 20 s, and 100/s more were read than came: at 30 s nothing waits
    expect(lag.backlogged(client)).toBe(false);
  });

  test("comes to the log's end and takes what is written, at any rate, and nothing while it is held", () => {
    const { world, lag, client, line } = takenAt10();
    lag.stop(client, [1]); // the 300/s are its own: 500 wait, 200/s come, so it is at the end at 15 s
    world.until(15 * SECOND);
    expect(lag.position(line, 15 * SECOND)).toBe(3000);
    world.until(20 * SECOND).lag.setRate(0, 50);
    world.until(30 * SECOND);
    expect(lag.position(line, 30 * SECOND)).toBe(4500);
    lag.hold(line, true);
    world.until(40 * SECOND);
    expect(lag.position(line, 40 * SECOND)).toBe(4500);
    lag.hold(line, false);
    world.until(42 * SECOND); // 500 wait, 250/s more are read than come
    expect(lag.position(line, 42 * SECOND)).toBe(5100);
  });

  test("is in no books and told to nobody, until what it has read is entered", () => {
    const { world, lag, line } = takenAt10();
    world.until(20 * SECOND);
    expect(lag.totals(20 * SECOND)).toEqual({ produced: 8000, consumed: 7000, lag: 1000, reread: 500, lost: 0 });
    const said = world.said.length;
    expect(lag.enterAside(line, 1500, 3000, "expelled")).toEqual({
      twice: [{ from: 1500, records: 1500, cause: "expelled" }],
      found: [],
    });
    world.flush();
    expect(world.said.length).toBe(said);
    expect(lag.totals(20 * SECOND)).toMatchObject({ produced: 8000, consumed: 7000, lag: 1000, reread: 2000 });
  });

  test("may begin beside whoever reads the partition, at any position", () => {
    const { world, lag, client } = takenAt10();
    const late = lag.addClient(300);
    world.until(20 * SECOND); // 4000 have come in, and are read
    const line = lag.readAside(late, 0, 3500);
    expect(lag.position(line, 20 * SECOND)).toBe(3500);
    expect(lag.readerOf(0)).not.toBe(late);
    world.until(22 * SECOND); // 100/s more are read than come
    expect(lag.position(line, 22 * SECOND)).toBe(4100);
    world.until(30 * SECOND); // at the end since 25 s
    expect(lag.position(line, 30 * SECOND)).toBe(6000);
    expect(lag.position(0, 30 * SECOND)).toBe(6000);
    expect(lag.enterAside(line, 3500, 6000, "expelled").twice).toMatchObject([{ from: 3500, records: 2500 }]);
    expect(lag.readerOf(line)).toBe(late);
    expect(lag.readerOf(1)).toBe(client);
  });

  test("may be followed by another of the same partition, each on its line", () => {
    const { world, lag, heir, line } = takenAt10();
    const second = lag.addClient(1000);
    world.until(20 * SECOND);
    const other = lag.detach(0); // the heir's, at the end
    lag.seek(0, 2500, { reread: "expelled", lost: "reset" }, WORKING);
    lag.read(second, [0]);
    world.until(30 * SECOND);
    expect(lag.position(line, 30 * SECOND)).toBe(4500);
    expect(lag.position(other, 30 * SECOND)).toBe(6000);
    expect(lag.hasWork(heir)).toBe(true);
    lag.discard(line);
    expect(lag.detach(1)).toBe(line); // the number is free again
  });
});

describe("records read aside", () => {
  test("ahead of the group's position are spared once if the position moves on over them", () => {
    // The heir never reads; 1500 … 2000 are read aside, and all before 2000 is deleted: 500 set back and 500 aside are
    // read once by somebody, and 1500 … 2000 are not lost.
    const { world, lag, line } = takenAt10(0);
    world.until(14 * SECOND);
    lag.enterAside(line, 1500, 2000, "expelled");
    expect(lag.totals(world.now()).reread).toBe(1000);
    const move = lag.skip(0, 2200, "out-of-range");
    expect(move.spared.map(({ from, records }) => [from, records])).toEqual([
      [1000, 500],
      [1500, 500],
    ]);
    expect(move.lost).toMatchObject([{ from: 2000, records: 200 }]);
    expect(lag.totals(world.now())).toMatchObject({ reread: 0, lost: 200 });
    expect(lag.ledger.check(0, lag.lagAt(0, world.now()))).toBeUndefined();
  });

  test("by two of them, and by nobody else, count as read again once", () => {
    const { world, lag, heir, line } = takenAt10(0);
    const other = lag.detach(0); // the heir's, at 1000
    lag.seek(0, 1000, { reread: "expelled", lost: "reset" }, WORKING);
    lag.read(heir, [0]);
    world.until(14 * SECOND);
    lag.enterAside(line, 1500, 2000, "expelled");
    lag.enterAside(other, 1600, 1900, "zombie");
    expect(lag.totals(world.now()).reread).toBe(500 + 500 + 300);
    lag.skip(0, 2000, "out-of-range");
    expect(lag.totals(world.now())).toMatchObject({ reread: 300, lost: 0 });
    expect(lag.ledger.check(0, lag.lagAt(0, world.now()))).toBeUndefined();
  });

  test("that seemed lost are found, by the first of them", () => {
    const { world, lag, line } = takenAt10();
    world.until(14 * SECOND);
    lag.skip(0, 2800, "reset"); // the heir has come to the end: nothing is lost
    lag.setCapacity(1, 0);
    world.until(20 * SECOND);
    lag.skip(0, 3800, "reset"); // 2800 … 3800 are
    expect(lag.totals(world.now()).lost).toBe(1000);
    expect(lag.enterAside(line, 2500, 3000, "expelled")).toEqual({
      twice: [{ from: 2500, records: 300, cause: "expelled" }],
      found: [{ from: 2800, records: 200, cause: "reset" }],
    });
    expect(lag.enterAside(line, 2900, 3000, "expelled").twice).toMatchObject([{ from: 2900, records: 100 }]);
    expect(lag.totals(world.now())).toMatchObject({ lost: 800, reread: 500 + 300 + 100 });
    expect(lag.ledger.check(0, lag.lagAt(0, world.now()))).toBeUndefined();
  });
});
