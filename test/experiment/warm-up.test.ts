import { describe, expect, test } from "vitest";
import { Streams } from "../../sim/engine/random.ts";
import { courseOf, PILOTS, warmUpOf } from "../../sim/experiment/course.ts";
import { warmUpLength } from "../../sim/experiment/warm-up.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import { autoregressive, biasAfter, LENGTH, mean, PHI } from "./autoregressive.ts";
import { sample } from "./coverage.ts";
import { POPULATION } from "./population.ts";

describe("MSER-5 on an autoregressive process that begins far from its mean", () => {
  test("removes the bias of the beginning, and wastes little", () => {
    const stream = new Streams("MSER-5").stream("series");
    const series = sample(300, () => 0).map(() => autoregressive(() => stream.uniform53()));
    expect(mean(series.map(mean))).toBeCloseTo(biasAfter(0), 1); // 0.9: the series is what it says it is
    const cuts = series.map((one) => warmUpLength(one)!);
    const left = cuts.map(biasAfter);
    const standardError = 1 / ((1 - PHI) * Math.sqrt(LENGTH)); // of one run's mean: the bias was twice that
    expect(mean(left)).toBeLessThan(standardError / 4);
    expect(mean(cuts)).toBeLessThan(LENGTH / 5);
  });
});

describe("the warm-up of a group", () => {
  const courses = (...set: string[]) => {
    const { scenario } = parseScenario(POPULATION, { set });
    const all = Array.from({ length: PILOTS }, (_, i) => {
      const course = courseOf(scenario);
      simulate(scenario, { seed: `warm-up/${i}`, to: [course] });
      return course.values();
    });
    return { all, scenario };
  };

  test("that grows from nobody to M/M/∞ is what it takes to nine tenths of its size, at least (V2: 1 − e^(−t/m))", () => {
    const { all, scenario } = courses("duration=8m", "groups.g.members.initial=0");
    const warmUp = warmUpOf(all, scenario.duration)!;
    expect(warmUp).toBeGreaterThanOrEqual(Math.log(10) * 20e6);
    expect(warmUp).toBeLessThan(scenario.duration / 2);
  });

  test("in which nothing ever changes is none", () => {
    const none = ["groups.g.members.joins=0", "groups.g.members.lifetime.exponential=100d"];
    const { all, scenario } = courses("duration=2m", ...none);
    expect(all[0].slice(5, 200)).toEqual(Array.from({ length: 195 }, () => 5));
    // All that is not steady is the lag of the group's first moments.
    expect(warmUpOf(all, scenario.duration)).toBeLessThanOrEqual(10e6);
  });

  test("of a group that cannot keep up is not to be found", () => {
    const { all, scenario } = courses("duration=2m", "topics.orders.rate=20000/s");
    expect(warmUpOf(all, scenario.duration)).toBeUndefined();
  });
});
