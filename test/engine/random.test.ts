import { expect, test } from "vitest";
import { Streams } from "../../sim/engine/random.ts";
import { chiSquareTail, distributionTest, normalTails, serialTest } from "../support/statistics.ts";

/** A test of chance that fails for a p below this raises a false alarm once in ten thousand seeds. */
const ALARM = 1e-4;

const draws = (name: string, count: number, seed = "streams"): number[] => {
  const stream = new Streams(seed).stream(name);
  return Array.from({ length: count }, () => stream.uniform());
};

test("the same seed and name give the same draws, in whatever order streams are made", () => {
  const one = new Streams("7");
  const other = new Streams("7");
  other.stream("b").int32();
  const drawn = Array.from({ length: 5 }, () => one.stream("a").int32());
  expect(Array.from({ length: 5 }, () => other.stream("a").int32())).toEqual(drawn);
  expect(one.stream("a")).toBe(one.stream("a"));
});

test("one more draw from one stream shifts no other", () => {
  const calm = new Streams("7");
  const busy = new Streams("7");
  const fates = (streams: Streams, extra: number): number[] =>
    Array.from({ length: 100 }, (_, i) => {
      for (let draw = 0; draw < extra; draw++) streams.stream("net").uniform();
      return streams.stream(i % 2 === 0 ? "crash" : "gc").uniform();
    });
  expect(fates(busy, 3)).toEqual(fates(calm, 0));
});

test("another seed, or another name, gives other draws", () => {
  expect(draws("a", 4, "1")).not.toEqual(draws("a", 4, "2"));
  expect(draws("a", 4, "1")).not.toEqual(draws("b", 4, "1"));
});

test("a stream is uniform on [0, 1), and its neighbours in time are uncorrelated", () => {
  const values = draws("member/7/gc", 100_000);
  expect(Math.min(...values.slice(0, 50_000))).toBeGreaterThanOrEqual(0);
  expect(values.every((value) => value < 1 && Number.isInteger(value * 2 ** 32))).toBe(true);
  expect(distributionTest(values, (x) => x)).toBeGreaterThan(ALARM);
  expect(serialTest(values)).toBeGreaterThan(ALARM);
});

test("53-bit draws are uniform too, and finer than 32 bits", () => {
  const stream = new Streams("streams").stream("fine");
  const values = Array.from({ length: 100_000 }, () => stream.uniform53());
  expect(values.every((value) => 0 < value && value < 1)).toBe(true);
  expect(values.some((value) => !Number.isInteger(value * 2 ** 32))).toBe(true);
  expect(distributionTest(values, (x) => x)).toBeGreaterThan(ALARM);
});

test("the first draws of ten thousand streams are uniform, and streams of neighbouring names are uncorrelated", () => {
  const streams = new Streams("neighbours");
  const columns = Array.from({ length: 4 }, (): number[] => []);
  for (let member = 0; member < 10_000; member++) {
    const stream = streams.stream(`member/${member}/net`);
    for (const column of columns) column.push(stream.uniform());
  }
  for (const column of columns) {
    const cells = Array.from({ length: 100 }, () => 0);
    for (const value of column) cells[Math.floor(100 * value)]++;
    const chiSquare = cells.reduce((sum, cell) => sum + (cell - 100) ** 2 / 100, 0);
    expect(chiSquareTail(chiSquare, 99)).toBeGreaterThan(ALARM);
    expect(chiSquareTail(chiSquare, 99)).toBeLessThan(1 - ALARM); // nor too even
    expect(serialTest(column)).toBeGreaterThan(ALARM);
  }
});

test("two purposes of one member are uncorrelated", () => {
  const streams = new Streams("purposes");
  const count = 10_000;
  let products = 0;
  for (let member = 0; member < count; member++) {
    const one = streams.stream(`member/${member}/net`).uniform() - 0.5;
    const other = streams.stream(`member/${member}/gc`).uniform() - 0.5;
    products += 12 * one * other;
  }
  expect(normalTails(products / Math.sqrt(count))).toBeGreaterThan(ALARM);
});
