import type { CommandModule } from "yargs";

interface Options {
  scenario: string[];
  set?: string[];
  json: boolean;
}

/** `regroup check`: is a scenario right, and is it wise? */
export const check: CommandModule<object, Options> = {
  command: "check <scenario..>",
  describe: "Find mistakes in scenario, experiment and plan files, and in scenarios what is legal but unwise",
  builder: (yargs) =>
    yargs
      .positional("scenario", {
        type: "string",
        array: true,
        demandOption: true,
        describe: "Scenario, experiment or plan files; 2 is the exit status if one has a mistake",
      })
      .option("set", {
        type: "string",
        array: true,
        nargs: 1,
        describe: "Change a field of the scenarios first: path=value",
      })
      .option("json", { type: "boolean", default: false, describe: "Print what was found as JSON" })
      .example("$0 check scenarios/*.yaml", "all of them")
      .example("$0 check my.yaml --set groups.billing.config.session.timeout.ms=10s", "would that be wise?"),
  handler: async ({ scenario: files, set, json }) => {
    const { checkFiles } = await import("../check.ts");
    process.exitCode = await checkFiles(files, set ?? [], json);
  },
};
