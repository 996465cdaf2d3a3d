import { expect, test } from "vitest";
import { type Stream, Streams } from "../../sim/engine/random.ts";
import { HOUR, MILLISECOND, SECOND } from "../../sim/engine/time.ts";
import {
  type Law,
  boundsOf,
  drawBernoulli,
  drawDuration,
  drawPoisson,
  exponentialGap,
  meanOf,
} from "../../sim/engine/variates.ts";
import {
  chiSquareTail,
  countTest,
  dispersionTest,
  distributionTest,
  lnGamma,
  meanTest,
} from "../support/statistics.ts";

/** A test of chance that fails for a p below this raises a false alarm once in ten thousand seeds. */
const ALARM = 1e-4;

const SAMPLE = [1, 2, 2, 5, 9, 30].map((seconds) => seconds * SECOND);

/** P(Z ≤ z), by way of the chi-square law that z² follows. */
const normal = (z: number): number => (z < 0 ? chiSquareTail(z * z, 1) / 2 : 1 - chiSquareTail(z * z, 1) / 2);

/** Each law with its distribution function. Scales are seconds and more, so that whole microseconds are continuous. */
const LAWS: Record<string, { law: Law; cumulative: (x: number) => number }> = {
  uniform: {
    law: { uniform: [SECOND, 3 * SECOND] },
    cumulative: (x) => (x - SECOND) / (2 * SECOND),
  },
  exponential: { law: { exponential: 8 * HOUR }, cumulative: (x) => 1 - Math.exp(-x / (8 * HOUR)) },
  lognormal: {
    law: { lognormal: { median: 20 * SECOND, sigma: 0.34 } },
    cumulative: (x) => normal(Math.log(x / (20 * SECOND)) / 0.34),
  },
  "weibull, wearing in": {
    law: { weibull: { scale: HOUR, shape: 0.7 } },
    cumulative: (x) => 1 - Math.exp(-((x / HOUR) ** 0.7)),
  },
  "weibull, wearing out": {
    law: { weibull: { scale: HOUR, shape: 3 } },
    cumulative: (x) => 1 - Math.exp(-((x / HOUR) ** 3)),
  },
  pareto: {
    law: { pareto: { minimum: SECOND, shape: 1.5 } },
    cumulative: (x) => 1 - (SECOND / x) ** 1.5,
  },
};

const ALL: Record<string, Law> = {
  constant: { constant: 5 * SECOND },
  empirical: { empirical: SAMPLE },
  ...Object.fromEntries(Object.entries(LAWS).map(([name, { law }]) => [name, law])),
};

const drawMany = (law: Law, name: string, count = 50_000): number[] => {
  const stream = new Streams("variates").stream(name);
  return Array.from({ length: count }, () => drawDuration(law, stream));
};

/** A stream that gives one value, and counts how often it is asked. */
function fixed(value: number): Stream & { asked: number } {
  const stream = {
    asked: 0,
    uniform: () => (stream.asked++, value),
    uniform53: () => (stream.asked++, value),
    int32: () => (stream.asked++, value * 2 ** 32),
  };
  return stream;
}

for (const [name, { law, cumulative }] of Object.entries(LAWS)) {
  test(`${name} durations follow their law`, () => {
    expect(distributionTest(drawMany(law, name), cumulative)).toBeGreaterThan(ALARM);
  });
}

test("empirical durations follow the sample, interpolated between neighbours", () => {
  // a fifth of the draws lies between each two neighbours, evenly
  const values = drawMany({ empirical: SAMPLE }, "empirical");
  const cells = SAMPLE.slice(1).map((upper, i) => values.filter((x) => SAMPLE[i] < x && x <= upper).length);
  const same = values.filter((x) => x === 2 * SECOND).length; // two neighbours are equal
  expect(same / values.length).toBeCloseTo(0.2, 2);
  const expected = values.length / 5;
  const chiSquare = [0, 2, 3, 4].reduce(
    (sum, i) => sum + (cells[i] - (i === 0 ? same : 0) - expected) ** 2 / expected,
    0,
  );
  expect(cells[1]).toBe(0);
  expect(chiSquareTail(chiSquare, 4)).toBeGreaterThan(ALARM);
  const last = values.filter((x) => x > 9 * SECOND);
  expect(distributionTest(last, (x) => (x - 9 * SECOND) / (21 * SECOND))).toBeGreaterThan(ALARM);
});

test("a sample of one is a constant", () => {
  expect(drawDuration({ empirical: [7] }, fixed(0.9))).toBe(7);
  expect(meanOf({ empirical: [7] })).toBe(7);
});

test("every law takes one step of the stream for a duration, a constant none", () => {
  for (const [name, law] of Object.entries(ALL)) {
    const stream = fixed(0.3);
    drawDuration(law, stream);
    expect([name, stream.asked]).toEqual([name, name === "constant" ? 0 : 1]);
  }
});

test("a larger step means no shorter a duration, whatever the law, from the first step to the last", () => {
  const last = 1 - 2 ** -32;
  const steps = [0, 2 ** -32, 1e-9, ...Array.from({ length: 999 }, (_, i) => (i + 1) / 1_000), 1 - 1e-9, last];
  for (const law of Object.values(ALL)) {
    const durations = steps.map((step) => drawDuration(law, fixed(step)));
    expect(durations.every((duration, i) => i === 0 || durations[i - 1] <= duration)).toBe(true);
    const { least, most } = boundsOf(law);
    expect(durations.every((duration) => Number.isSafeInteger(duration))).toBe(true);
    expect(durations[0]).toBeGreaterThanOrEqual(least);
    expect(durations[durations.length - 1]).toBeLessThanOrEqual(most);
  }
});

test("means are those of the textbooks", () => {
  expect(meanOf({ constant: 5 })).toBe(5);
  expect(meanOf({ uniform: [SECOND, 3 * SECOND] })).toBe(2 * SECOND);
  expect(meanOf({ exponential: HOUR })).toBe(HOUR);
  expect(meanOf({ lognormal: { median: SECOND, sigma: 0.5 } })).toBe(Math.round(SECOND * Math.exp(0.125)));
  expect(meanOf({ weibull: { scale: SECOND, shape: 1 } })).toBe(SECOND);
  expect(meanOf({ weibull: { scale: SECOND, shape: 0.5 } })).toBe(2 * SECOND); // Γ(3)
  expect(meanOf({ weibull: { scale: SECOND, shape: 2 } })).toBe(Math.round((SECOND * Math.sqrt(Math.PI)) / 2));
  expect(meanOf({ pareto: { minimum: SECOND, shape: 3 } })).toBe(1.5 * SECOND);
  expect(meanOf({ pareto: { minimum: SECOND, shape: 1 } })).toBeUndefined();
  expect(meanOf({ empirical: [0, 10, 20, 60] })).toBe(20); // (0/2 + 10 + 20 + 60/2) / 3
});

test("draws average out at the mean", () => {
  for (const name of [
    "uniform",
    "exponential",
    "lognormal",
    "weibull, wearing in",
    "weibull, wearing out",
    "empirical",
  ]) {
    expect(meanTest(drawMany(ALL[name], `mean of ${name}`), meanOf(ALL[name])!)).toBeGreaterThan(ALARM);
  }
});

test("bounds are as wide as the law", () => {
  expect(boundsOf({ constant: 5 })).toEqual({ least: 5, most: 5 });
  expect(boundsOf({ uniform: [1, 3] })).toEqual({ least: 1, most: 3 });
  expect(boundsOf({ exponential: 5 })).toEqual({ least: 0, most: Infinity });
  expect(boundsOf({ pareto: { minimum: 5, shape: 2 } })).toEqual({ least: 5, most: Infinity });
  expect(boundsOf({ empirical: [1, 2, 9] })).toEqual({ least: 1, most: 9 });
});

test("gaps of a Poisson process are exponential, and its counts Poisson", () => {
  const stream = new Streams("variates").stream("gaps");
  const rate = 250;
  const gaps = Array.from({ length: 50_000 }, () => exponentialGap(rate, stream));
  expect(distributionTest(gaps, (x) => 1 - Math.exp((-rate * (x + 0.5)) / SECOND))).toBeGreaterThan(ALARM);
  const counts: number[] = [];
  let clock = 0;
  for (const gap of gaps) {
    clock += gap;
    const cell = Math.floor(clock / (20 * MILLISECOND));
    while (counts.length <= cell) counts.push(0);
    counts[cell]++;
  }
  counts.pop();
  expect(dispersionTest(counts)).toBeGreaterThan(ALARM);
  expect(countTest(counts, poisson(5))).toBeGreaterThan(ALARM);
});

const poisson =
  (mean: number) =>
  (n: number): number =>
    Math.exp(n * Math.log(mean) - mean - lnGamma(n + 1));

test("Poisson variates follow their law, by one step each, for small means and for great ones", () => {
  for (const mean of [0.05, 1, 12.5, 499, 501, 20_000]) {
    const stream = new Streams("variates").stream(`poisson ${mean}`);
    const counts = Array.from({ length: 20_000 }, () => drawPoisson(mean, stream));
    expect(countTest(counts, poisson(mean))).toBeGreaterThan(ALARM);
  }
  const once = fixed(0.5);
  drawPoisson(1_000, once);
  expect(once.asked).toBe(1);
  expect(drawPoisson(0, fixed(0.999))).toBe(0);
  for (const mean of [3, 700]) {
    const steps = [0, 0.1, 0.5, 0.9, 0.999999, 1 - 2 ** -32];
    const counts = steps.map((step) => drawPoisson(mean, fixed(step)));
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  }
});

test("Bernoulli variates are sure where the probability is", () => {
  expect([drawBernoulli(0, fixed(0)), drawBernoulli(1, fixed(1 - 2 ** -32))]).toEqual([false, true]);
  const stream = new Streams("variates").stream("bernoulli");
  const hits = Array.from({ length: 20_000 }, () => Number(drawBernoulli(0.3, stream)));
  expect(meanTest(hits, 0.3)).toBeGreaterThan(ALARM);
});
