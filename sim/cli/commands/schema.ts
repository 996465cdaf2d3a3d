import type { CommandModule } from "yargs";

interface Options {
  kind: string;
}

/** `regroup schema`: what editors need to complete and check scenario and experiment files. */
export const schema: CommandModule<object, Options> = {
  command: "schema [kind]",
  describe: "Print the JSON Schema of scenario or experiment files, for editors",
  builder: (yargs) =>
    yargs
      .positional("kind", {
        choices: ["scenario", "experiment"] as const,
        default: "scenario",
        describe: "Which kind of file",
      })
      .example("$0 schema > scenario.schema.json", "then begin a scenario with the line below")
      .epilogue("In a scenario: # yaml-language-server: $schema=./scenario.schema.json"),
  handler: async ({ kind }) => {
    const { scenarioJsonSchema } = await import("../../scenario/schema.ts");
    const { experimentJsonSchema } = await import("../../experiment/sweep/schema.ts");
    const schema = kind === "scenario" ? scenarioJsonSchema() : experimentJsonSchema();
    console.log(JSON.stringify(schema, null, 2));
  },
};
