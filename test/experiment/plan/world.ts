/** Worlds whose truth is known: the measure of a run is drawn from a law of the number of members, instead of simulated. */
import { Streams } from "../../../sim/engine/random.ts";
import { inProcess, type Executor } from "../../../sim/experiment/executor.ts";
import { candidatesOf } from "../../../sim/experiment/plan/candidates.ts";
import { parseAxis } from "../../../sim/experiment/plan/axes.ts";
import { parseCost } from "../../../sim/experiment/plan/cost.ts";
import { makePlan, type PlanOptions } from "../../../sim/experiment/plan/make-plan.ts";
import type { Plan } from "../../../sim/experiment/plan/plan.ts";
import { isMistake, parseWanted } from "../../../sim/experiment/wanted.ts";
import type { Mistake } from "../../../sim/scenario/quantities.ts";
import { parseScenario } from "../../../sim/scenario/parse.ts";
import type { Scenario } from "../../../sim/scenario/scenario.ts";
import { parseTarget } from "../../../sim/scenario/targets.ts";

const TEXT = `
topics: { orders: { partitions: 400, rate: 1000/s } }
groups: { g: { members: { initial: 5, capacity: 100/s } } }
events: [{ at: 1m, roll: g, maxUnavailable: 2 }]
`;

/** The value of a measure in a run: of so many members of such a capacity, with this stream of chance. */
export type Law = (members: number, uniform: () => number, capacity: number) => number | null;

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
  return askScenario(TEXT, asked, worldOf(law));
}

/** Asks a scenario, which is simulated if nobody else makes the runs. */
export function askScenario(text: string, asked: Asked, executor: Executor = inProcess): Promise<Plan> {
  const { find = ["members in 1..200"], targets = [], cost, minimise, pareto, most } = asked;
  const scenario = parsed(text, []);
  const axes = find.map((one) => understood(parseAxis(one, undefined, scenario)));
  const price = cost === undefined ? undefined : understood(parseCost(cost));
  const wanted = (one: string) => understood(parseWanted(one, scenario));
  const options: PlanOptions = {
    name: "world",
    scenario,
    axes,
    candidates: understood(candidatesOf(axes, price, () => NaN)),
    targets: targets.map((one) => understood(parseTarget(one))),
    ...(price && { cost: price }),
    ...(minimise && { minimise: { wanted: wanted(minimise.measure), within: minimise.within } }),
    ...(pareto && { pareto: pareto.map((one) => (one === "cost" ? one : wanted(one))) }),
    isMonotone: asked.isMonotone ?? true,
    confidence: asked.confidence ?? 0.95,
    ...(most !== undefined && { most }),
    seed: asked.seed ?? "1",
    executor,
    scenarioOf: async ({ set }) => parsed(text, set),
  };
  return makePlan(options);
}

/** Parsing takes longer than making runs by a law, and the same candidates are asked for again and again. */
const known = new Map<string, Scenario>();

function parsed(text: string, set: readonly string[]): Scenario {
  const key = JSON.stringify([text, set]);
  let scenario = known.get(key);
  if (!scenario) known.set(key, (scenario = parseScenario(text, { set: [...set] }).scenario));
  return scenario;
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
