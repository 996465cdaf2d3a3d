import type { CommandModule } from "yargs";

interface Options {
  kind: string;
}

/** `regroup schema`: what editors need to complete and check scenario, experiment and plan files. */
export const schema: CommandModule<object, Options> = {
  command: "schema [kind]",
  describe: "Print the JSON Schema of scenario, experiment or plan files, for editors",
  builder: (yargs) =>
    yargs
      .positional("kind", {
        choices: ["scenario", "experiment", "plan"] as const,
        default: "scenario",
        describe: "Which kind of file",
      })
      .example("$0 schema > scenario.schema.json", "then begin a scenario with the line below")
      .epilogue("In a scenario: # yaml-language-server: $schema=./scenario.schema.json"),
  handler: async ({ kind }) => {
    const { scenarioJsonSchema } = await import("../../scenario/schema.ts");
    const { experimentJsonSchema } = await import("../../experiment/sweep/schema.ts");
    const { planJsonSchema } = await import("../../experiment/plan/file.ts");
    const schemas = new Map([
      ["scenario", scenarioJsonSchema],
      ["experiment", experimentJsonSchema],
      ["plan", planJsonSchema],
    ]);
    console.log(JSON.stringify(schemas.get(kind)!(), null, 2));
  },
};
