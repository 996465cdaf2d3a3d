import type { Instant } from "../../engine/time.ts";
import type { ClientId, GroupId } from "../../names.ts";
import type { EventId, Sink } from "../event.ts";
import { isGone } from "./states.ts";

/** A stretch of time that an application spent in a batch that takes unusually long, without a poll. */
export interface SlowBatch {
  readonly group: GroupId;
  readonly client: ClientId;
  readonly from: Instant;
  readonly to: Instant;
  /** The event that began it. */
  readonly event: EventId;
}

/** Tells every such batch when it is over; it ends with its process at the latest. */
export function slowBatches(tell: (batch: SlowBatch) => void): Sink {
  const open = new Map<ClientId, Omit<SlowBatch, "to">>();
  const close = (client: ClientId, t: Instant) => {
    const batch = open.get(client);
    open.delete(client);
    if (batch && t > batch.from) tell({ ...batch, to: t });
  };
  return {
    see(event) {
      if (event.type === "client.busy") {
        const { group, client, busy, t, id } = event;
        if (!busy) close(client, t);
        else if (!open.has(client)) open.set(client, { group, client, from: t, event: id });
      } else if (event.type === "client.process" && isGone(event.to)) close(event.client, event.t);
    },
    end(t) {
      for (const client of [...open.keys()]) close(client, t);
    },
  };
}
