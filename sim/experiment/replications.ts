/**
 * What replications of one scenario come to: the contract with every reader of `regroup run --replications N --json` (the
 * page, reports, programs). Units as in `sweep/results.ts`: durations and instants in microseconds, `partition-seconds` in
 * seconds, shares and chances from 0 to 1; `null` for an end of an interval that the data set no limit.
 */
import type { Instant } from "../engine/time.ts";
import type { Chance, Estimate } from "./estimates.ts";
import { nameOf, type Measure } from "./measures.ts";
import type { GatheredNotes } from "./notes.ts";
import { seedOf, type Replications } from "./replicate.ts";

export interface ReplicationsDocument {
  readonly regroup: "replications";
  /** Of this format. Grows when a reader of before would misread it. */
  readonly schema: 1;
  /** The version of regroup that made the runs. */
  readonly version: string;
  readonly name: string;
  /** What repeats any of the runs: the scenario's file, its text, the texts of the files it names, and what was set. */
  readonly scenario: ScenarioOfRuns;
  /** Where the runs were stopped; `null`: at their end. */
  readonly until: Instant | null;
  /** The command that repeats the last replication; another `--seed` repeats another one. */
  readonly replay: string;
  /** The master seed: replication n is the run of seed `<master>/n`. */
  readonly seed: string;
  readonly seeds: { readonly first: string; readonly last: string };
  readonly replications: number;
  readonly confidence: number;
  readonly measures: readonly ReplicatedMeasure[];
  readonly expectations: readonly ReplicatedExpectation[];
  /**
   * Events of the scenario that did nothing, or less than was written, in the whole runs: how many altogether, in how many
   * replications there were some, and the seed of the first of these; `null`: there were none. A run of that seed tells when
   * and why.
   */
  readonly moot: { readonly events: number; readonly replications: number; readonly first: string | null };
  /** As in `Notes`, over the replications. */
  readonly transit: GatheredNotes["transit"];
}

export interface ScenarioOfRuns {
  readonly file: string;
  readonly text: string;
  readonly files: Readonly<Record<string, string>>;
  /** As `--set` takes them. */
  readonly set: readonly string[];
}

export interface ReplicatedMeasure extends Measure, Omit<Estimate, "measure"> {
  /** With its group: `p99(billing.timeLag)`. */
  readonly name: string;
  /**
   * The values of the first replications, at most 500 of them, in their order: the value at place k is that of seed
   * `<master>/<k + 1>`. `null` where that replication has none.
   */
  readonly values: readonly (number | null)[];
}

export interface ReplicatedExpectation extends Omit<Chance, "expectation"> {
  /** As written. */
  readonly text: string;
}

/** As many values of single replications are told. */
const MOST_VALUES = 500;

/** What stands above the numbers. */
type Heading = Pick<ReplicationsDocument, "version" | "name" | "scenario" | "until" | "replay" | "seed" | "confidence">;

export function replicationsDocument(
  { version, name, scenario, until, replay, seed, confidence }: Heading,
  { count, measures, columns, notes: { moot, transit } }: Replications,
  estimates: readonly Estimate[],
  chances: readonly Chance[],
): ReplicationsDocument {
  return {
    regroup: "replications",
    schema: 1,
    version,
    name,
    scenario,
    until,
    replay,
    seed,
    seeds: { first: seedOf(seed, 1), last: seedOf(seed, count) },
    replications: count,
    confidence,
    measures: estimates.map(({ measure, ...rest }) => ({
      name: nameOf(measure, true),
      ...measure,
      ...rest,
      values: columns[measures.indexOf(measure)].slice(0, MOST_VALUES),
    })),
    expectations: chances.map(({ expectation: { text }, ...rest }) => ({ text, ...rest })),
    moot: { ...moot, first: moot.first === null ? null : seedOf(seed, moot.first) },
    transit,
  };
}
