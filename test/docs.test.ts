import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ROOT, shell } from "./support/cli.ts";

/* What we print is run: the commands of the README, of the field guide and of the scenarios' headers. */

const textOf = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");

/** The fenced blocks of a page in this language. */
function blocksOf(page: string, language: string): string[] {
  return [...page.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].filter(([, is]) => is === language).map(([, , text]) => text);
}

/** The commands of a page, in order: lines of its blocks, and what it says in passing if that has arguments. */
function commandsOf(page: string): string[] {
  return [...page.matchAll(/^```(\w*)\n([^]*?)^```$|`(regroup [^`\s]+ [^`\n]+)`/gm)].flatMap(
    ([, language, block, passing]) => {
      if (block === undefined) return [passing];
      return ["", "sh"].includes(language) ? block.split("\n").filter((line) => /(?:^|\| )regroup /.test(line)) : [];
    },
  );
}

/** What Kafka's tool prints for the group that the README asks about. */
const DESCRIBED = `
GROUP    TOPIC   PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG  CONSUMER-ID  HOST        CLIENT-ID
billing  orders  0          10              15              5    c-1-8f6e     /10.0.0.1   c-1
billing  orders  1          12              12              0    c-1-8f6e     /10.0.0.1   c-1
billing  orders  2          9               9               0    c-2-1f0a     /10.0.0.2   c-2
`;

describe.each(["README.md", "scenarios/README.md", "scenarios/experiments/README.md"])("%s", (file) => {
  const sh = shell(afterAll);
  writeFileSync(path.join(sh.folder, "my.yaml"), blocksOf(textOf(file), "yaml")[0] ?? "");
  sh.program("kafka-consumer-groups.sh", `cat <<'END'${DESCRIBED}END`);
  const commands = commandsOf(textOf(file));

  test("has commands", () => expect(commands.length).toBeGreaterThanOrEqual(3));

  // In their order: one may read what another wrote.
  test.each(commands)("%s", async (command) => {
    const { status, stderr } = await sh.run(command);
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe("the scenarios' headers", () => {
  const sh = shell(afterAll);
  const commands = readdirSync(path.join(ROOT, "scenarios"))
    .filter((name) => name.endsWith(".yaml"))
    .flatMap((name) => [...textOf(`scenarios/${name}`).matchAll(/^# {3}(regroup .+)$/gm)])
    .map(([, command]) => command);

  // With nothing changed, what the header promises has to come true.
  const isPlain = (command: string): boolean => /^regroup run \S+\.yaml$/.test(command);

  test.concurrent.each(commands)("%s", async (command) => {
    const { status, stderr } = await sh.run(isPlain(command) ? `${command} --expect` : command);
    const unexpected = stderr.replace(/^.*legal but unwise: regroup check .*\n/m, ""); // some show just that
    expect({ status, unexpected }).toEqual({ status: 0, unexpected: "" });
  });
});

describe("the README", () => {
  const readme = textOf("README.md");

  test("begins with what a newcomer does", () => {
    const [first] = blocksOf(readme, "sh");
    expect(first.split("\n").map((line) => line.replace(/ +#.*/, ""))).toEqual([
      "npm install && npm start",
      "npm install && npm test",
      "",
    ]);
  });

  test("shows lines of a summary as they are printed", async () => {
    const [excerpt] = blocksOf(readme, "");
    const { stdout } = await shell().run("regroup run scenarios/incident-kill-9.yaml");
    expect(stdout).toContain(excerpt);
  });

  test("shows a program that runs", async () => {
    const sh = shell();
    mkdirSync(path.join(sh.folder, "node_modules"));
    symlinkSync(ROOT, path.join(sh.folder, "node_modules/regroup"));
    writeFileSync(path.join(sh.folder, "program.mjs"), blocksOf(readme, "js")[0]);
    const { status, stdout, stderr } = await sh.run("node program.mjs");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^6\.\d+ s: generation 1\n34\d\.\d+ s: generation 2\n$/);
  });

  test.each([...readme.matchAll(/\]\(([^)#]+)\)/g)].map(([, target]) => target))(
    "links to %s, which is there",
    (target) => {
      expect(() => readFileSync(path.join(ROOT, target))).not.toThrow();
    },
  );
});
