import { expect, test } from "vitest";
import { clock, count, span } from "../../viz/time-axis.ts";

const S = 1_000_000;

test("an instant is said in as many units as it needs, to the grain that matters", () => {
  expect(clock(0)).toBe("0s");
  expect(clock(28.007 * S)).toBe("28.007s");
  expect(clock(28.007 * S, 100_000)).toBe("28s");
  expect(clock(90 * S, S)).toBe("1m 30s");
  expect(clock(2 * 3600 * S + 5 * 60 * S, S)).toBe("2h 5m");
  expect(clock(59.9996 * S)).toBe("1m");
  expect(clock(86_400 * S)).toBe("1d");
  expect(clock(12, 1)).toBe("0.000012s");
});

test("a length of time has three digits", () => {
  expect(span(0)).toBe("0 s");
  expect(span(567)).toBe("567 µs");
  expect(span(9_940)).toBe("9.94 ms");
  expect(span(999_400)).toBe("999 ms");
  expect(span(999_600)).toBe("1.00 s");
  expect(span(44.26 * S)).toBe("44.3 s");
  expect(span(320 * S)).toBe("5m 20s");
});

test("a number has its thousands apart, or a unit", () => {
  expect(count(0)).toBe("0");
  expect(count(0.5)).toBe("0.5");
  expect(count(1_234)).toBe("1,234");
  expect(count(50_130)).toBe("50.1 k");
  expect(count(999_600)).toBe("1.00 M");
  expect(count(-3)).toBe("−3");
});
