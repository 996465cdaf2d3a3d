import { describe, expect, test } from "vitest";
import { quantity, valuesOf, type Range } from "../../../sim/experiment/sweep/steps.ts";

describe("the values of a range", () => {
  test.each<[claim: string, range: Range, values: (string | number)[]]>([
    ["by steps", { from: 2, to: 10, step: 4 }, [2, 6, 10]],
    ["by steps that do not meet the end", { from: 2, to: 9, step: 3 }, [2, 5, 8]],
    [
      "by steps of a tenth, without the last bits of binary fractions",
      { from: 0.1, to: 0.5, step: 0.1 },
      [0.1, 0.2, 0.3, 0.4, 0.5],
    ],
    ["by points", { from: 0, to: 1, points: 5 }, [0, 0.25, 0.5, 0.75, 1]],
    ["by durations", { from: "30s", to: "2m", step: "30s" }, ["30s", "1m", "90s", "2m"]],
    ["by durations in different units", { from: "500ms", to: "2s", points: 4 }, ["500ms", "1s", "1.5s", "2s"]],
    ["by rates, in the unit of the first", { from: "600/m", to: "20/s", points: 2 }, ["600/m", "1200/m"]],
    [
      "by rates that no binary fraction of a second is",
      { from: "4/m", to: "12/m", step: "2/m" },
      ["4/m", "6/m", "8/m", "10/m", "12/m"],
    ],
    ["by shares", { from: "10%", to: "30%", points: 3 }, ["10%", "20%", "30%"]],
    [
      "by sizes, in the unit of the first",
      { from: "1MiB", to: "4096KiB", step: "1MiB" },
      ["1MiB", "2MiB", "3MiB", "4MiB"],
    ],
    // a quarter of 3 KiB is 768 bytes
    [
      "by sizes, in bytes where the unit is too large",
      { from: "1KiB", to: "4KiB", points: 5 },
      ["1KiB", "1792B", "2560B", "3328B", "4KiB"],
    ],
    ["by sizes and numbers of bytes", { from: "1KiB", to: 3072, points: 3 }, ["1KiB", "2KiB", "3KiB"]],
    // each 10^(1/2) times the last: 1, 3.1623, 10; three digits of it
    [
      "by logarithmic points, with three digits",
      { from: 1, to: 100, points: 5, scale: "logarithmic" },
      [1, 3.16, 10, 31.6, 100],
    ],
    ["by doubling", { from: "6s", to: "48s", points: 4, scale: "logarithmic" }, ["6s", "12s", "24s", "48s"]],
    ["rounded, equal ones once", { from: 1, to: 10, points: 7, scale: "logarithmic", round: 1 }, [1, 2, 3, 5, 7, 10]],
    [
      "rounded to a duration",
      { from: "6s", to: "45s", points: 3, scale: "logarithmic", round: "1s" },
      ["6s", "16s", "45s"],
    ],
  ])("%s", (_, range, values) => expect(valuesOf(range)).toEqual(values));

  test.each<[mistake: string, range: Range]>([
    ["an end that cannot be counted", { from: "six", to: 9, points: 2 }],
    ["goes from 6s to 45000", { from: "6s", to: 45_000, points: 2 }],
    ["goes from 9 to 6", { from: 9, to: 6, points: 2 }],
    ["needs step or points", { from: 6, to: 9 }],
    ["needs step or points", { from: 6, to: 9, points: 2, step: 1 }],
    ['has a step of "1s"', { from: 6, to: 9, step: "1s" }],
    ["begins at 0", { from: 0, to: 9, points: 3, scale: "logarithmic" }],
    ["has steps, and a logarithmic scale", { from: 1, to: 9, step: 2, scale: "logarithmic" }],
    ["rounds to 0", { from: 1, to: 9, points: 2, round: 0 }],
    ["has 9000001 values", { from: 0, to: 9, step: 0.000001 }],
  ])("%s is a mistake", (mistake, range) => {
    expect(valuesOf(range)).toMatchObject({ message: expect.stringContaining(mistake) as string });
  });

  test("what is written back means the same quantity", () => {
    for (const text of ["45s", "2000/s", "3/h", "12.5%", "1.5MiB", "20kB", 0.3]) {
      const read = quantity(text)!;
      expect(quantity(read.write(read.number))).toMatchObject({ unit: read.unit, number: read.number });
    }
  });
});
