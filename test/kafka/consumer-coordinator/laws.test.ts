import * as fc from "fast-check";
import { describe, test } from "vitest";
import { holdTargetsToTheAssignor, unsettled, violation } from "./laws.ts";
import type { Step } from "./town.ts";
import { Town } from "./town.ts";

const is = <T extends string>(does: T): fc.Arbitrary<T> => fc.constant(does);
const client = fc.nat({ max: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 40, arbitrary: fc.record({ does: is("goes on"), client }) },
  {
    weight: 4,
    arbitrary: fc.record({ does: is("goes on"), client, loses: fc.constantFrom("request" as const, "reply" as const) }),
  },
  { weight: 10, arbitrary: fc.record({ does: is("starts"), client }) },
  { weight: 2, arbitrary: fc.record({ does: is("leaves"), client }) },
  { weight: 3, arbitrary: fc.record({ does: is("leaves for a while"), client }) },
  { weight: 2, arbitrary: fc.record({ does: is("crashes"), client }) },
  { weight: 1, arbitrary: fc.record({ does: is("subscribes"), client, to: fc.nat({ max: 1 }) }) },
  { weight: 8, arbitrary: fc.record({ does: is("waits"), seconds: fc.nat({ max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ does: is("grows"), topic: fc.constantFrom("orders", "returns") }) },
  { weight: 1, arbitrary: fc.record({ does: is("log"), refuses: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ does: is("lingers"), seconds: fc.nat({ max: 1 }) }) },
  { weight: 1, arbitrary: fc.record({ does: is("fails over") }) },
);
const script = fc.array(step, { minLength: 20, maxLength: 120, size: "max" });
const release = fc.constantFrom("3.9", "4.0", "4.1", "4.2", "4.3", "4.4");

describe("whatever five consumers, their topics, the clock, the log and the brokers do", () => {
  test("nobody uses what another uses, targets are what the assignor says, and the log says as much as the coordinator", () => {
    fc.assert(
      fc.property(release, script, (release, steps) => {
        const town = new Town(release);
        holdTargetsToTheAssignor(town);
        for (const step of steps) {
          town.take(step);
          const wrong = violation(town);
          if (wrong !== undefined) throw new Error(wrong);
        }
      }),
      { numRuns: 500, seed: 848 },
    );
  });

  test("left in peace, everybody who lives comes to what it is to have, all is read, and shares are even", () => {
    fc.assert(
      fc.property(release, script, (release, steps) => {
        const town = new Town(release);
        for (const step of steps) town.take(step);
        town.settle();
        const wrong = violation(town) ?? unsettled(town);
        if (wrong !== undefined) throw new Error(wrong);
      }),
      { numRuns: 500, seed: 849 },
    );
  });
});
