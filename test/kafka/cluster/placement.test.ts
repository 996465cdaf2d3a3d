import { expect, test } from "vitest";
import { placeReplicas } from "../../../sim/kafka/cluster/placement.ts";

const zones = (...names: string[]): (string | undefined)[] => names;
const nowhere = (brokers: number): undefined[] => Array.from({ length: brokers }, () => undefined);

test("ten partitions of three copies lie on five brokers as in the table of Kafka's own AdminUtils", () => {
  // the rows of its documentation, broker-0 … broker-4; the first two are first replicas, and so on
  const table = [
    ["p0", "p1", "p2", "p3", "p4"],
    ["p5", "p6", "p7", "p8", "p9"],
    ["p4", "p0", "p1", "p2", "p3"],
    ["p8", "p9", "p5", "p6", "p7"],
    ["p3", "p4", "p0", "p1", "p2"],
    ["p7", "p8", "p9", "p5", "p6"],
  ];
  for (let partition = 0; partition < 10; partition++) {
    const brokers = table.map((row) => row.indexOf(`p${partition}`) + 1).filter((broker) => broker > 0);
    expect(placeReplicas(partition, 3, nowhere(5))).toEqual(brokers);
  }
});

test("no partition has two copies in one zone while another zone has none", () => {
  for (const layout of [zones("a", "b", "c"), zones("a", "b", "c", "a"), zones("a", "a", "b", "b", "c", "c")]) {
    for (let partition = 0; partition < 60; partition++) {
      const replicas = placeReplicas(partition, 3, layout);
      expect(new Set(replicas).size).toBe(3);
      expect(new Set(replicas.map((broker) => layout[broker - 1])).size).toBe(3);
    }
  }
});

test("with fewer zones than copies every broker still has at most one", () => {
  for (let partition = 0; partition < 20; partition++) {
    const replicas = placeReplicas(partition, 3, zones("a", "b", "a", "b"));
    expect(new Set(replicas).size).toBe(3);
    expect(new Set(replicas.map((broker) => (broker - 1) % 2)).size).toBe(2);
  }
});

test("one broker has everything, and nobody has more copies than there are brokers", () => {
  expect(placeReplicas(7, 3, nowhere(1))).toEqual([1]);
  expect(placeReplicas(7, 5, nowhere(2))).toEqual([2, 1]);
});
