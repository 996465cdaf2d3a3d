/** The population of a group alone, without its group: a comparison whose truth is known, at a cost that allows thousands. */
import { Town } from "../workload/town.ts";

const SECOND = 1_000_000;
const JOINS_PER_SECOND = 0.2;
const T = 200;

/** How many members there are after T seconds from none, if they live so many seconds on average. */
export function size(lifetime: number, seed: string): number {
  const laws = { joinsPerSecond: JOINS_PER_SECOND, lifetime: { exponential: lifetime * SECOND } };
  return new Town(laws, seed).until(T * SECOND).size;
}

/** Row V2: its mean is λ m (1 − e^(−T/m)). */
export function meanSize(lifetime: number): number {
  return JOINS_PER_SECOND * lifetime * (1 - Math.exp(-T / lifetime));
}
