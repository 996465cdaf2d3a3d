/** From the text of an experiment file to an experiment and its cells, or to all that is wrong with it. */
import type { Instant } from "../../engine/time.ts";
import { isRecord, ScenarioDocument, without, valueAt, type Finding, type Path } from "../../scenario/document.ts";
import { KnownKeys } from "../../scenario/keys.ts";
import { override } from "../../scenario/overrides.ts";
import { nameOf as nameOfFile, parseScenario } from "../../scenario/parse.ts";
import { inOrder, ScenarioError } from "../../scenario/problem.ts";
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
  const { parsed, findings, own } = document.broken
    ? { findings: [] }
    : examine(document.value, nameOfFile(file), find);
  const problems = [...document.problems, ...findings.map((finding) => document.locate(finding))];
  if (problems.length > 0) throw new ScenarioError(inOrder(problems).slice(0, MOST_PROBLEMS), file, source);
  if (own) throw own;
  return parsed!;
}

interface Examined {
  readonly parsed?: ParsedExperiment;
  readonly findings: readonly Finding[];
  /** What is wrong with the scenario's own file. */
  readonly own?: ScenarioError;
}

/** Holds what is written against the schema; of what is left without the bad parts, against everything else. */
function examine(value: unknown, name: string, find: ParseExperimentOptions["find"]): Examined {
  const result = experimentSchema.safeParse(value);
  if (result.success) return examineWritten(result.data, name, find);
  const findings = schemaFindings(result.error.issues, value, new KnownKeys(experimentJsonSchema), EXPERIMENT);
  const rest = experimentSchema.safeParse(findings.reduce((kept, { paths: [path] }) => withoutBad(kept, path), value));
  return { findings: rest.success ? [...findings, ...examineWritten(rest.data, name, find).findings] : findings };
}

/** What is left if a part is wrong: a parameter or a setting less, or a whole key; outputs of which nothing can be said. */
function withoutBad(value: unknown, [key, ...rest]: Path): unknown {
  if (key === "outputs" && isRecord(value)) return { ...value, outputs: ["rebalances"] };
  const isInside = (key === "grid" || key === "set") && rest.length > 0;
  return key === undefined ? value : without(value, isInside ? [key, rest[0]] : [key]);
}

function examineWritten(written: Written, name: string, find: ParseExperimentOptions["find"]): Examined {
  const { axes, findings } = axesOf(written);
  let found: FoundScenario;
  try {
    found = find(written.scenario);
  } catch (error) {
    const message = `scenario cannot be read: ${(error as Error).message}`;
    const advice = "the name is relative to the experiment's folder";
    return { findings: [...findings, { paths: [["scenario"]], message, advice }] };
  }
  const base = rememberingFiles(found);
  const set = Object.entries(written.set ?? {}).map(([field, value]) => setting(field, value));
  const usual = scenarioOf(base, []);
  if (usual instanceof ScenarioError) return { findings, own: usual };
  findings.push(...unknownFields(written, axes, base));
  const cells = findings.length > 0 ? undefined : cellsOf(written, set, axes, base);
  const first = cells?.all[0] ? base.with(cells.all[0].set) : scenarioOf(base, set);
  const asked = askedOf(written, first instanceof ScenarioError ? usual : first);
  findings.push(...(cells?.findings ?? []), ...asked.findings);
  if (!cells || findings.length > 0) return { findings };
  const { precision } = asked;
  const { description, replications, seed, confidence, warmUp } = written;
  const experiment: Experiment = {
    name: written.name ?? name,
    ...(description !== undefined && { description }),
    scenario: written.scenario,
    set,
    parameters: axes.map(({ points, ...axis }) => ({
      ...axis,
      points: points.map(({ label, number, set }) => ({ label, number, set })),
    })),
    outputs: asked.outputs,
    measures: asked.measures,
    curves: asked.curves,
    seed: String(seed ?? 1),
    replications: replications ?? (precision ? MOST_FOR_PRECISION : USUAL_REPLICATIONS),
    ...(precision && { precision }),
    confidence: confidence ?? 0.95,
    ...(warmUp !== undefined && { warmUp }),
  };
  const scenario = { file: found.file, text: found.text, files: base.files };
  return { parsed: { experiment, scenario, cells: cells.all, scenarioWith: base.with }, findings: [] };
}

function scenarioOf(base: Base, set: readonly string[]): Scenario | ScenarioError {
  try {
    return base.with(set);
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
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

const ROUND = "round: 1 makes every value of a range whole";

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
      const given = valueAt(written, path);
      const isRange = path[0] === "grid" && isRecord(given) && "from" in given;
      const more = isRange && message.includes("must be a whole number") ? [ROUND] : [];
      const told = [...(advice === undefined ? [] : [advice]), ...more].join("; ");
      const finding: Finding = { paths: [path], message: message + where, ...(told !== "" && { advice: told }) };
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

/** What is asked of every run, and of every cell. */
interface Asked extends Pick<Experiment, "outputs" | "measures" | "curves" | "precision"> {
  readonly findings: readonly Finding[];
}

/** What outputs and precision name, group by group where they name none; every measure that they need, once. */
function askedOf(written: Written, scenario: Scenario): Asked {
  const findings: Finding[] = [];
  const outputs: Output[] = [];
  const measures = new Map<string, Measure>();
  const several = scenario.groups.length > 1;
  const measured = (wanted: Wanted): Measure[] =>
    measuresOf(scenario, [wanted])
      .filter((measure) => fits(measure, wanted))
      .map((measure) => {
        const name = nameOf(measure, true);
        if (!measures.has(name)) measures.set(name, measure);
        return measures.get(name)!;
      });
  written.outputs.forEach((text, i) => {
    const at: Path = ["outputs", i];
    const inside = /^\s*P\s*\(([^]*)\)\s*$/.exec(text)?.[1];
    if (inside === undefined) {
      const wanted = parseWanted(text, scenario);
      if (isMistake(wanted)) return void findings.push(findingOf(wanted, at, text.trim()));
      for (const measure of measured(wanted))
        outputs.push({ kind: "measure", name: nameOf(measure, several), measure });
      return;
    }
    const expectation = parseExpectation(inside);
    if (isMistake(expectation)) return void findings.push(findingOf(expectation, at, text.trim()));
    const { group } = expectation;
    if (group !== undefined && !scenario.groups.some(({ id }) => id === group)) {
      const advice = `there are ${scenario.groups.map(({ id }) => id).join(", ")}`;
      return void findings.push(findingOf({ message: `there is no group ${group}`, advice }, at, text.trim()));
    }
    outputs.push({ kind: "chance", name: `P(${expectation.text})`, expectation, measures: measured(expectation) });
  });
  const pursued = written.precision === undefined ? undefined : parsePrecision(written.precision, scenario);
  if (pursued && isMistake(pursued)) findings.push(findingOf(pursued, ["precision"], "precision"));
  const precision = pursued && !isMistake(pursued) ? { ...pursued, text: written.precision! } : undefined;
  if (precision) measured(precision.wanted);
  return {
    outputs,
    measures: [...measures.values()],
    curves: curvesOf(written, scenario),
    ...(precision && { precision }),
    findings,
  };
}

const CURVE_UNITS = { lag: "records", timeLag: "duration", members: "members" } as const;

const curvesOf = ({ curves }: Written, { groups }: Scenario): CurveOf[] =>
  groups.flatMap(({ id }) =>
    [...new Set(curves)].map((quantity) => ({ group: id, quantity, unit: CURVE_UNITS[quantity] })),
  );
