import { availableParallelism } from "node:os";
import path from "node:path";
import { parseAxis, type Axis } from "../experiment/plan/axes.ts";
import { candidatesOf, type Candidate } from "../experiment/plan/candidates.ts";
import { parseCost, type Cost } from "../experiment/plan/cost.ts";
import { isPlanFile, parsePlanFile } from "../experiment/plan/file.ts";
import { readTarget } from "../experiment/plan/goals.ts";
import { makePlan, type PlanOptions } from "../experiment/plan/make-plan.ts";
import type { Plan } from "../experiment/plan/plan.ts";
import { settingOf } from "../experiment/plan/settings.ts";
import { Unanswerable } from "../experiment/plan/trials.ts";
import { MOST_IN_ORDER } from "../experiment/plan/way-of-search.ts";
import { parsePrecision } from "../experiment/precision.ts";
import { RunFailed, seedOf } from "../experiment/replicate.ts";
import { isMistake, parseWanted } from "../experiment/wanted.ts";
import { planSentence } from "../report/plan-sentence.ts";
import { planTable } from "../report/plan-table.ts";
import { nameOf } from "../scenario/parse.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { VERSION } from "../version.ts";
import { checkManyRuns, executorOf, looks, replayLine, tellFailed, understood } from "./experiments.ts";
import { EXIT, Mistake } from "./failure.ts";
import { loadScenario, loadWay, readText, type LoadedScenario, type Way } from "./files.ts";
import { oneRunAtATime } from "./own-assignors.ts";
import { progressBar } from "./progress.ts";

/** What is asked. */
interface PlanQuestion {
  /** The plan's name; the scenario's if it has none. */
  readonly name?: string;
  readonly find?: readonly string[];
  readonly between?: readonly string[];
  readonly target?: readonly string[];
  readonly cost?: string;
  readonly minimise?: string;
  readonly pareto?: readonly string[];
  readonly notMonotone?: boolean;
  /** `95%` or `0.95`. */
  readonly confidence?: string;
  readonly replications?: number;
  readonly seed?: string;
  readonly set?: readonly string[];
}

export interface PlanCommandOptions extends PlanQuestion {
  /** A scenario, or a plan file that names one. */
  readonly scenario: string;
  readonly threads?: number;
  readonly json: boolean;
}

/** Reads what is asked, as far as it goes without a run, so that mistakes come before the first. */
export async function readPlan(given: PlanCommandOptions) {
  const options = withPlanFile(given);
  const { scenario: file, set = [], replications: most, threads = availableParallelism() } = options;
  const confidence = confidenceOf(options.confidence ?? "95%");
  checkManyRuns({ confidence, threads, ...(most !== undefined && { replications: most }) });
  if (most !== undefined && most < 2) throw new Mistake("--replications 1: a test takes at least 2");
  const loaded = await loadScenario(file, set);
  oneRunAtATime(loaded.scenario);
  const asked = understoodQuestion(options, loaded.scenario);
  const { candidates } = asked;
  const scenarioOf = async (candidate: Candidate): Promise<Scenario> =>
    (await loadWay(file, set, wayOf(candidate))).scenario;
  for (const end of [candidates[0], candidates.at(-1)!]) await scenarioOf(end);
  return { options: { ...options, set, threads }, confidence, loaded, asked, scenarioOf };
}

/** Finds what meets the targets, prints it with its evidence, and returns the exit status. */
export async function planScenario(given: PlanCommandOptions): Promise<number> {
  const { options, confidence, loaded, asked, scenarioOf } = await readPlan(given);
  const { scenario: file, set, seed = "1", replications: most, threads, json } = options;
  const { scenario, text, files } = loaded;
  const { candidates } = asked;

  const executor = await executorOf(threads);
  const { name = scenario.name } = options;
  const bar = await progressBar(name);
  let plan: Plan;
  try {
    const progress = (share: number): void => bar.update(share);
    const rest = most === undefined ? {} : { most };
    plan = await makePlan({ ...asked, name, scenario, confidence, seed, executor, scenarioOf, progress, ...rest });
  } catch (error) {
    if (error instanceof Unanswerable) throw new Mistake(error.message);
    if (!(error instanceof RunFailed)) throw error;
    const { task, at } = error;
    const settings = [...set, ...candidates[task.scenario].set];
    return tellFailed(error, replayLine(file, task.seed, settings, at === undefined ? undefined : `${at}us`));
  } finally {
    bar.done();
    await executor.close();
  }

  const { answer } = plan;
  const told = answer.kind === "front" ? answer.candidates[0] : answer.kind === "none" ? undefined : answer.candidate;
  const replay =
    told === undefined ? undefined : replayLine(file, seedOf(seed, 1), [...set, ...plan.candidates[told].set]);
  if (json) console.log(planJson(plan, { file, text, files, set }));
  else console.log(planTable(plan, { ...looks(), ...(replay !== undefined && { replay }) }));
  return answer.kind === "none" ? EXIT.unmet : EXIT.done;
}

const wayOf = ({ set }: Candidate): Way => ({
  name: `candidate ${set.join(", ")}`,
  set,
  written: (setting) => `candidate ${setting}`,
});

/** If the file is a plan, what it asks; options that are given besides count more. */
function withPlanFile(options: PlanCommandOptions): PlanCommandOptions {
  const { scenario: file, set = [], ...given } = options;
  const source = readText(file).replace(/^\uFEFF/, "");
  if (!isPlanFile(source)) return options;
  const { scenario, set: before, monotone, confidence, seed, description: _, ...rest } = parsePlanFile(source, file);
  const asked: PlanQuestion = {
    name: nameOf(file),
    ...rest,
    ...(monotone === false && { notMonotone: true }),
    ...(confidence !== undefined && { confidence: String(confidence) }),
    ...(seed !== undefined && { seed: String(seed) }),
  };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== false));
  return {
    ...asked,
    ...known,
    json: options.json,
    scenario: path.join(path.dirname(file), scenario).replaceAll("\\", "/"),
    set: [...before, ...set],
  };
}

/** For machines: the plan (`sim/experiment/plan/plan.ts`), what repeats any of its runs, and the answer in words. */
function planJson(
  plan: Plan,
  scenario: Pick<LoadedScenario, "file" | "text" | "files"> & { set: readonly string[] },
): string {
  const head = { regroup: "plan", schema: 1, version: VERSION, scenario };
  return JSON.stringify({ ...head, sentence: planSentence(plan), ...plan }, null, 2);
}

function confidenceOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim());
  return match ? Number(match[1]) / (match[2] === "%" ? 100 : 1) : NaN;
}

type Asked = Pick<PlanOptions, "axes" | "candidates" | "targets" | "cost" | "minimise" | "pareto" | "isMonotone">;

/** The question in the model's words, or what is wrong with it. */
function understoodQuestion(question: PlanQuestion, scenario: Scenario): Asked {
  const { find = [], between = [], target = [], minimise, pareto, notMonotone = false } = question;
  if (find.length === 0) throw new Mistake("--find what? For instance --find members");
  if (between.length > find.length) throw new Mistake(`--between ${between.at(-1)}: there is nothing to find for it`);
  const axes = find.map((text, i) => understood(`--find ${text}`, parseAxis(text, between[i], scenario)));
  checkIndependent(axes);
  const targets = target.map((text) => understood("--target", readTarget(text, scenario)));
  const cost = question.cost === undefined ? undefined : understood("--cost", parseCost(question.cost));
  const candidates = understood("--find", candidatesOf(axes, cost, pricesOf(cost, axes, scenario)));

  if (minimise !== undefined && pareto !== undefined)
    throw new Mistake("--minimise and --pareto are two questions: ask one at a time");
  const isContest = minimise !== undefined || pareto !== undefined;
  if (!isContest && targets.length === 0)
    throw new Mistake("--target what? For instance --target 'p99(timeLag) < 30s', or --minimise 'p99(timeLag) 1s'");
  if ((isContest || notMonotone) && candidates.length > MOST_IN_ORDER)
    throw new Mistake(
      `--find: there are ${candidates.length} candidates, and each has to be examined\n` +
        ` = ${MOST_IN_ORDER} are the limit: --between '1..200 by 10', or --between '1..200 log 20'`,
    );
  return {
    axes,
    candidates,
    targets,
    ...(cost && { cost }),
    ...(minimise !== undefined && { minimise: least(minimise, scenario) }),
    ...(pareto && { pareto: front(pareto, cost, scenario) }),
    isMonotone: !notMonotone,
  };
}

/** Two settings must not set the same field, or one what the other is reckoned from. */
function checkIndependent(axes: readonly Axis[]): void {
  const fields = new Map<string, string>();
  for (const { name, points } of axes) {
    for (const text of points[0].set) {
      const field = text.slice(0, text.indexOf("="));
      const other = fields.get(field);
      if (other !== undefined) throw new Mistake(`--find: ${other} and ${name} both set ${field}`);
      fields.set(field, name);
    }
  }
  if (axes.length > 1 && axes.some(({ name }) => /(?:^|\.)headroom$/.test(name)))
    throw new Mistake("--find headroom is reckoned from everything else: look for it alone, or for capacity");
}

/** What a cost may depend on besides the settings that are looked for: what the scenario says. */
function pricesOf(cost: Cost | undefined, axes: readonly Axis[], scenario: Scenario): (name: string) => number {
  const numbers = new Map<string, number>();
  for (const name of cost?.names ?? []) {
    if (axes.some((axis) => axis.name === name)) continue;
    const setting = settingOf(name, scenario);
    const number = isMistake(setting) ? undefined : setting.of(scenario);
    if (number === undefined)
      throw new Mistake(
        `--cost ${cost!.text}: ${name} is no setting with a price\n` +
          ` = use what is looked for: ${axes.map((axis) => axis.name).join(", ")}; or members, partitions, brokers …`,
      );
    numbers.set(name, number);
  }
  return (name) => numbers.get(name)!;
}

/** `mean(timeLag) 500ms`: what is to be least, and which difference matters. */
function least(text: string, scenario: Scenario): NonNullable<PlanOptions["minimise"]> {
  const { wanted, reach } = understood("--minimise", parsePrecision(text, scenario));
  if (!("amount" in reach))
    throw new Mistake(
      `--minimise ${text}: how large a difference matters has to be said beforehand\n = write an amount: p99(timeLag) 500ms`,
    );
  return { wanted, within: reach.amount };
}

function front(
  texts: readonly string[],
  cost: Cost | undefined,
  scenario: Scenario,
): NonNullable<PlanOptions["pareto"]> {
  const two = texts.flatMap((text) => text.split(",")).map((text) => text.trim());
  if (two.length !== 2) throw new Mistake("--pareto takes two: --pareto 'p99(timeLag), cost'");
  return two.map((text) => {
    if (text !== "cost") return understood("--pareto", parseWanted(text, scenario));
    if (!cost) throw new Mistake("--pareto cost: nobody said what it is\n = add --cost 'members * 0.10/h'");
    return text;
  });
}
