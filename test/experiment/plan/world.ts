/** Worlds whose truth is known: the measure of a run is drawn from a law of the number of members, instead of simulated. */
import { Streams } from "../../../sim/engine/random.ts";
import type { Executor } from "../../../sim/experiment/executor.ts";
import { candidatesOf } from "../../../sim/experiment/plan/candidates.ts";
import { parseAxis } from "../../../sim/experiment/plan/axes.ts";
import { parseCost } from "../../../sim/experiment/plan/cost.ts";
import { makePlan, type PlanOptions } from "../../../sim/experiment/plan/make-plan.ts";
import type { Plan } from "../../../sim/experiment/plan/plan.ts";
import { isMistake, parseWanted } from "../../../sim/experiment/wanted.ts";
import type { Mistake } from "../../../sim/scenario/quantities.ts";
import { parseScenario } from "../../../sim/scenario/parse.ts";
import { parseTarget } from "../../../sim/scenario/targets.ts";

export const TEXT = `
topics: { orders: { partitions: 400, rate: 1000/s } }
groups: { g: { members: { initial: 5, capacity: 100/s } } }
events: [{ at: 1m, roll: g, maxUnavailable: 2 }]
`;

export const BASE = parseScenario(TEXT, { file: "world.yaml" }).scenario;

/** The value of a measure in a run: of so many members of such a capacity, with this stream of chance. */
export type Law = (members: number, uniform: () => number, capacity: number) => number;

/** Makes runs by a law. The same seed gives the same chance to every candidate. */
export function worldOf(law: Law): Executor {
  return {
    async *run({ scenarios, measures }, tasks) {
      for (const { scenario, seed } of tasks) {
        const { initial, capacity } = scenarios[scenario].groups[0].members;
        const stream = new Streams(seed).stream("run");
        const value = law(initial, () => stream.uniform53(), capacity);
        yield { values: measures.map(() => value), verdicts: [] };
      }
    },
    close: async () => {},
  };
}

export interface Asked {
  readonly find?: readonly string[];
  readonly targets?: readonly string[];
  readonly cost?: string;
  readonly minimise?: { readonly measure: string; readonly within: number };
  readonly pareto?: readonly string[];
  readonly isMonotone?: boolean;
  readonly confidence?: number;
  readonly most?: number;
  readonly seed?: string;
}

/** Asks a world. */
export function ask(law: Law, asked: Asked): Promise<Plan> {
  const { find = ["members in 1..200"], targets = [], cost, minimise, pareto, most } = asked;
  const axes = find.map((text) => understood(parseAxis(text, undefined, BASE)));
  const price = cost === undefined ? undefined : understood(parseCost(cost));
  const candidates = understood(candidatesOf(axes, price, () => NaN));
  const wanted = (text: string) => understood(parseWanted(text, BASE));
  const options: PlanOptions = {
    scenario: BASE,
    axes,
    candidates,
    targets: targets.map((text) => understood(parseTarget(text))),
    ...(price && { cost: price }),
    ...(minimise && { minimise: { wanted: wanted(minimise.measure), within: minimise.within } }),
    ...(pareto && { pareto: pareto.map((one) => (one === "cost" ? one : wanted(one))) }),
    isMonotone: asked.isMonotone ?? true,
    confidence: asked.confidence ?? 0.95,
    ...(most !== undefined && { most }),
    seed: asked.seed ?? "1",
    executor: worldOf(law),
    scenarioOf: async ({ set }) => parseScenario(TEXT, { set }).scenario,
  };
  return makePlan(options);
}

/** The labels of the answer's values. */
export function answerOf({ answer, candidates, question }: Plan): readonly string[] | string {
  if (answer.kind === "none" || answer.kind === "front") return answer.kind;
  return candidates[answer.candidate].at.map((place, axis) => question.find[axis].points[place].label);
}

export function understood<T extends object>(read: T | Mistake): T {
  if (isMistake(read)) throw new Error(`${read.message} = ${read.advice}`);
  return read as T;
}
