import type { Duration } from "../engine/time.ts";
import type { Flow } from "../lag/flow.ts";
import type { Holder } from "../lag/moves.ts";
import type { TopicName } from "../names.ts";
import type { RereadReason } from "../trace/event.ts";
import { MovedRecords } from "./moved-records.ts";

/** How a reader and its partitions parted. */
export interface Parting {
  /** What is to blame if the next reader begins behind; a commit that turns out to be refused changes it. */
  reason: RereadReason;
  /** What becomes of the records that it had in hand. */
  readonly holder: Holder;
  /** Which client is stopped, if its holder is. */
  readonly stopped?: number;
}

/** What decides where reading begins: a committed offset, or the reset policy, and why it was asked. */
export type Origin = "committed" | "reset" | "out-of-range";

/**
 * A partition, by its number in the fluid and by name, and the offset at which reading is to begin. The fluid counts from
 * the offset `origin` on.
 */
export interface StartingPlace {
  readonly index: number;
  readonly topic: TopicName;
  readonly partition: number;
  readonly offset: number;
  readonly origin: number;
}

/** Records of a partition that were passed while somebody who is stopped had them in hand. */
interface HeldByStopped extends StartingPlace {
  readonly from: number;
  readonly to: number;
}

/**
 * Where the readers of one group begin, and who is to blame when that is not where the group had got to. It remembers of
 * each partition how its last reader parted from it, and what that one had in hand.
 */
export class StartingPoints {
  readonly #lag: Flow;
  readonly #partings: (Parting | undefined)[] = [];
  /** Up to where the last reader had been handed records, if that is beyond its position. */
  readonly #handedOut: Float64Array;
  /** What clients that are stopped have in their hands, though the next reader has begun behind it. */
  readonly #stopped = new Map<number, HeldByStopped[]>();

  constructor(lag: Flow) {
    this.#lag = lag;
    this.#handedOut = new Float64Array(lag.partitions);
  }

  /**
   * A reader parts from these partitions; of the batch in hand so much time was left, or it had been stopped before, and
   * what it had in hand is known. Said before it stops reading.
   */
  part(partitions: readonly number[], parting: Parting, rest: Duration | "stopped before"): void {
    for (const partition of partitions) {
      this.#partings[partition] = parting;
      if (rest === "stopped before") continue;
      const inHand = rest > 0 ? this.#lag.within(partition, rest) : 0;
      this.#handedOut[partition] = inHand > 0 ? this.#lag.positionNow(partition) + inHand : 0;
    }
  }

  /** How the last reader of a partition parted from it, and up to where it had been handed records. */
  partingOf(partition: number): { readonly reason: RereadReason; readonly handedOut: number } {
    return {
      reason: this.#partings[partition]?.reason ?? "expelled",
      handedOut: Math.max(this.#handedOut[partition], this.#lag.positionNow(partition)),
    };
  }

  /** This client, which had been stopped, goes on with what it has in hand: some of that seemed lost. */
  goOn(client: number): MovedRecords {
    const moved = new MovedRecords();
    for (const { index, topic, partition, origin, from, to } of this.#stopped.get(client) ?? []) {
      moved.add(topic, partition, origin, { found: this.#lag.recover(index, from, to) });
    }
    this.#stopped.delete(client);
    return moved;
  }

  /** Reading begins at these offsets; what that comes to. */
  start(places: readonly StartingPlace[], origin: Origin): MovedRecords {
    const moved = new MovedRecords();
    for (const place of places) {
      const { index, topic, partition, offset, origin: first } = place;
      const parting = this.#partings[index];
      const reason = origin === "committed" ? (parting?.reason ?? "revoked") : origin;
      const cause = origin === "committed" ? "committed-ahead" : origin;
      const before = this.#lag.positionNow(index);
      const handedOut = Math.max(0, this.#handedOut[index] - before);
      const inHand = { records: handedOut, holder: parting?.holder ?? "working" };
      this.#partings[index] = undefined;
      this.#handedOut[index] = 0;
      const move = this.#lag.seek(index, offset - first, { reread: reason, lost: cause }, inHand);
      moved.add(topic, partition, first, move);
      if (handedOut === 0 || move.lost.length === 0 || parting === undefined || parting.holder === "gone") continue;
      const held = { ...place, from: before, to: before + handedOut };
      if (parting.stopped === undefined)
        moved.keep(topic, partition, first, this.#lag.recover(index, held.from, held.to));
      else this.#stopped.set(parting.stopped, [...(this.#stopped.get(parting.stopped) ?? []), held]);
    }
    return moved;
  }
}
