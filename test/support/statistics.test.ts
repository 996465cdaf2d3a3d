import { expect, test } from "vitest";
import {
  binomial,
  chiSquareTail,
  countTest,
  dispersionTest,
  distributionTest,
  kolmogorovTail,
  lnGamma,
  meanTest,
  normalTails,
  poisson,
  serialTest,
  sumOf,
} from "./statistics.ts";

test.for([
  [3.841459, 1, 0.05],
  [10.827566, 1, 0.001],
  [18.307038, 10, 0.05],
  [29.588298, 10, 0.001],
  [124.342113, 100, 0.05],
  [3.940299, 10, 0.95],
])("the chi-square tail agrees with the tables (%d with %d degrees: %d)", ([x, degrees, p]) => {
  expect(chiSquareTail(x, degrees)).toBeCloseTo(p, 6);
});

test.for([
  [1.22385, 0.1],
  [1.3581, 0.05],
  [1.62762, 0.01],
  [1.94947, 0.001],
])("Kolmogorov's tail agrees with the tables (%d: %d)", ([x, p]) => {
  expect(kolmogorovTail(x)).toBeCloseTo(p, 5);
});

test("the normal tails agree with the tables", () => {
  expect(normalTails(1.959964)).toBeCloseTo(0.05, 6);
  expect(normalTails(-3.890592)).toBeCloseTo(0.0001, 8);
});

test("ln Γ agrees with factorials and with Γ(½) = √π", () => {
  expect(lnGamma(11)).toBeCloseTo(Math.log(3_628_800), 10);
  expect(lnGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 10);
});

test("the laws of counts agree with their definitions", () => {
  expect(poisson(2)(3)).toBeCloseTo((8 / 6) * Math.exp(-2), 12);
  expect(binomial(4, 0.25)(2)).toBeCloseTo(6 * 0.0625 * 0.5625, 12);
  expect(sumOf(poisson(1), poisson(2))(4)).toBeCloseTo(poisson(3)(4), 12);
  expect(sumOf(binomial(3, 0.5), binomial(2, 0.5))(2)).toBeCloseTo(binomial(5, 0.5)(2), 12);
});

test("each test rejects what is plainly wrong", () => {
  const grid = Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
  expect(distributionTest(grid, (x) => x)).toBe(1);
  expect(distributionTest(grid, (x) => x ** 1.5)).toBeLessThan(1e-9);
  expect(meanTest(grid, 0.5)).toBe(1);
  expect(meanTest(grid, 0.55)).toBeLessThan(1e-6);
  expect(serialTest(grid)).toBeLessThan(1e-9);
  const threes = grid.map(() => 3);
  expect(dispersionTest(threes)).toBeLessThan(1e-9);
  expect(countTest(threes, poisson(3))).toBeLessThan(1e-9);
});
