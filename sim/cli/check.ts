/** What `regroup check` does: every file is looked at, whatever is wrong with the ones before. */
import process from "node:process";
import { styleText } from "node:util";
import { renderProblem, ScenarioError } from "../scenario/problem.ts";
import type { Paint, Problem } from "../scenario/problem.ts";
import { EXIT, Mistake } from "./failure.ts";
import { loadExperiment, loadScenario, readText } from "./files.ts";

/** What was found in one file. A problem has to be mended, a lint should be thought about. */
interface Verdict {
  readonly file: string;
  readonly problems: readonly Problem[];
  readonly lints: readonly Problem[];
  /** What a right experiment or plan comes to. */
  readonly size?: string;
}

/** Checks the files, prints what there is to say, and returns the exit status. */
export async function checkFiles(files: readonly string[], set: readonly string[], json: boolean): Promise<number> {
  const verdicts: Verdict[] = [];
  for (const file of files) {
    const { verdict, text } = await judge(file, set);
    verdicts.push(verdict);
    if (!json) console.log(report(verdict, text, process.stdout.isTTY && !process.env.NO_COLOR ? COLOURS : undefined));
  }
  if (json) console.log(JSON.stringify(verdicts, null, 2));
  return verdicts.some(({ problems }) => problems.length > 0) ? EXIT.mistake : EXIT.done;
}

async function judge(file: string, set: readonly string[]): Promise<{ verdict: Verdict; text: string }> {
  try {
    const { isExperiment } = await import("../experiment/sweep/parse.ts");
    const text = readText(file);
    const { isPlanFile } = await import("../experiment/plan/file.ts");
    const isPlan = isPlanFile(text);
    if (isPlan || isExperiment(text)) {
      const kind = isPlan ? "a plan" : "an experiment";
      if (set.length > 0) throw new Mistake(`--set is for scenarios: ${kind} says itself what is set`);
      return { verdict: await (isPlan ? judgePlan : judgeExperiment)(file), text: "" };
    }
    const { lints } = await loadScenario(file, set, text);
    return { verdict: { file, problems: [], lints }, text };
  } catch (error) {
    if (error instanceof ScenarioError)
      return { verdict: { file: error.file, problems: error.problems, lints: [] }, text: error.text };
    if (error instanceof Mistake)
      return { verdict: { file, problems: [{ message: error.message, at: null }], lints: [] }, text: "" };
    throw error;
  }
}

async function judgeExperiment(file: string): Promise<Verdict> {
  const { experiment, cells } = await loadExperiment(file);
  const { replications, precision } = experiment;
  const runs = precision ? `until ${precision.text}` : `${replications} times, ${cells.length * replications} runs`;
  return { file, problems: [], lints: [], size: `${cells.length} cells, each ${runs}` };
}

async function judgePlan(file: string): Promise<Verdict> {
  const { readPlan } = await import("./plan.ts");
  const { asked } = await readPlan({ scenario: file, json: false });
  return { file, problems: [], lints: [], size: `${asked.candidates.length} candidates` };
}

function report({ file, problems, lints, size }: Verdict, text: string, paint?: Paint): string {
  if (problems.length + lints.length === 0) return `${file}: fine${size === undefined ? "" : ` (${size})`}`;
  const advised = lints.map((lint) => ({ ...lint, message: `unwise: ${lint.message}` }));
  const rendered = [...problems, ...advised].map((problem) => renderProblem(problem, file, text, paint));
  return `${rendered.join("\n\n")}\n`;
}

const COLOURS: Paint = {
  place: (text) => styleText("bold", text),
  mark: (text) => styleText("red", text),
  advice: (text) => styleText("cyan", text),
};
