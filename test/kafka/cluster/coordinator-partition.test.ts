import { describe, expect, test } from "vitest";
import { coordinatorPartition } from "../../../sim/kafka/cluster/coordinator-partition.ts";

/*
 * F1 of coordinator-failover, §1. The hashes are those of Java's `String.hashCode`; the partition is their absolute value,
 * modulo the number of partitions.
 */
const GROUPS: readonly (readonly [group: string, hash: number, ofFifty: number, ofTen: number])[] = [
  ["test", 3556498, 48, 8],
  ["my-group", -1906497762, 12, 2],
  ["group-1", 293427299, 49, 9],
  ["orders", -1008770331, 31, 1],
  ["payments-consumer", -242238826, 26, 6],
  ["console-consumer-12345", 158455506, 6, 6],
  ["a", 97, 47, 7],
  ["grpé", 3181732, 32, 2],
  ["", 0, 0, 0],
];

describe.each(GROUPS)("the group %j", (group, hash, ofFifty, ofTen) => {
  test("lives on the partition of its hash", () => {
    expect(coordinatorPartition(group, 50)).toBe(ofFifty);
    expect(coordinatorPartition(group, 10)).toBe(ofTen);
    expect(coordinatorPartition(group, 2 ** 31 - 1)).toBe(Math.abs(hash));
  });
});

test("a hash of −2³¹, which has no absolute value in Java, counts as 0", () => {
  for (const partitions of [50, 10, 7]) expect(coordinatorPartition("polygenelubricants", partitions)).toBe(0);
});

test("a character beyond the basic plane counts as the two that UTF-16 makes of it", () => {
  const [high, low] = [0xd83d, 0xde00]; // U+1F600
  expect(coordinatorPartition("\u{1F600}", 2 ** 31 - 1)).toBe(31 * high + low);
});
