/** The plans that are shipped: each asks a question, says how to ask it again, and the answer that was found. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parsePlanFile } from "../../../sim/experiment/plan/file.ts";
import { ROOT } from "../../support/cli.ts";

const FOLDER = "scenarios/experiments/plans";
const FILES = readdirSync(path.join(ROOT, FOLDER)).filter((name) => name.endsWith(".yaml"));

describe.each(FILES)("%s", (name) => {
  const text = readFileSync(path.join(ROOT, FOLDER, name), "utf8");

  test("is right, and of a scenario that is there", () => {
    const { scenario } = parsePlanFile(text, name);
    expect(existsSync(path.join(ROOT, FOLDER, scenario))).toBe(true);
  });

  test("states a question, the command, and the answer with its confidence", () => {
    expect(text.split("\n#\n")[0]).toMatch(/^# [^]*\?/);
    expect(text).toContain(`\n#   regroup plan ${FOLDER}/${name}\n`);
    expect(text).toMatch(/^# Answer: \d+( \S+)?, (with 95 %|exactly)\. /m);
  });
});

test("all of them are in the guide, with the answer that they state", () => {
  const guide = readFileSync(path.join(ROOT, FOLDER, "README.md"), "utf8");
  for (const name of FILES) {
    const [, answer] = /^# Answer: (.+?), (?:with|exactly)/m.exec(readFileSync(path.join(ROOT, FOLDER, name), "utf8"))!;
    const row = guide.split("\n").find((line) => line.includes(`(${name})`));
    expect(row).toMatch(new RegExp(`\\| ${answer} +\\|$`));
  }
});

test("there is one for each question that planners ask first", () => {
  expect(FILES.map((name) => path.basename(name, ".yaml"))).toEqual(
    expect.arrayContaining([
      "members",
      "partitions",
      "session-timeout",
      "max-poll-records",
      "headroom",
      "max-unavailable",
    ]),
  );
});
