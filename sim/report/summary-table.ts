import { ofSorted } from "../metrics/expectations.ts";
import { mean, quantile, type Distribution } from "../metrics/occupancy.ts";
import type { GroupSummary, Levels, RebalancesSummary, Summary } from "../metrics/summary.ts";
import { aligned, room, wrapped, type Cell } from "./columns.ts";
import { amount, counted, length, moment, percentage } from "./humane.ts";
import { paint, type Paint } from "./paint.ts";
import { rebalanceList } from "./rebalance-list.ts";
import { sparkline } from "./sparkline.ts";

export interface TableOptions {
  /** Off unless the reader's terminal can. */
  readonly colour?: boolean;
  /** Characters in a line. */
  readonly width?: number;
  /** The command that repeats this run. */
  readonly replay?: string;
  /** How many rebalances to list. */
  readonly rebalances?: number;
}

/** What `regroup run` prints: one run at a glance. */
export function summaryTable(summary: Summary, options: TableOptions = {}): string {
  const { colour = false, width = 96, replay, rebalances = 10 } = options;
  const tones = paint(colour);
  const { strong, faint } = tones;
  const { name, from, end } = summary;
  const measured = from > 0 ? `, measured from ${moment(from)} on` : "";
  const lines = [`${strong(name)}${faint(`  ${length(end)} simulated${measured}`)}`];
  for (const group of summary.groups) lines.push("", ...groupLines(group, tones, width, rebalances));
  lines.push("", ...requestLines(summary, tones, width), footerLine(summary, tones, replay));
  return lines.join("\n");
}

function groupLines(group: GroupSummary, tones: Paint, width: number, listed: number): string[] {
  const { strong, faint, good, bad } = tones;
  const { partitions, topics, produced, consumed, overload, unread, rebalances } = group;
  const flow = `${amount(produced)} records produced, ${amount(consumed)} read`;
  const lines = [
    `${strong(group.group)}${faint(`  ${counted(partitions, "partition")} of ${topics.join(", ")}; ${flow}`)}`,
    ...indented(statistics(group, tones, width - 2)),
  ];
  if (overload) {
    const { clients, growth } = overload;
    const who = clients.length > 3 ? counted(clients.length, "member") : clients.join(", ");
    lines.push(`  ${bad("OVERLOADED")}  ${who} get more than they can take; the lag grows by ${amount(growth)}/s`);
  } else if (group.lag.final < 1) {
    lines.push(`  ${good("kept up")}  everything produced was read in the end`);
  }

  lines.push(`  ${rebalanceLine(rebalances)}`);
  const worst = unread.worst
    ? `; ${unread.worst.topic}-${unread.worst.partition} the longest: ${length(unread.worst.to - unread.worst.from)} from ${moment(unread.worst.from)} on`
    : "";
  lines.push(`  ${amount(unread.partitionSeconds)} partition-seconds without a reader${worst}`);
  if (rebalances.costliest.length > 0) {
    const shown = rebalances.costliest.slice(0, listed);
    const more = rebalances.count + rebalances.unfinished - shown.length;
    lines.push("", ...indented(rebalanceList(shown, more, tones, width - 2)));
  }
  return lines;
}

/** Members, lag, time lag and rebalances: the same statistics of each, one below the other. */
function statistics({ members, lag, timeLag, rebalances }: GroupSummary, { faint, strong }: Paint, width: number) {
  const row = (name: string, values: readonly string[], shape = ""): Cell[] => [
    { text: name, paint: strong },
    ...values.map((text) => ({ text })),
    { text: shape, paint: faint },
  ];
  const durations = (statistic: string) => {
    const value = ofSorted(rebalances.durations, statistic);
    return value === undefined ? "–" : length(value);
  };
  const head = ["", "mean", "p50", "p95", "p99", "max", "end", ""].map((text) => ({ text, paint: faint }));
  const rows = (width: number) => [
    head,
    row("members", levelValues(members.alive), sparkline(members.curve, width)),
    row("lag", [...values(lag.distribution, amount), amount(lag.final)], sparkline(lag.curve, width)),
    row("time lag", [...values(timeLag.distribution, length), length(timeLag.final)], sparkline(timeLag.curve, width)),
    row("rebalance", [...["mean", "p50", "p95", "p99", "max"].map(durations), ""]),
  ];
  const shape = room(rows(0), 7, width);
  return aligned(rows(shape < 8 ? 0 : shape), [
    { align: "left" },
    ...Array.from({ length: 6 }, () => ({ align: "right" as const })),
    { align: "left" },
  ]);
}

function values(distribution: Distribution, write: (value: number) => string): string[] {
  const quantiles = [0.5, 0.95, 0.99, 1].map((share) => quantile(distribution, share));
  return [mean(distribution), ...quantiles].map(write);
}

function levelValues({ values, lengths, mean, max, final }: Levels): string[] {
  const whole = lengths.reduce((sum, length) => sum + length, 0);
  const at = (share: number) => {
    let rest = share * whole;
    return values[lengths.findIndex((length) => (rest -= length) <= 0)] ?? max;
  };
  return [amount(mean), ...[at(0.5), at(0.95), at(0.99), max, final].map((value) => `${value}`)];
}

function rebalanceLine({ count, unfinished, byCause, share, failedAttempts }: RebalancesSummary): string {
  const causes = Object.entries(byCause).map(([kind, number]) => `${number} ${kind.replace("-", " ")}`);
  const parts = [counted(count, "rebalance") + (causes.length > 0 ? ` (${causes.join(", ")})` : "")];
  if (unfinished > 0) parts.push(`${unfinished} unfinished`);
  if (failedAttempts > 0) parts.push(counted(failedAttempts, "failed attempt"));
  if (count + unfinished > 0) parts.push(`under way ${percentage(share)} of the time`);
  return parts.join("; ");
}

function requestLines({ brokers }: Summary, { strong, faint }: Paint, width: number): string[] {
  const served = brokers.filter(({ requests }) => Object.keys(requests).length > 0);
  if (served.length === 0) return [];
  const shown = served.slice(0, 8);
  const lines = shown.flatMap(({ broker, requests }) => {
    const counts = Object.entries(requests).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    const name = `  broker ${broker}`;
    return wrapped([name, ...counts.map(([api, number]) => `${api} ${amount(number)}`)], width, name.length + 2);
  });
  const more = served.length - shown.length;
  return [
    `${strong("requests served")}${faint("  by coordinators, heartbeats included")}`,
    ...lines,
    ...(more > 0 ? [faint(`  and by ${counted(more, "more broker")}`)] : []),
    "",
  ];
}

function footerLine({ seed, fingerprint, events }: Summary, { faint, strong }: Paint, replay?: string): string {
  const parts = [`seed ${strong(seed)}`];
  if (fingerprint !== null) parts.push(`trace ${strong(fingerprint)} (${counted(events!, "event")})`);
  if (replay !== undefined) parts.push(`replay: ${replay}`);
  return parts.join(faint(" · "));
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "" : `  ${line}`));
}
