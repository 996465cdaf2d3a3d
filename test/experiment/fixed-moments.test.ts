import { expect, test } from "vitest";
import { groupsAtFixedMoments } from "../../sim/experiment/fixed-moments.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";

const CHANCE = "plus: { uniform: [0s, 5s] }";

function groupsOf(...events: string[]): string[] {
  const text = `
topics: { orders: 4 }
groups:
  auto: { members: 2 }
  sync: { members: { initial: 2, commit: sync } }
  async: { members: { initial: 2, commit: async } }
events: [${events.map((event) => `{ ${event} }`).join(", ")}]
`;
  return groupsAtFixedMoments(parseScenario(text).scenario);
}

test("a crash at a fixed time meets the commits of a group at one moment, if they are at intervals", () => {
  expect(groupsOf("at: 3m, crash: auto-1")).toEqual(["auto"]);
  expect(groupsOf("at: 3m, crash: { broker: 1 }", `at: 1m, ${CHANCE}, join: auto`)).toEqual(["auto"]);
});

test("… and at any moment, if something that stops somebody has `plus`", () => {
  expect(groupsOf(`at: 3m, ${CHANCE}, crash: auto-1`)).toEqual([]);
  expect(groupsOf("at: 1m, rate: orders, to: 5/s", `at: 3m, ${CHANCE}, crash: auto-1`)).toEqual([]);
  expect(groupsOf("at: 1m, roll: sync", `at: 3m, ${CHANCE}, freeze: auto-1, for: 1m`)).toEqual([]);
});

test("events that stop nobody meet nothing", () => {
  expect(groupsOf()).toEqual([]);
  expect(groupsOf("at: 1m, rate: orders, to: 5/s", "at: 2m, join: auto", "at: 3m, grow: orders, to: 8")).toEqual([]);
});
