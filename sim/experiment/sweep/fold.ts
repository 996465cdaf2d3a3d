/** From the rows of a cell to what they say; what is kept meanwhile does not grow with their number. */
import { isMet } from "../../metrics/expectations.ts";
import { PERCENTILES, type Estimate } from "../estimates.ts";
import { nameOf, type Measure } from "../measures.ts";
import { needed } from "../precision.ts";
import { Spread } from "../spread.ts";
import { meanIntervalOf, proportionInterval, RunningMoments, type Surety } from "../statistics.ts";
import { fits } from "../wanted.ts";
import type { ChanceOutput, Experiment, Output } from "./experiment.ts";
import type { Fan, OutputEstimate } from "./results.ts";
import type { Row } from "./store.ts";

/** As many single replications are kept for strip plots, … */
const MOST_FIRST = 500;
/** … and as many in all cells and outputs together, but never fewer than the least of each. */
const FIRST_ALTOGETHER = 250_000;
const LEAST_FIRST = 10;

/** How many single replications of each output a sweep of so many cells tells. */
export function firstKept(cells: number, outputs: number): number {
  return Math.max(LEAST_FIRST, Math.min(MOST_FIRST, Math.floor(FIRST_ALTOGETHER / (cells * outputs))));
}

/** A fan is drawn, not read: bins of a hundredth do, and there are many of them. */
const FAN = { exact: 512, grain: 0.01 };

/** What the rows of one cell come to. */
export class CellFold {
  readonly #outputs: readonly OutputFold[];
  readonly #curves: readonly Spread[][];
  count = 0;

  constructor({ outputs, measures, curves }: Experiment, first: number) {
    this.#outputs = outputs.map((output) => new OutputFold(output, measures, first));
    this.#curves = curves.map(() => []);
  }

  add(row: Row): void {
    this.count++;
    for (const output of this.#outputs) output.add(row.values);
    row.curves?.forEach((curve, i) => {
      const spreads = this.#curves[i];
      curve.forEach((value, stretch) => (spreads[stretch] ??= new Spread(FAN)).add(value));
    });
  }

  outputs(surety: Surety): readonly (OutputEstimate | null)[] {
    return this.#outputs.map((output) => output.estimate(surety));
  }

  fans(surety: Surety): readonly Fan[] {
    return this.#curves.map((spreads) => {
      const at = (share: number): number[] => spreads.map((spread) => spread.quantile(share, surety).value);
      return { p5: at(0.05), p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95) };
    });
  }
}

class OutputFold {
  readonly #output: Output;
  /** Where in a row its values are. */
  readonly #columns: readonly number[];
  readonly #most: number;
  readonly #moments = new RunningMoments();
  readonly #spread = new Spread();
  readonly #first: (number | null)[] = [];

  constructor(output: Output, kept: readonly Measure[], most: number) {
    this.#output = output;
    const names = kept.map((one) => nameOf(one, true));
    const mine = output.kind === "measure" ? [output.measure] : output.measures;
    this.#columns = mine.map((one) => names.indexOf(nameOf(one, true)));
    this.#most = most;
  }

  add(values: Row["values"]): void {
    const mine = this.#columns.map((column) => values[column]);
    const value = this.#output.kind === "measure" ? mine[0] : comesTrue(this.#output, mine);
    if (this.#first.length < this.#most) this.#first.push(value);
    if (value === null) return;
    this.#moments.add(value);
    this.#spread.add(value);
  }

  estimate(surety: Surety): OutputEstimate | null {
    const { count, mean, variance } = this.#moments;
    if (count === 0) return null;
    const isChance = this.#output.kind === "chance";
    const successes = Math.round(mean * count);
    return {
      count,
      mean: {
        value: isChance ? successes / count : mean,
        interval: isChance ? proportionInterval(successes, count, surety) : meanIntervalOf(this.#moments, surety),
      },
      deviation: Math.sqrt(variance),
      min: this.#spread.min,
      max: this.#spread.max,
      percentiles: isChance ? null : this.#percentiles(surety),
      first: this.#first,
    };
  }

  #percentiles(surety: Surety): Estimate["percentiles"] {
    const told = PERCENTILES.map((name) => [name, this.#spread.quantile(Number(name.slice(1)) / 100, surety)] as const);
    return Object.fromEntries(told) as Estimate["percentiles"];
  }
}

/** 1 if it comes true of every group that is concerned, 0 if not, `null` if nobody knows. */
function comesTrue({ expectation }: ChanceOutput, values: readonly (number | null)[]): number | null {
  if (values.length === 0 || values.includes(null)) return null;
  return values.every((value) => isMet(value!, expectation)) ? 1 : 0;
}

/** The moments that a precision looks at: of every measure that is meant by it. */
export class PrecisionFold {
  readonly #columns: readonly number[];
  readonly #moments: readonly RunningMoments[];
  readonly #reach;
  readonly #surety: Surety;
  count = 0;

  constructor({ measures, confidence }: Experiment, { wanted, reach }: NonNullable<Experiment["precision"]>) {
    this.#columns = measures.flatMap((measure, i) => (fits(measure, wanted) ? [i] : []));
    this.#moments = this.#columns.map(() => new RunningMoments());
    this.#reach = reach;
    this.#surety = { confidence };
  }

  add({ values }: Row): void {
    this.count++;
    this.#columns.forEach((column, i) => {
      const value = values[column];
      if (value !== null) this.#moments[i].add(value);
    });
  }

  /** How many replications it takes altogether, if they go on as they began. */
  needed(): number {
    return Math.max(...this.#moments.map((moments) => needed(moments, this.count, this.#reach, this.#surety)));
  }
}
