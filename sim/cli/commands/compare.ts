import type { CommandModule } from "yargs";
import type { CompareOptions } from "../compare.ts";
import { manyRunsOptions } from "../many-runs-options.ts";

/** `regroup compare`: variants of a scenario against it as it is, on common random numbers. */
export const compare: CommandModule<object, CompareOptions> = {
  command: "compare <scenario>",
  describe: "Compare variants of a scenario: what they change, by how much, and how sure that is",
  builder: (yargs) =>
    manyRunsOptions(yargs, "30 if not given, 2 at least")
      .positional("scenario", { type: "string", demandOption: true, describe: "A scenario file (scenarios/*.yaml)" })
      .option("variant", {
        type: "string",
        array: true,
        nargs: 1,
        demandOption: true,
        describe: "name:path=value, what is different in the variant of that name",
      })
      .option("seed", { type: "string", default: "1", describe: "Same seed, same comparison" })
      .option("set", { type: "string", array: true, nargs: 1, describe: "Change a field in all of them: path=value" })
      .option("measure", {
        type: "string",
        array: true,
        nargs: 1,
        describe: "What to compare: p99(timeLag), rebalances, unreadPerRebalance …",
      })
      .option("json", { type: "boolean", default: false, describe: "Print the comparison as JSON" })
      .example(
        "$0 compare scenarios/crash.yaml --variant quick:groups.billing.config.session.timeout.ms=10s",
        "what does a shorter session change?",
      ),
  handler: async (options) => {
    const { compareVariants } = await import("../compare.ts");
    process.exitCode = await compareVariants(options);
  },
};
