import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ROOT, shell } from "./cli.ts";
import { perform } from "./here.ts";

/* What we print is run: the commands of the README, of the field guides and of the scenarios' headers. */

export const textOf = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");

/** The fenced blocks of a page in this language. */
export function blocksOf(page: string, language: string): string[] {
  return [...page.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].filter(([, is]) => is === language).map(([, , text]) => text);
}

/** Pages whose commands are run; those of the second tier's are long, and each reads what the one before has made. */
export const FIRST_TIER = ["README.md", "scenarios/README.md"];
export const SECOND_TIER = ["scenarios/experiments/README.md"];

/** The commands of a page, in order: lines of its blocks, and what it says in passing if that has arguments. */
export function commandsOf(page: string): string[] {
  return [...page.matchAll(/^```(\w*)\n([^]*?)^```$|`(regroup [^`\s]+ [^`\n]+)`/gm)].flatMap(
    ([, language, block, passing]) => {
      if (block === undefined) return [passing];
      return ["", "sh"].includes(language) ? block.split("\n").filter((line) => /(?:^|\| )regroup /.test(line)) : [];
    },
  );
}

/** The commands in the scenarios' headers. */
export function headerCommands(): string[] {
  return readdirSync(path.join(ROOT, "scenarios"))
    .filter((name) => name.endsWith(".yaml"))
    .flatMap((name) => [...textOf(`scenarios/${name}`).matchAll(/^# {3}(regroup .+)$/gm)])
    .map(([, command]) => command);
}

/** What Kafka's tool prints for the group that the README asks about. */
const DESCRIBED = `
GROUP    TOPIC   PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG  CONSUMER-ID  HOST        CLIENT-ID
billing  orders  0          10              15              5    c-1-8f6e     /10.0.0.1   c-1
billing  orders  1          12              12              0    c-1-8f6e     /10.0.0.1   c-1
billing  orders  2          9               9               0    c-2-1f0a     /10.0.0.2   c-2
`;

/**
 * Claims that these commands of a page do what they say, in their order: one may read what another wrote. Those that need a
 * shell get one, so some of them go the whole way from there to an exit status.
 */
export function pageRuns(file: string, commands: readonly string[]): void {
  describe(file, () => {
    const sh = shell(afterAll);
    writeFileSync(path.join(sh.folder, "my.yaml"), blocksOf(textOf(file), "yaml")[0] ?? "");
    sh.program("kafka-consumer-groups.sh", `cat <<'END'${DESCRIBED}END`);

    test.each(commands)("%s", async (command) => {
      const { status, stderr } = await perform(sh, command);
      expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    });
  });
}

/** With nothing changed, what a header promises has to come true. */
const isPlain = (command: string): boolean => /^regroup run \S+\.yaml$/.test(command);

/** Claims that these commands of scenarios' headers do what they say. */
export function headersRun(commands: readonly string[]): void {
  describe("the scenarios' headers", () => {
    const sh = shell(afterAll);
    test.each(commands)("%s", async (command) => {
      const { status, stderr } = await perform(sh, isPlain(command) ? `${command} --expect` : command);
      const unexpected = stderr.replace(/^.*legal but unwise: regroup check .*\n/m, ""); // some show just that
      expect({ status, unexpected }).toEqual({ status: 0, unexpected: "" });
    });
  });
}

/** The same command in small, for the first tier: few replications, and of a simulated day its first minutes. */
export function shortened(command: string): string {
  const [, replications] = /--replications (\d+)/.exec(command) ?? [];
  if (command.startsWith("regroup sweep ")) return replications === "1" ? command : sweptOnce(command);
  if (command.startsWith("regroup plan ")) return `${command} --replications 20`;
  if (Number(replications) > 20) return command.replace(/--replications \d+/, "--replications 2");
  return /^regroup run \S*poisson-churn/.test(command) ? `${command} --until 20m` : command;
}

const sweptOnce = (command: string): string =>
  command.replace(/ --replications \d+/, "").replace("regroup sweep", "$& --replications 1");

/** Whether it is the second tier that runs a command as it stands. */
export const isLong = (command: string): boolean => shortened(command) !== command;
