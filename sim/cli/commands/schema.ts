import type { CommandModule } from "yargs";

interface Options {
  kind: string;
}

/** `regroup schema`: what editors need to complete and check scenario files. */
export const schema: CommandModule<object, Options> = {
  command: "schema [kind]",
  describe: "Print the JSON Schema of scenario files, for editors",
  builder: (yargs) =>
    yargs
      .positional("kind", { choices: ["scenario"], default: "scenario", describe: "Which kind of file" })
      .example("$0 schema > scenario.schema.json", "then begin a scenario with the line below")
      .epilogue("In a scenario: # yaml-language-server: $schema=./scenario.schema.json"),
  handler: async () => {
    const { scenarioJsonSchema } = await import("../../scenario/schema.ts");
    console.log(JSON.stringify(scenarioJsonSchema(), null, 2));
  },
};
