import { expect, test } from "vitest";
import type { Assignment, Partitions } from "../../sim/names.ts";
import type { Subscriber } from "../../sim/kafka/assignors/assignor.ts";
import { claimed, explain, explanationText, gini } from "../../sim/kafka/assignors/explain.ts";

const subscribers: Subscriber[] = ["a", "b", "c"].map((id) => ({ id, topics: ["orders"] }));
const topics = new Map([["orders", { partitions: 6 }]]);
const before: Assignment = new Map<string, Partitions>([
  ["a", { orders: [0, 1, 2] }],
  ["gone", { orders: [3, 4] }],
]);
const after: Assignment = new Map<string, Partitions>([
  ["a", { orders: [0, 1] }],
  ["b", { orders: [2, 3, 5] }],
  ["c", {}],
]);

test("an explanation counts what stayed, moved, was held back, and had no owner", () => {
  const it = explain(subscribers, topics, before, after);
  expect(it).toMatchObject({ members: 3, partitions: 6, largest: 3, owned: 5, kept: 2, stickiness: 0.4, fresh: 1 });
  expect(it.mean).toBeCloseTo(5 / 3);
  expect(it.maxOverMean).toBeCloseTo(9 / 5);
  expect(it.idle).toEqual(["c"]);
  expect(it.moves).toEqual([
    { topic: "orders", partition: 2, from: "a", to: "b" },
    { topic: "orders", partition: 3, from: "gone", to: "b" },
    { topic: "orders", partition: 4, from: "gone", to: null },
  ]);
  expect(explanationText(it)).toContain("  orders-4  gone → held back");
});

test("the Gini coefficient is 0 for equal numbers, (n − 1)/n if one has all, and 1/4 for 1 2 3 4", () => {
  expect(gini([5, 5, 5])).toBe(0);
  expect(gini([0, 0, 0, 12])).toBeCloseTo(3 / 4);
  expect(gini([1, 2, 3, 4])).toBeCloseTo(1 / 4);
  expect(gini([])).toBe(0);
});

test("of two claims on a partition the newer generation counts", () => {
  const owned = { orders: [0] };
  const two = [
    { id: "new", topics: ["orders"], owned, generation: 7 },
    { id: "old", topics: ["orders"], owned, generation: 6 },
  ];
  const it = explain(two, topics, claimed(two), new Map<string, Partitions>([["new", owned], ["old", {}]])); // prettier-ignore
  expect(it).toMatchObject({ owned: 1, kept: 1, moves: [] });
});
