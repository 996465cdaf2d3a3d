import { describe, expect, test } from "vitest";
import { Ledger } from "../../sim/lag/ledger.ts";
import { World } from "./world.ts";

const SECOND = 1_000_000;

describe("the books", () => {
  test("balance when every record is consumed, waiting or lost", () => {
    const ledger = new Ledger(1);
    ledger.produce(0, 1000);
    ledger.consume(0, 600);
    expect(ledger.check(0, 400)).toBeUndefined();
    expect(ledger.check(0, 399)).toBe("partition 0: 1000 produced, but 600 consumed + 399 lag + 0 lost");
    ledger.lose(0, 100, "reset");
    expect(ledger.check(0, 300)).toBeUndefined();
  });

  test("forgive a millionth of what was produced, and no more", () => {
    const ledger = new Ledger(1);
    ledger.produce(0, 1e9);
    ledger.consume(0, 1e9);
    expect(ledger.check(0, 999)).toBeUndefined();
    expect(ledger.check(0, 1001)).toMatch(/1000000000 produced/);
  });

  test("never accept a lag below zero", () => {
    const ledger = new Ledger(1);
    ledger.consume(0, 1);
    expect(ledger.check(0, -1)).toMatch(/-1 lag/);
  });
});

describe("positions", () => {
  test("set back after a crash: what lies between is read again, and drained like any backlog (offsets, O31)", () => {
    // 100/s in, 100/s read until 50 s; committed 250 records before; unread for 50 s, then read at 300/s:
    // 5000 + 250 wait, and 5250/200 = 26.25 s later nothing does.
    const world = new World([1]);
    const [dead, heir] = [world.lag.addClient(300), world.lag.addClient(300)];
    world.lag.setRate(0, 100);
    world.lag.read(dead, [0]);
    world.until(50 * SECOND).stopAll(dead);
    world.until(100 * SECOND);
    world.readFrom(heir, [0], [4750], "crashed");
    world.flush();
    expect(world.lag.lagAt(0, world.now())).toBe(5250);
    expect(world.said.at(-1)).toMatchObject({ lag: 5250, in: 100, out: 300 });
    world.until(200 * SECOND);
    expect(world.said.at(-1)).toMatchObject({ t: 126.25 * SECOND, lag: 0, out: 100 });
    expect(world.lag.totals(world.now())).toEqual({ produced: 20_000, consumed: 20_000, lag: 0, reread: 250, lost: 0 });
    expect([...world.lag.ledger.rereadByCause]).toEqual([["crashed", 250]]);
  });

  test("set to the end by a reset: what lies between is lost (offsets, O12)", () => {
    const world = new World([1]);
    const client = world.lag.addClient(50);
    world.lag.setRate(0, 10);
    world.until(3.2 * SECOND);
    world.readFrom(client, [0], [32], "reset to latest");
    world.until(10 * SECOND);
    expect(world.lag.totals(world.now())).toEqual({ produced: 100, consumed: 68, lag: 0, reread: 0, lost: 32 });
    expect([...world.lag.ledger.lostByCause]).toEqual([["reset to latest", 32]]);
  });

  test("set back into what was lost: so much is not lost after all, and what lies before it is read again", () => {
    // Reads 10 records, skips 20, reads another 10; then everything from offset 5 on: 5 of the first and the last 10
    // again, and the 20 for the first time.
    const world = new World([1]);
    const client = world.lag.addClient(50);
    world.lag.setRate(0, 10);
    world.lag.read(client, [0]);
    world.until(SECOND).stopAll(client);
    world.until(3 * SECOND).readFrom(client, [0], [30], "reset");
    world.until(4 * SECOND).readFrom(client, [0], [5], "crash");
    world.flush();
    expect(world.lag.lagAt(0, world.now())).toBe(35);
    expect(world.lag.totals(world.now())).toEqual({ produced: 40, consumed: 5, lag: 35, reread: 15, lost: 0 });
    expect([...world.lag.ledger.lostByCause]).toEqual([["reset", 0]]);
  });

  test("set back only in part into what was lost: the rest stays so", () => {
    const world = new World([1]);
    const client = world.lag.addClient(50);
    world.lag.setRate(0, 10);
    world.until(3 * SECOND).readFrom(client, [0], [30], "reset");
    world.readFrom(client, [0], [20], "crash");
    expect(world.lag.totals(world.now())).toEqual({ produced: 30, consumed: 0, lag: 10, reread: 0, lost: 20 });
  });

  test("of a crash in the midst of a batch: what was in hand is handed out again, though nobody had processed it", () => {
    // 100/s read, committed at 500, crashed at 950 with 50 more in hand (offsets, O5): 500 are handed out twice.
    const world = new World([1]);
    const [dead, heir] = [world.lag.addClient(100), world.lag.addClient(100)];
    world.lag.setRate(0, 1000);
    world.lag.read(dead, [0]);
    world.until(9.5 * SECOND).stopAll(dead);
    const inHand = { records: 50, holder: "gone" as const };
    const move = world.lag.seek(0, 500, { reread: "crash", lost: "reset" }, inHand);
    world.lag.read(heir, [0]);
    const again = { from: 500, records: 500, inHand: 50, crashed: true, cause: "crash" };
    expect(move).toMatchObject({ reread: [again], lost: [] });
    expect(world.lag.ledger.unprocessed(0)).toBe(50);
    expect(world.lag.totals(world.now())).toMatchObject({ consumed: 500, lag: 9000, reread: 500, lost: 0 });
  });

  test("of a crash in the midst of a batch that was committed before: what was in hand is lost", () => {
    const world = new World([1]);
    const dead = world.lag.addClient(100);
    world.lag.setRate(0, 1000);
    world.lag.read(dead, [0]);
    world.until(9.5 * SECOND).stopAll(dead);
    const inHand = { records: 50, holder: "gone" as const };
    const move = world.lag.seek(0, 1000, { reread: "crash", lost: "committed-ahead" }, inHand);
    expect(move).toMatchObject({ reread: [], lost: [{ from: 950, records: 50, cause: "committed-ahead" }] });
  });

  test("of a crash whose commit was lost with its log: something else is to blame for what it had committed", () => {
    // As before, but 500 are committed no longer, only 200. And where 980 had been, before they were processed, or all 1000.
    const reread = (committed: number): unknown => {
      const world = new World([1]);
      const dead = world.lag.addClient(100);
      world.lag.setRate(0, 1000);
      world.lag.read(dead, [0]);
      world.until(9.5 * SECOND).stopAll(dead);
      const causes = { reread: "crash", lost: "reset", before: { offset: committed, reread: "commit-lost" } };
      const move = world.lag.seek(0, 200, causes, { records: 50, holder: "gone" });
      expect(world.lag.totals(world.now())).toMatchObject({ consumed: 200, reread: 800, lost: 0 });
      expect(world.lag.ledger.unprocessed(0)).toBe(50);
      return move.reread;
    };
    expect(reread(500)).toEqual([
      { from: 200, records: 300, inHand: 0, crashed: false, cause: "commit-lost" },
      { from: 500, records: 500, inHand: 50, crashed: true, cause: "crash" },
    ]);
    expect(reread(980)).toEqual([
      { from: 200, records: 780, inHand: 30, crashed: true, cause: "commit-lost" },
      { from: 980, records: 20, inHand: 20, crashed: true, cause: "crash" },
    ]);
    expect(reread(1000)).toEqual([{ from: 200, records: 800, inHand: 50, crashed: true, cause: "commit-lost" }]);
  });

  test("set forward over what was to be read again: that is spared, and only what nobody had read is lost", () => {
    // Reads 10 records, is set back to 5, and, before it reads on, moves to the end, 30: 5 were to be read again and are
    // not; the 20 that came since are lost.
    const world = new World([1]);
    const client = world.lag.addClient(50);
    world.lag.setRate(0, 10);
    world.lag.read(client, [0]);
    world.until(SECOND).stopAll(client);
    world.lag.seek(0, 5, { reread: "crash", lost: "reset" }, { records: 0, holder: "gone" });
    const move = world.until(3 * SECOND).lag.skip(0, 30, "topic-deleted");
    expect(move).toMatchObject({
      reread: [],
      spared: [{ from: 5, records: 5, cause: "crash" }],
      lost: [{ from: 10, records: 20, cause: "topic-deleted" }],
    });
    expect(world.lag.totals(3 * SECOND)).toEqual({ produced: 30, consumed: 10, lag: 0, reread: 0, lost: 20 });
  });

  test("set forward over what several had in hand: each record is spared once, and what nobody has processed is lost", () => {
    // 100/s read, committed at 500, crashed at 950 with 50 more in hand, which nobody has processed. The heir begins at 500
    // and is expelled at 960, with 30 in hand, which it processes; it had committed 900. Then all up to 2000 is deleted.
    const world = new World([1]);
    const [dead, heir] = [world.lag.addClient(100), world.lag.addClient(100)];
    world.lag.setRate(0, 1000);
    world.lag.read(dead, [0]);
    world.until(9.5 * SECOND).stopAll(dead);
    world.lag.seek(0, 500, { reread: "crash", lost: "reset" }, { records: 50, holder: "gone" });
    world.lag.read(heir, [0]);
    world.until(14.1 * SECOND).stopAll(heir);
    world.lag.seek(0, 900, { reread: "expelled", lost: "reset" }, { records: 30, holder: "working" });
    const move = world.lag.skip(0, 2000, "out-of-range");
    expect(move).toMatchObject({
      reread: [],
      spared: [
        { from: 900, records: 60, cause: "expelled", inHand: 0, crashed: false },
        { from: 960, records: 30, cause: "expelled", inHand: 30, crashed: false },
        { from: 990, records: 10, cause: "crash", inHand: 10, crashed: true },
      ],
      lost: [{ from: 990, records: 1010, cause: "out-of-range" }],
    });
    // Handed out: 0 … 1000 by the one and 500 … 990 by the other, so 490 twice, of which it was in vain the first time for 40.
    expect([...world.lag.ledger.rereadByCause]).toEqual([
      ["crash", 490],
      ["expelled", 0],
    ]);
    expect(world.lag.ledger.unprocessed(0)).toBe(40);
    expect(world.lag.totals(world.now())).toMatchObject({ consumed: 990, reread: 490, lost: 1010 });
  });

  test("set back over what was read and what was skipped: each stretch is told for itself", () => {
    // Reads 10, skips 20, reads 10 more; then everything from 5 on.
    const world = new World([1]);
    const client = world.lag.addClient(50);
    world.lag.setRate(0, 10);
    world.lag.read(client, [0]);
    world.until(SECOND).stopAll(client);
    world.until(3 * SECOND).readFrom(client, [0], [30], "reset");
    world.until(4 * SECOND).stopAll(client);
    const move = world.lag.seek(0, 5, { reread: "zombie", lost: "reset" }, { records: 0, holder: "working" });
    expect(move).toMatchObject({
      reread: [
        { from: 5, records: 5, cause: "zombie" },
        { from: 30, records: 10, cause: "zombie" },
      ],
      found: [{ from: 10, records: 20, cause: "reset" }],
      lost: [],
    });
  });

  test("given as they are change nothing and are not said", () => {
    const world = new World([1]);
    const client = world.lag.addClient(50);
    world.lag.setRate(0, 10);
    world.lag.read(client, [0]);
    world.until(SECOND);
    world.said.length = 0;
    world.readFrom(client, [0], [world.lag.position(0, SECOND)], "rejoined");
    world.flush();
    expect(world.said).toEqual([]);
    expect(world.lag.totals(SECOND).reread).toBe(0);
  });
});

describe("a log that is cut back", () => {
  /** 100/s for 10 s, of which so many are passed over; then the log ends at 600. */
  function cut(passed: number) {
    const world = new World([1]);
    const client = world.lag.addClient(1000);
    world.lag.setRate(0, 100);
    world.until(10 * SECOND);
    if (passed > 0) world.readFrom(client, [0], [passed], "lost");
    world.stopAll(client);
    const move = world.lag.cutBack(0, 0, 400, "truncated");
    world.flush();
    return { world, client, move };
  }
  /** The same, all of which is read, and so many are to be read once more. */
  function cutAgain(again: number) {
    const world = new World([1]);
    const client = world.lag.addClient(1000);
    world.lag.setRate(0, 100);
    world.lag.read(client, [0]);
    world.until(10 * SECOND).stopAll(client);
    world.readFrom(client, [0], [1000 - again], "crashed");
    world.stopAll(client);
    const move = world.lag.cutBack(0, 0, 400, "truncated");
    world.flush();
    return { world, move };
  }
  const totals = ({ world }: Pick<ReturnType<typeof cut>, "world">) => world.lag.totals(world.now());

  test("loses what lies behind its new end and the position, whichever is further", () => {
    const behind = cut(0);
    expect(behind.move).toMatchObject({ gone: 400, lost: [{ from: 600, records: 400, cause: "truncated" }] });
    expect(totals(behind)).toEqual({ produced: 1000, consumed: 0, lag: 600, reread: 0, lost: 400 });
    const ahead = cut(700);
    expect(ahead.move).toMatchObject({ gone: 400, lost: [{ from: 700, records: 300, cause: "truncated" }] });
    expect(totals(ahead)).toEqual({ produced: 1000, consumed: 0, lag: 0, reread: 0, lost: 1000 });
    expect(cut(1000).move).toMatchObject({ gone: 400, lost: [] });
  });

  test("is told with what is left, and goes on from there", () => {
    const { world, client } = cut(0);
    expect(world.said.at(-1)).toMatchObject({ lag: 600, gone: 400 });
    expect(world.lag.position(0, world.now())).toBe(400); // the first record of 1000 that were, of which 600 are left
    world.readFrom(client, [0], [400], "");
    world.until(20 * SECOND);
    expect(world.lag.totals(world.now())).toEqual({ produced: 2000, consumed: 1600, lag: 0, reread: 0, lost: 400 });
  });

  test("spares what was to be read again and is gone, and loses nothing of it", () => {
    const all = cutAgain(300);
    expect(all.move.spared).toMatchObject([{ from: 700, records: 300, cause: "crashed" }]);
    expect(all.move.lost).toEqual([]);
    expect(totals(all)).toEqual({ produced: 1000, consumed: 1000, lag: 0, reread: 0, lost: 0 });
    const some = cutAgain(500);
    expect(some.move.spared).toMatchObject([{ from: 600, records: 400, cause: "crashed" }]);
    expect(totals(some)).toEqual({ produced: 1000, consumed: 900, lag: 100, reread: 100, lost: 0 });
  });

  test("keeps in mind what was skipped and is left, where it is now", () => {
    const { world, client } = cut(700);
    // 600 of the 700 skipped are left: the log's first record is at 400 now.
    world.readFrom(client, [0], [500], "found");
    expect(world.lag.totals(world.now())).toMatchObject({ lag: 500, reread: 0, lost: 500 });
  });
});
