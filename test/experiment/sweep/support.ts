import { parseExperiment, type ParsedExperiment } from "../../../sim/experiment/sweep/parse.ts";
import { ScenarioError } from "../../../sim/scenario/problem.ts";
import { POPULATION } from "../population.ts";

/** An experiment over the group whose truth is known (`population.ts`), with these lines in its file. */
export function experiment(...lines: string[]): ParsedExperiment {
  return parseExperiment(["scenario: population.yaml", ...lines].join("\n"), {
    file: "sweep.yaml",
    find(name) {
      if (name !== "population.yaml") throw new Error(`there is no file ${name}`);
      const read = (): string => {
        throw new Error("it names no files");
      };
      return { file: "scenarios/population.yaml", text: POPULATION, read };
    },
  });
}

/** Four cells that differ in size and churn. */
export const GRID = `
grid:
  initial: { set: groups.g.members.initial, values: [5, 8] }
  lifetime: { set: groups.g.members.lifetime.exponential, values: [20s, 40s] }
outputs: [mean(members), "P(final(members) == 0)"]`;

/** What is wrong with it: `line:column message = advice`. */
export function mistakes(...lines: string[]): string[] {
  try {
    experiment(...lines);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.problems.map(({ at, message, advice }) => `${at?.line}:${at?.column} ${message} = ${advice}`);
  }
  return [];
}
