/** The files that commands read: scenarios, and what they name. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { ParsedExperiment } from "../experiment/sweep/parse.ts";
import type { Parsed } from "../scenario/parse.ts";
import { type Problem, ScenarioError } from "../scenario/problem.ts";
import { closest } from "../scenario/suggest.ts";
import { Mistake } from "./failure.ts";

/** A scenario file's text, and what it means. */
export interface LoadedScenario extends Parsed {
  readonly file: string;
  readonly text: string;
  /** The texts of the files that it names. */
  readonly files: Readonly<Record<string, string>>;
}

const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Reads a scenario file, with the values of `set` put in (`groups.billing.members.initial=7`). `text`: what is in it, where
 * that has been read: a pipe can be read only once.
 *
 * @throws {ScenarioError} with all that is wrong in it.
 * @throws {Mistake} if there is no such file.
 */
export async function loadScenario(
  file: string,
  set: readonly string[] = [],
  text = readText(file),
): Promise<LoadedScenario> {
  const { parseScenario } = await import("../scenario/parse.ts"); // the parser and its schema take a while to load
  const files: Record<string, string> = {};
  const read = (name: string): string => (files[name] ??= readText(path.resolve(path.dirname(file), name)));
  return { file, text, files, ...parseScenario(text, { file, set, read }) };
}

/** One of several ways that a scenario could be. */
export interface Way {
  /** What its mistakes call it: `variant slow`. */
  readonly name: string;
  /** What is different, as `--set` takes it. */
  readonly set: readonly string[];
  /** How one of these was written, where a mistake is in it. */
  readonly written: (setting: string) => string;
}

/**
 * Reads a scenario file as it would be one of several ways, `set` put in before.
 *
 * @throws {ScenarioError} with all that is wrong in it, and which way that is.
 */
export async function loadWay(file: string, set: readonly string[], way: Way): Promise<LoadedScenario> {
  try {
    return await loadScenario(file, [...set, ...way.set]);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const problems = error.problems.map((problem): Problem => {
      const own = way.set.find((setting) => problem.option === `--set ${setting}`);
      if (own !== undefined) return { ...problem, option: way.written(own) };
      return { ...problem, message: `${problem.message} (${way.name})` };
    });
    throw new ScenarioError(problems, error.file, error.text);
  }
}

/**
 * Reads an experiment file, and the scenario it names, from the experiment's folder.
 *
 * @throws {ScenarioError} with all that is wrong in it.
 * @throws {Mistake} if there is no such file.
 */
export async function loadExperiment(file: string): Promise<ParsedExperiment> {
  const { parseExperiment } = await import("../experiment/sweep/parse.ts");
  return parseExperiment(readText(file), {
    file,
    find(name) {
      const scenario = path.join(path.dirname(file), name).replaceAll("\\", "/");
      const read = (wanted: string): string => readText(path.resolve(path.dirname(scenario), wanted));
      return { file: scenario, text: readText(scenario), read };
    },
  });
}

/** A text file of the user's. */
export function readText(file: string): string {
  // yargs makes an empty word of a lone hyphen
  if (file === "") throw new Mistake("- is no file; what comes through a pipe is in /dev/stdin");
  try {
    const about = statSync(file);
    if (about.isDirectory()) throw new Mistake(`${file} is a folder; a scenario is a file`);
    if (about.size > MAX_BYTES) throw new Mistake(`${file} is too long to be a scenario (${about.size} bytes)`);
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    if (error instanceof Mistake) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") throw new Mistake(`there is no file ${file}${suggestion(file)}`);
    if (code === "EACCES") throw new Mistake(`${file} must not be read: permission denied`);
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") throw new Mistake(`${file} is not a text in UTF-8`);
    throw new Mistake(`${file} cannot be read: ${message}`);
  }
}

/** Makes a folder, one after the other: Node's own `recursive` never returns where the system refuses, as under /proc. */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  mkdirSync(folder);
}

/** The scenario that was probably meant, of the same folder or of `scenarios/`; if none is like it, any. */
function suggestion(file: string): string {
  const folders = new Set([path.dirname(file), "scenarios"]);
  const candidates = [...folders].flatMap((folder) => scenariosIn(folder).map((name) => path.join(folder, name)));
  const stems = new Map(candidates.map((candidate) => [stem(candidate), candidate]));
  const near = closest(stem(file), stems.keys());
  if (near !== undefined) return `; did you mean ${stems.get(near)}?`;
  return candidates.length === 0 ? "" : `; there is ${candidates.sort()[0]}, for instance`;
}

const stem = (file: string): string => path.basename(file).replace(/\.ya?ml$/, "");

function scenariosIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  } catch {
    return []; // no such folder, so no suggestion from it
  }
}
