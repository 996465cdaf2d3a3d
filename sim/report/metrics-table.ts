import type { ClientMetrics } from "../metrics/client-metrics.ts";
import type { Summary } from "../metrics/summary.ts";
import { aligned, type Cell } from "./columns.ts";
import { paint } from "./paint.ts";

/** The metrics that are shown, and how each is written. */
const SHOWN: readonly (readonly [keyof ClientMetrics, (value: number) => string])[] = [
  ["assigned-partitions", String],
  ["rebalance-total", String],
  ["rebalance-latency-avg", (ms) => ms.toFixed(0)],
  ["rebalance-latency-max", (ms) => ms.toFixed(0)],
  ["rebalance-rate-per-hour", (rate) => rate.toFixed(1)],
  ["failed-rebalance-total", String],
  ["last-rebalance-seconds-ago", String],
  ["join-time-avg", (ms) => ms.toFixed(0)],
  ["sync-time-avg", (ms) => ms.toFixed(0)],
  ["commit-latency-avg", (ms) => ms.toFixed(1)],
];

/** What each consumer would report of itself: metrics down, as Kafka spells them, consumers across, some at a time. */
export function metricsTable(summary: Summary, { colour = false, width = 96 } = {}): string {
  const { faint, strong } = paint(colour);
  const label = Math.max(...SHOWN.map(([name]) => name.length));
  const lines = [strong("consumer-coordinator-metrics"), faint("since the warm-up; times in milliseconds")];
  for (const { group, clients } of summary.groups) {
    const longest = Math.max(...clients.map(({ client }) => client.length), 6);
    const across = Math.max(1, Math.floor((width - label) / (longest + 2)));
    for (let first = 0; first < clients.length; first += across) {
      const some = clients.slice(first, first + across);
      const head: Cell[] = [
        { text: group, paint: faint },
        ...some.map(({ client }) => ({ text: client, paint: faint })),
      ];
      const rows = SHOWN.map(([name, write]): Cell[] => [
        { text: name },
        ...some.map((client) => {
          const value = client[name] as number | null;
          return { text: value === null ? "–" : write(value) };
        }),
      ]);
      const right = some.map(() => ({ align: "right" as const }));
      lines.push("", ...aligned([head, ...rows], [{ align: "left" }, ...right]));
    }
  }
  return lines.join("\n");
}
