/**
 * What a sweep shows, and what it does not: which cells may have the least of an output, and which way it goes along a
 * parameter.
 *
 * Cells meet common random numbers, so measures are compared run by run (Student's interval of the differences); chances
 * by Wilson intervals that must not overlap. All comparisons of a sweep hold at once (Bonferroni).
 *
 * That a cell is out of the contest when it is shown to be worse than the best of the sample keeps the truly best one in
 * with that confidence: it could only be lost to one of its own comparisons with the others. Source: B. L. Nelson,
 * J. Swann, D. Goldsman, W. Song, "Simple procedures for selecting the best simulated system when the number of
 * alternatives is large" (2001), screening; common random numbers as there.
 */
import type { Finding } from "../compare.ts";
import { meanInterval, proportionInterval, type Surety } from "../statistics.ts";
import type { Parameter } from "./experiment.ts";
import type { CellResult, SweepResults } from "./results.ts";

/** What is shown of one output. Places are places in `cells`. */
export interface OutputFindings {
  /** The end of the scale that is looked for: chances of staying below a bound are wanted high, all else low. */
  readonly wanted: "least" | "most";
  /** The cell that has it in this sample; `null` if no cell has such a number. */
  readonly best: number | null;
  /** Cells that are not shown to be worse, so that any of them may be the best in truth. */
  readonly rivals: readonly number[];
  /** No cell differs from any other in any run. */
  readonly isSame: boolean;
  /** One for each parameter with an order. */
  readonly trends: readonly Trend[];
}

/** Which way an output goes along a parameter: with every combination of the other parameters by itself. */
export interface Trend {
  /** Place in `parameters`. */
  readonly parameter: number;
  readonly lines: readonly Line[];
}

export interface Line {
  /** Its cells, as the parameter grows. */
  readonly cells: readonly number[];
  /** From each cell to the next. */
  readonly steps: readonly Finding[];
  /** From the first to the last. */
  readonly whole: Finding;
  /** `both`: it is shown to rise somewhere and to fall elsewhere. `same`: nothing changes in any run. `open`: no change is shown. */
  readonly course: "rises" | "falls" | "both" | "same" | "open";
}

/** What a sweep shows of each of its outputs, all of it at once with the confidence of its intervals. */
export function findingsOf(results: SweepResults): readonly OutputFindings[] {
  const { parameters, outputs, cells, confidence } = results;
  const ways = parameters.flatMap((parameter, i) =>
    isOrdered(parameter) ? [{ parameter: i, lines: linesOf(results, i) }] : [],
  );
  const comparisons = ways.flatMap(({ lines }) => lines).reduce((sum, { length }) => sum + length, cells.length - 1);
  const surety: Surety = { confidence, among: Math.max(1, outputs.length * comparisons) };
  return outputs.map(({ name, kind }, output) => {
    const compare = (a: number, b: number): Finding => difference(cells[a], cells[b], output, surety);
    const wanted = kind === "chance" && /<(?!.*[<>])/.test(name) ? "most" : "least";
    const sign = wanted === "least" ? 1 : -1;
    const told = cells.flatMap(({ outputs: found }, place) =>
      found[output] ? [{ place, value: sign * found[output].mean.value }] : [],
    );
    if (told.length === 0) return { wanted, best: null, rivals: [], isSame: false, trends: [] };
    const best = told.reduce((a, b) => (b.value < a.value ? b : a)).place;
    const others = told.flatMap(({ place }) => (place === best ? [] : [{ place, finding: compare(best, place) }]));
    const worse = wanted === "least" ? "higher" : "lower";
    return {
      wanted,
      best,
      rivals: others.filter(({ finding }) => finding !== worse).map(({ place }) => place),
      isSame: others.every(({ finding }) => finding === "same"),
      trends: ways.map(({ parameter, lines }) => ({
        parameter,
        lines: lines
          .map((line) => line.filter((place) => cells[place].outputs[output] !== null))
          .filter((line) => line.length > 1)
          .map((line) => walk(line, compare)),
      })),
    };
  });
}

/** How many comparisons have to hold at once: for those who want to say so. */
export function comparisonsOf(results: SweepResults): number {
  const { parameters, outputs, cells } = results;
  const lines = parameters.flatMap((parameter, i) => (isOrdered(parameter) ? linesOf(results, i) : []));
  return outputs.length * lines.reduce((sum, { length }) => sum + length, cells.length - 1);
}

const isOrdered = ({ scale, points }: Parameter): boolean => scale !== "names" && points.length > 1;

/** The cells along a parameter, as it grows: a line for each combination of the others. */
function linesOf({ parameters, cells }: SweepResults, along: number): readonly (readonly number[])[] {
  const lines = new Map<string, number[]>();
  cells.forEach(({ at }, place) => {
    const key = at.filter((_, i) => i !== along).join();
    lines.set(key, [...(lines.get(key) ?? []), place]);
  });
  const number = (place: number): number => parameters[along].points[cells[place].at[along]].number!;
  return [...lines.values()].map((line) => line.toSorted((a, b) => number(a) - number(b)));
}

function walk(cells: readonly number[], compare: (a: number, b: number) => Finding): Line {
  const steps = cells.slice(1).map((place, i) => compare(cells[i], place));
  const whole = compare(cells[0], cells.at(-1)!);
  const all = [...steps, whole];
  const [rises, falls] = [all.includes("higher"), all.includes("lower")];
  const course =
    rises && falls ? "both" : rises ? "rises" : falls ? "falls" : all.every((one) => one === "same") ? "same" : "open";
  return { cells, steps, whole, course };
}

/** What the second cell is, compared with the first. */
function difference(first: CellResult, second: CellResult, output: number, surety: Surety): Finding {
  const [a, b] = [first.outputs[output]!, second.outputs[output]!];
  const differences = b.first.flatMap((value, i) => {
    const other = a.first[i];
    return value === null || other === null || other === undefined ? [] : [value - other];
  });
  if (differences.length > 0 && differences.every((one) => one === 0)) return "same";
  if (a.percentiles === null || b.percentiles === null) {
    const [from, to] = [a, b].map(({ count, mean }) =>
      proportionInterval(Math.round(mean.value * count), count, { ...surety, among: 2 * (surety.among ?? 1) }),
    );
    if (to.low > from.high) return "higher";
    return to.high < from.low ? "lower" : "open";
  }
  const { low, high } = meanInterval(differences, surety);
  if (high < 0) return "lower";
  return low > 0 ? "higher" : "open";
}
