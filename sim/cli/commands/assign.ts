import process from "node:process";
import type { CommandModule } from "yargs";

interface Options {
  file: string;
  assignor?: string;
  faithful: boolean;
  explain: boolean;
  compare?: string;
  leave?: string[];
  join: number;
  json: boolean;
}

/** `regroup assign`: assignors alone, a question a line. */
export const assign: CommandModule<object, Options> = {
  command: "assign <file>",
  describe: "Ask Kafka's assignors, and others, who gets which partitions",
  builder: (yargs) =>
    yargs
      .positional("file", {
        type: "string",
        demandOption: true,
        describe:
          "Questions as JSON, one a line, or what kafka-consumer-groups.sh --describe prints; - for standard input; " +
          "gzip is recognised",
      })
      .option("assignor", { type: "string", describe: "Ask this one, whatever the question names" })
      .option("faithful", {
        type: "boolean",
        default: true,
        describe: "Reproduce the defects of Kafka's classes; --no-faithful mends them",
      })
      .option("explain", { type: "boolean", default: false, describe: "Tell moves, balance, idle members, stickiness" })
      .option("compare", { type: "string", describe: "Ask several and show them side by side: range,sticky,uniform" })
      .option("leave", { type: "string", array: true, nargs: 1, describe: "What if this member left? (repeatable)" })
      .option("join", { type: "number", default: 0, describe: "What if so many members came?" })
      .option("json", {
        type: "boolean",
        default: false,
        describe: "With --explain or --compare: as JSON, in the lines",
      })
      .example("$0 assign questions.jsonl.gz", "each line again, with its assignment")
      .example("$0 assign group.txt --assignor cooperative-sticky --leave c-3 --join 2", "what would move?")
      .example("$0 assign questions.jsonl --compare range,sticky,uniform", "which is the most even?"),
  handler: async ({ file, ...options }) => {
    const { assignLines } = await import("../assign.ts");
    const from = file === "" ? "-" : file; // yargs makes an empty word of a lone hyphen
    process.exitCode = await assignLines(from, {
      ...options,
      leave: options.leave ?? [],
      compare: options.compare?.split(",").map((name) => name.trim()) ?? [],
    });
  },
};
