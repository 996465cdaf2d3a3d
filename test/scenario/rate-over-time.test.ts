import { describe, expect, test } from "vitest";
import { sineOfTurns } from "../../sim/engine/math.ts";
import { MINUTE, SECOND } from "../../sim/engine/time.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { problemsOf } from "./support.ts";

const scenario = (rate: string, duration = "24h"): string =>
  `duration: ${duration}\ntopics: { orders: { partitions: 1, rate: ${rate} } }\ngroups: { g: { members: 1 } }\n`;

const steps = (rate: string, duration?: string, read?: (name: string) => string) =>
  parseScenario(scenario(rate, duration), read ? { read } : {}).scenario.topics[0].rate;

test("the sine of turns is the sine, to the last place but one", () => {
  for (let i = -400; i <= 400; i++) expect(sineOfTurns(i / 97)).toBeCloseTo(Math.sin((2 * Math.PI * i) / 97), 13);
  for (const [turns, sine] of [
    [0, 0],
    [0.25, 1],
    [0.5, 0],
    [0.75, -1],
  ]) {
    expect(sineOfTurns(turns)).toBeCloseTo(sine, 15);
  }
});

describe("a diurnal rate", () => {
  const day = steps("{ diurnal: { low: 200/s, high: 1000/s, peak: 14h } }");

  test("has a step for each five minutes of a day", () => {
    expect(day).toHaveLength(288);
    expect(day[1].at).toBe(5 * MINUTE);
  });

  test("brings the mean of its ends over a whole day, and neither more nor less than them at any time", () => {
    const sum = day.reduce((total, { recordsPerSecond }) => total + recordsPerSecond, 0);
    expect(sum / 288).toBeCloseTo(600, 6);
    for (const { recordsPerSecond } of day) {
      expect(recordsPerSecond).toBeGreaterThanOrEqual(200);
      expect(recordsPerSecond).toBeLessThanOrEqual(1000);
    }
  });

  test("is highest around its peak, and halfway a quarter of a day from it", () => {
    // The steps before and after 14:00 are alike; their mean is the cosine's over five minutes: 600 + 400 sin(x)/x
    const x = (2 * Math.PI * 5) / 1440;
    expect(day[168].recordsPerSecond).toBeCloseTo(600 + (400 * Math.sin(x)) / x, 5);
    expect(day[167].recordsPerSecond).toBe(day[168].recordsPerSecond);
    expect((day[95].recordsPerSecond + day[96].recordsPerSecond) / 2).toBeCloseTo(600, 5); // 8:00
  });

  test("goes on as long as the run does, with any period", () => {
    const hour = steps("{ diurnal: { low: 0/s, high: 10/s, peak: 0s, period: 1h } }", "90m");
    expect(hour).toHaveLength(432);
    expect(hour[288].recordsPerSecond).toBe(hour[0].recordsPerSecond);
  });

  test("of more steps than anybody wants is refused", () => {
    const text = scenario("{ diurnal: { low: 0/s, high: 10/s, peak: 0s, period: 1m } }", "7d");
    expect(problemsOf(text).map(({ message }) => message)).toEqual([
      "the rate of orders has 2903040 steps in this run",
    ]);
  });
});

describe("a rate from a file", () => {
  const from = (text: string, duration?: string) => steps("{ csv: traffic.csv }", duration, () => text);

  test("has a step for each line, counted from the first, with units or in the unit of the heading", () => {
    const expected = [
      { at: 0, recordsPerSecond: 100 },
      { at: 60 * SECOND, recordsPerSecond: 0.5 },
      { at: 90 * SECOND, recordsPerSecond: 250.5 },
    ];
    expect(from("time,rate\n10m,100\n11m,30/m\n11m30s,250.5/s\n")).toEqual(expected);
    expect(from("t_s;per second\r\n600;100\r\n660;30/m\r\n690;250.5\r\n")).toEqual(expected);
    expect(from("600\t100\n660\t30/m\n690\t250.5")).toEqual(expected);
  });

  test("is told what is wrong with it", () => {
    const told = (text: string): string => {
      try {
        from(text);
        return "";
      } catch (error) {
        return String(error);
      }
    };
    expect(told("time,rate\n0s,many\n")).toContain('names "traffic.csv", whose line 2 is no time and rate: "0s,many"');
    expect(told("time,rate\n")).toContain("which holds no rates");
    expect(told("0s,1\n2s,1\n1s,1\n")).toContain("must come in order of time");
  });
});
