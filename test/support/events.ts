import { SECOND, wholeMicroseconds } from "../../sim/engine/time.ts";
import type { Partitions } from "../../sim/names.ts";
import type { EventId, Fold, Happening, LagSlopes, Sink, TraceEvent, TraceHeader } from "../../sim/trace/event.ts";

/**
 * Traces made by hand: each event at its second, with an id of its subject's own and, unless another is given, caused
 * by nothing.
 */
export class Story {
  readonly events: TraceEvent[] = [];
  readonly #ordinals = new Map<string, number>();

  /** Returns the id, for the events it causes. */
  at(seconds: number, happening: Happening, cause: EventId | null = null): EventId {
    const subject = subjectOf(happening);
    const ordinal = (this.#ordinals.get(subject) ?? 0) + 1;
    this.#ordinals.set(subject, ordinal);
    const id = `${subject}#${ordinal}`;
    this.events.push({ t: wholeMicroseconds(seconds * SECOND), id, cause, ...happening });
    return id;
  }

  lag(seconds: number, slopes: Omit<LagSlopes, "type" | "t" | "cause">): void {
    this.events.push({ t: wholeMicroseconds(seconds * SECOND), cause: null, type: "lag", ...slopes });
  }

  /** Plays it to a fold, header first, to the end of the run in seconds. */
  tell(to: Sink, end: number, header: Partial<TraceHeader> = {}): void {
    to.begin?.(headerOf(header));
    for (const event of this.events) to.see(event);
    to.end(end * SECOND);
  }
}

/** A group `g` of one topic `orders` with four partitions, unless something else is asked for. */
export function headerOf(header: Partial<TraceHeader> = {}): TraceHeader {
  return {
    regroup: "trace",
    schema: 1,
    version: "0.0.0",
    scenario: { name: "by hand" },
    scenarioHash: "0123456789abcdef",
    seed: "1",
    topics: [{ name: "orders", partitions: 4 }],
    groups: [{ id: "g", topics: ["orders"] }],
    warmUp: 0,
    until: 60 * SECOND,
    ...header,
  };
}

/** What a reading told, in the order it told it. */
export function collect<T>(
  reading: (tell: (what: T) => void) => Fold,
  story: Story,
  end: number,
  header: Partial<TraceHeader> = {},
): T[] {
  const told: T[] = [];
  story.tell(
    reading((what) => told.push(what)),
    end,
    header,
  );
  return told;
}

function subjectOf(happening: Happening): string {
  if (happening.type === "scenario.event") return "scenario";
  if ("client" in happening && happening.client !== undefined && !happening.type.startsWith("group."))
    return `client/${happening.client}`;
  if ("group" in happening) return `group/${happening.group}`;
  return "broker" in happening ? `broker/${happening.broker}` : "cluster";
}

const GROUP = "g";

// The events a story is mostly made of, by their shortest names.

export function process(
  client: string,
  from: "Absent" | "Starting" | "Running" | "Closing",
  to: "Starting" | "Running" | "Closing" | "Stopped" | "Crashed",
): Happening {
  return { type: "client.process", client, group: GROUP, from, to, reason: to.toLowerCase() };
}

export function reads(client: string, ...partitions: number[]): Happening {
  return {
    type: "partition.reading",
    client,
    group: GROUP,
    reading: true,
    partitions: { orders: partitions },
    reason: "resumed",
  };
}

export function stops(client: string, reason: string, ...partitions: number[]): Happening {
  return {
    type: "partition.reading",
    client,
    group: GROUP,
    reading: false,
    partitions: { orders: partitions },
    reason,
  };
}

export function owner(
  client: string,
  how: "assigned" | "revoked" | "lost",
  generation: number,
  ...partitions: number[]
): Happening {
  return { type: "partition.owner", client, group: GROUP, how, partitions: { orders: partitions }, generation };
}

export function member(
  client: string,
  change: "pending" | "added" | "rejoined" | "replaced" | "removed" | "restored",
  reason = "new-member",
  more: { readonly member?: string; readonly instance?: string; readonly silentFor?: number } = {},
): Happening {
  return { type: "group.member", group: GROUP, member: `${client}-1`, client, change, reason, ...more };
}

export function state(from: string, to: string, reason: string, generation: number, client?: string): Happening {
  const who = client === undefined ? {} : { client, member: `${client}-1` };
  return { type: "group.state", group: GROUP, from, to, reason, generation, ...who };
}

export function joinComplete(
  generation: number,
  members: number,
  waitedSeconds: number,
  slowest?: string,
  evicted: readonly string[] = [],
): Happening {
  return {
    type: "group.join-complete",
    group: GROUP,
    generation,
    how: evicted.length > 0 ? "timer" : "all-joined",
    waited: wholeMicroseconds(waitedSeconds * SECOND),
    members,
    ...(slowest !== undefined && { slowest: `${slowest}-1`, slowestClient: slowest }),
    evicted,
    absent: [],
  };
}

export function assignment(client: string, generation: number, members: number, partitions: number): Happening {
  return {
    type: "group.assignment",
    group: GROUP,
    client,
    assignor: "range",
    generation,
    members,
    partitions,
    took: 0,
  };
}

export function sends(client: string, api: string, request = 1): Happening {
  return { type: "request.sent", client, group: GROUP, api, request, broker: 1 };
}

// Those of the consumer protocol.

export function epoch(generation: number, reason: string, client?: string): Happening {
  const who = client === undefined ? {} : { client, member: `${client}-1` };
  return { type: "group.epoch", group: GROUP, generation, reason, ...who };
}

export function target(
  client: string,
  generation: number,
  members: number,
  { gains, losses }: Readonly<Partial<Record<"gains" | "losses", Readonly<Record<string, readonly number[]>>>>> = {},
): Happening {
  const of = (changes: Readonly<Record<string, readonly number[]>> = {}): Record<string, Partitions> =>
    Object.fromEntries(Object.entries(changes).map(([member, orders]) => [member, { orders }]));
  const told = gains || losses ? { gains: of(gains), losses: of(losses) } : {};
  return { ...assignment(client, generation, members, 4), assignor: "uniform", ...told } as Happening;
}

interface Reconciled {
  readonly granted?: readonly number[];
  readonly revoking?: readonly number[];
  readonly released?: readonly number[];
}

export function reconciled(
  client: string,
  state: "STABLE" | "UNREVOKED_PARTITIONS" | "UNRELEASED_PARTITIONS",
  generation: number,
  { granted = [], revoking = [], released = [] }: Reconciled = {},
): Happening {
  const of = (numbers: readonly number[]): Partitions => (numbers.length > 0 ? { orders: numbers } : {});
  const changes = { granted: of(granted), revoking: of(revoking), released: of(released) };
  return { type: "group.reconciled", group: GROUP, member: `${client}-1`, client, state, generation, ...changes };
}

/** The coordinator of g on a broker changes its state. */
export function coordinator(broker: number, from: string, to: string): Happening {
  return { type: "coordinator.state", broker, partition: 9, groups: ["g"], from, to, reason: "x" };
}
