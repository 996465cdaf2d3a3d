/** Results that lie in several places, as if they lay in one: the shards of a sweep. */
import type { Place } from "./grid.ts";
import type { ParsedExperiment } from "./parse.ts";
import type { Row, Rows, ShelfKey, Source } from "./store.ts";
import { keyOf, MissingRows, rowsOf, settledCells } from "./sweep.ts";

/** A place where results lie. */
export interface Part {
  readonly name: string;
  readonly store: Source;
}

/** Two parts that tell different things of the same run: one of them is damaged, or of another program. */
export class Conflict extends Error {
  readonly parts: readonly [string, string];
  readonly replication: number;

  constructor(parts: readonly [string, string], replication: number) {
    super(`${parts[0]} and ${parts[1]} tell different things of replication ${replication}`);
    this.name = "Conflict";
    this.parts = parts;
    this.replication = replication;
  }
}

/** All parts as one. Of a run that several of them have, one is told. Reading throws a `Conflict` where they differ. */
export const joined = (parts: readonly Part[]): Source => ({ shelf: (key) => joinedRows(parts, key) });

function joinedRows(parts: readonly Part[], key: ShelfKey): Rows {
  return {
    *rows() {
      const heads = parts.map(({ name, store }) => {
        const rows = store.shelf(key).rows()[Symbol.iterator]();
        return { name, rows, row: rows.next().value as Row | undefined };
      });
      for (;;) {
        let first: (typeof heads)[number] | undefined;
        for (const head of heads) {
          if (!head.row) continue;
          if (!first || head.row.replication < first.row!.replication) first = head;
        }
        if (!first) return;
        const row = first.row!;
        for (const head of heads) {
          if (head.row?.replication !== row.replication) continue;
          if (JSON.stringify(head.row) !== JSON.stringify(row))
            throw new Conflict([first.name, head.name], row.replication);
          head.row = head.rows.next().value as Row | undefined;
        }
        yield row;
      }
    },
  };
}

/** Something that keeps results from being told: a cell of the grid, and what is wrong with it. */
export interface Gap {
  readonly at: Place;
  readonly what: string;
}

/** Every cell that is not all there, or told in different ways, and how. */
export function gapsOf(parsed: ParsedExperiment, source: Source): readonly Gap[] {
  return parsed.cells.flatMap((cell): Gap[] => {
    const { at } = cell;
    try {
      const [settled] = settledCells(parsed, source, [cell]);
      if (parsed.experiment.precision === undefined) {
        const missing = missingOf(source.shelf(keyOf(settled.scenarioHash, parsed.experiment)), parsed);
        return missing.length > 0 ? [{ at, what: `${ranges(missing)} missing` }] : [];
      }
      for (const _ of rowsOf(settled, parsed, source)) continue;
      return [];
    } catch (error) {
      if (error instanceof Conflict) return [{ at, what: error.message }];
      if (error instanceof MissingRows) return [{ at, what: `missing: ${error.message}` }];
      throw error;
    }
  });
}

function missingOf(shelf: Rows, { experiment: { replications } }: ParsedExperiment): number[] {
  const missing: number[] = [];
  let next = 1;
  for (const { replication } of shelf.rows()) {
    while (next < replication && next <= replications) missing.push(next++);
    next = replication + 1;
  }
  while (next <= replications) missing.push(next++);
  return missing;
}

/** Ranges that are named; behind them it goes on in the same way. */
const MOST_RANGES = 6;

/** `replications 2, 5–8, 11 are`. */
function ranges(numbers: readonly number[]): string {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  const told = found.slice(0, MOST_RANGES).map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`));
  const all = `${told.join(", ")}${found.length > MOST_RANGES ? " …" : ""}`;
  return numbers.length === 1 ? `replication ${all} is` : `replications ${all} are`;
}
