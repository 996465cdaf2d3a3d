import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration } from "../../sim/engine/time.ts";
import { amount, counted, length, moment, percentage } from "../../sim/report/humane.ts";
import { sparkline, stackedBar } from "../../sim/report/sparkline.ts";

test.for([
  [0, "0"],
  [0.25, "0.25"],
  [7, "7"],
  [812.4, "812"],
  [999.4, "999"],
  [999.6, "1.00 k"],
  [1127, "1.13 k"],
  [999_900, "1.00 M"],
  [12_630_000, "12.6 M"],
  [3e9, "3.00 G"],
  [5e12, "5.00 T"],
  [-1500, "-1.50 k"],
  [-1e-17, "0"],
] as const)("%d records are %s", ([number, text]) => {
  expect(amount(number)).toBe(text);
});

test.for([
  [0, "0 s"],
  [340, "340 µs"],
  [33_655, "33.7 ms"],
  [999_900, "1.00 s"],
  [42_037_536, "42.0 s"],
  [119_900_000, "120 s"],
  [119_960_000, "2 m 00 s"],
  [162_000_000, "2 m 42 s"],
  [3_599_600_000, "1 h 00 m"],
  [86_400_000_000, "24 h 00 m"],
  [276_480_000_000, "3.20 d"],
  [-2_000, "-2.00 ms"],
  [-1e-9, "0 s"],
] as const)("%d µs are %s", ([microseconds, text]) => {
  expect(length(microseconds)).toBe(text);
});

test("a moment is what --until would take, to the tenth of a second", () => {
  expect([0, 42e6, 162e6, 3_762e6, 59_960_000, 3_599_990_000].map(moment)).toEqual([
    "0.0s",
    "42.0s",
    "2m42.0s",
    "1h02m42.0s",
    "1m00.0s",
    "1h00m00.0s",
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 7 * 86_400 * 1e6 }), (t) => {
      expect(Math.abs(parseDuration(moment(t))! - t)).toBeLessThanOrEqual(50_000);
    }),
    { seed: 1 },
  );
});

test("shares and counts", () => {
  expect([0, 0.000102, 0.0536, 1].map(percentage)).toEqual(["0 %", "0.0102 %", "5.36 %", "100 %"]);
  // 1 of 5000 records was read twice: nearly all is not all. One of 1e12 is beyond what is reckoned with.
  expect([0.999, 4999 / 5000, 1 - 1e-6, 1 - 1e-12].map(percentage)).toEqual([
    "99.9 %",
    "99.98 %",
    "99.9999 %",
    "100 %",
  ]);
  expect([0, 1, 2].map((n) => counted(n, "rebalance"))).toEqual(["0 rebalances", "1 rebalance", "2 rebalances"]);
});

test("a sparkline goes from nothing to the greatest, and loses no peak", () => {
  expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8)).toBe("▁▂▃▄▅▆▇█");
  expect(sparkline([0, 0, 9, 0, 0, 0, 0, 0], 4)).toBe("▁█▁▁");
  expect(sparkline([0, 0, 0], 60)).toBe("▁▁▁");
  expect(sparkline([5, 5], 0)).toBe("");
});

const bar = (...sizes: number[]) =>
  stackedBar(
    sizes.map((size, i) => ({ size, glyph: "abcde"[i] })),
    12,
  );

test("a stacked bar has its width whatever the parts, and each part its share", () => {
  expect(bar(1, 1, 2)).toBe("aaabbbcccccc");
  expect(bar(1000, 1)).toBe("aaaaaaaaaaaa");
  expect(bar(0, 0)).toBe(" ".repeat(12));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 5 }), (sizes) => {
      expect(bar(...sizes)).toHaveLength(12);
    }),
    { seed: 2 },
  );
});
