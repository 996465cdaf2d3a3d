/** The two laws that intervals are made of, on portable arithmetic: same data, same interval, in every runtime. */
import { exp, ln, lnGamma } from "../engine/math.ts";

/** Lentz' algorithm divides by what may vanish; this stands for zero. */
const TINY = 1e-300;

/** Two successive approximations that differ by less than this are the same. */
const PRECISION = 1e-15;

/** The continued fraction needs some √max(a, b) terms; nothing that is asked here needs as many as this. */
const MOST_TERMS = 100_000;

/**
 * The regularised incomplete beta function Iₓ(a, b), for a, b ≥ ½. `y` is 1 − x, from whoever can say it without losing
 * digits.
 *
 * Continued fraction of Abramowitz and Stegun 26.5.8, evaluated as Lentz proposed (W. Press et al., Numerical Recipes,
 * 6.4). About 13 digits.
 */
export function incompleteBeta(x: number, y: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(y, x, b, a); // where the fraction converges slowly
  const front = exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * ln(x) + b * ln(y)) / a;
  const awayFromZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= MOST_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < PRECISION) return front * fraction;
  }
  throw new Error(`the incomplete beta function does not converge at x = ${x}, a = ${a}, b = ${b}`);
}

/** The chance that a Student variate with so many degrees of freedom exceeds t ≥ 0. */
function studentTail(t: number, degrees: number): number {
  const whole = degrees + t * t;
  return incompleteBeta(degrees / whole, (t * t) / whole, degrees / 2, 0.5) / 2;
}

/**
 * The value that a Student variate stays below with probability p, 0 < p < 1.
 *
 * By bisection of the tail, down to neighbouring numbers: some 60 evaluations, no derivative that could mislead.
 */
export function studentQuantile(p: number, degrees: number): number {
  if (p === 0.5) return 0;
  if (p < 0.5) return -studentQuantile(1 - p, degrees);
  const tail = 1 - p;
  let low = 0;
  let high = 1;
  while (studentTail(high, degrees) > tail) {
    low = high;
    high *= 2;
  }
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return middle;
    if (studentTail(middle, degrees) > tail) low = middle;
    else high = middle;
  }
}

/** The chance of at most `most` successes in so many trials that each succeed with probability p. */
export function binomialAtMost(most: number, trials: number, p: number): number {
  if (most < 0) return 0;
  return most >= trials ? 1 : incompleteBeta(1 - p, p, trials - most, most + 1);
}
