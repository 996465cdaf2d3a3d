/** What a sweep shows, in sentences: no more than it shows. */
import { comparisonsOf, findingsOf, type Line, type OutputFindings } from "../experiment/sweep/findings.ts";
import type { OutputHead, SweepResults } from "../experiment/sweep/results.ts";
import { percentage } from "./humane.ts";
import { intervalText, valueText } from "./measures.ts";

/** What is shown of one output. */
export interface SweepSentence {
  /** What the sentences are about: the text goes on from there. */
  readonly output: string;
  readonly text: string;
  /** Nothing is shown that could decide. */
  readonly isOpen: boolean;
}

/** As many names are told one by one. */
const MOST_NAMES = 3;

export function sweepSentences(results: SweepResults): readonly SweepSentence[] {
  return findingsOf(results).map((found, i) => ({
    output: results.outputs[i].name,
    text: [extremeSentence(results, results.outputs[i], found, i), ...trendSentences(results, found)].join(" "),
    isOpen: !found.isSame && found.rivals.length === results.cells.length - 1,
  }));
}

/** How sure the sentences are. */
export function sweepSurety(results: SweepResults): string {
  const count = comparisonsOf(results);
  const sure = percentage(results.confidence);
  return (
    `“Shown” holds with ${sure}, for all ${count} comparisons at once: differences of runs with the same seed, ` +
    "Student's intervals (of chances: Wilson intervals that do not overlap), Bonferroni. What is not shown may be there all the same; more runs would tell."
  );
}

function extremeSentence(results: SweepResults, { unit }: OutputHead, found: OutputFindings, output: number): string {
  const { best, rivals, wanted, isSame } = found;
  const { cells } = results;
  if (best === null) return "is a number that no run has.";
  const others = cells.filter((cell) => cell.outputs[output] !== null).length - 1;
  const write = (value: number): string => (unit === "chance" ? percentage(value) : valueText(value, unit));
  const { value, interval } = cells[best].outputs[output]!.mean;
  const low = interval.low ?? -Infinity; // JSON has no infinity
  const high = interval.high ?? Infinity;
  const text = low === high ? write(value) : `${write(value)} (${intervalText({ low, high }, write)})`;
  if (others === 0) return `is ${text}.`;
  if (isSame) return `is the same in every cell, run by run: ${text}.`;
  const worse = wanted === "least" ? "higher" : "lower";
  const extreme = wanted === "least" ? "lowest" : "highest";
  const first = `is ${extreme} with ${cellName(results, best)}: ${text}`;
  const name = (place: number): string => cellName(results, place);
  if (rivals.length === 0) {
    const rest = others === 1 ? `With ${name(1 - best)} it is` : `All ${others} others are`;
    return `${first}. ${rest} shown to be ${worse}.`;
  }
  if (rivals.length === others)
    return `${first}; but ${others === 1 ? `that ${name(rivals[0])} is` : "that any other is"} ${worse} is not shown.`;
  const shown = others - rivals.length;
  const named = rivals.length <= MOST_NAMES ? `, but not ${listed(rivals.map(name), "and")}` : "";
  return `${first}. ${shown} of the ${others} others ${shown === 1 ? "is" : "are"} shown to be ${worse}${named}.`;
}

function trendSentences(results: SweepResults, { trends, isSame }: OutputFindings): string[] {
  if (isSame) return [];
  return trends.flatMap(({ parameter, lines }) => {
    if (lines.length === 0) return [];
    const { name } = results.parameters[parameter];
    const courses = new Map<Line["course"], Line[]>();
    for (const line of lines) courses.set(line.course, [...(courses.get(line.course) ?? []), line]);
    const parts = [...courses].map(([course, of]) => {
      const what = courseText(results, parameter, course, of);
      if (courses.size === 1)
        return of.length === 1 ? what : `${what}, with each of the ${of.length} combinations of the others`;
      if (of.length > MOST_NAMES) return `${what} with ${of.length} of ${lines.length} combinations of the others`;
      return `${what} with ${listed(
        of.map(({ cells: [place] }) => cellName(results, place, parameter)),
        "and",
      )}`;
    });
    return [`As ${name} grows ${parts.join("; ")}.`];
  });
}

function courseText(results: SweepResults, parameter: number, course: Line["course"], lines: readonly Line[]): string {
  const label = (place: number): string =>
    results.parameters[parameter].points[results.cells[place].at[parameter]].label;
  switch (course) {
    case "same":
      return "it stays exactly the same";
    case "open":
      return "no change is shown";
    case "both": {
      if (lines.length > 1) return "it is shown to go both ways";
      const [{ steps, cells }] = lines;
      const where = (finding: "higher" | "lower"): string => {
        const i = steps.indexOf(finding);
        return i < 0 ? "over the whole range" : `from ${label(cells[i])} to ${label(cells[i + 1])}`;
      };
      return `it is shown to rise ${where("higher")} and to fall ${where("lower")}`;
    }
    default: {
      const way = course === "rises" ? "higher" : "lower";
      const verb = course === "rises" ? "rise" : "fall";
      const steps = lines.flatMap((line) => line.steps);
      const shown = steps.filter((step) => step === way).length;
      if (shown === steps.length) return `it ${verb}s, shown at every step`;
      if (lines.length > 1) return `it is shown to ${verb}, if not at every step`;
      if (shown === 0) return `it is shown to ${verb} over the whole range, if at no single step`;
      return `it is shown to ${verb}, at ${shown} of ${steps.length} steps`;
    }
  }
}

/** `members = 4, session = 10s`; without one of the parameters, or with the only one as it is. */
function cellName({ parameters, cells }: SweepResults, place: number, without?: number): string {
  return parameters
    .map(({ name, points }, i) => `${name} = ${points[cells[place].at[i]].label}`)
    .filter((_, i) => i !== without && (parameters[i].points.length > 1 || parameters.length === 1))
    .join(", ");
}

function listed(words: readonly string[], last: string): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join("; ")} ${last} ${words.at(-1)}`;
}
