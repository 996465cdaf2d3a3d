/** Replications that go on until they are precise enough, of values that are drawn instead of simulated. */
import type { Measure } from "../../sim/experiment/measures.ts";
import { parsePrecision, precise, type Precision } from "../../sim/experiment/precision.ts";
import type { Replications } from "../../sim/experiment/replicate.ts";
import { isMistake } from "../../sim/experiment/wanted.ts";
import { population } from "./population.ts";
import { NO_NOTES } from "../../sim/experiment/notes.ts";

const scenario = population();

export const SURETY = { confidence: 0.95 };
const measures: readonly Measure[] = [{ group: "g", quantity: "lag", statistic: "mean", unit: "records" }];

export function understood(text: string): Precision {
  const precision = parsePrecision(text, scenario);
  if (isMistake(precision)) throw new Error(precision.message);
  return precision;
}

/** Draws values until they are precise enough. */
export function sequentially(text: string, draw: () => number): number[] {
  const need = precise(understood(text), SURETY);
  const values: number[] = [];
  do values.push(draw());
  while (need([replications(values)]) > values.length);
  return values;
}

export const replications = (values: readonly (number | null)[]): Replications => ({
  count: values.length,
  measures,
  columns: [values],
  expectations: [],
  notes: NO_NOTES,
});
