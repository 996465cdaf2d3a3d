/**
 * A process whose transient is known: AR(1), X(t) = φ X(t − 1) + noise, of mean 0 and begun far off, at x₀. E X(t) = x₀ φᵗ,
 * so the mean of n values after the first d is off by x₀ φᵈ⁺¹ (1 − φⁿ⁻ᵈ) / ((n − d)(1 − φ)).
 */
import { moments } from "../../sim/experiment/statistics.ts";
import { normal } from "./coverage.ts";

export const PHI = 0.9;
const BEGIN = 50;
export const LENGTH = 500;

export function autoregressive(draw: () => number): number[] {
  let value = BEGIN;
  return Array.from({ length: LENGTH }, () => (value = PHI * value + normal(0, 1, draw())));
}

export const biasAfter = (cut: number): number =>
  (BEGIN * PHI ** (cut + 1) * (1 - PHI ** (LENGTH - cut))) / ((LENGTH - cut) * (1 - PHI));

export const mean = (values: readonly number[]): number => moments(values).mean;
