/** Whether members get more than they can take, at the end of a run. */
import type { Instant } from "../engine/time.ts";
import type { ClientId, GroupId, TopicName } from "../names.ts";
import type { Sink, TraceHeader } from "../trace/event.ts";
import type { LagLine } from "../trace/readings/lag.ts";
import type { Reading } from "../trace/readings/reading.ts";
import type { Overload } from "./summary.ts";

/** Records per second that come into a partition. */
export type Inflow = (topic: TopicName, partition: number) => number;

/** Rates are rounded to millionths; a gap below this is none. */
const LEAST_GROWTH = 1e-3;

/**
 * Which members get more than they can take at the end of the run. Who reads nothing at that moment is stuck, not
 * overloaded; and a partition that nobody reads says nothing about anybody's capacity.
 *
 * A fluid's lines say what comes in and goes out. Single records have no such lines: what comes in on average is told by
 * `single`, beside what a member can process.
 */
export function overload(
  readers: readonly Reading[],
  lines: readonly LagLine[],
  end: Instant,
  single?: { readonly inflow: Inflow; readonly capacity: number },
): Overload | null {
  const readerOf = new Map(readers.map(({ topic, partition, client }) => [`${topic} ${partition}`, client!]));
  const clients = new Map<ClientId, { in: number; out: number; lag: number }>();
  for (const line of lines) {
    const client = readerOf.get(`${line.topic} ${line.partition}`);
    if (client === undefined) continue;
    const sum = clients.get(client) ?? { in: 0, out: single?.capacity ?? 0, lag: 0 };
    clients.set(client, {
      in: sum.in + (single ? single.inflow(line.topic, line.partition) : line.in),
      out: sum.out + line.out,
      lag: sum.lag + line.lagAt(end),
    });
  }
  const overloaded = [...clients]
    .filter(([, { in: inflow, out, lag }]) => inflow - out > LEAST_GROWTH && out > 0 && lag > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (overloaded.length === 0) return null;
  return {
    clients: overloaded.map(([client]) => client),
    growth: overloaded.reduce((sum, [, { in: inflow, out }]) => sum + inflow - out, 0),
  };
}

/** What is produced to each partition at present, as far as the scenario says how production spreads. */
export function inflows(): Sink & { readonly at: Inflow } {
  const shares = new Map<TopicName, readonly number[]>();
  const rates = new Map<TopicName, number>();
  return {
    begin({ scenario }) {
      const { topics } = (scenario ?? {}) as { topics?: unknown };
      for (const topic of Array.isArray(topics) ? (topics as { name: TopicName; shares?: unknown }[]) : [])
        if (Array.isArray(topic.shares)) shares.set(topic.name, topic.shares as number[]);
    },
    see(event) {
      if (event.type === "topic.producers") rates.set(event.topic, event.demand * event.carried);
    },
    end() {},
    at: (topic, partition) => (rates.get(topic) ?? 0) * (shares.get(topic)?.[partition] ?? 0),
  };
}

/**
 * Records per second that one member of a group can process. A recording of a real cluster has no scenario, and then
 * nobody knows.
 */
export function capacityIn({ scenario }: TraceHeader, id: GroupId): number | undefined {
  const { groups } = (scenario ?? {}) as { groups?: unknown };
  const group = Array.isArray(groups) ? groups.find((one: { id?: unknown }) => one.id === id) : undefined;
  const capacity = (group as { members?: { capacity?: unknown } } | undefined)?.members?.capacity;
  return typeof capacity === "number" ? capacity : undefined;
}

/** Whether the scenario of a run has its records simulated one by one. */
export const isOfSingleRecords = ({ scenario }: TraceHeader): boolean =>
  ((scenario ?? {}) as { flow?: unknown }).flow === "records";
