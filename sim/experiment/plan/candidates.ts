import type { Mistake } from "../../scenario/quantities.ts";
import type { Axis } from "./axes.ts";
import type { Cost } from "./cost.ts";

/** One choice of a value for every setting. */
export interface Candidate {
  /** Of each setting, which of its points, counted from 0: the most wanted first. */
  readonly at: readonly number[];
  readonly set: readonly string[];
  /** `null`: nobody said what things cost. */
  readonly cost: number | null;
}

/** More than this are a typing mistake, or too many to compare with each other. */
const MOST = { line: 10_000, grid: 2_000 } as const;

/**
 * All choices, the most wanted first: the cheapest; among equals (or if nothing has a price) the first setting's most
 * wanted value, then the second's. `numberOf` tells what else the price depends on.
 */
export function candidatesOf(
  axes: readonly Axis[],
  cost: Cost | undefined,
  numberOf: (name: string) => number,
): readonly Candidate[] | Mistake {
  const number = axes.reduce((product, { points }) => product * points.length, 1);
  const most = axes.length === 1 ? MOST.line : MOST.grid;
  if (number > most)
    return {
      message: `there are ${number} candidates`,
      advice: `${most} are the limit: take larger steps (by …, log …)`,
    };
  const candidates = combinations(axes.map(({ points }) => points.length)).map((at): Candidate => {
    const points = at.map((place, axis) => axes[axis].points[place]);
    const price = (name: string): number => {
      const axis = axes.findIndex((one) => one.name === name);
      return axis < 0 ? numberOf(name) : inSeconds(axes[axis], points[axis].number!);
    };
    return { at, set: points.flatMap(({ set }) => set), cost: cost ? cost.of(price) : null };
  });
  if (candidates.some(({ cost }) => cost !== null && !Number.isFinite(cost)))
    return {
      message: `the cost ${cost!.text} is not a number for every candidate`,
      advice: "does it divide by nothing?",
    };
  return candidates.sort((a, b) => (a.cost ?? 0) - (b.cost ?? 0) || order(a.at, b.at));
}

/** Prices are for what people count in: times are seconds. */
const inSeconds = ({ unit }: Axis, number: number): number => (unit === "duration" ? number / 1e6 : number);

function combinations(lengths: readonly number[]): number[][] {
  return lengths.reduce<number[][]>(
    (all, length) => all.flatMap((begin) => Array.from({ length }, (_, place) => [...begin, place])),
    [[]],
  );
}

function order(a: readonly number[], b: readonly number[]): number {
  const first = a.findIndex((place, i) => place !== b[i]);
  return first < 0 ? 0 : a[first] - b[first];
}

/** Whether `a` has a wanted value wherever `b` has: what `b` cannot meet, `a` cannot either, if things are monotone. */
export function isHarder(a: Candidate, b: Candidate): boolean {
  return a.at.every((place, i) => place <= b.at[i]);
}
