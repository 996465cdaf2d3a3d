import { describe, expect, test } from "vitest";
import { SECOND } from "../../../sim/engine/time.ts";
import { Queues } from "./world.ts";

const s = (seconds: number): number => seconds * SECOND;
const LIMITS = { records: 500, chunk: 1_000_000 };

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
    queues.flow.read(queues.flow.addClient(LIMITS), [0]);
    queues.setRate(0, 10).until(s(1));
    expect(done).toEqual([
      [0, s(0.1), s(0.35)],
      [1, s(0.2), s(0.6)],
      [2, s(0.3), s(0.85)],
    ]);
    expect(queues.flow.produced(0)).toBe(10);
    expect(queues.flow.lag(0)).toBe(7);
    // By 0.85 eight records had come and three were done; the poll of that instant handed out the other five.
    expect(queues.flow.handedOut(0)).toBe(5);
  });

  // O27 of spec/offsets-and-lag.md
  test("fetched 1,200 of one partition and 300 of another: 500, 500, then 200 and 300", () => {
    const batches: number[][] = [];
    const queues = new Queues({
      seed: "1",
      partitions: 2,
      arrivals: "even",
      service: { constant: 1 },
      polls: () => batches.push([queues.flow.position(0), queues.flow.position(1)]),
    });
    for (let i = 0; i < 1200; i++) queues.flow.produce(0);
    for (let i = 0; i < 300; i++) queues.flow.produce(1);
    queues.flow.read(queues.flow.addClient(LIMITS), [0, 1]);
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
    });
    for (let i = 0; i < 4; i++) [0, 1].forEach((partition) => queues.flow.produce(partition));
    queues.flow.read(queues.flow.addClient({ records: 500, chunk: 2 }), [0, 1]);
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
    for (const partition of [0, 0, 0, 1, 1]) queues.flow.produce(partition);
    const [first, second] = [queues.flow.addClient(LIMITS), queues.flow.addClient(LIMITS)];
    queues.flow.read(first, [0, 1]);
    queues.until(s(1.5));
    queues.flow.read(second, [0], { from: [0], cause: "crash" });
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
    queues.flow.produce(0);
    queues.flow.produce(0);
    const client = queues.flow.addClient(LIMITS);
    queues.flow.read(client, [0]);
    queues.until(s(0.5));
    queues.flow.hold(client);
    queues.until(s(10));
    queues.flow.release(client);
    queues.until(s(20));
    expect(done).toEqual([11.5, 13.5]);
  });

  test("set forward, what is skipped is lost", () => {
    const queues = new Queues({ seed: "1", partitions: 1, arrivals: "even", service: { constant: s(1) } });
    for (let i = 0; i < 5; i++) queues.flow.produce(0);
    queues.flow.read(queues.flow.addClient(LIMITS), [0], { from: [4], cause: "reset" });
    queues.until(s(5));
    expect(queues.flow.totals()).toEqual({ produced: 5, consumed: 1, lag: 0, reread: 0, lost: 4 });
  });
});
