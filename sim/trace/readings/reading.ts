import type { ClientId } from "../../names.ts";
import type { Sink, TraceEvent } from "../event.ts";
import { holdings, type Holding, type Holdings } from "./holdings.ts";
import { isGone } from "./states.ts";

/**
 * Who read the records of a partition, and when; `client` null while nobody did. `reason` is that of the
 * `partition.reading` event (`resumed`, `revoked` …), `crashed` or `closed` when the process ended without one, `begin`
 * before the first; and where somebody was to read it, but did not: `frozen` while its process is stopped, `busy` while its
 * application is stuck in a batch (or why it is out of the group meanwhile: `poll-interval-exceeded` …), `closing` while
 * it waits for its last commit, `commit-pending` while its application stands still for another (or, again, why it is out of
 * the group meanwhile).
 */
export type Reading = Holding;

/** Reads who read what, and when. What a process read ends with it, whether it says so or not. */
export function reading(tell: (span: Reading) => void): Sink {
  return readingInto(holdings(tell));
}

/** Tells the stretches in which nobody read a partition. */
export function unread(tell: (span: Reading & { readonly client: null }) => void): Sink {
  return reading((span) => {
    if (span.client === null) tell({ ...span, client: null });
  });
}

/** What keeps a client from reading what it is to read. */
interface Hindrance {
  /** `busy`, or why it left the group during the batch. */
  readonly busy: string | null;
  /** `commit-pending`, or why it left the group while its application waited for a commit. */
  readonly committing: string | null;
  readonly frozen: boolean;
  readonly closing: boolean;
}

const FREE: Hindrance = { busy: null, committing: null, frozen: false, closing: false };

/** The same rule, for whoever wants to keep the holdings. */
export function readingInto(held: Holdings): Sink {
  const hindered = new Map<ClientId, Hindrance>();
  return {
    begin: (header) => held.begin(header),
    see(event) {
      held.see(event);
      if (event.type === "partition.reading") {
        const { group, client, partitions, reason, t, id } = event;
        if (event.reading) held.take(group, client, partitions, { t, id, reason });
        else held.give(group, client, partitions, { t, id, reason });
      } else if (event.type === "client.process" && isGone(event.to)) {
        const reason = event.to === "Crashed" ? "crashed" : "closed";
        held.drop(event.group, event.client, { t: event.t, id: event.id, reason });
        hindered.delete(event.client);
      } else if (hinders(event)) {
        const { group, client, t, id } = event;
        const before = hindered.get(client) ?? FREE;
        const after = { ...before, ...changeOf(event, before) };
        hindered.set(client, after);
        const reason = why(after);
        if (reason === why(before)) return;
        if (reason === null) held.resume(group, client, { t, id, reason: "resumed" });
        else held.suspend(group, client, { t, id, reason });
      }
    },
    end: (t) => held.end(t),
  };
}

const HINDERING = ["client.busy", "client.committing", "client.frozen", "client.process", "client.state"] as const;
type Hindering = Extract<TraceEvent, { type: (typeof HINDERING)[number] }>;

function hinders(event: TraceEvent): event is Hindering {
  return (HINDERING as readonly string[]).includes(event.type);
}

function changeOf(event: Hindering, { busy, committing }: Hindrance): Partial<Hindrance> {
  switch (event.type) {
    case "client.busy":
      return { busy: event.busy ? "busy" : null };
    case "client.committing":
      return { committing: event.committing ? "commit-pending" : null };
    case "client.frozen":
      return { frozen: event.frozen };
    case "client.process":
      return { closing: event.to === "Closing" };
    case "client.state": {
      if (event.to !== "UNJOINED" && event.to !== "STABLE") return {};
      const expelled = event.to === "UNJOINED" ? event.reason : undefined;
      return {
        ...(busy !== null && { busy: expelled ?? "busy" }),
        ...(committing !== null && { committing: expelled ?? "commit-pending" }),
      };
    }
  }
}

function why({ busy, committing, frozen, closing }: Hindrance): string | null {
  if (closing) return "closing";
  return frozen ? "frozen" : (committing ?? busy);
}
