import { describe, expect, test } from "vitest";
import { HashOrder, orderOfDistinct } from "../../../sim/kafka/assignors/java/hash-order.ts";
import { integerHash, stringHash, topicPartitionHash, uuidHash } from "../../../sim/kafka/assignors/java/hashes.ts";
import { TimelineOrder } from "../../../sim/kafka/assignors/java/timeline-order.ts";
import { compareUuids, isUuid, parseUuid } from "../../../sim/kafka/assignors/java/uuid.ts";
import { byCodeUnit } from "../../../sim/kafka/assignors/standing-order.ts";
import { vectors } from "../vectors.ts";

type Key = string | number | readonly [topic: string, partition: number];

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly s: string;
  readonly topic: string;
  readonly partition: number;
  readonly uuid: string;
  readonly mostSignificantBits: string;
  readonly leastSignificantBits: string;
  readonly hash: number;
  readonly in: readonly string[];
  readonly sorted: readonly string[];
  readonly keyType: "string" | "int" | "uuid" | "topicPartition";
  readonly create: "default" | "capacity" | "fromCollection";
  readonly capacity: number;
  readonly elements: readonly Key[];
  readonly ops: readonly (readonly ["put" | "computeIfAbsent" | "remove", Key])[];
  readonly order: readonly Key[];
  readonly tableSize: number;
}

const all = vectors<Vector>("java-collections");
const ofKind = (...kinds: string[]): Vector[] => all.filter(({ kind }) => kinds.includes(kind));

/** Keys that are pairs go by their JSON text here, since HashOrder tells keys apart by identity. */
const text = (key: Key): string => JSON.stringify(key);
const hashOf = (keyType: Vector["keyType"]) => (key: string) => {
  const value = JSON.parse(key) as Key;
  if (keyType === "int") return integerHash(value as number);
  if (keyType === "uuid") return uuidHash(parseUuid(value as string));
  if (keyType === "string") return stringHash(value as string);
  return topicPartitionHash(...(value as [string, number]));
};

describe("Java's hash codes and collection orders, as Java gave them", () => {
  test("every vector has its test below", () => {
    const kinds = new Set(all.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(
      ["hashOrder", "stringHash", "stringSort", "timelineOrder", "topicPartitionHash", "uuidHash", "uuidSort"].sort(),
    );
  });

  test.for(ofKind("stringHash"))("$id", ({ s, hash }) => {
    expect(stringHash(s)).toBe(hash);
  });

  test.for(ofKind("topicPartitionHash"))("$id", ({ topic, partition, hash }) => {
    expect(topicPartitionHash(topic, partition)).toBe(hash);
  });

  test.for(ofKind("uuidHash"))("$id", ({ uuid, mostSignificantBits, leastSignificantBits, hash }) => {
    const [a, b, c, d] = parseUuid(uuid).map((word) => BigInt.asUintN(32, BigInt(word)));
    expect(String(BigInt.asIntN(64, (a << 32n) | b))).toBe(mostSignificantBits);
    expect(String(BigInt.asIntN(64, (c << 32n) | d))).toBe(leastSignificantBits);
    expect(uuidHash(parseUuid(uuid))).toBe(hash);
  });

  test.for(ofKind("uuidSort"))("$id", (vector) => {
    expect([...vector.in].sort((a, b) => compareUuids(parseUuid(a), parseUuid(b)))).toEqual(vector.sorted);
  });

  test.for(ofKind("stringSort"))("$id", (vector) => {
    expect([...vector.in].sort(byCodeUnit)).toEqual(vector.sorted);
  });

  test.for(ofKind("hashOrder"))("$id", ({ keyType, create, capacity, elements, ops, order, tableSize }) => {
    const hash = hashOf(keyType);
    const keys = create === "fromCollection" ? HashOrder.from(hash, elements.map(text)) : new HashOrder(hash, capacity);
    for (const [op, key] of ops ?? []) keys[op](text(key));
    expect(keys.keys()).toEqual(order.map(text));
    expect(keys.first()).toBe(order.length > 0 ? text(order[0]) : undefined);
    expect(keys.size).toBe(order.length);
    expect(keys.tableSize).toBe(tableSize);
  });

  test.for(ofKind("timelineOrder"))("$id", ({ ops, order }) => {
    const keys = new TimelineOrder(hashOf("string"));
    for (const [op, key] of ops) if (op !== "computeIfAbsent") keys[op](text(key));
    expect(keys.keys()).toEqual(order.map(text));
  });
});

test("keys of one bin come in the order in which they were put", () => {
  const order = new HashOrder(stringHash);
  for (const key of ["two", "three", "one"]) order.put(key); // "one" is in bin 7, the others both in 13
  expect(order.keys()).toEqual(["one", "two", "three"]);
});

test("different keys put into a new map stand in Java's order also when only the bins are counted", () => {
  const onlyPut = ofKind("hashOrder").filter(({ create, ops }) => create === "default" && ops.every(([op]) => op === "put")); // prettier-ignore
  const maps = onlyPut.filter(({ ops }) => new Set(ops.map(([, key]) => text(key))).size === ops.length);
  expect(maps.length).toBeGreaterThan(20);
  for (const { keyType, ops, order } of maps) {
    const keys = ops.map(([, key]) => text(key));
    const places = orderOfDistinct(Int32Array.from(keys, hashOf(keyType)));
    expect(places.map((place) => keys[place])).toEqual(order.map(text));
  }
});

test("a text that is no uuid is refused", () => {
  expect(isUuid("x7QVaLUsSYShS1XaLahs8Q")).toBe(true);
  for (const wrong of ["", "x7QVaLUsSYShS1XaLahs8", "x7QVaLUsSYShS1XaLahs8R", "x7QVaLUsSYShS1XaLahs+Q"]) {
    expect(() => parseUuid(wrong)).toThrow("is not a uuid");
  }
});

test("a bin with nine keys is a tree, and its order that of OpenJDK 17's HashSet<Integer>", () => {
  const sets = vectors<{ create: string; in: number[]; out: number[] }>("tree-bins");
  expect(sets).toHaveLength(150);
  for (const { create, in: keys, out } of sets) {
    const order = create === "default" ? new HashOrder(integerHash) : HashOrder.from(integerHash, keys);
    if (create === "default") for (const key of keys) order.put(key);
    expect(order.keys()).toEqual(out);
    if (create !== "default" || new Set(keys).size !== keys.length) continue;
    expect(orderOfDistinct(Int32Array.from(keys)).map((place) => keys[place])).toEqual(out);
  }
});
