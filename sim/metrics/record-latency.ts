/** How long records take from their production until an application is through with them, where they are simulated singly. */
import type { Instant } from "../engine/time.ts";
import type { GroupId } from "../names.ts";
import type { Sink } from "../trace/event.ts";
import { FirstOfSingles } from "./first-reads.ts";
import { occupancy, type Distribution, type Occupancy } from "./occupancy.ts";

/** Over records, as they are processed for the first time, in microseconds; a distribution's weights count records. */
export interface RecordLatency {
  /** From production to the end of processing. */
  readonly inSystem: Distribution;
  /** From production to the begin of processing. */
  readonly waiting: Distribution;
}

/**
 * Folds a run into the latency of every group's records: those produced after the warm-up and processed before the end,
 * when each was processed first. So is end-to-end latency, which adds the way into the log, and has those too that only
 * somebody beside the group has read.
 */
export function recordLatency(): Sink & { of(group: GroupId): RecordLatency | null } {
  const groups = new Map<GroupId, { readonly inSystem: Occupancy; readonly waiting: Occupancy }>();
  const singles = new FirstOfSingles();
  let from: Instant = 0;
  return {
    begin({ warmUp }) {
      from = warmUp;
    },
    see(event) {
      if (event.type === "lag") singles.seeLag(event);
      if (event.type !== "record.done" || !singles.isFirst(event) || event.produced < from) return;
      const { t, group, produced, started } = event;
      let found = groups.get(group);
      if (!found) groups.set(group, (found = { inSystem: occupancy(), waiting: occupancy() }));
      found.inSystem.add(t - produced, t - produced, 1);
      found.waiting.add(started - produced, started - produced, 1);
    },
    end: () => undefined,
    of(group) {
      const found = groups.get(group);
      return found ? { inSystem: found.inSystem.distribution(), waiting: found.waiting.distribution() } : null;
    },
  };
}
