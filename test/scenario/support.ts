import { parseScenario } from "../../sim/scenario/parse.ts";
import type { ParseOptions } from "../../sim/scenario/parse.ts";
import { ScenarioError } from "../../sim/scenario/problem.ts";
import type { Problem } from "../../sim/scenario/problem.ts";

/** The smallest scenario, for tests to add to. */
export const SMALLEST = `topics:
  orders: 12
groups:
  billing:
    members: 5
`;

/** All that is wrong with a scenario; empty if nothing is. */
export function problemsOf(text: string, options?: ParseOptions): readonly Problem[] {
  try {
    parseScenario(text, options);
    return [];
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems;
    throw error;
  }
}

/** Place, message and advice of each problem in one line: `3:5 x is missing = write x`. */
export function told(text: string, options?: ParseOptions): string[] {
  return problemsOf(text, options).map(({ at, option, message, advice }) => {
    const place = at ? `${at.line}:${at.column}` : (option ?? "");
    return `${place} ${message}${advice === undefined ? "" : ` = ${advice}`}`;
  });
}
