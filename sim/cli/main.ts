import process from "node:process";
import yargs from "yargs";
import { VERSION } from "../version.ts";
import { assign } from "./commands/assign.ts";
import { check } from "./commands/check.ts";
import { compare } from "./commands/compare.ts";
import { merge } from "./commands/merge.ts";
import { plan } from "./commands/plan.ts";
import { describe } from "./commands/describe.ts";
import { report } from "./commands/report.ts";
import { run } from "./commands/run.ts";
import { schema } from "./commands/schema.ts";
import { sweep } from "./commands/sweep.ts";
import { view } from "./commands/view.ts";
import { worker } from "./commands/worker.ts";
import { Mistake, quoted, tell } from "./failure.ts";

/** What may be given more than once, or has many words. */
const MANY: ReadonlySet<string> = new Set([
  "_",
  "set",
  "variant",
  "measure",
  "leave",
  "scenario",
  "traces",
  "files",
  "group",
  "parts",
  "find",
  "between",
  "target",
  "pareto",
]);

/**
 * Of an option given twice the last one counts. The parser's own setting for this (`duplicate-arguments-array`) would
 * also leave only the last of several files, and of several `--set`.
 */
function lastOneWins(given: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(given)) {
    if (Array.isArray(value) && !MANY.has(name)) given[name] = value.at(-1);
  }
}

/** What begins with a minus sign and a digit is a value, never an option: `--at -5s` reads as `--at=-5s`. */
function withNegativeValues(argv: readonly string[]): readonly string[] {
  const words: string[] = [];
  for (const word of argv) {
    const before = words.at(-1);
    if (/^-\d/.test(word) && before !== undefined && /^--[a-z-]+$/.test(before)) words.push(`${words.pop()}=${word}`);
    else words.push(word);
  }
  return words;
}

/**
 * Does what a command line says, without the program's own name, and leaves its exit status with the process. Nothing is
 * kept here, so one process may do one after the other.
 */
export async function main(argv: readonly string[]): Promise<void> {
  const cli = yargs([...withNegativeValues(argv)])
    .scriptName("regroup")
    .usage("$0 <command>\n\nSimulates what a Kafka consumer group goes through, to the millisecond and reproducibly.")
    .command(run)
    .command(compare)
    .command(sweep)
    .command(merge)
    .command(worker)
    .command(plan)
    .command(check)
    .command(view)
    .command(report)
    .command(describe)
    .command(assign)
    .command(schema)
    .demandCommand(1, "Which command? For a start: regroup run scenarios/rolling-restart.yaml")
    .strict()
    .recommendCommands()
    .parserConfiguration({ "greedy-arrays": false })
    .middleware(lastOneWins)
    .version(VERSION)
    .alias({ h: "help", v: "version" })
    .completion("completion", "Print a script for the shell's completion: regroup completion >> ~/.bashrc")
    .epilogue(
      "Exit status: 0 done · 1 an expectation or target was not met · 2 a mistake in usage or file · 3 a bug of regroup's",
    )
    .wrap(Math.min(110, process.stdout.columns ?? 100))
    .exitProcess(false)
    .fail((message, error) => {
      // What the parser itself complains of is the user's mistake. Thrown, so that the command does not run all the same.
      if (error && error.name !== "YError") throw error;
      throw new Mistake(`${message ?? error?.message}\n\nHelp: regroup --help`);
    });

  try {
    await cli.parseAsync();
  } catch (error) {
    process.exitCode = tell(error, { command: ["regroup", ...argv].map(quoted).join(" ") });
  }
}
