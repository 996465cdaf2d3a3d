import type { Duration, Instant } from "../engine/time.ts";
import { formatInstant, SECOND } from "../engine/time.ts";
import type { ClientId, GroupId } from "../names.ts";
import type { EventId, Fold, TraceEvent } from "../trace/event.ts";

/** Something that must never happen has happened: a defect of ours, told with what is needed to see it again. */
export class LawBroken extends Error {
  readonly law: string;
  readonly at: Instant;
  readonly event: EventId | null;

  constructor(law: string, what: string, at: Instant, event: EventId | null) {
    super(`${law}: ${what} (at ${formatInstant(at).trim()}${event ? `, event ${event}` : ""})`);
    this.name = "LawBroken";
    this.law = law;
    this.at = at;
    this.event = event;
  }
}

const idOf = (event: TraceEvent): EventId | null => ("id" in event ? event.id : null);

/** Clocks never go back. */
function clockLaw(): Fold {
  let last: Instant = 0;
  return {
    see(event) {
      if (event.t < last) throw new LawBroken("clocks never go back", `${event.t} after ${last}`, event.t, idOf(event));
      last = event.t;
    },
    end: () => {},
  };
}

/** In one generation a partition belongs to one client at most, and only its owner reads it. */
function ownershipLaw(): Fold {
  const owners = new Map<string, { readonly client: ClientId; readonly generation: number }>();
  const broken = (event: TraceEvent, what: string): never => {
    throw new LawBroken("one owner in a generation", what, event.t, idOf(event));
  };
  return {
    see(event) {
      if (event.type !== "partition.owner") return;
      const { client, group, generation, how, partitions } = event;
      for (const topic in partitions) {
        for (const number of partitions[topic]) {
          const key = `${group}/${topic}-${number}`;
          const before = owners.get(key);
          if (how !== "assigned") {
            if (before?.client === client) owners.delete(key);
          } else if (before && before.client !== client && before.generation === generation) {
            broken(event, `${topic}-${number} belongs to ${before.client} and ${client} in generation ${generation}`);
          } else {
            owners.set(key, { client, generation });
          }
        }
      }
    },
    end: () => {},
  };
}

/** Every request is answered, fails with its connection, times out, or ends with its process. */
function requestLaw(longest: (group: GroupId, api: string) => Duration): Fold {
  const open = new Map<ClientId, Map<number, { readonly sent: TraceEvent; readonly due: Instant }>>();
  return {
    see(event) {
      if (event.type === "request.sent") {
        let requests = open.get(event.client);
        if (!requests) open.set(event.client, (requests = new Map()));
        requests.set(event.request, { sent: event, due: event.t + longest(event.group, event.api) });
      } else if (event.type === "request.answered") {
        open.get(event.client)?.delete(event.request);
      } else if (event.type === "client.process" && (event.to === "Crashed" || event.to === "Stopped")) {
        open.delete(event.client);
      }
    },
    end(t) {
      for (const [client, requests] of open) {
        for (const { sent, due } of requests.values()) {
          if (due >= t || sent.type !== "request.sent") continue;
          const what = `${client} still waits for its ${sent.api}`;
          throw new LawBroken("every request ends", what, sent.t, sent.id);
        }
      }
    },
  };
}

/** The laws that a trace can be held against as it is written. */
export function laws(longestRequest: (group: GroupId, api: string) => Duration): Fold {
  const all = [clockLaw(), ownershipLaw(), requestLaw((group, api) => longestRequest(group, api) + SECOND)];
  return {
    see: (event) => all.forEach((law) => law.see(event)),
    end: (t) => all.forEach((law) => law.end(t)),
  };
}
