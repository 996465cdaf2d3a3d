import { existsSync, statSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { AssignorError } from "../kafka/assignors/assignor.ts";
import { evaluate, type Verdict } from "../metrics/expectations.ts";
import { summarise } from "../metrics/summarise.ts";
import type { Summary } from "../metrics/summary.ts";
import { metricsTable } from "../report/metrics-table.ts";
import { summaryJson } from "../report/summary-json.ts";
import { summaryTable } from "../report/summary-table.ts";
import { verdictLines } from "../report/verdicts.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { LawBroken } from "../simulation/laws.ts";
import { simulation } from "../simulation/simulate.ts";
import { fingerprinting } from "../trace/ndjson.ts";
import { EXIT, Mistake, quoted, tell } from "./failure.ts";
import { loadScenario, makeFolder } from "./files.ts";
import { momentOf } from "./moment.ts";
import { loadAssignors } from "./own-assignors.ts";
import { progressBar } from "./progress.ts";
import { traceFile } from "./trace-files.ts";
import { unwise } from "./unwise.ts";

export interface RunOptions {
  readonly scenario: string;
  readonly seed: string;
  readonly trace?: string;
  readonly set?: readonly string[];
  readonly until?: string;
  readonly json: boolean;
  readonly metrics?: boolean;
  readonly expect: boolean;
  readonly heartbeats: "elided" | "explicit";
  readonly view: boolean;
  readonly open: boolean;
}

/** Runs a scenario once and prints what came of it; returns the exit status. */
export async function runScenario(options: RunOptions): Promise<number> {
  const { seed, set = [], heartbeats } = options;
  if (options.view && !options.trace) throw new Mistake("--view looks at a trace: add --trace FILE");
  const until = options.until === undefined ? undefined : momentOf("--until", options.until);
  const { scenario, lints } = await loadScenario(options.scenario, set);
  const assignors = await loadAssignors(options.scenario, scenario);
  const progress = await progressBar(scenario.name);
  const written = options.trace === undefined ? undefined : openTrace(options.trace);
  const print = written ?? fingerprinting();
  const summary = summarise({ footer: () => print.footer(), reach: true });
  try {
    const run = simulation(scenario, {
      seed,
      heartbeats,
      assignors,
      to: [print, summary],
      ...(until === undefined ? {} : { until }),
    });
    for (const share of run) {
      progress.update(share);
      await new Promise(setImmediate); // lets Ctrl-C be heard
    }
    written?.close();
  } catch (error) {
    written?.abandon();
    if (options.trace !== undefined && isRefusal(error)) throw unwritable(options.trace, error);
    if (error instanceof AssignorError) throw new Mistake(error.message);
    if (!(error instanceof LawBroken)) throw error;
    return tell(error, { command: replay(options, error.at) });
  } finally {
    progress.done();
  }

  const result = summary.result();
  const verdicts = evaluate(scenario.expect, result);
  if (options.json) console.log(summaryJson(result, verdicts));
  else printSummary(options, scenario, result, verdicts);
  if (lints.length > 0) console.error(unwise(options.scenario, set, lints));
  for (const name of assignors.keys()) console.error(`To repeat this run, the code of ${name} is needed too`);
  if (options.trace) console.error(`The trace is in ${options.trace}`);
  if (options.view) {
    const { viewTraces } = await import("./serve.ts");
    await viewTraces([options.trace!], { open: options.open });
  }
  return options.expect && verdicts.some(({ met }) => !met) ? EXIT.unmet : EXIT.done;
}

function printSummary(options: RunOptions, { flow }: Scenario, summary: Summary, verdicts: readonly Verdict[]): void {
  const { width, colour } = appearance();
  console.log(summaryTable(summary, { replay: replay(options), width, colour }));
  if (options.metrics) console.log(`\n${metricsTable(summary, { width, colour, flow })}`);
  if (verdicts.length > 0) console.log(`\n${verdictLines(verdicts, { colour })}`);
}

function openTrace(file: string): ReturnType<typeof traceFile> {
  try {
    // What is there will be replaced, which would be a pity for a device.
    if (existsSync(file) && !statSync(file).isFile()) throw new Error("that is no file");
    makeFolder(path.dirname(path.resolve(file)));
    return traceFile(file);
  } catch (error) {
    throw unwritable(file, error as Error);
  }
}

function unwritable(file: string, { message }: Error): Mistake {
  return new Mistake(`the trace cannot be written to ${file}: ${message}`);
}

/** The system said no: the disk is full, the folder is gone, … */
function isRefusal(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

/** How a person reads it: as wide as the terminal, in colours if it shows them. */
function appearance(): { readonly width: number; readonly colour: boolean } {
  const { isTTY, columns } = process.stdout;
  return { width: Math.min(columns ?? 100, 110), colour: Boolean(isTTY) && !process.env.NO_COLOR };
}

/** The line that repeats this run; up to an instant, where one is given. */
function replay({ scenario, seed, set = [], until, heartbeats }: RunOptions, at?: number): string {
  const words = ["regroup", "run", scenario, "--seed", seed, ...set.flatMap((field) => ["--set", field])];
  if (at !== undefined) words.push("--until", `${at}us`);
  else if (until !== undefined) words.push("--until", until);
  if (heartbeats === "explicit") words.push("--heartbeats", heartbeats);
  return words.map(quoted).join(" ");
}
