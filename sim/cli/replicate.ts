import { parseDuration } from "../engine/time.ts";
import { chancesOf, estimatesOf, type Chance, type Estimate } from "../experiment/estimates.ts";
import { measuresOf, nameOf } from "../experiment/measures.ts";
import { isReached, parsePrecision, precise } from "../experiment/precision.ts";
import { RunFailed, seedOf, type Need } from "../experiment/replicate.ts";
import { fits } from "../experiment/wanted.ts";
import { replicationsTable } from "../report/replications-table.ts";
import {
  checkManyRuns,
  looks,
  type ManyRuns,
  replayLine,
  replicateHere,
  tellFailed,
  understood,
} from "./experiments.ts";
import { EXIT, Mistake } from "./failure.ts";
import { loadScenario } from "./files.ts";
import { oneRunAtATime } from "./own-assignors.ts";

export interface ReplicateOptions extends ManyRuns {
  readonly scenario: string;
  readonly set?: readonly string[];
  readonly until?: string;
  readonly precision?: string;
  readonly json: boolean;
  readonly expect: boolean;
  readonly trace?: string;
  readonly view: boolean;
  readonly heartbeats: "elided" | "explicit";
}

/** As far as a precision is pursued if nobody says how far. */
const MOST_FOR_PRECISION = 10_000;

/** Runs a scenario under many seeds and prints what its numbers are like over them; returns the exit status. */
export async function replicateScenario(options: ReplicateOptions): Promise<number> {
  const { seed, set = [], confidence, json } = options;
  checkManyRuns(options);
  for (const [option, given] of [
    ["--trace", options.trace !== undefined],
    ["--view", options.view],
    ["--heartbeats", options.heartbeats !== "elided"],
  ] as const) {
    if (given) throw new Mistake(`${option} is for one run: choose a replication (--seed ${seedOf(seed, 1)})`);
  }
  const until = options.until === undefined ? undefined : parseDuration(options.until);
  if (options.until !== undefined && until === undefined)
    throw new Mistake(`--until ${options.until}: a time is written 28.007s, 5m, 1h30m`);
  const { scenario } = await loadScenario(options.scenario, set);
  oneRunAtATime(scenario);

  const precision =
    options.precision === undefined
      ? undefined
      : understood("--precision", parsePrecision(options.precision, scenario));
  const measures = measuresOf(scenario, [...scenario.expect, ...(precision ? [precision.wanted] : [])]);
  const need: Need | undefined = precision && precise(precision, { confidence });
  const most = options.replications ?? MOST_FOR_PRECISION;
  const replay = (one: string): string => replayLine(options.scenario, one, set, options.until);
  let found;
  try {
    const job = { scenarios: [scenario], measures, ...(until !== undefined && { until }) };
    [found] = await replicateHere(job, options, { what: scenario.name, most, ...(need && { need }) });
  } catch (error) {
    if (!(error instanceof RunFailed)) throw error;
    const { task, at } = error;
    const upTo = at === undefined ? options.until : `${at}us`;
    return tellFailed(error, replayLine(options.scenario, task.seed, set, upTo));
  }

  const surety = { confidence };
  const estimates = estimatesOf(found, surety);
  if (precision && !estimates.some(({ measure }) => fits(measure, precision.wanted)))
    throw new Mistake(`--precision ${options.precision}: no replication has such a number`);
  const chances = chancesOf(found, surety);
  const { count } = found;
  const last = { replication: count, command: replay(seedOf(seed, count)) };
  if (json) console.log(replicationsJson(scenario.name, options, count, estimates, chances));
  else
    console.log(
      replicationsTable({ name: scenario.name, count, confidence, estimates, chances, replay: last }, looks()),
    );
  const missed = options.expect && chances.some(({ unmet, unknown }) => unmet + unknown > 0);
  const vague = precision !== undefined && !isReached(found, precision, surety);
  if (vague) console.error(`--precision ${options.precision} is not reached by ${count} replications`);
  return missed || vague ? EXIT.unmet : EXIT.done;
}

/** For machines: durations in microseconds, `null` where the data set an interval no limit. */
function replicationsJson(
  name: string,
  { seed, confidence }: ManyRuns,
  replications: number,
  estimates: readonly Estimate[],
  chances: readonly Chance[],
): string {
  const measures = estimates.map(({ measure, ...rest }) => ({ name: nameOf(measure, true), ...measure, ...rest }));
  const expectations = chances.map(({ expectation: { text }, ...rest }) => ({ text, ...rest }));
  const seeds = { first: seedOf(seed, 1), last: seedOf(seed, replications) };
  return JSON.stringify({ name, seed, seeds, replications, confidence, measures, expectations }, null, 2);
}
