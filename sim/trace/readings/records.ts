import type { Instant } from "../../engine/time.ts";
import type { ClientId, GroupId, TopicName } from "../../names.ts";
import type { Fold, LossReason, RereadReason } from "../event.ts";

interface OfOnePartition {
  readonly t: Instant;
  readonly group: GroupId;
  readonly topic: TopicName;
  readonly partition: number;
  /** The first offset concerned. */
  readonly from: number;
  readonly records: number;
}

/** Records of one partition that are read again from an instant on, or were to be. */
export interface Again extends OfOnePartition {
  /** Of those, the last ones, what the last reader had in hand: not yet behind the group's position. */
  readonly inHand: number;
  /** Of those, what nobody had processed: it crashed with them in its hands. */
  readonly unprocessed: number;
  readonly reason: RereadReason;
}

export interface Reread extends Again {
  /** Who reads them again. */
  readonly client: ClientId;
  /** It has read them on its own account, while they were another's to read. */
  readonly aside: boolean;
}

/** Records of one partition that nobody will read, or that seemed so. */
export interface Loss extends OfOnePartition {
  readonly reason: LossReason;
}

/** Records of one partition that are not lost after all. */
export interface Found extends Loss {
  /** Who reads them; absent where the group has parted from him. */
  readonly client?: ClientId | undefined;
  /** Somebody processes them beside the group, whose position is not set back to them. */
  readonly beside: boolean;
}

/**
 * Tells what is read again, and what never is, partition by partition; and what of both turned out otherwise: `spared` is
 * not read again after all, `found` is not lost.
 */
export function records(tell: {
  readonly reread?: (reread: Reread) => void;
  readonly spared?: (spared: Again) => void;
  readonly lost?: (loss: Loss) => void;
  readonly found?: (found: Found) => void;
}): Fold {
  return {
    see(event) {
      switch (event.type) {
        case "records.reread":
        case "records.spared": {
          const { t, group, topic, reason } = event;
          event.partitions.forEach((partition, i) => {
            const inHand = at(event.inHand, i);
            const unprocessed = reason === "crash" || event.afterCrash ? inHand : 0;
            const [from, records] = [at(event.from, i), at(event.records, i)];
            const again = { t, group, topic, partition, from, records, inHand, unprocessed, reason };
            if (event.type === "records.spared") tell.spared?.(again);
            else tell.reread?.({ ...again, client: event.client, aside: event.aside ?? false });
          });
          break;
        }
        case "records.lost":
        case "records.found": {
          const { t, group, topic, reason } = event;
          event.partitions.forEach((partition, i) => {
            const loss = { t, group, topic, partition, from: at(event.from, i), records: at(event.records, i), reason };
            if (event.type === "records.lost") tell.lost?.(loss);
            else tell.found?.({ ...loss, client: event.client, beside: event.beside ?? false });
          });
          break;
        }
      }
    },
    end: () => {},
  };
}

function at(column: number | readonly number[], i: number): number {
  return typeof column === "number" ? column : column[i];
}
