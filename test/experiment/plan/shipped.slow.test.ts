/** The answers that shipped plans state are those that are found. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { planScenario } from "../../../sim/cli/plan.ts";
import { ROOT } from "../../support/cli.ts";

const FOLDER = path.join(ROOT, "scenarios/experiments/plans");
afterEach(() => vi.restoreAllMocks());

test.each(readdirSync(FOLDER).filter((name) => name.endsWith(".yaml")))("%s", async (name) => {
  const file = path.join(FOLDER, name);
  const [, stated] = /^# Answer: (\d+(?: [a-z%]+)?)[,.]/m.exec(readFileSync(file, "utf8"))!;
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  expect(await planScenario({ scenario: file, json: true })).toBe(0);
  const { answer, candidates, question } = JSON.parse(String(log.mock.calls.at(-1)![0]));
  expect(answer).toMatchObject({ kind: "found", isLast: true });
  const [place] = candidates[answer.candidate].at;
  expect(question.find[0].points[place].label).toBe(stated.replace(" ", ""));
});
