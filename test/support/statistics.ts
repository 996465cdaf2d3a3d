/**
 * The statistics that tests of chance need. Each returns a p-value: how often a truth would look at least this odd. A
 * test that fails below p raises a false alarm with probability p for a seed chosen without looking.
 */

/** P(X > x) for a chi-square variate: the upper incomplete gamma function, by series or continued fraction. */
export function chiSquareTail(x: number, degrees: number): number {
  const a = degrees / 2;
  const z = x / 2;
  if (z <= 0) return 1;
  const front = Math.exp(a * Math.log(z) - z - lnGamma(a));
  if (z < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; term > sum * 1e-16; n++) sum += term *= z / (a + n);
    return 1 - front * sum;
  }
  // Lentz's method, as in Numerical Recipes, section 6.2
  let b = z + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 10_000; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return front * h;
}

/** ln Γ(x), Lanczos' approximation (g = 7, n = 9). */
export function lnGamma(x: number): number {
  const coefficients = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const y = x - 1;
  const t = y + 7.5;
  const sum = coefficients.reduce((sum, c, i) => (i === 0 ? c : sum + c / (y + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** P(|Z| > |z|) for a standard normal variate: its square is chi-square with one degree of freedom. */
export function normalTails(z: number): number {
  return chiSquareTail(z * z, 1);
}

/** Does the mean of independent values differ from the true one? Large samples. */
export function meanTest(values: readonly number[], truth: number): number {
  const mean = average(values);
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return normalTails((mean - truth) / Math.sqrt(variance / values.length));
}

/**
 * Do whole numbers follow this law? Pearson's chi-square; neighbouring outcomes are put together until each group is
 * expected at least ten times.
 */
export function countTest(counts: readonly number[], probability: (n: number) => number): number {
  const observed = new Map<number, number>();
  for (const count of counts) observed.set(count, (observed.get(count) ?? 0) + 1);
  const groups: { expected: number; observed: number }[] = [];
  let group = { expected: 0, observed: 0 };
  let cumulative = 0;
  for (let n = 0; (1 - cumulative) * counts.length >= 10; n++) {
    const p = probability(n);
    cumulative += p;
    group.expected += p * counts.length;
    group.observed += observed.get(n) ?? 0;
    if (group.expected < 10) continue;
    groups.push(group);
    group = { expected: 0, observed: 0 };
  }
  const last = groups[groups.length - 1]; // takes the rest: what was not counted yet
  last.observed += counts.length - groups.reduce((sum, { observed }) => sum + observed, 0);
  last.expected += counts.length - groups.reduce((sum, { expected }) => sum + expected, 0);
  const x = groups.reduce((sum, { expected, observed }) => sum + (observed - expected) ** 2 / expected, 0);
  return chiSquareTail(x, groups.length - 1);
}

/** Is the variance of counts equal to their mean, as it is for Poisson ones? Fisher's index of dispersion, two-sided. */
export function dispersionTest(counts: readonly number[]): number {
  const mean = average(counts);
  const x = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / mean;
  const above = chiSquareTail(x, counts.length - 1);
  return 2 * Math.min(above, 1 - above);
}

/** Are successive values uncorrelated? The first serial correlation, normal for large samples. */
export function serialTest(values: readonly number[]): number {
  const mean = average(values);
  let products = 0;
  let squares = 0;
  for (const [i, value] of values.entries()) {
    squares += (value - mean) ** 2;
    if (i > 0) products += (value - mean) * (values[i - 1] - mean);
  }
  return normalTails((products / squares) * Math.sqrt(values.length));
}

/** Do values follow this continuous law? Kolmogorov and Smirnov, with Stephens' correction for finite samples. */
export function distributionTest(values: readonly number[], cumulative: (x: number) => number): number {
  const n = values.length;
  const distance = values
    .toSorted((a, b) => a - b)
    .reduce((most, value, i) => {
      const p = cumulative(value);
      return Math.max(most, p - i / n, (i + 1) / n - p);
    }, 0);
  return kolmogorovTail((Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * distance);
}

/** P(K > x) for Kolmogorov's distribution. */
export function kolmogorovTail(x: number): number {
  if (x < 0.2) return 1;
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, Math.max(0, sum));
}

/** P(N = n) for a Poisson variate. */
export function poisson(mean: number): (n: number) => number {
  return (n) => (mean === 0 ? Number(n === 0) : Math.exp(n * Math.log(mean) - mean - lnGamma(n + 1)));
}

/** P(N = n) for the successes of so many trials. */
export function binomial(trials: number, p: number): (n: number) => number {
  const choose = (n: number) => lnGamma(trials + 1) - lnGamma(n + 1) - lnGamma(trials - n + 1);
  return (n) => (n > trials ? 0 : Math.exp(choose(n) + n * Math.log(p) + (trials - n) * Math.log1p(-p)));
}

/** The law of the sum of two independent counts. */
export function sumOf(a: (n: number) => number, b: (n: number) => number): (n: number) => number {
  return (n) => {
    let p = 0;
    for (let k = 0; k <= n; k++) p += a(k) * b(n - k);
    return p;
  };
}

export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
