import { describe, expect, test } from "vitest";
import { SECOND } from "../../../sim/engine/time.ts";
import { Queues } from "./world.ts";

const s = (seconds: number): number => seconds * SECOND;

describe("records one by one, by hand", () => {
  // 10 records/s from 0 on: the first at 0.1 s. Each takes 0.25 s, from the moment it comes or the one before is done.
  test("a consumer slower than its records: each waits for the one before", () => {
    const done: [number, number, number][] = [];
    const queues = new Queues({
      seed: "1",
      partitions: 1,
      arrivals: "even",
      service: { constant: s(0.25) },
      processed: ({ offset, producedAt }, doneAt) => done.push([offset, producedAt, doneAt]),
    });
    queues.reader(0);
    queues.flow.setRate(0, 10);
    queues.until(s(1));
    expect(done).toEqual([
      [0, s(0.1), s(0.35)],
      [1, s(0.2), s(0.6)],
      [2, s(0.3), s(0.85)],
    ]);
    expect(queues.flow.produced(0)).toBe(10);
    expect(queues.flow.lagAt(0)).toBe(7);
    // Fetches take no time here, and each poll sends the next: that of 0.6 brought the records of 0.4, 0.5 and 0.6, which the
    // poll of 0.85 handed out. Those of 0.7 and 0.8 came with its own fetch, and wait for the next poll.
    expect(queues.flow.within(0)).toBe(3);
  });

  // O27 of spec/offsets-and-lag.md
  test("fetched 1,200 of one partition and 300 of another: 500, 500, then 200 and 300", () => {
    const batches: number[][] = [];
    const queues = new Queues({
      seed: "1",
      partitions: 2,
      arrivals: "even",
      service: { constant: 1 },
    });
    queues.flow.arrive(0, 1200);
    queues.flow.arrive(1, 300);
    const reader = queues.reader(0, 1);
    queues.engine.afterEach(() => {
      const positions = [queues.flow.position(0), queues.flow.position(1)];
      if (!queues.flow.backlogged(reader) && positions.join() !== (batches.at(-1) ?? [0, 0]).join())
        batches.push(positions);
    });
    queues.until(s(1));
    expect(batches).toEqual([
      [500, 0],
      [1000, 0],
      [1200, 300],
    ]);
  });

  test("a chunk bounds what one partition gets in a row", () => {
    const order: number[] = [];
    const queues = new Queues({
      seed: "1",
      partitions: 2,
      arrivals: "even",
      service: { constant: 1 },
      processed: ({ partition }) => order.push(partition),
      limits: { partitionBytes: 2 },
    });
    for (const partition of [0, 1]) queues.flow.arrive(partition, 4);
    queues.reader(0, 1);
    queues.until(s(1));
    expect(order).toEqual([0, 0, 1, 1, 0, 0, 1, 1]);
  });

  test("a partition taken away in the middle of a batch: its records are dropped, the other's are worked on", () => {
    const done: string[] = [];
    const queues = new Queues({
      seed: "1",
      partitions: 2,
      arrivals: "even",
      service: { constant: s(1) },
      processed: ({ partition, offset }, t) => done.push(`${partition}-${offset} at ${t / SECOND}`),
    });
    queues.flow.arrive(0, 3);
    queues.flow.arrive(1, 2);
    queues.reader(0, 1);
    queues.until(s(1.5));
    queues.flow.seek(0, 0, { reread: "crash", lost: "reset" });
    queues.reader(0);
    queues.until(s(10));
    expect(done).toEqual([
      "0-0 at 1",
      "1-0 at 2.5", // by the first; at one instant the consumer with the lower number goes first
      "0-0 at 2.5", // again, by the second
      "1-1 at 3.5",
      "0-1 at 3.5",
      "0-2 at 4.5",
    ]);
    expect(queues.flow.totals()).toEqual({ produced: 5, consumed: 5, lag: 0, reread: 1, lost: 0 });
  });

  test("held up, the record in hand takes so much longer", () => {
    const done: number[] = [];
    const queues = new Queues({
      seed: "1",
      partitions: 1,
      arrivals: "even",
      service: { constant: s(2) },
      processed: (_, t) => done.push(t / SECOND),
    });
    queues.flow.arrive(0, 2);
    const client = queues.reader(0);
    queues.until(s(0.5));
    expect(queues.flow.batchEnd(client)).toBe(s(4));
    queues.flow.setCapacity(client, 0);
    queues.until(s(10));
    expect(queues.flow.batchEnd(client)).toBe(s(13.5));
    queues.flow.setCapacity(client, 1);
    queues.until(s(20));
    expect(done).toEqual([11.5, 13.5]);
  });

  test("set forward, what is skipped is lost", () => {
    const queues = new Queues({ seed: "1", partitions: 1, arrivals: "even", service: { constant: s(1) } });
    queues.flow.arrive(0, 5);
    queues.flow.seek(0, 4, { reread: "crash", lost: "reset" });
    queues.reader(0);
    queues.until(s(5));
    expect(queues.flow.totals()).toEqual({ produced: 5, consumed: 1, lag: 0, reread: 0, lost: 4 });
  });

  test("deleted in the midst of a record, that record is lost, too", () => {
    const queues = new Queues({ seed: "1", partitions: 1, arrivals: "even", service: { constant: s(1) } });
    queues.flow.arrive(0, 5);
    queues.flow.skip(0, 2.5, "out-of-range"); // where the fluid's log begins
    expect(queues.flow.totals()).toMatchObject({ lag: 2, lost: 3 });
  });
});

test("records above a watermark that stands still are handed out when it moves, as old as they are; those cut back are not", () => {
  const done: [offset: number, producedAt: number][] = [];
  const queues = new Queues({
    seed: "still",
    partitions: 1,
    arrivals: "even",
    service: { constant: 1 },
    processed: ({ offset, producedAt }) => done.push([offset, producedAt / 1e6]),
  });
  queues.reader(0);
  queues.flow.setRate(0, 1);
  queues.until(2.5e6).flow.standStill(0, 2.5e6);
  queues.until(5.5e6);
  expect(done.map(([offset]) => offset)).toEqual([0, 1]);
  expect([queues.flow.lagAt(0), queues.flow.produced(0)]).toEqual([0, 2]);
  queues.flow.standStill(0, 3.5e6); // the one of 3 s can be read
  expect(queues.flow.lagAt(0)).toBe(1);
  expect(queues.until(6.5e6).flow.cutBack(0, 4.5e6, 0, "truncated").gone).toBe(0); // those of 5 s and 6 s are, which nobody could read
  queues.flow.standStill(0, undefined);
  queues.until(7.5e6);
  expect(done).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
    [4, 7],
  ]);
});

describe("a log that is cut back below what could be read", () => {
  /** A record a second, the first at 1 s, and what becomes of them. */
  function cut(service: number, at: number, to: number) {
    const done: [offset: number, producedAt: number, t: number][] = [];
    const queues = new Queues({
      seed: "cut",
      partitions: 1,
      arrivals: "even",
      service: { constant: service * 1e6 },
      processed: ({ offset, producedAt }, now) => done.push([offset, producedAt / 1e6, now / 1e6]),
    });
    queues.reader(0);
    queues.flow.setRate(0, 1);
    const move = queues.until(at * 1e6).flow.cutBack(0, to * 1e6, 0, "truncated");
    return { queues, done, move };
  }

  test("loses nothing of what was read, and goes on as far as it had come", () => {
    const { queues, done, move } = cut(0.1, 5.5, 3.5);
    expect(move).toMatchObject({ gone: 2, lost: [] });
    expect([queues.flow.position(0), queues.flow.produced(0)]).toEqual([5, 5]);
    queues.until(7.5e6);
    expect(done.map(([offset, producedAt]) => [offset, producedAt])).toEqual(
      [1, 2, 3, 4, 5, 6, 7].map((t) => [t - 1, t]),
    );
    expect(queues.flow.totals()).toEqual({ produced: 7, consumed: 7, lag: 0, reread: 0, lost: 0 });
  });

  test("loses what nobody had in hand; who has some of it gets that done, and works on it for as long", () => {
    // That of 1 s takes until 4.3 s, that of 2 s until 7.6 s; poll() hands out those of 3 and 4 s then.
    const { queues, done, move } = cut(3.3, 9, 3.5);
    expect(done.map(([offset]) => offset)).toEqual([0, 1, 3]);
    expect(move).toMatchObject({ gone: 6, lost: [{ from: 4, records: 5 }] });
    expect(queues.flow.totals()).toEqual({ produced: 9, consumed: 3, lag: 1, reread: 0, lost: 5 });
    queues.until(17.6e6);
    // That of 3 s counts as the ninth now, and those that came since follow it, as soon as the batch would have been done.
    expect(done.slice(3).map(([offset, producedAt]) => [offset, producedAt])).toEqual([
      [8, 3],
      [9, 10],
    ]);
    expect(done[3][2]).toBeCloseTo(10.9, 6);
    expect(done[4][2]).toBeCloseTo(17.5, 6);
  });
});
