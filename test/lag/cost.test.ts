import { describe, expect, test } from "vitest";
import { World } from "./world.ts";

const SECOND = 1_000_000;

/** So many clients with so many partitions each, whose inflows differ; unread for a minute, then read for an hour. */
function interruptedGroup(clients: number, each: number, scale = 1) {
  const world = new World([clients * each]);
  world.setRates(Array.from({ length: clients * each }, (_, p) => scale * (1 + (p % each))));
  const own = (client: number) => Array.from({ length: each }, (_, i) => client * each + i);
  for (let client = 0; client < clients; client++) world.lag.addClient(scale * each * (each + 1));
  world.until(60 * SECOND);
  for (let client = 0; client < clients; client++) world.lag.read(client, own(client));
  world.until(3600 * SECOND);
  return world;
}

describe("the cost of the model, in lines worked out", () => {
  test("does not depend on how many records there are", () => {
    const counts = [1, 1e3, 1e6].map((scale) => interruptedGroup(4, 5, scale).lag.linesComputed);
    expect(new Set(counts).size).toBe(1);
  });

  test("is that of the clients concerned: k lines for a breakpoint of a client with k partitions", () => {
    // 10 lines when reading begins, then 10 each time a partition runs dry; all 10 differ.
    expect(interruptedGroup(1, 10).lag.linesComputed).toBe(10 + 10 * 10);
    expect(interruptedGroup(50, 10).lag.linesComputed).toBe(50 * (10 + 10 * 10));
  });

  test("is nothing for those who are not concerned", () => {
    const world = interruptedGroup(50, 10);
    const before = world.lag.linesComputed;
    world.lag.setCapacity(7, 500);
    world.flush();
    expect(world.lag.linesComputed - before).toBe(10);
    world.until(7200 * SECOND);
    expect(world.lag.linesComputed - before).toBe(10);
  });

  test("counts an instant once, however much happens in it", () => {
    const world = interruptedGroup(2, 10);
    const before = world.lag.linesComputed;
    for (let p = 0; p < 10; p++) world.lag.setRate(p, 3);
    world.lag.stop(0, [1, 2, 3]);
    world.lag.read(0, [1, 2]);
    world.lag.setCapacity(0, 1000);
    world.flush();
    expect(world.lag.linesComputed - before).toBe(9);
  });

  test("is one breakpoint for equal partitions, which run dry together", () => {
    const world = new World([100]);
    const client = world.lag.addClient(1000);
    world.setRates(Array.from({ length: 100 }, () => 5));
    world.until(60 * SECOND).lag.read(
      client,
      Array.from({ length: 100 }, (_, p) => p),
    );
    world.until(3600 * SECOND);
    expect(world.lag.linesComputed).toBe(200);
    expect(world.said.at(-1)).toMatchObject({ t: 120 * SECOND, lag: 0, in: 5, out: 5 });
  });
});
