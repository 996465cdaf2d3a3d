import process from "node:process";
import type { CommandModule } from "yargs";
import { Mistake } from "../failure.ts";

interface Options {
  files: string[];
  output: string;
}

/** `regroup report`: the page and what it shows, in one file. */
export const report: CommandModule<object, Options> = {
  command: "report <files..>",
  describe: "Make one HTML file of a run, a comparison, a sweep or a plan, to mail or attach",
  builder: (yargs) =>
    yargs
      .positional("files", {
        type: "string",
        array: true,
        demandOption: true,
        describe: "One or two traces, or results (--json)",
      })
      .option("output", {
        alias: "o",
        type: "string",
        nargs: 1,
        default: "report.html",
        describe: "Where it goes",
      })
      .check(({ files }) => {
        if (files.length > 2) throw new Mistake("a report shows one trace or two");
        return true;
      })
      .example("$0 report out/crash.ndjson.gz -o crash.html", "one run")
      .example("$0 report deploy-size.results/results.json", "a sweep, each of its runs a click away")
      .example("$0 report before.ndjson.gz after.ndjson.gz -o deploy.html", "two, on one time axis"),
  handler: async ({ files, output }) => {
    const { writeReport } = await import("../report.ts");
    process.exitCode = await writeReport(files, output);
  },
};
