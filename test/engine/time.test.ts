import fc from "fast-check";
import { expect, test } from "vitest";
import {
  DAY,
  HOUR,
  MINUTE,
  SECOND,
  formatDuration,
  formatInstant,
  fromMs,
  parseDuration,
  toSeconds,
  wholeMicroseconds,
} from "../../sim/engine/time.ts";

test("rounds to the nearest microsecond, halves away from zero", () => {
  expect([0.49, 0.5, 1.5, 2.5, -0.49, -0.5, -2.5, 0].map(wholeMicroseconds)).toEqual([0, 1, 2, 3, 0, -1, -3, 0]);
  expect(Object.is(wholeMicroseconds(-0.1), -0)).toBe(false);
  expect([fromMs(3_000), fromMs(0.5), fromMs(0.0005), fromMs(0.0004)]).toEqual([3_000_000, 500, 1, 0]);
  expect(toSeconds(12_250_000)).toBe(12.25);
});

test("prints an instant in seconds, finer than milliseconds only if it is", () => {
  expect([0, 28_007_000, 86_400_000_000].map(formatInstant)).toEqual(["0.000s", "28.007s", "86400.000s"]);
  expect([28_007_040, 1].map(formatInstant)).toEqual(["28.007040s", "0.000001s"]);
});

test("prints a duration the way a person would write it", () => {
  const written: Record<string, number> = {
    "0s": 0,
    "7us": 7,
    "300ms": 300_000,
    "1.234ms": 1_234,
    "45s": 45 * SECOND,
    "12.25s": 12_250_000,
    "1.234567s": 1_234_567,
    "1m": MINUTE,
    "90s": 90 * SECOND,
    "5m": 5 * MINUTE,
    "7m30s": 450 * SECOND,
    "1h": HOUR,
    "1.5h": 1.5 * HOUR,
    "1h2m5s": HOUR + 2 * MINUTE + 5 * SECOND,
    "1d": DAY,
    "1.5d": 1.5 * DAY,
    "1d4h36m": DAY + 4 * HOUR + 36 * MINUTE,
    "-45s": -45 * SECOND,
  };
  for (const [text, duration] of Object.entries(written)) expect(formatDuration(duration)).toBe(text);
});

test("reads the durations of scenario files", () => {
  const meant: Record<string, number> = {
    "45s": 45_000_000,
    "300ms": 300_000,
    "0.5ms": 500,
    "1.5h": 5_400_000_000,
    "1h30m": 5_400_000_000,
    "2h": 7_200_000_000,
    "1d": 86_400_000_000,
    "7us": 7,
    "0s": 0,
    "28.007s": 28_007_000,
    "0.0005ms": 1,
  };
  for (const [text, duration] of Object.entries(meant)) expect(parseDuration(text)).toBe(duration);
});

test("reads nothing into what is no duration", () => {
  for (const text of [
    "",
    "5",
    "1.s",
    ".5s",
    "-5s",
    "5 s",
    "5S",
    "1h 30m",
    "s",
    "5sec",
    "PT5M",
    "1e3s",
    "9999999999d",
  ]) {
    expect(parseDuration(text)).toBeUndefined();
  }
});

test("reads back every duration and instant that it prints", () => {
  const durations = fc.oneof(
    fc.nat(),
    fc.nat({ max: 1_000 * DAY }),
    fc.nat({ max: 5_000 }).map((n) => n * SECOND),
  );
  fc.assert(
    fc.property(durations, (duration) => {
      expect(parseDuration(formatDuration(duration))).toBe(duration);
      expect(parseDuration(formatInstant(duration))).toBe(duration);
    }),
    { seed: 20261121, numRuns: 2_000 },
  );
});
