import type { CommandModule } from "yargs";
import { manyRunsOptions } from "../many-runs-options.ts";
import type { ReplicateOptions } from "../replicate.ts";
import type { RunOptions } from "../run.ts";

/** `regroup run`: one scenario, one seed, one trace; or many seeds, and what is typical of them. */
export const run: CommandModule<object, RunOptions & ReplicateOptions> = {
  command: "run <scenario>",
  describe: "Simulate a scenario once and print what happened to its groups",
  builder: (yargs) =>
    manyRunsOptions(yargs, "if not given a single one, or with --precision 10000 at most")
      .positional("scenario", { type: "string", demandOption: true, describe: "A scenario file (scenarios/*.yaml)" })
      .option("seed", { type: "string", nargs: 1, default: "1", describe: "Same seed, same run, byte for byte" })
      .option("trace", {
        type: "string",
        nargs: 1,
        describe: "Also write the trace to this file (.ndjson or .ndjson.gz)",
      })
      .option("set", { type: "string", array: true, nargs: 1, describe: "Change a field of the scenario: path=value" })
      .option("until", {
        type: "string",
        nargs: 1,
        describe: "Stop at this simulated time (28.007s, 5m), if that is before the end",
      })
      .option("precision", {
        type: "string",
        describe: "Replicate until an interval is that narrow, and exit with 1 if it never is: 'p99(timeLag) 5%'",
      })
      .option("warm-up", {
        choices: ["auto"] as const,
        describe: "auto: with --replications, find by pilot runs what to leave out at the beginning",
      })
      .option("expect", {
        type: "boolean",
        default: false,
        describe: "Exit with 1 if an expectation of the scenario is not met; of many runs, in any",
      })
      .option("json", { type: "boolean", default: false, describe: "Print the summary as JSON, times in microseconds" })
      .option("metrics", {
        type: "boolean",
        default: false,
        describe: "Also print what each consumer would report of itself, under Kafka's names",
      })
      .option("heartbeats", {
        choices: ["elided", "explicit"] as const,
        default: "elided" as const,
        describe: "explicit: simulate and write every heartbeat; the rest of the trace is the same",
      })
      .option("view", { type: "boolean", default: false, describe: "Open the page on the trace afterwards" })
      .option("open", { type: "boolean", default: true, describe: "With --view: open a browser (--no-open does not)" })
      .example("$0 run scenarios/rolling-restart.yaml --seed 7", "simulate one deploy")
      .example("$0 run scenarios/crash.yaml --set groups.billing.config.session.timeout.ms=10s", "try another timeout")
      .example("$0 run scenarios/crash.yaml --trace out/crash.ndjson.gz --view", "look at it")
      .example("$0 run scenarios/rolling-restart.yaml --replications 100", "what is typical, and how sure that is"),
  handler: async (options) => {
    if (options.replications !== undefined || options.precision !== undefined) {
      const { replicateScenario } = await import("../replicate.ts");
      process.exitCode = await replicateScenario(options);
      return;
    }
    const { runScenario } = await import("../run.ts");
    process.exitCode = await runScenario(options);
  },
};
