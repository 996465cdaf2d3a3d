import { describe, expect, test } from "vitest";
import { Streams } from "../../sim/engine/random.ts";
import { courseOf, PILOTS, warmUpOf } from "../../sim/experiment/course.ts";
import { meanInterval, moments } from "../../sim/experiment/statistics.ts";
import { warmUpLength } from "../../sim/experiment/warm-up.ts";
import { parseScenario } from "../../sim/scenario/parse.ts";
import { simulate } from "../../sim/simulation/simulate.ts";
import { EXPERIMENTS, normal, sample } from "./coverage.ts";
import { POPULATION } from "./population.ts";

/*
 * A process whose transient is known: AR(1), X(t) = φ X(t − 1) + noise, of mean 0 and begun far off, at x₀. E X(t) = x₀ φᵗ,
 * so the mean of n values after the first d is off by x₀ φᵈ⁺¹ (1 − φⁿ⁻ᵈ) / ((n − d)(1 − φ)).
 */
const PHI = 0.9;
const BEGIN = 50;
const LENGTH = 500;

function autoregressive(draw: () => number): number[] {
  let value = BEGIN;
  return Array.from({ length: LENGTH }, () => (value = PHI * value + normal(0, 1, draw())));
}

const biasAfter = (cut: number): number =>
  (BEGIN * PHI ** (cut + 1) * (1 - PHI ** (LENGTH - cut))) / ((LENGTH - cut) * (1 - PHI));

const mean = (values: readonly number[]): number => moments(values).mean;

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

  test("leaves intervals their coverage, which the beginning would take (V23)", () => {
    const stream = new Streams("warm-up").stream("experiments");
    const series = (): number[] => autoregressive(() => stream.uniform53());
    let [covered, coveredAll] = [0, 0];
    for (let n = 0; n < EXPERIMENTS; n++) {
      const pilots = Array.from({ length: PILOTS }, series);
      const cut = warmUpLength(Array.from({ length: LENGTH }, (_, i) => mean(pilots.map((one) => one[i]))))!;
      const replications = Array.from({ length: 10 }, series);
      const holds = ({ low, high }: { low: number; high: number }): number => (low <= 0 && 0 <= high ? 1 : 0);
      covered += holds(meanInterval(replications.map((one) => mean(one.slice(cut)))));
      coveredAll += holds(meanInterval(replications.map(mean)));
    }
    expect(coveredAll / EXPERIMENTS).toBeLessThan(0.1);
    expect(covered / EXPERIMENTS).toBeGreaterThan(0.935);
    expect(covered / EXPERIMENTS).toBeLessThan(0.965);
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
