import type { Instant } from "../../engine/time.ts";
import type { ClientId, GroupId } from "../../names.ts";
import type { EventId, Sink, TraceEvent } from "../event.ts";
import { isGone } from "./states.ts";

/** A stretch of time without a poll: inside a batch that takes unusually long, in a commit, or because the process is stopped. */
export interface Standstill {
  readonly group: GroupId;
  readonly client: ClientId;
  readonly from: Instant;
  readonly to: Instant;
  /** The event that began it. */
  readonly event: EventId;
}

/** Tells every batch that takes unusually long when it is over; it ends with its process at the latest. */
export function slowBatches(tell: (batch: Standstill) => void): Sink {
  return standstills((event) => (event.type === "client.busy" ? [event, event.busy] : undefined), tell);
}

/** The same of every `commitSync()` in which an application stood still. */
export function waitingCommits(tell: (commit: Standstill) => void): Sink {
  return standstills((event) => (event.type === "client.committing" ? [event, event.committing] : undefined), tell);
}

/** And of every stop of a process, which goes on after that. */
export function stops(tell: (stop: Standstill) => void): Sink {
  return standstills((event) => (event.type === "client.frozen" ? [event, event.frozen] : undefined), tell);
}

type Turn = Extract<TraceEvent, { type: "client.busy" | "client.committing" | "client.frozen" }>;

/** `turn`: what begins such a stretch, or ends it; a second begin changes nothing. */
function standstills(
  turn: (event: TraceEvent) => readonly [event: Turn, begins: boolean] | undefined,
  tell: (stretch: Standstill) => void,
): Sink {
  const open = new Map<ClientId, Omit<Standstill, "to">>();
  const close = (client: ClientId, t: Instant) => {
    const stretch = open.get(client);
    open.delete(client);
    if (stretch && t > stretch.from) tell({ ...stretch, to: t });
  };
  return {
    see(event) {
      if (event.type === "client.process" && isGone(event.to)) close(event.client, event.t);
      const found = turn(event);
      if (!found) return;
      const [{ group, client, t, id }, begins] = found;
      if (!begins) close(client, t);
      else if (!open.has(client)) open.set(client, { group, client, from: t, event: id });
    },
    end(t) {
      for (const client of [...open.keys()]) close(client, t);
    },
  };
}
