import type { ParsedExperiment } from "../../experiment/sweep/parse.ts";
import type { SweepResults } from "../../experiment/sweep/results.ts";
import type { Source } from "../../experiment/sweep/store.ts";
import { resultsOf } from "../../experiment/sweep/sweep.ts";
import { sweepTable } from "../../report/sweep-table.ts";
import { looks, replayLine } from "../experiments.ts";
import { tableOfCells, tableOfRuns, writeCsv, writeParquet } from "./tables.ts";

/** How the results of a sweep are told; the same for whoever makes them and for whoever joins them. */
export interface TellOptions {
  readonly json: boolean;
  readonly csv?: string;
  readonly parquet?: string;
  /** In CSV and Parquet: a row for each run. */
  readonly runs: boolean;
}

/** What the rows of a store come to, with the lines that repeat them from here. */
export function resultsIn(parsed: ParsedExperiment, store: Source): SweepResults {
  return resultsOf(parsed, store, (set, seed) => replayLine(parsed.scenario.file, seed, set));
}

/** Results as they are kept, and printed for machines: one line. */
export const resultsJson = (results: SweepResults): string => JSON.stringify(results);

/** Prints the results, or writes them to files, as the options say. */
export async function tell(
  parsed: ParsedExperiment,
  store: Source,
  results: SweepResults,
  { json, csv, parquet, runs }: TellOptions,
): Promise<void> {
  const table = runs ? tableOfRuns(parsed, store, results) : tableOfCells(results);
  if (csv !== undefined) writeCsv(csv, table);
  if (parquet !== undefined) await writeParquet(parquet, table);
  if (json) console.log(resultsJson(results));
  else if (csv !== "-") console.log(sweepTable(results, looks()));
}
