import type { Chance, Estimate } from "../experiment/estimates.ts";
import { nameOf } from "../experiment/measures.ts";
import { aligned, type Cell } from "./columns.ts";
import { percentage } from "./humane.ts";
import { intervalText, valueText } from "./measures.ts";
import { paint } from "./paint.ts";

export interface Replicated {
  readonly name: string;
  readonly count: number;
  readonly confidence: number;
  readonly estimates: readonly Estimate[];
  readonly chances: readonly Chance[];
  /** The command that repeats one of the replications, and which. */
  readonly replay: { readonly replication: number; readonly command: string };
}

/** What `regroup run --replications` prints: every number as mean, interval and percentiles over the replications. */
export function replicationsTable(found: Replicated, { colour = false } = {}): string {
  const { strong, faint } = paint(colour);
  const { name, count, confidence, estimates, chances, replay } = found;
  const sure = percentage(confidence);
  const lines = [`${strong(name)}${faint(`  ${count} replications; the mean lies in its interval with ${sure}`)}`];
  for (const group of new Set(estimates.map(({ measure }) => measure.group))) {
    const rows = estimates.filter(({ measure }) => measure.group === group).map((estimate) => row(estimate, count));
    const head = [group, "mean", "interval of the mean", "p5", "p50", "p95", ""];
    lines.push(
      "",
      ...aligned(
        [head.map((text, i): Cell => ({ text, paint: i === 0 ? strong : faint })), ...rows],
        head.map((_, i) => ({ align: i === 0 || i === 6 ? "left" : "right" })),
      ),
    );
  }
  if (chances.length > 0) lines.push("", ...chanceLines(chances, confidence, colour));
  lines.push("", `${faint(`replication ${replay.replication}:`)} ${replay.command}`);
  return lines.join("\n");
}

function row({ measure, count, mean, percentiles }: Estimate, replications: number): Cell[] {
  const write = (value: number): string => valueText(value, measure.unit);
  const few = count < replications ? `in ${count} of them` : "";
  return [
    { text: `  ${nameOf(measure, false)}` },
    { text: write(mean.value) },
    { text: intervalText(mean.interval, write) },
    ...[percentiles.p5, percentiles.p50, percentiles.p95].map(({ value }) => ({ text: write(value) })),
    { text: few },
  ];
}

/** Expectations as probabilities, one a line. */
function chanceLines(chances: readonly Chance[], confidence: number, colour: boolean): string[] {
  const { good, warn, bad } = paint(colour);
  const rows = chances.map(({ expectation, met, unmet, unknown, probability }): Cell[] => {
    const name = { text: expectation.text };
    if (probability === null) return [{ text: "?", paint: warn }, name, { text: "unknown" }];
    const always = unmet === 0 && unknown === 0;
    const interval = intervalText(probability.interval, percentage);
    const text = `met in ${met} of ${met + unmet}: ${percentage(probability.value)} (${percentage(confidence)}: ${interval})`;
    return [{ text: always ? "✓" : "✗", paint: always ? good : bad }, name, { text }];
  });
  return aligned(rows, [{ align: "left" }, { align: "left" }, { align: "left" }]);
}
