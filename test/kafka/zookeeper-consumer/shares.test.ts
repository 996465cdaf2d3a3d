import { expect, test } from "vitest";
import { shareOf } from "../../../sim/kafka/protocols/zookeeper/consumer/assignment.ts";

const group = (consumers: readonly string[], topics: Record<string, number>) => ({
  subscriptions: new Map(consumers.map((consumer) => [consumer, Object.keys(topics)])),
  topics: new Map(Object.entries(topics)),
});

test("range gives consecutive partitions to consumers in order of their names, the first ones one more", () => {
  // Kafka's own example has five partitions; here two consumers with a thread each, and a third that gets less
  const five = group(["c", "a", "b"], { orders: 5 });
  expect(shareOf("a", "range", five)).toEqual({ orders: [0, 1] });
  expect(shareOf("b", "range", five)).toEqual({ orders: [2, 3] });
  expect(shareOf("c", "range", five)).toEqual({ orders: [4] });
});

test("a consumer beyond the number of partitions has no share", () => {
  expect(shareOf("b", "range", group(["a", "b"], { orders: 1 }))).toEqual({});
});

test("a topic that does not exist yet is nobody's", () => {
  const { topics } = group([], { orders: 2 });
  const subscriptions = new Map([["a", ["orders", "returns"]]]);
  expect(shareOf("a", "range", { subscriptions, topics })).toEqual({ orders: [0, 1] });
});

test("roundrobin deals partitions out in the order of the hashes of their names", () => {
  // "[a,0]" to "[a,9]" have hashes from 86,974,003 on, 31 apart; that of "[a,10]" is 2,696,193,752, which is beyond a Java int,
  // so −1,598,773,544, and "[a,11]" follows it. So 10, 11, 0, 1, 2 … 9 are dealt out to x, y, z in turn.
  const twelve = group(["z", "x", "y"], { a: 12 });
  expect(shareOf("x", "roundrobin", twelve)).toEqual({ a: [1, 4, 7, 10] });
  expect(shareOf("y", "roundrobin", twelve)).toEqual({ a: [2, 5, 8, 11] });
  expect(shareOf("z", "roundrobin", twelve)).toEqual({ a: [0, 3, 6, 9] });
});

test("roundrobin refuses consumers that want other topics", () => {
  const { topics } = group([], { orders: 2, returns: 2 });
  const subscriptions = new Map([
    ["a", ["orders"]],
    ["b", ["orders", "returns"]],
  ]);
  expect(shareOf("a", "roundrobin", { subscriptions, topics })).toBeUndefined();
});

test.each(["range", "roundrobin"])("with one view of the group every partition is in exactly one share: %s", (name) => {
  for (let consumers = 1; consumers <= 4; consumers++) {
    for (let orders = 0; orders <= 12; orders++) {
      for (let returns = 0; returns <= 2; returns++) {
        const names = ["a", "b", "c", "d"].slice(0, consumers);
        const whole = group(names, { orders, returns });
        const dealt = names.flatMap((consumer) =>
          Object.entries(shareOf(consumer, name, whole)!).flatMap(([topic, numbers]) =>
            numbers.map((number) => `${topic}-${number}`),
          ),
        );
        expect(dealt.length).toBe(orders + returns);
        expect(new Set(dealt).size).toBe(orders + returns);
      }
    }
  }
});
