/**
 * An experiment: one scenario, over a grid of settings, each cell of it under many seeds. Read from an experiment file
 * (`schema.ts`, `parse.ts`); plain data.
 */
import type { Expectation } from "../../scenario/scenario.ts";
import type { CurveOf, Measure } from "../measures.ts";
import type { Precision } from "../precision.ts";

export interface Experiment {
  readonly name: string;
  /** The question, for people. */
  readonly description?: string;
  /** The scenario's file, as the experiment file names it: relative to its own folder. */
  readonly scenario: string;
  /** What is changed in every cell, as `--set` takes it. */
  readonly set: readonly string[];
  /** The axes of the grid; the last one changes fastest from cell to cell. */
  readonly parameters: readonly Parameter[];
  /** What is told of every cell. */
  readonly outputs: readonly Output[];
  /** What is kept of each run: all that the outputs are made of, each once. */
  readonly measures: readonly Measure[];
  /** Quantities whose course over time is kept of each run, too. */
  readonly curves: readonly CurveOf[];
  /** The master seed: replication n of every cell is the run of seed `<master>/n` (common random numbers). */
  readonly seed: string;
  /** Runs of each cell; with a precision, at most so many. */
  readonly replications: number;
  /** Until when cells are replicated; absent: `replications` times. */
  readonly precision?: Precision & { readonly text: string };
  /** How often the intervals hold the truth. */
  readonly confidence: number;
  /** `auto`: each cell's warm-up is found by pilot runs (`warm-up.ts`); absent: as the scenario says. */
  readonly warmUp?: "auto";
}

/** An axis of the grid. */
export interface Parameter {
  readonly name: string;
  /** How a picture should space the points; `names`: they have no order, or no one number. */
  readonly scale: "linear" | "logarithmic" | "names";
  /** What `number` counts: microseconds, events per second, the number itself, a share from 0 to 1; `null`: nothing. */
  readonly unit: "duration" | "rate" | "number" | "share" | null;
  readonly points: readonly Point[];
}

/** One value of a parameter. */
export interface Point {
  /** As people read it: `12.9s`, `8`, `cooperative`. */
  readonly label: string;
  /** In the parameter's unit; `null` for what is no number. */
  readonly number: number | null;
  /** What is set, as `--set` takes it: one field, or several that move together. */
  readonly set: readonly string[];
}

/** Something that is told of every cell. */
export type Output = MeasureOutput | ChanceOutput;

/** The mean of a measure over replications, and its percentiles. */
export interface MeasureOutput {
  readonly kind: "measure";
  /** As people write it: `p99(timeLag)`, `max(billing.lag)`. */
  readonly name: string;
  readonly measure: Measure;
}

/** The probability that something comes true of a run: `P(p99(timeLag) < 30s)`. */
export interface ChanceOutput {
  readonly kind: "chance";
  readonly name: string;
  readonly expectation: Expectation;
  /** What it is held against: of every group that is concerned. */
  readonly measures: readonly Measure[];
}
