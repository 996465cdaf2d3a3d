import type { CommandModule } from "yargs";

interface Options {
  scenario: string[];
  set?: string[];
  json: boolean;
}

/** `regroup check`: is a scenario right, and is it wise? */
export const check: CommandModule<object, Options> = {
  command: "check <scenario..>",
  describe: "Find mistakes in scenario and experiment files, and settings that are legal but unwise",
  builder: (yargs) =>
    yargs
      .positional("scenario", {
        type: "string",
        array: true,
        demandOption: true,
        describe: "Scenario or experiment files",
      })
      .option("set", { type: "string", array: true, nargs: 1, describe: "Change a field first: path=value" })
      .option("json", { type: "boolean", default: false, describe: "Print what was found as JSON" })
      .example("$0 check scenarios/*.yaml", "all of them")
      .example("$0 check my.yaml --set groups.billing.config.session.timeout.ms=10s", "would that be wise?"),
  handler: async ({ scenario: files, set, json }) => {
    const { checkFiles } = await import("../check.ts");
    process.exitCode = await checkFiles(files, set ?? [], json);
  },
};
