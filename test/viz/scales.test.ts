import { describe, expect, test } from "vitest";
import { brief, linear, logarithmic } from "../../viz/experiments/charts/scales.ts";

const S = 1e6;

describe("a linear scale", () => {
  test("begins at zero where that is not far, and ends at round values", () => {
    const scale = linear([3, 47], [0, 100]);
    expect(scale.domain).toEqual([0, 50]);
    expect(scale.ticks).toEqual([0, 10, 20, 30, 40, 50]);
    expect(scale.at(25)).toBe(50);
  });

  test("leaves zero out where it would flatten everything", () => {
    expect(linear([812, 840], [0, 100]).domain).toEqual([810, 840]);
  });

  test("has tenths without the noise of products", () => {
    expect(linear([0, 0.5], [0, 1]).ticks).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
  });

  test("has ticks at whole minutes and hours for times, where a decimal step would be 200 s or 5000 s", () => {
    expect(linear([0, 840 * S], [0, 1], { kind: "duration" }).ticks.map((t) => t / (60 * S))).toEqual([0, 5, 10, 15]);
    expect(linear([0, 5 * 3600 * S], [0, 1], { kind: "duration" }).ticks.map((t) => t / (3600 * S))).toEqual([
      0, 1, 2, 3, 4, 5,
    ]);
    expect(linear([0, 40 * S], [0, 1], { kind: "duration" }).ticks.map((t) => t / S)).toEqual([0, 10, 20, 30, 40]);
  });

  test("draws at its edge what lies beyond it, an interval without end too", () => {
    const scale = linear([0, 10, Infinity], [0, 100]);
    expect([scale.at(-5), scale.at(99), scale.at(Infinity), scale.at(-Infinity)]).toEqual([0, 100, 100, 0]);
  });

  test("holds a single value", () => {
    const { domain, at } = linear([0, 0], [0, 100]);
    expect(domain).toEqual([0, 1]);
    expect(at(0)).toBe(0);
  });
});

test("on a logarithmic scale equal factors are equal distances, with ticks at 1, 2 and 5", () => {
  const scale = logarithmic([1, 100], [0, 200]);
  expect(scale.at(10)).toBeCloseTo(100, 9);
  expect(scale.at(20) - scale.at(10)).toBeCloseTo(scale.at(2) - scale.at(1), 9);
  expect(scale.ticks).toEqual([1, 2, 5, 10, 20, 50, 100]);
});

test.each([
  ["1.00 s", "1 s"],
  ["1.50 s", "1.5 s"],
  ["10.0 s", "10 s"],
  ["500 ms", "500 ms"],
  ["100", "100"],
  ["20.0 k", "20 k"],
  ["3 m 00 s", "3 m"],
  ["3 m 20 s", "3 m 20 s"],
  ["1 h 00 m", "1 h"],
  ["0.10 %", "0.1 %"],
])("a tick writes %s as %s", (text, short) => expect(brief(text)).toBe(short));
