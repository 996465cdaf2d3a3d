/** From the text of a scenario file to a scenario, or to all that is wrong with it. */
import { checks, sizeFindings } from "./checks.ts";
import { ScenarioDocument, valueAt, without } from "./document.ts";
import type { Finding, Path } from "./document.ts";
import { KnownKeys } from "./keys.ts";
import { lints } from "./lints.ts";
import { override } from "./overrides.ts";
import { inOrder, ScenarioError } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { resolve } from "./resolve.ts";
import { withSamples } from "./samples.ts";
import type { ReadFile } from "./samples.ts";
import type { Scenario } from "./scenario.ts";
import { scenarioSchema } from "./schema.ts";
import type { Written } from "./schema.ts";
import { schemaFindings } from "./schema-problems.ts";

export interface ParseOptions {
  /** The file's name, for messages, and for the scenario's name if it states none. */
  readonly file?: string;
  /** Values to replace: `groups.billing.members.initial=7`. Later ones win. */
  readonly set?: readonly string[];
  /** Reads the files that the scenario names; the caller knows where they are. */
  readonly read?: ReadFile;
  /** Every key there is; from whoever reads many scenarios, since learning them takes longer than reading one. */
  readonly keys?: KnownKeys;
}

/** A scenario that can be simulated, and what is unwise about it. */
export interface Parsed {
  readonly scenario: Scenario;
  readonly lints: readonly Problem[];
}

/** No scenario written by a person is longer, in characters. */
const MAX_TEXT = 4_000_000;

/**
 * Reads a scenario.
 *
 * @throws {ScenarioError} with all mistakes at once, each with its place and what would be right.
 */
export function parseScenario(text: string, options: ParseOptions = {}): Parsed {
  const { file = "scenario", set = [], read, keys = new KnownKeys() } = options;
  if (text.length > MAX_TEXT) {
    const message = `${file} is too long for a scenario (${text.length} characters)`;
    throw new ScenarioError([{ message, at: null, advice: `${MAX_TEXT} are the limit` }], file, "");
  }
  const source = text.replace(/^\uFEFF/, "");
  const document = new ScenarioDocument(source);
  const problems = [...document.problems];
  if (!document.broken) {
    for (const option of set) problems.push(...override(document, option, keys));
    const data = read ? withSamples(document.value, read) : { value: document.value, findings: [] };
    const { scenario, written, findings } = examine(data.value, nameOf(file), keys);
    problems.push(...[...data.findings, ...findings].map((finding) => document.locate(finding)));
    if (scenario && written && problems.length === 0) {
      return { scenario, lints: inOrder(lints(scenario, written).map((finding) => document.locate(finding))) };
    }
  }
  throw new ScenarioError(inOrder(problems), file, source);
}

interface Examined {
  readonly written?: Written;
  readonly scenario?: Scenario;
  readonly findings: readonly Finding[];
}

/** Holds a value against the schema, and what comes out against the checks. */
function examine(value: unknown, name: string, keys: KnownKeys): Examined {
  const result = scenarioSchema.safeParse(value);
  if (result.success) return crossExamine(result.data, name);
  const findings = schemaFindings(result.error.issues, value, keys);
  return { findings: [...findings, ...alsoWrong(value, findings, name, keys)] };
}

/**
 * What the checks across fields find in the rest, once the bad parts are left out: nobody likes to be told of one
 * mistake at a time. Nothing, if what is left is no scenario.
 */
function alsoWrong(value: unknown, found: Finding[], name: string, keys: KnownKeys): Finding[] {
  let bad: Path[] = [];
  for (let rest = value; ;) {
    const worse = found.map(({ paths: [path] }) => replaceable(path, rest));
    if (worse.some(isVital)) return [];
    bad = distinct([...bad, ...worse]);
    rest = bad.reduce(without, value);
    const result = scenarioSchema.safeParse(rest);
    if (result.success) {
      const more = crossExamine(result.data, name).findings.map((finding) => movedBack(finding, bad));
      return more.filter(({ paths }) => !paths.some((path) => isWithin(path, bad)));
    }
    // leaving something out can leave a hole, around which more has to go; every round takes more, so this ends
    found = schemaFindings(result.error.issues, rest, keys).map((finding) => movedBack(finding, bad));
    if (found.every(({ paths: [path] }) => isWithin(replaceable(path, rest), bad))) return [];
  }
}

function crossExamine(written: Written, name: string): Examined {
  const sizes = sizeFindings(written);
  if (sizes.length > 0) return { findings: sizes };
  const scenario = resolve(written, name);
  return { written, scenario, findings: checks(scenario, written) };
}

/** The smallest part around `path` that is there and can be left out without moving what findings are about. */
function replaceable(path: Path, value: unknown): Path {
  const place = path.findIndex((step) => typeof step === "number");
  if (place >= 0) return path.slice(0, isListed(path) ? 2 : place);
  return valueAt(value, path) === undefined ? path.slice(0, -1) : path;
}

const isListed = (path: Path): boolean => path[0] === "events" || path[0] === "expect";

/** Whether leaving it out would leave nothing, or take away a name that others refer to. */
const isVital = ([first, ...rest]: Path): boolean =>
  first === undefined || ((first === "topics" || first === "groups") && rest.length <= 1);

const isWithin = (path: Path, bad: readonly Path[]): boolean =>
  bad.some((outer) => outer.every((step, i) => path[i] === step));

/** Each path once, later places of a list first: so they can be left out one after the other. */
function distinct(paths: readonly Path[]): Path[] {
  const once = new Map(paths.map((path) => [JSON.stringify(path), path]));
  return [...once.values()].sort((a, b) => placeOf(b) - placeOf(a));
}

const placeOf = ([, place]: Path): number => (typeof place === "number" ? place : -1);

/** A finding about a list that lost some entries, in the places of the whole list. */
function movedBack(finding: Finding, bad: readonly Path[]): Finding {
  const moved = (path: Path): Path => {
    if (!isListed(path)) return path;
    let place = Number(path[1]);
    for (const [list, gone] of [...bad].reverse()) if (list === path[0] && Number(gone) <= place) place++;
    return [path[0], place, ...path.slice(2)];
  };
  return { ...finding, paths: finding.paths.map(moved) };
}

/** A scenario without a name is called after its file. */
export const nameOf = (file: string): string => (/([^/\\]+?)(?:\.ya?ml)?$/.exec(file)?.[1] ?? "scenario").slice(0, 200);
