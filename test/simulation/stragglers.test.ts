import { describe, expect, test } from "vitest";
import { SECOND } from "../../sim/engine/time.ts";
import { Stragglers } from "../../sim/simulation/stragglers.ts";
import type { Happening } from "../../sim/trace/event.ts";
import { World } from "../lag/world.ts";

const NONE_IN_HAND = { records: 0, holder: "working" as const };

/**
 * Of 1000/s one client reads 100/s up to 10 s, when it is at 1000 and has been handed 200 more. Somebody else is given the
 * partition then, from 700 on, and it reads on.
 */
function straggling() {
  const world = new World([1]);
  const { lag } = world;
  const [client, heir] = [lag.addClient(100), lag.addClient(500)];
  const told: Happening[] = [];
  const stragglers = new Stragglers(lag, world.now, (_, moved) => told.push(...moved.told("g", "a")));
  lag.setRate(0, 1000);
  lag.read(client, [0]);
  world.until(10 * SECOND);
  stragglers.begin(client, { index: 0, topic: "orders", partition: 0, origin: 0 }, 1200, "expelled");
  lag.seek(0, 700, { reread: "expelled", lost: "reset" }, NONE_IN_HAND);
  lag.read(heir, [0]);
  const rereads = (): readonly unknown[] => told.filter(({ type }) => type === "records.reread");
  return { world, stragglers, rereads };
}

describe("who reads what has been given to others", () => {
  test("is told from where it had been handed records, not before it is through with those", () => {
    const { world, stragglers, rereads } = straggling();
    world.until(11 * SECOND); // at 1100: what it was handed is told elsewhere
    stragglers.enter([0]);
    expect(rereads()).toEqual([]);
    world.until(15 * SECOND); // at 1500
    stragglers.enter([0]);
    expect(rereads()).toMatchObject([{ from: 1200, records: 300, reason: "expelled", aside: true }]);
    world.until(16 * SECOND);
    stragglers.enterAll();
    expect(rereads().slice(1)).toMatchObject([{ from: 1500, records: 100, reason: "expelled", aside: true }]);
  });

  test("goes on while the record that it reads next is there, and not when that is deleted", () => {
    const { world, stragglers } = straggling();
    world.until(15 * SECOND);
    stragglers.overtaken(0, 1500);
    expect(stragglers.at(0)).toHaveLength(1);
    stragglers.overtaken(0, 1501);
    expect(stragglers.at(0)).toEqual([]);
  });
});
