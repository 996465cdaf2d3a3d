/**
 * The size G(t) of a population against what queueing theory says of it (rows V1 to V6 of the closed forms). Each
 * function simulates, and returns the p-values of its tests; `runs` says how hard it tries.
 */
import { Streams } from "../../sim/engine/random.ts";
import { drawPoisson, type Law } from "../../sim/engine/variates.ts";
import {
  binomial,
  countTest,
  dispersionTest,
  distributionTest,
  meanTest,
  poisson,
  serialTest,
  sumOf,
} from "../support/statistics.ts";
import { Town } from "../workload/town.ts";

export type PValues = Readonly<Record<string, number>>;

const SECOND = 1_000_000;

/** How many events there were in each of `windows` windows of `length`, from 0 on. */
function countsIn(times: readonly number[], length: number, windows: number): number[] {
  const counts = Array.from({ length: windows }, () => 0);
  for (const t of times) if (t < length * windows) counts[Math.floor(t / length)]++;
  return counts;
}

const gaps = (times: readonly number[]) => times.map((t, i) => (t - (times[i - 1] ?? 0)) / SECOND);

/** V1: joins at rate λ. Counts in windows are independent Poisson(λ·dt), gaps are Exp(λ). */
export function poissonJoins(runs: number, seed: string): PValues {
  const rate = 0.5;
  const until = runs * 2 * SECOND;
  const times = new Town({ joinsPerSecond: rate }, seed).until(until).started.map(({ t }) => t);
  const p: Record<string, number> = {
    "gaps are exponential": distributionTest(gaps(times), (x) => 1 - Math.exp(-rate * x)),
    "gaps are uncorrelated": serialTest(gaps(times)),
  };
  for (const seconds of [0.5, 4, 20]) {
    const counts = countsIn(times, seconds * SECOND, until / (seconds * SECOND));
    p[`counts in ${seconds} s are Poisson`] = countTest(counts, poisson(rate * seconds));
    p[`counts in ${seconds} s are dispersed by 1`] = dispersionTest(counts);
    p[`counts in ${seconds} s are uncorrelated`] = serialTest(counts);
  }
  return p;
}

/** V2: n0 members, joins λ, lifetimes Exp(μ). G(t) is Binomial(n0, e^(−μt)) + Poisson((λ/μ)(1 − e^(−μt))). */
export function transientSize(runs: number, seed: string): PValues {
  const n0 = 20;
  const lambda = 0.2;
  const mean = 60;
  const times = [5, 30, 90, 240];
  const sizes = times.map((): number[] => []);
  for (let run = 0; run < runs; run++) {
    const town = new Town(
      { initial: n0, joinsPerSecond: lambda, lifetime: { exponential: mean * SECOND } },
      `${seed}/${run}`,
    );
    times.forEach((t, i) => sizes[i].push(town.until(t * SECOND).size));
  }
  const p: Record<string, number> = {};
  times.forEach((t, i) => {
    const survives = Math.exp(-t / mean);
    const joined = lambda * mean * (1 - survives);
    p[`G(${t} s) follows its law`] = countTest(sizes[i], sumOf(binomial(n0, survives), poisson(joined)));
    p[`G(${t} s) has its mean`] = meanTest(sizes[i], n0 * survives + joined);
  });
  return p;
}

/** V3: whatever the law of the lifetimes, long after the begin G is Poisson(λ · mean lifetime). */
export function insensitivity(runs: number, seed: string): PValues {
  const lambda = 0.2;
  // Means in seconds: median · exp(σ²/2); scale · Γ(1.5), which is scale · √π/2; the constant itself. By the time given,
  // all but 4e-4 of the mean has been lived (lognormal: Φ(σ − ln(t/median)/σ) is left; Weibull: far less).
  const laws: Readonly<Record<string, { readonly law: Law; readonly mean: number; readonly stationary: number }>> = {
    lognormal: {
      law: { lognormal: { median: 30 * SECOND, sigma: 0.8 } },
      mean: 30 * Math.exp(0.32),
      stationary: 830,
    },
    weibull: {
      law: { weibull: { scale: 45 * SECOND, shape: 2 } },
      mean: 45 * (Math.sqrt(Math.PI) / 2),
      stationary: 225,
    },
    constant: { law: { constant: 40 * SECOND }, mean: 40, stationary: 41 },
  };
  const p: Record<string, number> = {};
  for (const [name, { law, mean, stationary }] of Object.entries(laws)) {
    const sizes = Array.from({ length: runs }, (_, run) => {
      const town = new Town({ joinsPerSecond: lambda, lifetime: law }, `${seed}/${name}/${run}`);
      return town.until(stationary * SECOND).size;
    });
    p[`${name}: Poisson`] = countTest(sizes, poisson(lambda * mean));
    p[`${name}: mean`] = meanTest(sizes, lambda * mean);
  }
  return p;
}

/**
 * V4: stationary, the autocovariance of G at distance τ is (λ/μ) e^(−μτ). Begun with a Poisson number of members, whose
 * lifetimes have no memory, the group is stationary from its first moment on, so no beginning has to fade away. After two
 * lifetimes seven of eight that are there have come by themselves.
 */
export function autocovariance(runs: number, seed: string): PValues {
  const size = 10;
  const mean = 60;
  const distances = [0, 15, 60, 120];
  const products = distances.map((): number[] => []);
  const begin = new Streams(seed).stream("begin");
  for (let run = 0; run < runs; run++) {
    const initial = drawPoisson(size, begin);
    const town = new Town(
      { initial, joinsPerSecond: size / mean, lifetime: { exponential: mean * SECOND } },
      `${seed}/${run}`,
    );
    const before = town.until(2 * mean * SECOND).size - size;
    distances.forEach((distance, i) => {
      products[i].push(before * (town.until((2 * mean + distance) * SECOND).size - size));
    });
  }
  return Object.fromEntries(
    distances.map((distance, i) => [
      `covariance over ${distance} s`,
      meanTest(products[i], size * Math.exp(-distance / mean)),
    ]),
  );
}

/**
 * V5: in each step everybody leaves with probability p, then Poisson(j) come. The mean obeys G' = G(1 − p) + j, whose
 * fixed point is j/p. From n0, the law after n steps is Binomial(n0, q) + Poisson((j/p)(1 − q)), q = (1 − p)^n.
 */
export function steps(runs: number, seed: string): PValues {
  const n0 = 12;
  const leave = 0.1;
  const join = 3;
  const after = [1, 2, 5, 60];
  const sizes = after.map((): number[] => []);
  for (let run = 0; run < runs; run++) {
    const town = new Town({ initial: n0, perStep: { every: SECOND, leave, join } }, `${seed}/${run}`);
    after.forEach((n, i) => sizes[i].push(town.until(n * SECOND).size));
  }
  let mean = n0;
  const p: Record<string, number> = {};
  for (let n = 1; n <= 60; n++) {
    mean = mean * (1 - leave) + join;
    const i = after.indexOf(n);
    if (i < 0) continue;
    const remains = (1 - leave) ** n;
    p[`mean after ${n} steps`] = meanTest(sizes[i], mean);
    p[`law after ${n} steps`] = countTest(
      sizes[i],
      sumOf(binomial(n0, remains), poisson((join / leave) * (1 - remains))),
    );
  }
  p["the fixed point"] = meanTest(sizes[after.indexOf(60)], join / leave - (join / leave - n0) * (1 - leave) ** 60);
  return p;
}

/** V6: joins at a rate λ(t) in steps. Counts in any window are Poisson(∫λ), and in the time ∫λ gaps are Exp(1). */
export function diurnalJoins(runs: number, seed: string): PValues {
  const rates = [0.2, 1.5, 0, 4]; // for 10 s each, then the last for ever
  const steps = rates.map((perSecond, i) => ({ at: i * 10 * SECOND, perSecond }));
  const cumulative = (seconds: number) =>
    rates.reduce((sum, rate, i) => sum + rate * Math.min(Math.max(0, seconds - 10 * i), i === 3 ? Infinity : 10), 0);
  const windows = [
    [0, 10],
    [5, 15],
    [12, 33],
    [18, 31],
    [32, 40],
  ] as const;
  const counts = windows.map((): number[] => []);
  const stretched: number[] = [];
  for (let run = 0; run < runs; run++) {
    const times = new Town({ joinsPerSecond: steps }, `${seed}/${run}`)
      .until(40 * SECOND)
      .started.map(({ t }) => t / SECOND);
    windows.forEach(([from, to], i) => counts[i].push(times.filter((t) => from <= t && t < to).length));
    // All runs one after the other, in the time in which the rate is 1.
    stretched.push(...times.map((t) => run * cumulative(40) + cumulative(t)));
  }
  const p: Record<string, number> = {
    "gaps in ∫λ are exponential": distributionTest(
      stretched.map((t, i) => t - (stretched[i - 1] ?? 0)),
      (x) => 1 - Math.exp(-x),
    ),
  };
  windows.forEach(([from, to], i) => {
    const mean = cumulative(to) - cumulative(from);
    p[`counts from ${from} s to ${to} s are Poisson(${mean})`] = countTest(counts[i], poisson(mean));
  });
  return p;
}
