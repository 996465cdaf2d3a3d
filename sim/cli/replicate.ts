import { availableParallelism } from "node:os";
import { formatDuration, type Duration } from "../engine/time.ts";
import { PILOTS, pilotSeedOf, warmUpOf } from "../experiment/course.ts";
import { chancesOf, estimatesOf } from "../experiment/estimates.ts";
import type { Job } from "../experiment/executor.ts";
import { groupsAtFixedMoments } from "../experiment/fixed-moments.ts";
import { measuresOf } from "../experiment/measures.ts";
import { isReached, parsePrecision, precise } from "../experiment/precision.ts";
import { RunFailed, seedOf, type Need } from "../experiment/replicate.ts";
import { replicationsDocument } from "../experiment/replications.ts";
import { fits } from "../experiment/wanted.ts";
import { replicationsTable } from "../report/replications-table.ts";
import {
  checkManyRuns,
  executorOf,
  looks,
  type ManyRuns,
  NOT_SETTLED,
  replayLine,
  replicateHere,
  tellFailed,
  understood,
} from "./experiments.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { VERSION } from "../version.ts";
import { EXIT, Mistake } from "./failure.ts";
import { loadScenario } from "./files.ts";
import { momentOf } from "./moment.ts";
import { oneRunAtATime } from "./own-assignors.ts";
import { unwise } from "./unwise.ts";

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
  /** `auto`: found by pilot runs. */
  readonly warmUp?: "auto";
}

/** As far as a precision is pursued if nobody says how far. */
const MOST_FOR_PRECISION = 10_000;

/** Runs a scenario under many seeds and prints what its numbers are like over them; returns the exit status. */
export async function replicateScenario(options: ReplicateOptions): Promise<number> {
  const { seed, confidence, json } = options;
  checkManyRuns(options);
  for (const [option, given] of [
    ["--trace", options.trace !== undefined],
    ["--view", options.view],
    ["--heartbeats", options.heartbeats !== "elided"],
  ] as const) {
    if (given) throw new Mistake(`${option} is for one run: choose a replication (--seed ${seedOf(seed, 1)})`);
  }
  const until = options.until === undefined ? undefined : momentOf("--until", options.until);
  const set = [...(options.set ?? [])];
  const { file, text, files, ...loaded } = await loadScenario(options.scenario, set);
  let { scenario } = loaded;
  const { lints } = loaded;
  oneRunAtATime(scenario);
  const failed = (error: unknown): number => {
    if (!(error instanceof RunFailed)) throw error;
    const { task, at } = error;
    return tellFailed(
      error,
      replayLine(options.scenario, task.seed, set, at === undefined ? options.until : `${at}us`),
    );
  };
  if (options.warmUp === "auto") {
    try {
      set.push(`warmUp=${formatDuration(await warmUpFound(scenario, options))}`);
    } catch (error) {
      return failed(error);
    }
    ({ scenario } = await loadScenario(options.scenario, set));
  }

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
    return failed(error);
  }

  const surety = { confidence };
  const estimates = estimatesOf(found, surety);
  if (precision && !estimates.some(({ measure }) => fits(measure, precision.wanted)))
    throw new Mistake(`--precision ${options.precision}: no replication has such a number`);
  const chances = chancesOf(found, surety);
  const { count } = found;
  const last = { replication: count, command: replay(seedOf(seed, count)) };
  if (json) {
    const of = { name: scenario.name, scenario: { file, text, files, set }, until: until ?? null };
    const head = { version: VERSION, ...of, replay: last.command, seed, confidence };
    const document = replicationsDocument(head, found, estimates, chances);
    console.log(JSON.stringify(document, null, 2));
  } else
    console.log(
      replicationsTable(
        {
          name: scenario.name,
          count,
          confidence,
          estimates,
          chances,
          notes: found.notes,
          replayOf: (replication) => replay(seedOf(seed, replication)),
          atFixedMoments: groupsAtFixedMoments(scenario),
          replay: last,
        },
        looks(),
      ),
    );
  if (lints.length > 0) console.error(unwise(options.scenario, options.set ?? [], lints));
  const missed = options.expect && chances.some(({ unmet, unknown }) => unmet + unknown > 0);
  const vague = precision !== undefined && !isReached(found, precision, surety);
  if (vague) console.error(`--precision ${options.precision} is not reached by ${count} replications`);
  return missed || vague ? EXIT.unmet : EXIT.done;
}

/** The warm-up that pilot runs ask for, under seeds that no replication has. */
async function warmUpFound(scenario: Scenario, { seed, threads }: ManyRuns): Promise<Duration> {
  const courses: number[][] = [];
  const executor = await executorOf(Math.min(threads ?? availableParallelism(), PILOTS));
  try {
    const tasks = Array.from({ length: PILOTS }, (_, i) => ({ scenario: 0, seed: pilotSeedOf(seed, i + 1) }));
    const job: Job = { scenarios: [{ ...scenario, warmUp: 0 }], measures: [], pilot: true };
    for await (const { values, broken } of executor.run(job, tasks)) {
      if (broken) throw new RunFailed(tasks[courses.length], broken.message, { at: broken.at });
      courses.push(values as number[]);
    }
  } finally {
    await executor.close();
  }
  const found = warmUpOf(courses, scenario.duration);
  if (found === undefined) throw new Mistake(`--warm-up auto finds none: ${NOT_SETTLED}`);
  return found;
}
