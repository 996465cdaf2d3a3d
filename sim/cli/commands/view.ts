import type { CommandModule } from "yargs";
import { Mistake } from "../failure.ts";

interface Options {
  traces: string[];
  open: boolean;
}

/** `regroup view`: the page, on one trace or on two that share a time axis. */
export const view: CommandModule<object, Options> = {
  command: "view <traces..>",
  describe: "Look at a run, at two side by side, or at the results of many, in the browser",
  builder: (yargs) =>
    yargs
      .positional("traces", {
        type: "string",
        array: true,
        demandOption: true,
        describe: "One or two traces, or results (--json)",
      })
      .option("open", { type: "boolean", default: true, describe: "Open a browser (--no-open does not)" })
      .check(({ traces }) => {
        if (traces.length > 2) throw new Mistake("the page shows one trace or two");
        return true;
      })
      .example("$0 view out/crash.ndjson.gz", "look at one run")
      .example("$0 view deploy-size.results/results.json", "a sweep: any point of it down to the single run")
      .example("$0 view before.ndjson after.ndjson --no-open", "compare two; only print the address"),
  handler: async ({ traces, open }) => {
    const { viewTraces } = await import("../serve.ts");
    await viewTraces(traces, { open });
  },
};
