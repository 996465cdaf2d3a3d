import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT, shell } from "./support/cli.ts";
import {
  blocksOf,
  commandsOf,
  headerCommands,
  headersRun,
  FIRST_TIER,
  pageRuns,
  SECOND_TIER,
  shortened,
  textOf,
} from "./support/printed.ts";

// What makes many runs is shortened; `docs.slow.test.ts` runs it as it stands.
for (const page of FIRST_TIER) pageRuns(page, commandsOf(textOf(page)).map(shortened));
headersRun(headerCommands().map(shortened));

test.each([...FIRST_TIER, ...SECOND_TIER])("%s has commands", (page) =>
  expect(commandsOf(textOf(page)).length).toBeGreaterThanOrEqual(3),
);

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
