/** What all ways to an answer work with: the candidates, their runs and tests, what is asked of them. */
import { Unanswerable, type Trials } from "./trials.ts";
import type { Candidate } from "./candidates.ts";
import type { Goal } from "./goals.ts";
import type { Answer, Method, Objective, Surprise } from "./plan.ts";
import type { Sampler } from "./sampler.ts";
import type { Stretch } from "./search.ts";

export interface Bench {
  /** All there are, the most wanted first. */
  readonly candidates: readonly Candidate[];
  readonly goals: readonly Goal[];
  readonly objectives: readonly Objective[];
  /** Of each objective its place among the measures that are kept of each run; −1 for the cost. */
  readonly columns: readonly number[];
  readonly sampler: Sampler;
  readonly trials: Trials;
  /** Numbers of runs at which candidates are looked at. */
  readonly looks: readonly number[];
  /** The probability that the answer is wrong, at most. */
  readonly risk: number;
  /** Told which part of the work comes next. */
  readonly enter: Stretch;
}

/** What a way came to; candidates are places among all. */
export interface Outcome {
  readonly answer: Answer;
  readonly method: Pick<Method, "kind" | "wasGivenUp" | "spending">;
  readonly surprises: readonly Surprise[];
  readonly beatenBy: ReadonlyMap<number, number>;
}

/** What an objective is of a candidate: its values over the runs so far, or a price, which is certain. */
export function valuesOf(bench: Bench, objective: number, candidate: number): readonly number[] | number {
  const { candidates, objectives, columns, sampler } = bench;
  if (objectives[objective].kind === "cost") return candidates[candidate].cost!;
  const column = sampler.columns(candidate)[columns[objective]];
  const values = column.filter((value) => value !== null);
  if (values.length < column.length)
    throw new Unanswerable(`some runs have no number for ${objectives[objective].name}`);
  return values;
}

/** A share for people: `5 %`. */
export const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;
