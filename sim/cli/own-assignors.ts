import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Assignor } from "../kafka/assignors/assignor.ts";
import { checkedAssignor, type ForeignAssignor } from "../kafka/assignors/checked.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { Mistake } from "./failure.ts";

/**
 * Loads the assignors that a scenario's groups bring along (`assignor: ./my-assignor.js`, from the scenario's folder).
 * Every answer they give will be checked.
 *
 * @throws {Mistake} if there is no such file, it does not load, or its default export is no function.
 */
export async function loadAssignors(file: string, { groups }: Scenario): Promise<ReadonlyMap<string, Assignor>> {
  const own = new Map<string, Assignor>();
  for (const { id, assignor } of groups) {
    if (assignor === undefined || own.has(assignor)) continue;
    const where = path.resolve(path.dirname(file), assignor);
    if (!existsSync(where)) throw new Mistake(`there is no file ${where}, which ${id} names as its assignor`);
    let found: { readonly default?: unknown };
    try {
      found = (await import(/* @vite-ignore */ pathToFileURL(where).href)) as typeof found;
    } catch (error) {
      throw new Mistake(`${assignor}, the assignor of ${id}, does not load: ${(error as Error).message}`);
    }
    if (typeof found.default !== "function") {
      throw new Mistake(`${assignor}, the assignor of ${id}, has no function as its default export`);
    }
    own.set(assignor, checkedAssignor(assignor, found.default as ForeignAssignor));
  }
  return own;
}

/**
 * Experiments run on many threads, where code of the user's does not come along.
 *
 * @throws {Mistake} if the scenario needs some.
 */
export function oneRunAtATime({ groups }: Scenario): void {
  const needy = groups.find(({ assignor }) => assignor !== undefined);
  if (needy) throw new Mistake(`${needy.id} has an assignor of its own, which regroup can run one run at a time only`);
}
