import { expect, test } from "vitest";
import { stackedBar } from "../../sim/report/sparkline.ts";

const bar = (...sizes: number[]) =>
  stackedBar(
    sizes.map((size, i) => ({ size, glyph: "abc"[i] })),
    12,
  );

test("a bar is divided in proportion, by largest remainders", () => {
  expect(bar(1, 2, 1)).toBe("aaabbbbbbccc");
  expect(bar(1, 1, 3)).toBe("aaabbccccccc"); // 2.4, 2.4 and 7.2: the one left over goes to the first
});

test("a bar is as wide as it should be, whatever its parts are", () => {
  for (const sizes of [
    [0, 0, 0],
    [-5, 0, 0],
    [-5, 3, 20],
    [1e-9, 1e12, 0],
  ])
    expect(bar(...sizes)).toHaveLength(12);
  expect(bar(-5, 1, 1)).toBe("bbbbbbcccccc");
});
