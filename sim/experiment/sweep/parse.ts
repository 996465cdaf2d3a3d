/** From the text of an experiment file to an experiment and its cells, or to all that is wrong with it. */
import type { Instant } from "../../engine/time.ts";
import { isRecord, ScenarioDocument, type Finding, type Path } from "../../scenario/document.ts";
import { KnownKeys } from "../../scenario/keys.ts";
import { override } from "../../scenario/overrides.ts";
import { inOrder, nameOf as nameOfFile, parseScenario } from "../../scenario/parse.ts";
import { ScenarioError, type Problem } from "../../scenario/problem.ts";
import { parseExpectation, type Mistake } from "../../scenario/quantities.ts";
import type { ReadFile } from "../../scenario/samples.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { schemaFindings, type FileKind } from "../../scenario/schema-problems.ts";
import { hashOf } from "../../simulation/simulate.ts";
import { measuresOf, nameOf, type CurveOf, type Measure, type Wanted } from "../measures.ts";
import { parsePrecision } from "../precision.ts";
import { fits, isMistake, parseWanted } from "../wanted.ts";
import type { Experiment, Output } from "./experiment.ts";
import { axisOf, places, setting, type Axis, type Place } from "./grid.ts";
import { experimentJsonSchema, experimentSchema, LIMITS, type Written } from "./schema.ts";

/** A scenario's file as the experiment found it. */
export interface FoundScenario {
  /** Its name from where we are, as `regroup run` takes it. */
  readonly file: string;
  readonly text: string;
  /** Reads the files that it names. */
  readonly read: ReadFile;
}

export interface ParseExperimentOptions {
  /** The experiment file's name, for messages, and for its name if it states none. */
  readonly file: string;
  /** Finds the scenario by the name the experiment has for it. Throws with a reason for people. */
  readonly find: (name: string) => FoundScenario;
}

/** One combination of the parameters' values. */
export interface Cell {
  readonly at: Place;
  /** What makes it of the scenario, as `--set` takes it. */
  readonly set: readonly string[];
  readonly scenarioHash: string;
  readonly from: Instant;
  readonly end: Instant;
}

export interface ParsedExperiment {
  readonly experiment: Experiment;
  /** What was varied, with the texts of the files it names. */
  readonly scenario: { readonly file: string; readonly text: string; readonly files: Readonly<Record<string, string>> };
  readonly cells: readonly Cell[];
  /** The scenario with these settings. */
  scenarioWith(set: readonly string[]): Scenario;
}

/** Whether a file's text means an experiment rather than a scenario: an experiment has a scenario, or a grid. */
export function isExperiment(text: string): boolean {
  const { value } = new ScenarioDocument(text);
  return isRecord(value) && ("scenario" in value || "grid" in value) && !("groups" in value) && !("topics" in value);
}

const USUAL_REPLICATIONS = 30;
/** As far as a precision is pursued if nobody says how far. */
const MOST_FOR_PRECISION = 10_000;

/** Nobody reads more of them at once. */
const MOST_PROBLEMS = 30;

/**
 * Reads an experiment, and each cell of it as far as finding out whether it can be run.
 *
 * @throws {ScenarioError} with all mistakes at once, each with its place and what would be right; of the experiment
 * file, or, if that is fine, of the scenario's.
 */
export function parseExperiment(text: string, { file, find }: ParseExperimentOptions): ParsedExperiment {
  const source = text.replace(/^\uFEFF/, "");
  const document = new ScenarioDocument(source);
  const fail = (problems: readonly Problem[]): never => {
    throw new ScenarioError(inOrder(problems).slice(0, MOST_PROBLEMS), file, source);
  };
  const failIfAny = (findings: readonly Finding[]): void => {
    const problems = [...document.problems, ...findings.map((finding) => document.locate(finding))];
    if (problems.length > 0) fail(problems);
  };
  if (document.broken) return fail(document.problems);
  const result = experimentSchema.safeParse(document.value);
  if (!result.success) {
    const keys = new KnownKeys(experimentJsonSchema);
    return failIfAny(schemaFindings(result.error.issues, document.value, keys, EXPERIMENT)) as never;
  }
  const written = result.data;

  const { axes, findings } = axesOf(written);
  let found: FoundScenario | undefined;
  try {
    found = find(written.scenario);
  } catch (error) {
    findings.push({
      paths: [["scenario"]],
      message: `scenario cannot be read: ${(error as Error).message}`,
      advice: "the name is relative to the experiment's folder",
    });
  }
  failIfAny(findings);
  const base = rememberingFiles(found!);
  base.with([]); // what is wrong with the scenario as it stands is told as of its own file
  const set = Object.entries(written.set ?? {}).map(([field, value]) => setting(field, value));
  failIfAny(unknownFields(written, axes, base));
  const cells = cellsOf(written, set, axes, base);
  failIfAny(cells.findings);
  const scenario = base.with(cells.all[0].set);
  const precision =
    written.precision === undefined
      ? undefined
      : { ...parsePrecision(written.precision, scenario), text: written.precision };
  const pursued = precision && !isMistake(precision) ? precision : undefined;
  const told = outputsOf(written, scenario, pursued?.wanted);
  failIfAny([
    ...told.findings,
    ...(precision && isMistake(precision) ? [findingOf(precision, ["precision"], "precision")] : []),
  ]);

  const { name, description, replications, seed, confidence, warmUp } = written;
  const experiment: Experiment = {
    name: name ?? nameOfFile(file),
    ...(description !== undefined && { description }),
    scenario: written.scenario,
    set,
    parameters: axes.map(({ points, ...axis }) => ({
      ...axis,
      points: points.map(({ label, number, set }) => ({ label, number, set })),
    })),
    outputs: told.outputs,
    measures: told.measures,
    curves: curvesOf(written, scenario),
    seed: String(seed ?? 1),
    replications: replications ?? (pursued ? MOST_FOR_PRECISION : USUAL_REPLICATIONS),
    ...(pursued && { precision: pursued }),
    confidence: confidence ?? 0.95,
    ...(warmUp !== undefined && { warmUp }),
  };
  return {
    experiment,
    scenario: { file: found!.file, text: found!.text, files: base.files },
    cells: cells.all,
    scenarioWith: base.with,
  };
}

const EXPERIMENT: FileKind = {
  article: "an",
  noun: "experiment",
  smallest: "one has scenario: <file>, grid: { <name>: { set: <field>, values: [1, 2] } } and outputs: [p99(timeLag)]",
  missing(path) {
    const key = path.at(-1);
    if (key === "scenario") return "which file is varied? scenario: ../crash.yaml";
    if (key === "grid") return "what is varied? members: { set: groups.billing.members.initial, values: [4, 8] }";
    return key === "outputs" ? "what is asked of each cell? outputs: [p99(timeLag), rebalances]" : undefined;
  },
};

const findingOf = ({ message, advice }: Mistake, path: Path, subject: string): Finding => ({
  paths: [path],
  message: `${subject}: ${message}`,
  advice,
});

function axesOf({ grid }: Written): { readonly axes: readonly Axis[]; readonly findings: Finding[] } {
  const axes: Axis[] = [];
  const findings: Finding[] = [];
  for (const [name, parameter] of Object.entries(grid)) {
    const axis = axisOf(name, parameter);
    if ("mistake" in axis) {
      const { message, advice } = axis.mistake;
      findings.push({ paths: [axis.at], message: `${name} ${message}`, advice });
    } else axes.push(axis);
  }
  const size = axes.reduce((product, { points }) => product * points.length, 1);
  const count = Object.keys(grid).length;
  if (count === 0)
    findings.push({ paths: [["grid"]], message: "the grid has no parameters", advice: EXPERIMENT.missing(["grid"])! });
  if (count > LIMITS.parameters)
    findings.push({
      paths: [["grid"]],
      message: `the grid has ${count} parameters`,
      advice: `${LIMITS.parameters} are the limit`,
    });
  else if (size > LIMITS.cells)
    findings.push({
      paths: [["grid"]],
      message: `the grid has ${size} cells`,
      advice: `${LIMITS.cells} are the limit`,
    });
  return { axes, findings };
}

interface Base {
  readonly file: string;
  readonly text: string;
  readonly keys: KnownKeys;
  /** The texts of the files the scenario has named so far. */
  readonly files: Record<string, string>;
  readonly with: (set: readonly string[]) => Scenario;
}

function rememberingFiles({ file, text, read }: FoundScenario): Base {
  const files: Record<string, string> = {};
  const remember: ReadFile = (name) => (files[name] ??= read(name));
  const keys = new KnownKeys();
  return { file, text, keys, files, with: (set) => parseScenario(text, { file, set, read: remember, keys }).scenario };
}

/** Fields that the scenario does not have, told where they are named. */
function unknownFields(written: Written, axes: readonly Axis[], { text, keys }: Base): Finding[] {
  const named: { readonly field: string; readonly at: Path; readonly key: boolean; readonly set: string }[] = [];
  for (const [field, value] of Object.entries(written.set ?? {}))
    named.push({ field, at: ["set", field], key: true, set: setting(field, value) });
  for (const { name, points } of axes) {
    const isOne = "set" in written.grid[name];
    for (const { set, written: places } of isOne ? points.slice(0, 1) : points)
      for (const [i, one] of set.entries()) {
        const field = one.slice(0, one.indexOf("="));
        const at: Path = isOne ? ["grid", name, "set"] : places[i].filter((step) => typeof step === "string");
        named.push({ field, at, key: !isOne, set: one });
      }
  }
  const told = new Set<string>();
  return named.flatMap(({ field, at, key, set }) => {
    const id = JSON.stringify(at);
    if (told.has(id)) return [];
    told.add(id);
    return override(new ScenarioDocument(text), set, keys).map(({ message, advice }) => ({
      paths: [at],
      ...(key && { key: true as const }),
      message: `${field} ${message}`,
      ...(advice !== undefined && { advice }),
    }));
  });
}

/** Every cell that can be run, and what is wrong with the others. */
function cellsOf(written: Written, set: readonly string[], axes: readonly Axis[], base: Base) {
  const all: Cell[] = [];
  const wrong: { readonly at: Place; readonly error: ScenarioError }[] = [];
  let own: string | undefined;
  for (const at of places(axes.map(({ points }) => points.length))) {
    const settings = [...set, ...at.flatMap((point, axis) => axes[axis].points[point].set)];
    try {
      const scenario = base.with(settings);
      const { warmUp, duration, groups } = scenario;
      own ??= groups.find(({ assignor }) => assignor !== undefined)?.id;
      all.push({ at, set: settings, scenarioHash: hashOf(scenario), from: Math.min(warmUp, duration), end: duration });
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      wrong.push({ at, error });
      if (wrong.length >= MOST_PROBLEMS) break;
    }
  }
  const findings = cellFindings(wrong, written, axes);
  if (own !== undefined)
    findings.push({
      paths: [["scenario"]],
      message: `${own} has an assignor of its own`,
      advice: "experiments run on many threads and machines, where such code does not come along; regroup run has it",
    });
  return { all, findings };
}

/** What is wrong with cells, each mistake once, at the value that makes it. */
function cellFindings(
  wrong: readonly { readonly at: Place; readonly error: ScenarioError }[],
  written: Written,
  axes: readonly Axis[],
): Finding[] {
  const findings = new Map<string, Finding>();
  for (const { at, error } of wrong) {
    for (const { message, advice, option, at: position } of error.problems) {
      const path = pathOf(option, at, written, axes);
      const settings = at.map((point, axis) => `${axes[axis].name} ${axes[axis].points[point].label}`).join(", ");
      const where = position ? ` (with ${settings}; ${error.file}:${position.line}:${position.column})` : "";
      const finding: Finding = { paths: [path], message: message + where, ...(advice !== undefined && { advice }) };
      const id = JSON.stringify([path, message]);
      if (!findings.has(id)) findings.set(id, finding);
    }
  }
  return [...findings.values()];
}

/** Where in the experiment file the setting stands that a problem is about. */
function pathOf(option: string | undefined, at: Place, written: Written, axes: readonly Axis[]): Path {
  const set = option?.replace(/^--set /, "");
  for (const [axis, point] of at.entries()) {
    const { set: settings, written: paths } = axes[axis].points[point];
    const i = settings.findIndex((one) => one === set);
    if (i >= 0) return paths[i];
  }
  const own = Object.entries(written.set ?? {}).find(([field, value]) => setting(field, value) === set);
  return own ? ["set", own[0]] : ["scenario"];
}

/** What the outputs name, group by group where they name none; every measure that they need, once. */
function outputsOf(
  { outputs: texts }: Written,
  scenario: Scenario,
  also: Wanted | undefined,
): { readonly outputs: Output[]; readonly measures: Measure[]; readonly findings: Finding[] } {
  const findings: Finding[] = [];
  const outputs: Output[] = [];
  const measures = new Map<string, Measure>();
  const several = scenario.groups.length > 1;
  const kept = (found: readonly Measure[]): Measure[] =>
    found.map((measure) => {
      const name = nameOf(measure, true);
      if (!measures.has(name)) measures.set(name, measure);
      return measures.get(name)!;
    });
  const measured = (wanted: Wanted): Measure[] =>
    kept(measuresOf(scenario, [wanted]).filter((measure) => fits(measure, wanted)));
  texts.forEach((text, i) => {
    const inside = /^\s*P\s*\(([^]*)\)\s*$/.exec(text)?.[1];
    const wanted = inside === undefined ? parseWanted(text, scenario) : undefined;
    const expectation = inside === undefined ? undefined : parseExpectation(inside);
    const read = wanted ?? expectation!;
    if (isMistake(read)) return void findings.push(findingOf(read, ["outputs", i], text.trim()));
    if (read.group !== undefined && !scenario.groups.some(({ id }) => id === read.group)) {
      const advice = `there are ${scenario.groups.map(({ id }) => id).join(", ")}`;
      return void findings.push({
        paths: [["outputs", i]],
        message: `${text}: there is no group ${read.group}`,
        advice,
      });
    }
    const found = measured(read);
    if (expectation && !isMistake(expectation)) {
      outputs.push({ kind: "chance", name: `P(${expectation.text})`, expectation, measures: found });
    } else for (const measure of found) outputs.push({ kind: "measure", name: nameOf(measure, several), measure });
  });
  if (also) measured(also);
  return { outputs, measures: [...measures.values()], findings };
}

const CURVE_UNITS = { lag: "records", timeLag: "duration", members: "members" } as const;

const curvesOf = ({ curves }: Written, { groups }: Scenario): CurveOf[] =>
  groups.flatMap(({ id }) =>
    [...new Set(curves)].map((quantity) => ({ group: id, quantity, unit: CURVE_UNITS[quantity] })),
  );
