import type { Sink } from "../event.ts";
import { holdings, type Holding, type Holdings } from "./holdings.ts";
import { isGone } from "./states.ts";

/**
 * Who read the records of a partition, and when; `client` null while nobody did. `reason` is that of the
 * `partition.reading` event (`resumed`, `revoked`, `busy` …), `crashed` or `closed` when the process ended without one,
 * `begin` before the first.
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

/** The same rule, for whoever wants to keep the holdings. */
export function readingInto(held: Holdings): Sink {
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
      }
    },
    end: (t) => held.end(t),
  };
}
