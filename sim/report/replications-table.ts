import type { Chance, Estimate } from "../experiment/estimates.ts";
import { type Measure, nameOf } from "../experiment/measures.ts";
import type { GatheredNotes } from "../experiment/notes.ts";
import { aligned, type Cell, wrapped } from "./columns.ts";
import { percentage } from "./humane.ts";
import { intervalText, valueText } from "./measures.ts";
import { MOOT, mootNote, transitNote } from "./notes.ts";
import { paint } from "./paint.ts";

/** Of the lines that are wrapped. */
const WIDTH = 100;

export interface Replicated {
  readonly name: string;
  readonly count: number;
  readonly confidence: number;
  readonly estimates: readonly Estimate[];
  readonly chances: readonly Chance[];
  readonly notes: GatheredNotes;
  /** The command that repeats a replication, counted from 1. */
  readonly replayOf: (replication: number) => string;
  /** Groups that commit at intervals, and meet what stops somebody at the same phase of these in each replication. */
  readonly atFixedMoments: readonly Measure["group"][];
  /** The command that repeats one of the replications, and which. */
  readonly replay: { readonly replication: number; readonly command: string };
}

/**
 * What `regroup run --replications` prints: every number as mean, interval and percentiles over the replications. What
 * came out the same in all of them is told in a line or two below the others; and statistics of one quantity that do not
 * differ, as those of the only outage of a run, in one row.
 */
export function replicationsTable(found: Replicated, { colour = false } = {}): string {
  const { strong, faint } = paint(colour);
  const { name, count, confidence, estimates, chances, replay } = found;
  const note = alikeNote(found);
  const sure = percentage(confidence);
  const lines = [`${strong(name)}${faint(`  ${count} replications; the mean lies in its interval with ${sure}`)}`];
  for (const group of new Set(estimates.map(({ measure }) => measure.group))) {
    const quantities = byQuantity(estimates.filter(({ measure }) => measure.group === group));
    const rows = quantities.filter((all) => !isConstant(all, count)).flatMap((all) => rowsOf(all, count));
    const head = [group, "mean", "interval of the mean", "p5", "p50", "p95", ""];
    lines.push(
      "",
      ...aligned(
        [head.map((text, i): Cell => ({ text, paint: i === 0 ? strong : faint })), ...rows],
        head.map((_, i) => ({ align: i === 0 || i === 6 ? "left" : "right" })),
      ),
      ...constantLines(quantities.filter((all) => isConstant(all, count))),
    );
  }
  lines.push(...noteLines(found, colour));
  if (note !== undefined) lines.push("", ...wrapped(note.split(" "), WIDTH, 2, 1));
  if (chances.length > 0) lines.push("", ...chanceLines(chances, confidence, colour));
  lines.push("", `${faint(`replication ${replay.replication}:`)} ${replay.command}`);
  return lines.join("\n");
}

/** What the figures leave out, and what of the scenario did not happen. */
function noteLines({ count, notes: { moot, transit }, replayOf }: Replicated, colour: boolean): string[] {
  const { strong, faint } = paint(colour);
  const far = transit.flatMap((one) => wrapped(transitNote(one, count).split(" "), WIDTH, 2, 1));
  const lines = far.length > 0 ? ["", ...far] : [];
  if (moot.first === null) return lines;
  const title = `${strong("events")}${faint(`  ${MOOT}`)}`;
  return [...lines, "", title, `  ${mootNote(moot, count)}; when and why: ${replayOf(moot.first)}`];
}

/** Where replications say no more than one of them would, and why. */
function alikeNote({ count, estimates, atFixedMoments }: Replicated): string | undefined {
  if (count < 2) return undefined;
  if (estimates.every(({ min, max }) => min === max))
    return `All ${count} came out the same: nothing in this scenario is random that these figures depend on.`;
  const alike = estimates.filter(
    ({ measure, mean, min, max }) =>
      ACCIDENTS.includes(measure.quantity) && mean.value > 0 && max - min < HARDLY * mean.value,
  );
  if (alike.length === 0) return undefined;
  const names = [...new Set(alike.map(({ measure }) => together(measure)))].join(" and ");
  const said = `Hardly any difference in ${names}`;
  if (!alike.every(({ measure }) => atFixedMoments.includes(measure.group)))
    return `${said}: all replications say much the same.`;
  return (
    `${said}: the events have fixed times, and meet the commits at the same moment in every ` +
    "replication. `plus` has an event come at any moment: scenarios/crash-auto-commit.yaml, scenarios/README.md."
  );
}

/** What depends on the moment, within the period of some clock, at which something happens. */
const ACCIDENTS: readonly string[] = ["duplicates", "lost"];

/** So small a part of the mean between the least and the most of the replications is no difference. */
const HARDLY = 0.01;

/** The estimates of each quantity, in the order of the first of them. */
function byQuantity(estimates: readonly Estimate[]): (readonly Estimate[])[] {
  const found = new Map<string, Estimate[]>();
  for (const estimate of estimates) {
    const { quantity, per = "" } = estimate.measure;
    const key = `${quantity} ${per}`;
    found.set(key, [...(found.get(key) ?? []), estimate]);
  }
  return [...found.values()];
}

/** Whether every statistic of a quantity is one and the same number, in all replications. */
const isConstant = (all: readonly Estimate[], replications: number): boolean =>
  replications > 1 &&
  all.every(({ count, min, max }) => count === replications && min === all[0].min && max === all[0].min);

/** `0 in each: lost, duplicates`, and what else did not vary. */
function constantLines(quantities: readonly (readonly Estimate[])[]): string[] {
  const values = new Map<string, string[]>();
  for (const [{ measure, min }] of quantities) {
    const value = min === 0 ? "0" : valueText(min, measure.unit);
    values.set(value, [...(values.get(value) ?? []), together(measure)]);
  }
  return [...values].flatMap(([value, names]) =>
    wrapped(`  ${value} in each: ${names.join(", ")}`.split(/(?<=\S) /u), WIDTH, 4, 1),
  );
}

/** A row for each statistic; or one for them all, if they do not differ. */
function rowsOf(all: readonly Estimate[], replications: number): Cell[][] {
  const rows = all.map((estimate) => cells(estimate, replications));
  const alike = rows.length > 1 && rows.every((row) => row.every(({ text }, i) => text === rows[0][i].text));
  if (alike) return [[{ text: `  ${together(all[0].measure)}` }, ...rows[0]]];
  return all.map(({ measure }, i) => [{ text: `  ${nameOf(measure, false)}` }, ...rows[i]]);
}

/** The name of all statistics of a quantity. */
const together = (measure: Measure): string => nameOf({ ...measure, statistic: "value" }, false);

function cells({ measure, count, mean, percentiles }: Estimate, replications: number): Cell[] {
  const write = (value: number): string => valueText(value, measure.unit);
  return [
    { text: write(mean.value) },
    { text: intervalText(mean.interval, write) },
    ...[percentiles.p5, percentiles.p50, percentiles.p95].map(({ value }) => ({ text: write(value) })),
    { text: count < replications ? `in ${count} of them` : "" },
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
