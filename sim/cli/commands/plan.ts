import type { CommandModule } from "yargs";
import type { PlanCommandOptions } from "../plan.ts";

const TEXTS = { type: "string", array: true, nargs: 1 } as const;

/** `regroup plan`: the least or greatest value of a setting that meets targets, and the evidence. */
export const plan: CommandModule<object, PlanCommandOptions> = {
  command: "plan <scenario>",
  describe:
    "Find the least or greatest value of a setting that meets a target, and show the evidence; 1 is the exit status if none does",
  builder: (yargs) =>
    yargs
      .positional("scenario", {
        type: "string",
        demandOption: true,
        describe: "A scenario file, or a plan that names one",
      })
      .option("find", {
        ...TEXTS,
        describe: "What to find: members, 'greatest session.timeout.ms in 6s..60s', headroom, any field of --set",
      })
      .option("between", { ...TEXTS, describe: "Where: 1..200, '6s..60s by 3s', '10..10000 log 13', '1, 2, 5'" })
      .option("target", {
        ...TEXTS,
        describe: "What it has to meet: 'p99(timeLag) < 30s', 'P(max(lag) > 10000) < 1%', 'lost per deploy < 1'",
      })
      .option("cost", { type: "string", describe: "What it costs: 'members * 0.10/h'; the cheapest is wanted then" })
      .option("minimise", {
        type: "string",
        alias: "minimize",
        describe: "Find where this is least, and which difference matters: 'mean(timeLag) 500ms'",
      })
      .option("pareto", {
        ...TEXTS,
        describe: "Find what nothing else beats in both: 'p99(timeLag), cost'",
      })
      .option("not-monotone", {
        type: "boolean",
        default: false,
        describe: "Do not count on more being better: examine all values",
      })
      .option("confidence", { type: "string", describe: "How often such answers are right: 95% if not given" })
      .option("replications", { type: "number", describe: "At most so many runs of a candidate" })
      .option("seed", { type: "string", nargs: 1, describe: "Same seed, same plan; 1 if not given" })
      .option("set", { ...TEXTS, describe: "Change a field of the scenario: path=value" })
      .option("threads", { type: "number", describe: "Threads to run on; one for each core if not given" })
      .option("json", { type: "boolean", default: false, describe: "Print the plan as JSON" })
      .example("$0 plan scenarios/overload.yaml --find members --target 'final(timeLag) < 5s'", "how many members?")
      .example(
        "$0 plan scenarios/tuning-case.yaml --find 'greatest session.timeout.ms in 6s..60s by 3s' --target 'max(timeLag) < 30s'",
        "which session timeout?",
      )
      .example("$0 plan scenarios/experiments/plans/headroom.yaml", "a question that is kept in a file"),
  handler: async (options) => {
    const { planScenario } = await import("../plan.ts");
    process.exitCode = await planScenario(options);
  },
};
