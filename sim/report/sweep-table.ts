import type { CellResult, OutputEstimate, OutputHead, SweepResults } from "../experiment/sweep/results.ts";
import { aligned, wrapped, type Cell } from "./columns.ts";
import { percentage } from "./humane.ts";
import { intervalText, valueText } from "./measures.ts";
import { paint } from "./paint.ts";

/** As many commands are printed; the others are in the results. */
const MOST_COMMANDS = 12;

/** What `regroup sweep` prints: a row for each cell, its outputs with their intervals, and what repeats it. */
export function sweepTable(results: SweepResults, { colour = false, width = 100 } = {}): string {
  const { strong, faint } = paint(colour);
  const { name, description, cells, outputs, confidence, precision, replications } = results;
  const often = precision === null ? `${replications} replications each` : `replicated until ${precision}`;
  const lines = [
    `${strong(name)}${faint(`  ${cells.length} cells, ${often}; means, and where they lie with ${percentage(confidence)}`)}`,
  ];
  if (description !== undefined) lines.push(...wrapped(description.trim().split(/\s+/), width, 0, 1));
  const together = table(results, outputs, true, colour);
  if (outputs.length === 1 || together.every((line) => plainLength(line) <= width)) lines.push("", ...together);
  else for (const [i, output] of outputs.entries()) lines.push("", ...table(results, [output], i === 0, colour));
  lines.push("", faint("one run of a cell, here its last replication:"));
  for (const [i, { replay }] of cells.slice(0, MOST_COMMANDS).entries()) lines.push(`${faint(`${i + 1}`)}  ${replay}`);
  if (cells.length > MOST_COMMANDS)
    lines.push(faint(`… and so on; --json and --csv have the commands of all ${cells.length} cells`));
  return lines.join("\n");
}

/** `named`: with the hash of each cell's scenario and its seeds. */
function table(results: SweepResults, outputs: readonly OutputHead[], named: boolean, colour: boolean): string[] {
  const { faint, strong } = paint(colour);
  const { parameters, precision, cells } = results;
  const isAlone = outputs.length === 1;
  const spread = isAlone && outputs[0].kind === "measure" ? ["p5", "p50", "p95"] : [];
  const head = [
    "",
    ...parameters.map(({ name }) => name),
    ...outputs.flatMap(({ name }) => [name, ""]),
    ...spread,
    ...(precision === null ? [] : ["runs"]),
    ...(named ? ["scenario", "seeds"] : []),
  ];
  const rows = cells.map((cell, i): Cell[] => [
    { text: `${i + 1}`, paint: faint },
    ...parameters.map(({ points }, axis) => ({ text: points[cell.at[axis]].label })),
    ...outputs.flatMap((output) =>
      estimateCells(output, cell.outputs[results.outputs.indexOf(output)], spread, colour),
    ),
    ...(precision === null ? [] : [{ text: `${cell.replications}` }]),
    ...(named ? [cell.scenarioHash, seedsOf(cell)].map((text): Cell => ({ text, paint: faint })) : []),
  ]);
  const left = new Set(parameters.flatMap(({ scale }, axis) => (scale === "names" ? [axis + 1] : [])));
  const isName = (i: number): boolean => named && i >= head.length - 2;
  return aligned(
    [head.map((text, i): Cell => ({ text, paint: i > parameters.length && !isName(i) ? strong : faint })), ...rows],
    head.map((_, i) => ({ align: left.has(i) || isName(i) ? "left" : "right" })),
  );
}

function estimateCells(
  { unit }: OutputHead,
  found: OutputEstimate | null,
  spread: readonly string[],
  colour: boolean,
): Cell[] {
  if (found === null) return [{ text: "none" }, { text: "" }, ...spread.map(() => ({ text: "" }))];
  const write = (value: number): string => (unit === "chance" ? percentage(value) : valueText(value, unit));
  const { mean, percentiles } = found;
  return [
    { text: write(mean.value) },
    { text: intervalText(mean.interval, write), paint: paint(colour).faint },
    ...spread.map((name) => ({ text: write(percentiles![name as "p5"].value) })),
  ];
}

const seedsOf = ({ seeds: { first, last } }: CellResult): string => (first === last ? first : `${first} … ${last}`);

/** As wide as a line is on a terminal. */
// oxlint-disable-next-line no-control-regex
const plainLength = (line: string): number => [...line.replaceAll(/\u001b\[\d+m/g, "")].length;
