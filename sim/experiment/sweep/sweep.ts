/** Makes the runs of an experiment that are not made yet, and says what all of them come to. */
import { formatDuration, type Instant } from "../../engine/time.ts";
import { canonicalJson } from "../../scenario/canonical.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { hashOf } from "../../simulation/simulate.ts";
import { fingerprintOf } from "../../trace/fingerprint.ts";
import { VERSION } from "../../version.ts";
import { PILOTS, pilotSeedOf, warmUpOf } from "../course.ts";
import type { Executor, Job, Outcome, Task } from "../executor.ts";
import { nextLook } from "../precision.ts";
import { seedOf } from "../replicate.ts";
import type { Experiment } from "./experiment.ts";
import { CellFold, firstKept, PrecisionFold } from "./fold.ts";
import type { Place } from "./grid.ts";
import type { Cell, ParsedExperiment } from "./parse.ts";
import { headsOf, type CellResult, type SweepResults } from "./results.ts";
import { CellFailed, keeps, shelfName, type Row, type Shelf, type ShelfKey, type Source, type Store } from "./store.ts";

/** Which part of an experiment is ours: part `index` of `of`, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

export interface SweepOptions {
  readonly executor: Executor;
  readonly store: Store;
  readonly shard?: Shard;
  /** Called with the share that is done; what was there already counts. */
  readonly progress?: (share: number) => void;
}

/** How many runs were made, and how many were there. */
export interface SweepCount {
  readonly made: number;
  readonly kept: number;
}

/** An experiment in which a cell does not settle. */
export class Unsettled extends Error {
  readonly cell: Cell;

  constructor(cell: Cell) {
    super("a cell does not settle");
    this.name = "Unsettled";
    this.cell = cell;
  }
}

/**
 * Makes all runs of an experiment, or of one shard of it, that the store does not have. Runs follow each other cell by
 * cell, replication by replication, and each is in the store before the next; so whoever stops in between goes on there.
 *
 * @throws {CellFailed} for the first run that fails; the ones before it are in the store.
 * @throws {Unsettled} if a warm-up has to be found and there is none.
 */
export async function sweep(parsed: ParsedExperiment, options: SweepOptions): Promise<SweepCount> {
  const { experiment } = parsed;
  const mine = parsed.cells.filter((_, i) => isCellMine(experiment, i, options.shard));
  const filling = new Filling(experiment, options, mine.length);
  if (experiment.warmUp === "auto") await filling.fill(mine.map((cell) => pilotsOf(cell, parsed)));
  const wants = settledCells(parsed, options.store, mine).map((cell) => wantOf(cell, parsed));
  const { precision, replications } = experiment;
  if (precision === undefined) {
    filling.expect(wants.length * replications);
    await filling.fill(wants.map((want) => ({ ...want, upTo: replications })));
  } else {
    let open = wants.map((want) => ({ ...want, upTo: Math.min(replications, nextLook(0)) }));
    filling.expect(open.reduce((sum, { upTo }) => sum + upTo, 0));
    while (open.length > 0) {
      await filling.fill(open);
      open = open.flatMap((want) => {
        const needed = neededBy(want, options.store, experiment);
        if (needed <= want.upTo || want.upTo >= replications) return [];
        const upTo = Math.min(replications, nextLook(want.upTo));
        filling.expect(upTo - want.upTo);
        return [{ ...want, upTo }];
      });
    }
  }
  return filling;
}

/** Runs wanted of one scenario: replication 1 to `upTo`. */
interface Want {
  readonly key: ShelfKey;
  readonly set: readonly string[];
  readonly scenario: () => Scenario;
  readonly seedOf: (replication: number) => string;
  readonly pilot: boolean;
  readonly upTo: number;
}

function pilotsOf({ set }: Cell, { experiment, scenarioWith }: ParsedExperiment): Want {
  const settings = [...set, "warmUp=0s"];
  const scenario = scenarioWith(settings);
  return {
    key: { version: VERSION, scenarioHash: hashOf(scenario), seed: experiment.seed, keeps: ["pilot"] },
    set: settings,
    scenario: () => scenario,
    seedOf: (replication) => pilotSeedOf(experiment.seed, replication),
    pilot: true,
    upTo: PILOTS,
  };
}

function wantOf({ set, scenarioHash }: Cell, { experiment, scenarioWith }: ParsedExperiment): Want {
  return {
    key: keyOf(scenarioHash, experiment),
    set,
    scenario: () => scenarioWith(set),
    seedOf: (replication) => seedOf(experiment.seed, replication),
    pilot: false,
    upTo: 0,
  };
}

/** Under which name the runs of a cell are kept. */
export const keyOf = (scenarioHash: string, { seed, measures, curves }: Experiment): ShelfKey => ({
  version: VERSION,
  scenarioHash,
  seed,
  keeps: keeps(measures, curves),
});

/**
 * The cells as they are measured: with the warm-up that their pilot runs ask for, if one has to be found.
 *
 * @throws {Unsettled} for the first cell that has none.
 */
export function settledCells(parsed: ParsedExperiment, store: Source, cells: readonly Cell[]): readonly Cell[] {
  if (parsed.experiment.warmUp !== "auto") return cells;
  return cells.map((cell) => {
    const courses: number[][] = [];
    for (const { values } of store.shelf(pilotsOf(cell, parsed).key).rows()) courses.push(values as number[]);
    if (courses.length < PILOTS) throw new MissingRows(cell, `${courses.length} of ${PILOTS} pilot runs`);
    const warmUp = warmUpOf(courses.slice(0, PILOTS), cell.end);
    if (warmUp === undefined) throw new Unsettled(cell);
    const set = [...cell.set, `warmUp=${formatDuration(warmUp)}`];
    return { ...cell, set, scenarioHash: hashOf(parsed.scenarioWith(set)), from: warmUp };
  });
}

/** Rows that should be there and are not. */
export class MissingRows extends Error {
  readonly at: Place;

  constructor({ at }: Pick<Cell, "at">, what: string) {
    super(what);
    this.name = "MissingRows";
    this.at = at;
  }
}

/** What is found out run by run belongs together, and is one shard's; else every run can be anybody's. */
const isIndivisible = ({ precision, warmUp }: Experiment): boolean => precision !== undefined || warmUp !== undefined;

const isCellMine = (experiment: Experiment, cell: number, shard: Shard | undefined): boolean =>
  !shard || !isIndivisible(experiment) || cell % shard.of === shard.index - 1;

/** Which replications of a cell a shard makes. By the cell's name, so that it does not depend on the rest of the grid. */
function isRowMine(experiment: Experiment, name: string, replication: number, shard: Shard | undefined): boolean {
  if (!shard || isIndivisible(experiment)) return true;
  return (Number.parseInt(name.slice(0, 8), 16) + replication) % shard.of === shard.index - 1;
}

function neededBy(want: Want, store: Store, experiment: Experiment): number {
  const fold = new PrecisionFold(experiment, experiment.precision!);
  for (const row of store.shelf(want.key).rows()) {
    if (row.replication > want.upTo) break;
    fold.add(row);
  }
  return fold.needed();
}

/** Scenarios that are sent to executors at a time. More would only take memory. */
const CHUNK = 64;

/** Makes runs that are wanted and not there. */
class Filling implements SweepCount {
  readonly #experiment: Experiment;
  readonly #options: SweepOptions;
  readonly #counted = new Set<string>();
  #expected = 0;
  made = 0;
  kept = 0;

  constructor(experiment: Experiment, options: SweepOptions, cells: number) {
    this.#experiment = experiment;
    this.#options = options;
    if (experiment.warmUp === "auto") this.expect(cells * PILOTS);
  }

  /** So many more runs, as far as can be told. */
  expect(runs: number): void {
    const { shard } = this.#options;
    this.#expected += isIndivisible(this.#experiment) || !shard ? runs : runs / shard.of;
  }

  async fill(wants: readonly Want[]): Promise<void> {
    for (let begin = 0; begin < wants.length; begin += CHUNK) await this.#fillChunk(wants.slice(begin, begin + CHUNK));
  }

  async #fillChunk(wants: readonly Want[]): Promise<void> {
    const { store, executor } = this.#options;
    const names = new Set<string>();
    const open: { readonly want: Want; readonly shelf: Shelf; readonly missing: () => Generator<number> }[] = [];
    for (const want of wants) {
      const name = shelfName(want.key);
      if (names.has(name)) continue; // two cells that are the same scenario
      names.add(name);
      const shelf = store.shelf(want.key);
      const { last } = shelf;
      open.push({ want, shelf, missing: () => this.#missing(name, last, want.upTo) });
      if (!this.#counted.has(name)) this.kept += shelf.count;
      this.#counted.add(name);
    }
    const needy = open.filter(({ missing }) => !missing().next().done);
    this.#tell();
    if (needy.length === 0) return;
    const { measures, curves } = this.#experiment;
    const job: Job = {
      scenarios: needy.map(({ want }) => want.scenario()),
      measures,
      ...(curves.length > 0 && { curves }),
      ...(needy[0].want.pilot && { pilot: true }),
    };
    function* tasks(): Generator<Task> {
      for (const [scenario, { want, missing }] of needy.entries())
        for (const replication of missing()) yield { scenario, seed: want.seedOf(replication) };
    }
    const outcomes = executor.run(job, tasks())[Symbol.asyncIterator]();
    try {
      for (const { want, shelf, missing } of needy)
        for (const replication of missing()) {
          const { values, curves } = await outcomeOf(outcomes, want, replication);
          shelf.add({ replication, values, ...(curves && { curves }) });
          this.made++;
          this.#tell();
        }
    } finally {
      await outcomes.return?.();
    }
  }

  *#missing(name: string, last: number, upTo: number): Generator<number> {
    for (let replication = last + 1; replication <= upTo; replication++)
      if (isRowMine(this.#experiment, name, replication, this.#options.shard)) yield replication;
  }

  #tell(): void {
    this.#options.progress?.(Math.min(1, (this.kept + this.made) / Math.max(1, this.#expected)));
  }
}

async function outcomeOf(
  outcomes: AsyncIterator<Outcome>,
  { set, seedOf }: Want,
  replication: number,
): Promise<Outcome> {
  const seed = seedOf(replication);
  const fail = (message: string, at?: Instant, cause?: unknown): never => {
    throw new CellFailed(message, { set, seed, ...(at !== undefined && { at }), cause });
  };
  let result: IteratorResult<Outcome>;
  try {
    result = await outcomes.next();
  } catch (cause) {
    return fail(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause), undefined, cause);
  }
  if (result.done) return fail("the executor ended before its tasks");
  const { broken } = result.value;
  return broken ? fail(broken.message, broken.at) : result.value;
}

/**
 * What the rows of a store come to.
 *
 * @throws {MissingRows} for the first cell of which rows are missing.
 * @throws {Unsettled} if a warm-up has to be found and there is none.
 */
export function resultsOf(
  parsed: ParsedExperiment,
  store: Source,
  replay: (set: readonly string[], seed: string) => string,
): SweepResults {
  const { experiment, scenario } = parsed;
  const { name, description, seed, confidence, replications, precision, parameters, curves } = experiment;
  const first = firstKept(parsed.cells.length, experiment.outputs.length);
  const cells = settledCells(parsed, store, parsed.cells).map((cell): CellResult => {
    const { at, set, scenarioHash, from, end } = cell;
    const fold = new CellFold(experiment, first);
    for (const row of rowsOf(cell, parsed, store)) fold.add(row);
    const seeds = { first: seedOf(seed, 1), last: seedOf(seed, fold.count) };
    return {
      at,
      set,
      scenarioHash,
      from,
      end,
      replications: fold.count,
      seeds,
      replay: replay(set, seeds.last),
      outputs: fold.outputs({ confidence }),
      curves: fold.fans({ confidence }),
    };
  });
  return {
    regroup: "sweep",
    schema: 1,
    version: VERSION,
    name,
    ...(description !== undefined && { description }),
    hash: identityOf(parsed),
    scenario,
    seed,
    confidence,
    replications,
    precision: precision?.text ?? null,
    parameters,
    outputs: headsOf(experiment),
    curves,
    cells,
  };
}

/**
 * The rows of a cell that count: all replications wanted of it, or those until its precision was reached.
 *
 * @throws {MissingRows} for the first one that is missing.
 */
export function* rowsOf(
  cell: Pick<Cell, "at" | "scenarioHash">,
  { experiment }: Pick<ParsedExperiment, "experiment">,
  store: Source,
): Generator<Row> {
  const { replications, precision } = experiment;
  const pursued = precision && new PrecisionFold(experiment, precision);
  let look = pursued ? Math.min(replications, nextLook(0)) : replications;
  let last = 0;
  for (const row of store.shelf(keyOf(cell.scenarioHash, experiment)).rows()) {
    if (row.replication !== last + 1) break;
    last++;
    pursued?.add(row);
    yield row;
    if (last < look) continue;
    if (last >= replications || pursued!.needed() <= last) return;
    look = Math.min(replications, nextLook(last));
  }
  throw new MissingRows(cell, `replication ${last + 1}`);
}

/** Puts the rows that count, and those of pilot runs, into a store of their own. */
export function copyOf(parsed: ParsedExperiment, from: Source, to: Store): void {
  const names = new Set<string>();
  const copy = (key: ShelfKey, rows: Iterable<Row>): void => {
    if (names.has(shelfName(key))) return;
    names.add(shelfName(key));
    const shelf = to.shelf(key);
    for (const row of rows) if (row.replication > shelf.last) shelf.add(row);
  };
  if (parsed.experiment.warmUp === "auto")
    for (const cell of parsed.cells) {
      const { key } = pilotsOf(cell, parsed);
      copy(key, from.shelf(key).rows());
    }
  for (const cell of settledCells(parsed, from, parsed.cells))
    copy(keyOf(cell.scenarioHash, parsed.experiment), rowsOf(cell, parsed, from));
}

/** Of all that decides about the numbers of an experiment. */
export function identityOf({ experiment, cells }: ParsedExperiment): string {
  const { scenario: _, description: __, ...decides } = experiment;
  const scenarios = cells.map(({ scenarioHash }) => scenarioHash);
  return fingerprintOf(canonicalJson({ version: VERSION, ...decides, scenarios }));
}
