import process from "node:process";
import type { CommandModule } from "yargs";
import { Mistake } from "../failure.ts";

interface Options {
  trace: string;
  at?: string;
  group?: string[];
  members: boolean;
  state: boolean;
  offsets: boolean;
  verbose: boolean;
  json: boolean;
}

/** `regroup describe`: what Kafka's own tool would have printed at a moment of a run. */
export const describe: CommandModule<object, Options> = {
  command: "describe <trace>",
  describe: "Print what kafka-consumer-groups.sh --describe would have printed at a moment of a run",
  builder: (yargs) =>
    yargs
      .positional("trace", { type: "string", demandOption: true, describe: "Trace file" })
      .option("at", {
        type: "string",
        nargs: 1,
        describe: "The moment, for instance 12m or 90.5s; the end of the run if left out",
      })
      .option("group", { type: "string", array: true, nargs: 1, describe: "Only this group (repeatable)" })
      .option("offsets", { type: "boolean", default: false, describe: "Offsets and lag (what is shown anyway)" })
      .option("members", { type: "boolean", default: false, describe: "Members instead of offsets" })
      .option("state", { type: "boolean", default: false, describe: "The group's state instead of offsets" })
      .option("verbose", {
        type: "boolean",
        default: false,
        describe: "More columns: epochs, and with --members who has which partitions",
      })
      .option("json", { type: "boolean", default: false, describe: "All of it as JSON, whatever the view" })
      .check(({ members, state, offsets }) => {
        if ([members, state, offsets].filter(Boolean).length > 1)
          throw new Mistake("one of --offsets, --members and --state at a time");
        return true;
      })
      .example("$0 describe out/crash.ndjson.gz --at 95s", "committed offsets, lag and owners, 95 s in")
      .example("$0 describe out/crash.ndjson.gz --at 95s --members --verbose", "who owned what"),
  handler: async ({ trace, members, state, ...options }) => {
    const { describeTrace } = await import("../describe.ts");
    const view = members ? "members" : state ? "state" : "offsets";
    process.exitCode = await describeTrace(trace, { ...options, view });
  },
};
