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

/** Records of one partition that are read again from an instant on. */
export interface Reread extends OfOnePartition {
  readonly client: ClientId;
  /** Of those, the last ones, what the last reader had in hand: not yet behind the group's position. */
  readonly inHand: number;
  /** Of those, what nobody had processed: it crashed with them in its hands. */
  readonly unprocessed: number;
  readonly reason: RereadReason;
}

/** Records of one partition that nobody will read. */
export interface Loss extends OfOnePartition {
  readonly reason: LossReason;
}

/** Tells what is read again, and what never is, partition by partition. */
export function records(tell: {
  readonly reread?: (reread: Reread) => void;
  readonly lost?: (loss: Loss) => void;
}): Fold {
  return {
    see(event) {
      if (event.type === "records.reread") {
        const { t, client, group, topic, reason } = event;
        event.partitions.forEach((partition, i) => {
          const inHand = at(event.inHand, i);
          const unprocessed = reason === "crash" ? inHand : 0;
          const [from, count] = [at(event.from, i), at(event.records, i)];
          tell.reread?.({ t, client, group, topic, partition, from, records: count, inHand, unprocessed, reason });
        });
      } else if (event.type === "records.lost") {
        const { t, group, topic, reason } = event;
        event.partitions.forEach((partition, i) => {
          tell.lost?.({ t, group, topic, partition, from: at(event.from, i), records: at(event.records, i), reason });
        });
      }
    },
    end: () => {},
  };
}

function at(column: number | readonly number[], i: number): number {
  return typeof column === "number" ? column : column[i];
}
