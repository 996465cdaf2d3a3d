import { KnownKeys } from "../../sim/scenario/keys.ts";
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

/** Every key there is, learned once: that takes far longer than reading a scenario. */
export const KEYS = new KnownKeys();

/** All that is wrong with a scenario; empty if nothing is. */
export function problemsOf(text: string, options?: ParseOptions): readonly Problem[] {
  try {
    parseScenario(text, { keys: KEYS, ...options });
    return [];
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems;
    throw error;
  }
}

/** The settings that are said to be ignored, in the order of the file, each with its line. */
export function ignoredSettings(text: string): { name: string; line: number | undefined }[] {
  const found = parseScenario(text).lints.flatMap(({ message, at, parts }) => {
    if (parts) return message.endsWith(" settings are ignored: regroup does not model them") ? parts : [];
    const name = /^(\S+) is ignored: regroup does not model it$/.exec(message)?.[1];
    return name === undefined ? [] : [{ name, at }];
  });
  return found.map(({ name, at }) => ({ name, line: at?.line })).sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** Place, message and advice of each problem in one line: `3:5 x is missing = write x`. */
export function told(text: string, options?: ParseOptions): string[] {
  return problemsOf(text, options).map(({ at, option, message, advice }) => {
    const place = at ? `${at.line}:${at.column}` : (option ?? "");
    return `${place} ${message}${advice === undefined ? "" : ` = ${advice}`}`;
  });
}
