import type { CommandModule } from "yargs";
import type { MergeOptions } from "../sweep/merge.ts";
import { tellOptions } from "./sweep.ts";

/** `regroup merge`: the shards of a sweep become its results. */
export const merge: CommandModule<object, MergeOptions> = {
  command: "merge <parts..>",
  describe: "Join the shards of a sweep and tell what they come to",
  builder: (yargs) =>
    tellOptions(
      yargs
        .positional("parts", { type: "string", array: true, demandOption: true, describe: "Results folders of shards" })
        .option("results", { type: "string", nargs: 1, describe: "Also keep the joined results in this folder" }),
    )
      .example("$0 merge my.results", "all shards of my.yaml")
      .example("$0 merge ci/*/my.results --results my.results", "shards from many machines"),
  handler: async (options) => {
    const { mergeShards } = await import("../sweep/merge.ts");
    process.exitCode = await mergeShards(options);
  },
};
