/** A sweep as a table for machines: a row for each cell, or for each run, and typed columns. */
import type { Unit } from "../experiment/measures.ts";
import type { Parameter } from "../experiment/sweep/experiment.ts";
import type { CellResult, SweepResults } from "../experiment/sweep/results.ts";

export type Value = string | number | null;

export interface DataColumn {
  readonly name: string;
  readonly type: "text" | "whole" | "number";
}

/** Durations are in microseconds, rates per second: their columns say so. */
const SUFFIXES: Readonly<Record<string, string>> = { duration: "_us", rate: "_per_second" };

const suffix = (unit: Unit | Parameter["unit"] | "chance"): string => SUFFIXES[unit ?? ""] ?? "";

/** The columns of the parameters: as a number, where they are one, else as people read them. */
const parameterColumns = ({ parameters }: SweepResults): DataColumn[] =>
  parameters.map(({ name, unit, scale }): DataColumn =>
    scale === "names" ? { name, type: "text" } : { name: name + suffix(unit), type: "number" },
  );

const parameterValues = ({ parameters }: SweepResults, { at }: CellResult): Value[] =>
  parameters.map(({ points }, axis) => points[at[axis]].number ?? points[at[axis]].label);

const STATISTICS = ["mean", "low", "high", "deviation", "min", "p5", "p25", "p50", "p75", "p95", "max"] as const;

/** A row for each cell. An end of an interval that the data set no limit is empty. */
export function cellColumns(results: SweepResults): readonly DataColumn[] {
  return [
    { name: "cell", type: "whole" },
    ...parameterColumns(results),
    { name: "replications", type: "whole" },
    ...results.outputs.flatMap(({ name, unit }): DataColumn[] => [
      ...STATISTICS.map((one): DataColumn => ({ name: `${name} ${one}${suffix(unit)}`, type: "number" })),
      { name: `${name} count`, type: "whole" },
    ]),
    { name: "warm_up_us", type: "number" },
    { name: "scenario_hash", type: "text" },
    { name: "first_seed", type: "text" },
    { name: "last_seed", type: "text" },
    { name: "replay", type: "text" },
  ];
}

export function* cellRows(results: SweepResults): Generator<readonly Value[]> {
  for (const [i, cell] of results.cells.entries()) {
    yield [
      i + 1,
      ...parameterValues(results, cell),
      cell.replications,
      ...cell.outputs.flatMap((found): Value[] => {
        if (found === null) return [...STATISTICS.map(() => null), 0];
        const { count, mean, deviation, min, max, percentiles } = found;
        const finite = (value: number): Value => (Number.isFinite(value) ? value : null);
        const at = (name: "p5" | "p25" | "p50" | "p75" | "p95"): Value => percentiles?.[name].value ?? null;
        const { low, high } = mean.interval;
        const ends = [mean.value, finite(low), finite(high), deviation, min];
        return [...ends, at("p5"), at("p25"), at("p50"), at("p75"), at("p95"), max, count];
      }),
      cell.from,
      cell.scenarioHash,
      cell.seeds.first,
      cell.seeds.last,
      cell.replay,
    ];
  }
}

/** What is known of one run. */
export interface RunOfCell {
  /** Which cell, counted from 0. */
  readonly cell: number;
  readonly replication: number;
  readonly seed: string;
  readonly values: readonly (number | null)[];
  readonly replay: string;
}

/** A row for each run; `measures` are the names of what was kept of it, and their units. */
export function runColumns(
  results: SweepResults,
  measures: readonly { readonly name: string; readonly unit: Unit }[],
): readonly DataColumn[] {
  return [
    { name: "cell", type: "whole" },
    ...parameterColumns(results),
    { name: "replication", type: "whole" },
    ...measures.map(({ name, unit }): DataColumn => ({ name: name + suffix(unit), type: "number" })),
    { name: "scenario_hash", type: "text" },
    { name: "seed", type: "text" },
    { name: "replay", type: "text" },
  ];
}

export function runRow(
  results: SweepResults,
  { cell: i, replication, seed, values, replay }: RunOfCell,
): readonly Value[] {
  const cell = results.cells[i];
  return [i + 1, ...parameterValues(results, cell), replication, ...values, cell.scenarioHash, seed, replay];
}

/** A line of CSV (RFC 4180), without its end. */
export function csvLine(values: readonly Value[]): string {
  return values
    .map((value) => {
      const text = value === null ? "" : String(value);
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    })
    .join(",");
}
