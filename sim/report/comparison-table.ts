import type { Contrast, Finding } from "../experiment/compare.ts";
import { nameOf } from "../experiment/measures.ts";
import { aligned, wrapped, type Cell } from "./columns.ts";
import { percentage } from "./humane.ts";
import { intervalText, valueText } from "./measures.ts";
import { paint } from "./paint.ts";

export interface Comparison {
  readonly name: string;
  readonly replications: number;
  readonly confidence: number;
  /** How many intervals hold at once. */
  readonly among: number;
  readonly variants: readonly { readonly name: string; readonly contrasts: readonly Contrast[] }[];
  /** The command that repeats the base of one replication, and which. */
  readonly replay: { readonly replication: number; readonly command: string };
}

const WORDS: Readonly<Record<Finding, string>> = {
  lower: "lower",
  higher: "higher",
  same: "exactly the same",
  open: "not established",
};

/** What `regroup compare` prints: a table for each variant, and a verdict in a sentence. */
export function comparisonTable(found: Comparison, { colour = false, width = 96 } = {}): string {
  const { strong, faint } = paint(colour);
  const { name, replications, confidence, among, variants, replay } = found;
  const together = among > 1 ? `${among} intervals, all true at once with` : "intervals of";
  const lines = [
    `${strong(name)}${faint(`  ${replications} replications, each with common random numbers; ${together} ${percentage(confidence)}`)}`,
  ];
  for (const variant of variants) lines.push("", ...variantLines(variant, colour));
  for (const { name, contrasts } of variants)
    lines.push("", ...wrapped(verdict(name, contrasts).split(" "), width, 2, 1));
  lines.push("", `${faint(`replication ${replay.replication}, as it is:`)} ${replay.command}`);
  return lines.join("\n");
}

function variantLines({ name, contrasts }: Comparison["variants"][number], colour: boolean): string[] {
  const { strong, faint } = paint(colour);
  const head = ["", "as it is", name, "difference", "interval", "change", "interval", ""];
  const rows = contrasts.map((one): Cell[] => {
    const write = (value: number): string => signed(value, (size) => valueText(size, one.measure.unit));
    const { change, finding } = one;
    return [
      { text: nameOf(one.measure, hasSeveralGroups(contrasts)) },
      { text: valueText(one.base, one.measure.unit) },
      { text: valueText(one.variant, one.measure.unit) },
      { text: write(one.difference.value) },
      { text: intervalText(one.difference.interval, write) },
      { text: change === null ? "" : share(change.value) },
      { text: change === null ? "" : intervalText(change.interval, share) },
      { text: WORDS[finding], paint: finding === "open" ? faint : strong },
    ];
  });
  return aligned(
    [head.map((text, i): Cell => ({ text, paint: i === 2 ? strong : faint })), ...rows],
    head.map((_, i) => ({ align: i === 0 || i === 7 ? "left" : "right" })),
  );
}

/** `quick lowers max(timeLag) by 74 % (71 % – 77 %) and raises rebalances by 100 %; not established: mean(lag).` */
export function verdict(name: string, contrasts: readonly Contrast[]): string {
  if (contrasts.every(({ finding }) => finding === "same"))
    return `${name} makes no difference: every measure is exactly the same in every replication.`;
  const severalGroups = hasSeveralGroups(contrasts);
  const list = (finding: Finding, also: (one: Contrast) => string = () => ""): string =>
    contrasts
      .filter((one) => one.finding === finding)
      .map((one) => nameOf(one.measure, severalGroups) + also(one))
      .join(", ");
  const bySize = (one: Contrast): string => ` by ${sizeOf(one)}`;
  const said = (words: string, list: string): string[] => (list === "" ? [] : [`${words} ${list}`]);
  const deeds = [...said("lowers", list("lower", bySize)), ...said("raises", list("higher", bySize))];
  const rest = [...said("not established:", list("open")), ...said("exactly the same:", list("same"))];
  return `${[`${name} ${deeds.length > 0 ? deeds.join("; it ") : "makes no established difference"}`, ...rest].join("; ")}.`;
}

/** `83 % (81 % – 85 %)`; in the measure's own unit where there is nothing to take a share of. */
function sizeOf({ change, difference, measure, finding }: Contrast): string {
  const sign = finding === "lower" ? -1 : 1;
  const { value, interval } = change ?? difference;
  const write = (size: number): string => (change ? percentage(size) : valueText(size, measure.unit));
  const ends = [sign * interval.low, sign * interval.high];
  const range = { low: Math.min(...ends), high: Math.max(...ends) };
  const isCertain = range.low === range.high;
  return `${write(sign * value)}${isCertain ? "" : ` (${intervalText(range, write)})`}`;
}

const hasSeveralGroups = (contrasts: readonly Contrast[]): boolean =>
  new Set(contrasts.map(({ measure }) => measure.group)).size > 1;

const signed = (value: number, write: (size: number) => string): string =>
  value === 0 ? write(0) : `${value < 0 ? "-" : "+"}${write(Math.abs(value))}`;

const share = (value: number): string => signed(value, percentage);
