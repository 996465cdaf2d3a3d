import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Step } from "./coordinator-town.ts";
import { CLIENTS, Town, violation, SECOND } from "./coordinator-town.ts";
import { failuresOf } from "./coordinator-worlds.ts";

const is = <T extends string>(does: T): fc.Arbitrary<T> => fc.constant(does);
const client = fc.nat({ max: CLIENTS.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  // What a consumer would do next: else hardly any random script would ever get a group to work.
  { weight: 40, arbitrary: fc.record({ does: is("goes on"), client }) },
  { weight: 4, arbitrary: fc.record({ does: is("joins"), client, metadata: fc.nat({ max: 1 }) }) },
  { weight: 2, arbitrary: fc.record({ does: is("restarts"), client }) },
  { weight: 2, arbitrary: fc.record({ does: is("syncs"), client }) },
  { weight: 2, arbitrary: fc.record({ does: is("heartbeats"), client }) },
  { weight: 2, arbitrary: fc.record({ does: is("commits"), client }) },
  { weight: 2, arbitrary: fc.record({ does: is("leaves"), client }) },
  { weight: 8, arbitrary: fc.record({ does: is("waits"), seconds: fc.nat({ max: 7 }) }) },
  { weight: 1, arbitrary: fc.record({ does: is("log"), refuses: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ does: is("lingers"), seconds: fc.nat({ max: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ does: is("fails over") }) },
);
const script = fc.array(step, { minLength: 20, maxLength: 120, size: "max" });
const flavour = fc.constantFrom("java" as const, "scala" as const);
const maxSize = fc.constantFrom(2, 2147483647);

describe("whatever four consumers, the clock, the log and the brokers do", () => {
  test("a partition has one owner, a group a leader, a member a session, and a barrier a timer", () => {
    fc.assert(
      fc.property(flavour, maxSize, script, (flavour, maxSize, steps) => {
        const town = new Town(flavour, maxSize);
        for (const step of steps) {
          town.take(step);
          const wrong = violation(town);
          if (wrong !== undefined) throw new Error(wrong);
        }
      }),
      { numRuns: 500, seed: 848 },
    );
  });

  test("the generation only goes back to what the log says, and only in a failover", () => {
    fc.assert(
      fc.property(flavour, script, (flavour, steps) => {
        const town = new Town(flavour, 2147483647);
        let generation = 0;
        for (const step of steps) {
          const persisted = town.bench.persistedGeneration;
          town.take(step);
          const { coordinator } = town.bench;
          // A group whose creation the log refused never was.
          const least = step.does === "fails over" || coordinator.state === "Absent" ? persisted : generation;
          if (coordinator.generation < least) throw new Error(`generation ${coordinator.generation} after ${least}`);
          generation = coordinator.generation;
        }
      }),
      { numRuns: 500, seed: 849 },
    );
  });

  test("every request is answered or given up in the open, and a group of silent consumers ends empty", () => {
    fc.assert(
      fc.property(flavour, maxSize, script, (flavour, maxSize, steps) => {
        const town = new Town(flavour, maxSize);
        const { bench } = town;
        for (const step of steps) town.take(step);
        bench.refusal = undefined;
        bench.clock.runTo(bench.now + 3_600 * SECOND, true);
        expect([...bench.open.values()]).toEqual([]);
        expect(["Empty", "Absent"]).toContain(bench.coordinator.state);
        expect(bench.clock.pending).toEqual([]);
        // They all speak of the same assignor.
        expect(bench.replies.filter(({ reply }) => reply.error === "INCONSISTENT_GROUP_PROTOCOL")).toEqual([]);
      }),
      { numRuns: 500, seed: 850 },
    );
  });
});

test.for(["java", "scala"] as const)(
  "every script of four steps keeps the laws and ends well, %s coordinator",
  (flavour) => {
    expect(failuresOf(flavour, 4).slice(0, 3)).toEqual([]);
  },
);
