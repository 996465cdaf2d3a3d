import type { Duration } from "../engine/time.ts";
import type { Flow } from "../lag/flow.ts";
import type { Move } from "../lag/moves.ts";
import type { TopicName } from "../names.ts";
import type { LossReason, RereadReason } from "../trace/event.ts";

/** How a reader and its partitions parted. */
export interface Parting {
  /** What is to blame if the next reader begins behind; a commit that turns out to be refused changes it. */
  reason: RereadReason;
  /** Whether what it had in hand was never processed: its process is gone. */
  readonly dropped: boolean;
}

/** What decides where reading begins: a committed offset, or the reset policy, and why it was asked. */
export type Origin = "committed" | "reset" | "out-of-range";

/** Records of one topic that a start makes read again, or skips. */
export interface Stretch<Reason> {
  readonly topic: TopicName;
  readonly partitions: number[];
  readonly from: number[];
  readonly records: number[];
  readonly inHand: number[];
  readonly reason: Reason;
}

/** What a start came to. */
export interface Start {
  readonly reread: readonly Stretch<RereadReason>[];
  readonly lost: readonly Stretch<LossReason>[];
}

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

/**
 * Where the readers of one group begin, and who is to blame when that is not where the group had got to. It remembers of
 * each partition how its last reader parted from it, and what that one had in hand.
 */
export class StartingPoints {
  readonly #lag: Flow;
  readonly #partings: (Parting | undefined)[] = [];
  readonly #inHand: Float64Array;

  constructor(lag: Flow) {
    this.#lag = lag;
    this.#inHand = new Float64Array(lag.partitions);
  }

  /** A reader parts from these partitions; of the batch in hand so much time was left. Said before it stops reading. */
  part(partitions: readonly number[], parting: Parting, rest: Duration): void {
    for (const partition of partitions) {
      this.#partings[partition] = parting;
      this.#inHand[partition] = rest > 0 ? this.#lag.within(partition, rest) : 0;
    }
  }

  /** Reading begins at these offsets. */
  start(places: readonly StartingPlace[], origin: Origin): Start {
    const reread = new Stretches<RereadReason>();
    const lost = new Stretches<LossReason>();
    for (const { index, topic, partition, offset, origin: first } of places) {
      const parting = this.#partings[index];
      const reason = origin === "committed" ? (parting?.reason ?? "revoked") : origin;
      const cause = origin === "committed" ? "committed-ahead" : origin;
      const inHand = { records: this.#inHand[index], dropped: parting?.dropped ?? false };
      this.#partings[index] = undefined;
      this.#inHand[index] = 0;
      const before = this.#lag.positionNow(index);
      const move = this.#lag.seek(index, offset - first, { reread: reason, lost: cause }, inHand);
      if (move.reread > 0) reread.add(topic, reason, partition, offset, move.reread, move);
      if (move.lost > 0) lost.add(topic, cause, partition, before + first, move.lost, move);
    }
    return { reread: reread.all, lost: lost.all };
  }
}

/** Collects what is to be told together: of one topic, for one reason. */
class Stretches<Reason extends string> {
  readonly all: Stretch<Reason>[] = [];

  add(topic: TopicName, reason: Reason, partition: number, from: number, records: number, { inHand }: Move): void {
    let stretch = this.all.find((one) => one.topic === topic && one.reason === reason);
    if (!stretch) {
      this.all.push((stretch = { topic, reason, partitions: [], from: [], records: [], inHand: [] }));
    }
    stretch.partitions.push(partition);
    stretch.from.push(toSixDecimals(from));
    stretch.records.push(toSixDecimals(records));
    stretch.inHand.push(toSixDecimals(inHand));
  }
}

/** Records as the trace has them. */
export const toSixDecimals = (records: number): number => Math.round(records * 1e6) / 1e6;
