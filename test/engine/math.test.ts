import { expect, test } from "vitest";
import { exp, ln, lnGamma, normalQuantile, pow } from "../../sim/engine/math.ts";
import { Streams } from "../../sim/engine/random.ts";

const view = new DataView(new ArrayBuffer(16));

/** How many doubles lie between two of the same sign. */
function distance(a: number, b: number): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  view.setFloat64(0, a);
  view.setFloat64(8, b);
  const difference = view.getBigInt64(0) - view.getBigInt64(8);
  return Number(difference < 0n ? -difference : difference);
}

const stream = new Streams("math").stream("arguments");
const uniform = (least: number, most: number): number => least + (most - least) * stream.uniform53();

/** The greatest distance over many arguments. */
function worst(times: number, measure: () => number): number {
  let most = 0;
  for (let i = 0; i < times; i++) most = Math.max(most, measure());
  return most;
}

test("ln is within one unit in the last place of the runtime's, over all magnitudes", () => {
  const at = (x: number): number => distance(ln(x), Math.log(x));
  expect(worst(100_000, () => at(2 ** uniform(-1074, 1023.9)))).toBeLessThanOrEqual(1);
  expect(worst(100_000, () => at(uniform(0.5, 2)))).toBeLessThanOrEqual(1);
  expect(worst(10_000, () => at(1 + uniform(-1e-6, 1e-6)))).toBeLessThanOrEqual(1);
});

test("exp is within one unit in the last place of the runtime's, down to where it vanishes", () => {
  const at = (x: number): number => distance(exp(x), Math.exp(x));
  expect(worst(100_000, () => at(uniform(-746, 710)))).toBeLessThanOrEqual(1);
  expect(worst(100_000, () => at(uniform(-1, 1)))).toBeLessThanOrEqual(1);
  expect(worst(10_000, () => at(uniform(-1e-8, 1e-8)))).toBeLessThanOrEqual(1);
});

test("pow is within one unit in the last place of the runtime's", () => {
  const at = (x: number, y: number): number => distance(pow(x, y), Math.pow(x, y));
  expect(worst(50_000, () => at(stream.uniform53(), uniform(-5, 5)))).toBeLessThanOrEqual(1);
  expect(worst(50_000, () => at(2 ** uniform(-1074, 1023.9), uniform(-1, 1)))).toBeLessThanOrEqual(1);
  expect(worst(50_000, () => at(uniform(0, 1_000), uniform(-100, 100)))).toBeLessThanOrEqual(1);
  expect(worst(50_000, () => at(1 + uniform(0, 1e-10), uniform(-1e12, 1e12)))).toBeLessThanOrEqual(1);
  expect(worst(50_000, () => at(1 - uniform(0, 2e-6), uniform(-1e8, 1e8)))).toBeLessThanOrEqual(1);
});

test("powers of whole numbers are exact where they can be", () => {
  for (let base = 2; base <= 20; base++) {
    let power = 1;
    for (let exponent = 0; power <= Number.MAX_SAFE_INTEGER; exponent++, power *= base) {
      expect(pow(base, exponent)).toBe(power);
    }
  }
});

test("the edges are where IEEE 754 has them", () => {
  expect([ln(0), ln(-0), ln(1), ln(-1), ln(Infinity), ln(NaN)]).toEqual([-Infinity, -Infinity, 0, NaN, Infinity, NaN]);
  expect([exp(0), exp(1), exp(-Infinity), exp(Infinity), exp(NaN)]).toEqual([1, Math.E, 0, Infinity, NaN]);
  expect([exp(709.8), exp(-745.2)]).toEqual([Infinity, 0]);
  const cases: [number, number, number][] = [
    [0, 2, 0],
    [0, -2, Infinity],
    [0, 0, 1],
    [NaN, 0, 1],
    [1, Infinity, 1],
    [2, NaN, NaN],
    [-8, 2, NaN],
    [Infinity, 0.1, Infinity],
    [Infinity, -0.1, 0],
    [2, Infinity, Infinity],
    [2, -Infinity, 0],
    [0.5, Infinity, 0],
    [0.5, -Infinity, Infinity],
    [2, 1023, 2 ** 1023],
    [2, 1024, Infinity],
    [2, -1074, Number.MIN_VALUE],
    [2, -1076, 0],
  ];
  for (const [x, y, power] of cases) expect([x, y, pow(x, y)]).toEqual([x, y, power]);
});

test("the normal quantile inverts the tables", () => {
  // p, z to 15 digits: Wichura's own checks in Applied Statistics 37 (1988), and the usual confidence levels
  const table: [number, number][] = [
    [0.25, -0.6744897501960817],
    [0.001, -3.090232306167814],
    [1e-20, -9.26234008979841],
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.995, 2.5758293035489004],
  ];
  for (const [p, z] of table) expect(normalQuantile(p)).toBeCloseTo(z, 13);
  for (let i = 1; i < 1_000; i++) expect(normalQuantile(i / 1_000)).toBeCloseTo(-normalQuantile(1 - i / 1_000), 10);
});

test("lnGamma gives the factorials, and Γ(½) = √π", () => {
  let factorial = 1;
  for (let n = 1; n <= 170; n++) {
    expect(Math.abs(lnGamma(n) / Math.log(factorial) - 1) < 1e-13 || Math.abs(lnGamma(n)) < 1e-14).toBe(true);
    factorial *= n;
  }
  expect(lnGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
});
