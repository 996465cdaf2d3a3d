/**
 * What a sweep comes to: the contract with every reader (tables, CSV, the page, reports). Printed by
 * `regroup sweep --json`, and kept as `results.json` in the results folder once the sweep is done.
 *
 * It holds all that pictures need: curves with bands (`cells[].outputs[].mean.interval` over `parameters[].points[].number`),
 * heatmaps (two parameters), strip plots (`first`: single replications), quantile fans over time (`curves`), and what
 * repeats any of its points (`set` and `seed`, `replay`).
 *
 * Units: durations and instants in microseconds, rates per second, `partition-seconds` in seconds, shares and chances
 * from 0 to 1. JSON knows no infinity: an end of an interval that the data set no limit is `null`.
 */
import type { Instant } from "../../engine/time.ts";
import type { Estimated, Estimate } from "../estimates.ts";
import type { CurveOf, Unit } from "../measures.ts";
import type { Experiment, Parameter } from "./experiment.ts";

export interface SweepResults {
  readonly regroup: "sweep";
  /** Of this format. Grows when a reader of before would misread it. */
  readonly schema: 1;
  /** The version of regroup that made the runs. */
  readonly version: string;
  readonly name: string;
  readonly description?: string;
  /** Of all that decides about the numbers: equal hashes, equal results, byte for byte. */
  readonly hash: string;
  /**
   * The scenario that was varied: its file as it was found from where the sweep was started, its text, and the texts of
   * the files it names. With `cells[].set` and a seed this is a run, in a browser too:
   * `parseScenario(text, { file, set, read: (name) => files[name] })`.
   */
  readonly scenario: { readonly file: string; readonly text: string; readonly files: Readonly<Record<string, string>> };
  /** The master seed: replication n is the run of seed `<master>/n`, in every cell. */
  readonly seed: string;
  readonly confidence: number;
  /** How many replications were made of each cell; with a precision, at most so many. */
  readonly replications: number;
  /** As written: `p99(timeLag) 5%`; `null` if cells were replicated a given number of times. */
  readonly precision: string | null;
  readonly parameters: readonly Parameter[];
  readonly outputs: readonly OutputHead[];
  readonly curves: readonly CurveOf[];
  /** In order of the grid, the last parameter changing fastest. */
  readonly cells: readonly CellResult[];
}

export interface OutputHead {
  /** As people write it: `p99(timeLag)`, `P(lost > 0)`. */
  readonly name: string;
  readonly kind: "measure" | "chance";
  /** `chance`: a probability from 0 to 1. */
  readonly unit: Unit | "chance";
  /** The group it is of; `null` for a chance of several groups at once. */
  readonly group: string | null;
}

/** One combination of the parameters' values. */
export interface CellResult {
  /** Of each parameter, which of its points, counted from 0. */
  readonly at: readonly number[];
  /** What makes this cell of the scenario, as `--set` takes it; a warm-up that was found is among it. */
  readonly set: readonly string[];
  /** As in the header of a trace of it. */
  readonly scenarioHash: string;
  /** Measured is from here … */
  readonly from: Instant;
  /** … to here. */
  readonly end: Instant;
  readonly replications: number;
  /** Replication 1 and the last one have these seeds; those between are counted in between. */
  readonly seeds: { readonly first: string; readonly last: string };
  /** The command that repeats the last replication; another `--seed` repeats another one. */
  readonly replay: string;
  /** In the order of the heads; `null` where no replication has such a number. */
  readonly outputs: readonly (OutputEstimate | null)[];
  /** In the order of the results' `curves`: how runs were spread at each stretch of time. */
  readonly curves: readonly Fan[];
}

/** An output over the replications of a cell. Of a chance, `mean` is the probability and its Wilson interval. */
export interface OutputEstimate extends Omit<Estimate, "measure" | "percentiles"> {
  readonly mean: Estimated;
  /** Of the replications; `null` for a chance. */
  readonly percentiles: Estimate["percentiles"] | null;
  /**
   * The values of the first replications, at most 500 of them, in their order: the value at place k is that of seed
   * `<master>/<k + 1>`. `null` where that replication has none; of a chance 1 or 0.
   */
  readonly first: readonly (number | null)[];
}

/** Percentiles of the replications at each of the equal stretches from a cell's `from` to its `end`. */
export interface Fan {
  readonly p5: readonly number[];
  readonly p25: readonly number[];
  readonly p50: readonly number[];
  readonly p75: readonly number[];
  readonly p95: readonly number[];
}

/** A head for each output of an experiment. */
export function headsOf({ outputs }: Pick<Experiment, "outputs">): readonly OutputHead[] {
  return outputs.map((output): OutputHead => {
    if (output.kind === "measure") {
      const { name, kind, measure } = output;
      return { name, kind, unit: measure.unit, group: measure.group };
    }
    const { name, kind, measures } = output;
    return { name, kind, unit: "chance", group: measures.length === 1 ? measures[0].group : null };
  });
}
