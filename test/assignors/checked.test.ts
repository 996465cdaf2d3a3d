import { describe, expect, test } from "vitest";
import type { Subscriber, Topics } from "../../sim/kafka/assignors/assignor.ts";
import { checkedAssignor, type ForeignAssignor } from "../../sim/kafka/assignors/checked.ts";
import { range } from "../../sim/kafka/assignors/range.ts";

const subscribers: Subscriber[] = [
  { id: "a", topics: ["orders"] },
  { id: "b", topics: ["orders", "returns"] },
];
const topics: Topics = new Map([
  ["orders", { partitions: 3 }],
  ["returns", { partitions: 1 }],
]);
const ask = (assignor: ForeignAssignor) => checkedAssignor("./mine.js", assignor)(subscribers, topics);
const giving = (answer: unknown) => () => ask(() => answer);

describe("a user's own assignor", () => {
  test("may return a Map or an object, in any order, and leave out members", () => {
    const expected = new Map([
      ["a", {}],
      ["b", { orders: [0, 1, 2], returns: [0] }],
    ]);
    expect(ask(() => ({ b: { orders: [2, 0, 1], returns: [0] } }))).toEqual(expected);
    expect(ask(() => new Map([["b", { orders: [1, 2, 0], returns: [0] }]]))).toEqual(expected);
  });

  test("is asked with the members and topics as they are", () => {
    expect(ask(range)).toEqual(range(subscribers, topics));
  });

  test.for<[string, unknown]>([
    ["it gave orders-1 to a and to b", { a: { orders: [0, 1] }, b: { orders: [1, 2], returns: [0] } }],
    ["it gave orders-0 to a twice", { a: { orders: [0, 0] } }],
    ["it gave orders-2 to nobody", { a: { orders: [0] }, b: { orders: [1], returns: [0] } }],
    ["it gave returns-0 to a, who does not subscribe to returns", { a: { returns: [0] } }],
    ["it gave orders-3 to a, but orders has the partitions 0 to 2", { a: { orders: [3] } }],
    ["it gave orders-0.5 to a, but orders has the partitions 0 to 2", { a: { orders: [0.5] } }],
    ["it gave partitions to c, who is not in the group", { c: { orders: [0] } }],
    ["what it gave to a is not an object of topics", { a: null }],
    ["what it gave to a of orders is not a list of partitions", { a: { orders: 1 } }],
    ["it returned neither a Map nor an object of members", undefined],
    ["it returned a promise; an assignor answers at once", Promise.resolve({})],
  ])("is refused, with its name and what is wrong: %s", ([complaint, answer]) => {
    expect(giving(answer)).toThrow(`assignor ./mine.js: ${complaint}`);
  });
});
