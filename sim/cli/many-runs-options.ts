import type { Argv } from "yargs";

/** What every command takes that makes many runs; and how many it makes if nobody says. */
export function manyRunsOptions<T>(yargs: Argv<T>, usual: string) {
  return yargs
    .option("replications", {
      type: "number",
      describe: `How many runs, each with a seed of its own (<seed>/<n>); ${usual}`,
    })
    .option("confidence", {
      type: "number",
      default: 0.95,
      describe: "How often the intervals hold the truth: between 0 and 1",
    })
    .option("threads", { type: "number", describe: "Threads to run on; one for each core if not given" });
}
