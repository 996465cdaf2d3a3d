/** The results of a sweep as files for the tools people have: CSV and Parquet, a row for each cell or each run. */
import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { nameOf } from "../../experiment/measures.ts";
import { seedOf } from "../../experiment/replicate.ts";
import type { ParsedExperiment } from "../../experiment/sweep/parse.ts";
import type { SweepResults } from "../../experiment/sweep/results.ts";
import type { Source } from "../../experiment/sweep/store.ts";
import { rowsOf } from "../../experiment/sweep/sweep.ts";
import {
  cellColumns,
  cellRows,
  csvLine,
  runColumns,
  runRow,
  type DataColumn,
  type Value,
} from "../../report/sweep-columns.ts";
import { replayLine } from "../experiments.ts";
import { Mistake } from "../failure.ts";
import { makeFolder } from "../files.ts";

export interface Table {
  readonly columns: readonly DataColumn[];
  /** Made as they are asked for. */
  rows(): Iterable<readonly Value[]>;
}

/** A row for each cell. */
export const tableOfCells = (results: SweepResults): Table => ({
  columns: cellColumns(results),
  rows: () => cellRows(results),
});

/** A row for each run. */
export function tableOfRuns(parsed: ParsedExperiment, store: Source, results: SweepResults): Table {
  const { measures, seed } = parsed.experiment;
  const several = new Set(measures.map(({ group }) => group)).size > 1;
  const kept = measures.map((measure) => ({ name: nameOf(measure, several), unit: measure.unit }));
  function* rows(): Generator<readonly Value[]> {
    for (const [cell, told] of results.cells.entries())
      for (const { replication, values } of rowsOf(told, parsed, store)) {
        const own = seedOf(seed, replication);
        const replay = replayLine(results.scenario.file, own, told.set);
        yield runRow(results, { cell, replication, seed: own, values, replay });
      }
  }
  return { columns: runColumns(results, kept), rows };
}

/** Writes a table as CSV (RFC 4180, UTF-8); to standard output for `-`. */
export function writeCsv(file: string, { columns, rows }: Table): void {
  const write = (put: (text: string) => void): void => {
    put(`${csvLine(columns.map(({ name }) => name))}\n`);
    for (const row of rows()) put(`${csvLine(row)}\n`);
  };
  if (file === "-") return write((text) => process.stdout.write(text));
  beside(file, (name) => {
    const descriptor = openSync(name, "w");
    try {
      write((text) => writeSync(descriptor, text));
    } finally {
      closeSync(descriptor);
    }
  });
}

/** Rows that are written, and compressed, together. */
const ROW_GROUP = 10_000;

const PARQUET_TYPES = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  whole: { type: "INT32" },
  number: { type: "DOUBLE" },
} as const;

/** Writes a table as Parquet. */
export async function writeParquet(file: string, { columns, rows }: Table): Promise<void> {
  const { fileWriter, ParquetWriter } = await import("hyparquet-writer");
  beside(file, (name) => {
    const writer = new ParquetWriter({
      writer: fileWriter(name),
      schema: [
        { name: "root", num_children: columns.length },
        ...columns.map(({ name, type }) => ({ name, repetition_type: "OPTIONAL" as const, ...PARQUET_TYPES[type] })),
      ],
      createdBy: "regroup",
    });
    let group: (readonly Value[])[] = [];
    const flush = (): void => {
      const columnData = columns.map(({ name }, i) => ({ name, data: group.map((row) => row[i]) }));
      void writer.write({ columnData, rowGroupSize: ROW_GROUP });
      group = [];
    };
    for (const row of rows()) {
      group.push(row);
      if (group.length === ROW_GROUP) flush();
    }
    if (group.length > 0) flush();
    void writer.finish();
  });
}

/** Writes a file beside and renames it; nothing half-written is left. */
function beside(file: string, write: (name: string) => void): void {
  const name = `${file}.${process.pid}.tmp`;
  try {
    makeFolder(path.dirname(path.resolve(file)));
    write(name);
    renameSync(name, file);
  } catch (error) {
    rmSync(name, { force: true });
    if (!(error instanceof Error && "syscall" in error)) throw error;
    throw new Mistake(`${file} cannot be written: ${error.message}`);
  }
}
