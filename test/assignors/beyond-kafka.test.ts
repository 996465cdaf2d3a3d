import { describe, expect, test } from "vitest";
import type { Subscriber, TopicMetadata } from "../../sim/kafka/assignors/assignor.ts";
import { assignorNamed } from "../../sim/kafka/assignors/assignors.ts";
import { binPacking, rScore } from "../../sim/kafka/assignors/bin-packing.ts";
import { explain } from "../../sim/kafka/assignors/explain.ts";
import { lagAware } from "../../sim/kafka/assignors/lag-aware.ts";
import { stableSet } from "../../sim/kafka/assignors/stable-set.ts";
import { weighted } from "../../sim/kafka/assignors/weighted.ts";

const member = (id: string, more: Partial<Subscriber> = {}): Subscriber => ({ id, topics: ["orders"], ...more });
const orders = (metadata: TopicMetadata) => new Map([["orders", metadata]]);
const lists = (assignment: ReadonlyMap<string, Readonly<Record<string, readonly number[]>>>) =>
  Object.fromEntries([...assignment].map(([id, hand]) => [id, hand.orders ?? []]));

describe("weighted", () => {
  test("gives twice as much to who can do twice as much", () => {
    const assignment = weighted(
      [member("a", { capacity: 2000 }), member("b", { capacity: 1000 })],
      orders({ partitions: 6 }),
    );
    expect(lists(assignment)).toEqual({ a: [0, 1, 3, 4], b: [2, 5] });
  });

  test("divides as D'Hondt's rule divides seats: 100000, 80000, 30000, 20000 votes make 4, 3, 1, 0 of 8", () => {
    const votes = [100000, 80000, 30000, 20000];
    const assignment = weighted(
      votes.map((capacity, index) => member(`party-${index}`, { capacity })),
      orders({ partitions: 8 }),
    );
    expect(Object.values(lists(assignment)).map((list) => list.length)).toEqual([4, 3, 1, 0]);
  });

  test("lets members keep what they own within their share", () => {
    const assignment = weighted(
      [member("a", { owned: { orders: [0, 1, 2, 3] } }), member("b"), member("c", { owned: { orders: [5] } })],
      orders({ partitions: 6 }),
    );
    expect(lists(assignment)).toEqual({ a: [0, 1], b: [2, 4], c: [3, 5] });
  });

  test("gives nothing to a member without capacity as long as another has some", () => {
    const assignment = weighted(
      [member("a", { capacity: 0 }), member("b", { capacity: 1 })],
      orders({ partitions: 3 }),
    );
    expect(lists(assignment)).toEqual({ a: [], b: [0, 1, 2] });
  });
});

describe("lag-aware", () => {
  test("evens out the lag, largest first", () => {
    const assignment = lagAware([member("a"), member("b")], orders({ partitions: 4, lag: [90, 10, 50, 40] }));
    expect(lists(assignment)).toEqual({ a: [0, 1], b: [2, 3] });
  });

  test("evens out the numbers where there is no lag", () => {
    const assignment = lagAware([member("a"), member("b")], orders({ partitions: 5, lag: [1000, 0, 0, 0, 0] }));
    const counts = Object.values(lists(assignment)).map((list) => list.length);
    expect(counts.sort((a, b) => a - b)).toEqual([2, 3]);
  });
});

describe("bin-packing", () => {
  const rates = { partitions: 4, rate: [60, 30, 20, 50] };
  const group = [
    member("a", { capacity: 100, owned: { orders: [0, 1] } }),
    member("b", { capacity: 100, owned: { orders: [2] } }),
    member("c", { capacity: 100, owned: { orders: [3] } }),
  ];

  test("needs no more members than the rates do, and moves little for it", () => {
    const assignment = binPacking(group, orders(rates));
    expect(lists(assignment)).toEqual({ a: [0, 1], b: [], c: [2, 3] });
    const before = new Map(group.map(({ id, owned }) => [id, owned!]));
    expect(rScore(before, assignment, orders(rates), 100)).toBe(0.2); // orders-2 at 20/s moved, of 100/s
  });

  test("sheds what an overloaded member cannot do, the largest last", () => {
    const hot = { partitions: 3, rate: [80, 40, 30] };
    const [first, second] = [
      member("a", { capacity: 100, owned: { orders: [0, 1, 2] } }),
      member("b", { capacity: 100 }),
    ];
    expect(lists(binPacking([first, second], orders(hot)))).toEqual({ a: [0], b: [1, 2] });
  });

  test("lets the least loaded bear what fits nowhere", () => {
    const heavy = { partitions: 3, rate: [300, 200, 100] };
    const both = [member("a", { capacity: 100 }), member("b", { capacity: 100 })];
    expect(lists(binPacking(both, orders(heavy)))).toEqual({ a: [0], b: [1, 2] });
  });
});

describe("stable-set", () => {
  test("joins partitions to members in their racks", () => {
    const racks = [["east"], ["west"], ["east", "west"], ["north"]];
    const assignment = stableSet(
      [member("a", { rack: "east" }), member("b", { rack: "west" })],
      orders({ partitions: 4, racks }),
    );
    const { a, b } = lists(assignment);
    expect(a).toContain(0);
    expect(b).toContain(1);
    expect([...a, ...b].sort((x, y) => x - y)).toEqual([0, 1, 2, 3]);
  });

  test("gives what the leaver had to others, and leaves the rest alone", () => {
    const [a, b, c] = ["a", "b", "c"].map((id) => member(id));
    const topics = orders({ partitions: 5 });
    expect(lists(stableSet([a, b, c], topics))).toEqual({ a: [3], b: [1, 4], c: [0, 2] });
    expect(lists(stableSet([a, c], topics))).toEqual({ a: [3], c: [0, 1, 2, 4] });
  });

  test("a static member has the same partitions after a restart under another member id", () => {
    const before = stableSet([member("a-1", { instanceId: "i" }), member("b")], orders({ partitions: 20 }));
    const after = stableSet([member("a-2", { instanceId: "i" }), member("b")], orders({ partitions: 20 }));
    expect(after.get("a-2")).toEqual(before.get("a-1"));
  });

  test("is balanced weakly: of 2,000 partitions over 20 members the largest has between 105 and 140", () => {
    const members = Array.from({ length: 20 }, (_, index) => member(`member-${index}`));
    const topics = orders({ partitions: 2000 });
    // A random throw: mean 100, standard deviation √95 ≈ 9.7; the largest of 20 is about 1.9 deviations above.
    const { largest, gini } = explain(members, topics, new Map(), stableSet(members, topics));
    expect(largest).toBeGreaterThanOrEqual(105);
    expect(largest).toBeLessThanOrEqual(140);
    expect(gini).toBeLessThan(0.1); // σ / (mean √π) ≈ 0.055 for a normal scatter
  });
});

test("assignors go by Kafka's short names and by the names of their Java classes", () => {
  for (const [java, short] of [
    ["org.apache.kafka.clients.consumer.RangeAssignor", "range"],
    ["org.apache.kafka.clients.consumer.RoundRobinAssignor", "roundrobin"],
    ["org.apache.kafka.clients.consumer.StickyAssignor", "sticky"],
    ["org.apache.kafka.clients.consumer.CooperativeStickyAssignor", "cooperative-sticky"],
    ["org.apache.kafka.coordinator.group.assignor.UniformAssignor", "uniform"],
    ["org.apache.kafka.coordinator.group.assignor.RangeAssignor", "server-range"],
  ]) {
    expect(assignorNamed(java)).toBeDefined();
    expect(assignorNamed(java)).toBe(assignorNamed(short));
  }
  expect(assignorNamed("nobody's")).toBeUndefined();
});
