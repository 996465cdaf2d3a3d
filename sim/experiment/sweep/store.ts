/**
 * Where the results of runs are kept, so that no run is made twice. What is kept of a run depends on the scenario, the
 * master seed, what is measured and the version of regroup, and on nothing else; so that is the name it is kept under.
 */
import type { Instant } from "../../engine/time.ts";
import { canonicalJson } from "../../scenario/canonical.ts";
import { fingerprintOf } from "../../trace/fingerprint.ts";
import { nameOf, type CurveOf, type Measure } from "../measures.ts";

/** What decides about the numbers of a run, but for its replication. */
export interface ShelfKey {
  readonly version: string;
  readonly scenarioHash: string;
  /** The master seed. */
  readonly seed: string;
  /** What is kept, in this order: measures, then curves. `pilot`: the course of a pilot run. */
  readonly keeps: readonly string[];
}

/** What is kept of one run. */
export interface Row {
  readonly replication: number;
  /** In the order of the key's measures; `null` where this run has none. */
  readonly values: readonly (number | null)[];
  /** In the order of the key's curves. */
  readonly curves?: readonly (readonly number[])[];
}

/** The results of one cell, in order of replication. */
export interface Rows {
  rows(): Iterable<Row>;
}

/** Results that are there. */
export interface Source {
  shelf(key: ShelfKey): Rows;
}

/** Results that are there, and room for more. */
export interface Shelf extends Rows {
  /** The last replication there; 0 if there is none. */
  readonly last: number;
  /** How many rows there are. */
  readonly count: number;
  /** Puts a row behind the others. */
  add(row: Row): void;
}

export interface Store extends Source {
  shelf(key: ShelfKey): Shelf;
}

/** The name of a shelf: 16 hexadecimal digits. */
export function shelfName(key: ShelfKey): string {
  return fingerprintOf(canonicalJson(key));
}

/** What a shelf keeps of each run, as its key says it. */
export function keeps(measures: readonly Measure[], curves: readonly CurveOf[]): readonly string[] {
  return [
    ...measures.map((measure) => nameOf(measure, true)),
    ...curves.map(({ group, quantity }) => `curve(${group}.${quantity})`),
  ];
}

/** A store for as long as the program runs. */
export function memoryStore(): Store {
  const shelves = new Map<string, MemoryShelf>();
  return {
    shelf(key) {
      const name = shelfName(key);
      if (!shelves.has(name)) shelves.set(name, new MemoryShelf());
      return shelves.get(name)!;
    },
  };
}

class MemoryShelf implements Shelf {
  readonly #rows: Row[] = [];

  get count(): number {
    return this.#rows.length;
  }

  get last(): number {
    return this.#rows.at(-1)?.replication ?? 0;
  }

  add(row: Row): void {
    this.#rows.push(row);
  }

  rows(): Iterable<Row> {
    return this.#rows;
  }
}

/** A run that could not be finished: a defect of ours, told with what repeats it. */
export class CellFailed extends Error {
  readonly set: readonly string[];
  readonly seed: string;
  /** When a law of the model was broken; absent if the program broke otherwise. */
  readonly at: Instant | undefined;

  constructor(
    message: string,
    { set, seed, at, cause }: { set: readonly string[]; seed: string; at?: Instant; cause?: unknown },
  ) {
    super(message, { cause });
    this.name = "CellFailed";
    this.set = set;
    this.seed = seed;
    this.at = at;
  }
}
