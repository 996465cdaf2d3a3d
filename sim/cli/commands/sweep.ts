import type { Argv, CommandModule } from "yargs";
import type { SweepOptions } from "../sweep/sweep.ts";

/** How results of a sweep are told: `sweep` and `merge` take the same. */
export function tellOptions<T>(yargs: Argv<T>) {
  return yargs
    .option("csv", {
      type: "string",
      nargs: 1,
      describe: "Write a table to this file, a row for each cell; - prints it",
    })
    .option("parquet", { type: "string", nargs: 1, describe: "Write the same table as Parquet" })
    .option("runs", { type: "boolean", default: false, describe: "In these tables, a row for each run" })
    .option("json", { type: "boolean", default: false, describe: "Print the results as JSON" });
}

/** `regroup sweep`: a scenario over a grid of settings, each under many seeds. */
export const sweep: CommandModule<object, SweepOptions> = {
  command: "sweep <experiment>",
  describe: "Vary a scenario over a grid of settings, and tell what each does; goes on where it stopped",
  builder: (yargs) =>
    tellOptions(
      yargs
        .positional("experiment", { type: "string", demandOption: true, describe: "scenarios/experiments/*.yaml" })
        .option("replications", { type: "number", describe: "Runs of each cell, instead of what the file says" })
        .option("seed", { type: "string", nargs: 1, describe: "The master seed, instead of what the file says" })
        .option("threads", { type: "number", describe: "Threads to run on; one for each core if not given" })
        .option("results", {
          type: "string",
          nargs: 1,
          describe: "Keep results in this folder; else beside the experiment, in <name>.results",
        })
        .option("shard", { type: "string", nargs: 1, describe: "Make part i of n only: 2/8; regroup merge joins them" })
        .option("redis", { type: "string", nargs: 1, describe: "Let regroup worker --redis URL make the runs" }),
    )
      .example("$0 sweep scenarios/experiments/session-timeout.yaml", "the answer, with its evidence")
      .example("$0 sweep my.yaml --replications 3", "a quick look first; its runs are used again")
      .example("$0 sweep my.yaml --csv cells.csv --runs", "every single run, for other tools"),
  handler: async (options) => {
    const { sweepExperiment } = await import("../sweep/sweep.ts");
    process.exitCode = await sweepExperiment(options);
  },
};
