import type { ClientMetrics } from "../metrics/client-metrics.ts";
import type { PartitionFetchMetrics } from "../metrics/fetch-metrics.ts";
import type { Summary } from "../metrics/summary.ts";
import { aligned, type Cell, wrapped } from "./columns.ts";
import { missingCommits } from "./missing-commits.ts";
import { paint } from "./paint.ts";

type Row = readonly [Exclude<keyof ClientMetrics, "partitions">, (value: number) => string];

const whole = (value: number): string => value.toFixed(0);

/** The metrics that are shown, and how each is written. */
const COORDINATOR: readonly Row[] = [
  ["assigned-partitions", String],
  ["rebalance-total", String],
  ["rebalance-latency-avg", whole],
  ["rebalance-latency-max", whole],
  ["rebalance-rate-per-hour", (rate) => rate.toFixed(1)],
  ["failed-rebalance-total", String],
  ["last-rebalance-seconds-ago", String],
  ["join-time-avg", whole],
  ["sync-time-avg", whole],
  ["commit-latency-avg", (ms) => ms.toFixed(1)],
  ["commit-latency-max", (ms) => ms.toFixed(1)],
  ["commit-total", String],
];

const FETCH: readonly Row[] = [
  ["records-lag-max", whole],
  ["records-consumed-rate", (rate) => rate.toFixed(1)],
  ["records-consumed-total", whole],
];

const PARTITION = ["records-lag", "records-lag-avg", "records-lag-max"] as const;

/** Of the partitions only those whose consumers told of the most lag, else there would be thousands. */
const MOST_PARTITIONS = 10;

/** What a consumer's own lag of a fluid is, where Kafka's is that behind the records which a poll hands out. */
const LAG_OF_FLUID = "lag of the fluid, before a poll hands records out: Kafka tells up to max.poll.records less";

interface Looks {
  readonly colour?: boolean;
  readonly width?: number;
  /** How the run simulated its records. */
  readonly flow?: "fluid" | "records";
}

/** What each consumer would report of itself: metrics down, as Kafka spells them, consumers across, some at a time. */
export function metricsTable(summary: Summary, { colour = false, width = 96, flow }: Looks = {}): string {
  const paints = paint(colour);
  const note = (text: string): string[] => wrapped(text.split(" "), width, 0, 1).map(paints.faint);
  return [
    paints.strong("consumer-coordinator-metrics"),
    ...note("since the warm-up; times in milliseconds"),
    ...missingCommits(summary.uncountedCommits).flatMap(note),
    ...consumersAcross(summary, COORDINATOR, width, paints),
    "",
    paints.strong("consumer-fetch-manager-metrics"),
    ...note("since the warm-up; in records, a second for the rate; a partition's from its assignment on"),
    ...(flow === "fluid" ? note(LAG_OF_FLUID) : []),
    ...consumersAcross(summary, FETCH, width, paints),
    ...partitionsDown(summary, paints),
  ].join("\n");
}

function consumersAcross(
  { groups }: Summary,
  shown: readonly Row[],
  width: number,
  { faint }: ReturnType<typeof paint>,
): string[] {
  const label = Math.max(...shown.map(([name]) => name.length));
  const lines: string[] = [];
  for (const { group, clients } of groups) {
    const longest = Math.max(...clients.map(({ client }) => client.length), 6);
    const across = Math.max(1, Math.floor((width - label) / (longest + 2)));
    for (let first = 0; first < clients.length; first += across) {
      const some = clients.slice(first, first + across);
      const head: Cell[] = [
        { text: group, paint: faint },
        ...some.map(({ client }) => ({ text: client, paint: faint })),
      ];
      const had = shown.filter(([name]) => clients.some((client) => client[name] !== undefined));
      const rows = had.map(([name, write]): Cell[] => [
        { text: name },
        ...some.map((client) => written(client[name] as number | null | undefined, write)),
      ]);
      const right = some.map(() => ({ align: "right" as const }));
      lines.push("", ...aligned([head, ...rows], [{ align: "left" }, ...right]));
    }
  }
  return lines;
}

function partitionsDown({ groups }: Summary, { faint }: ReturnType<typeof paint>): string[] {
  const lines: string[] = [];
  for (const { group, clients } of groups) {
    const all = clients.flatMap(({ client, partitions }) => partitions.map((metrics) => ({ client, ...metrics })));
    if (all.length === 0) continue;
    const most = all.sort(byLagMax).slice(0, MOST_PARTITIONS);
    const head = [group, "consumer", ...PARTITION].map((text): Cell => ({ text, paint: faint }));
    const rows = most.map((metrics): Cell[] => [
      { text: `${metrics.topic}-${metrics.partition}` },
      { text: metrics.client },
      ...PARTITION.map((name) => written(metrics[name], whole)),
    ]);
    const right = PARTITION.map(() => ({ align: "right" as const }));
    lines.push("", ...aligned([head, ...rows], [{ align: "left" }, { align: "left" }, ...right]));
    const more = all.length - most.length;
    if (more > 0) lines.push(faint(`and ${more} more, none with a higher records-lag-max`));
  }
  return lines;
}

function byLagMax(a: PartitionFetchMetrics, b: PartitionFetchMetrics): number {
  const most = ({ "records-lag-max": max }: PartitionFetchMetrics): number => max ?? -1;
  if (most(a) !== most(b)) return most(b) - most(a);
  return a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition;
}

/** No value yet, or, of a consumer that has none such, never any. */
const written = (value: number | null | undefined, write: (value: number) => string): Cell => ({
  text: value === null || value === undefined ? "–" : write(value),
});
