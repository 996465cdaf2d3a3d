import type { Duration, Instant } from "../engine/time.ts";
import type { Offsets } from "../kafka/messages.ts";
import type { Flow } from "../lag/flow.ts";
import { type Holder, movedUp } from "../lag/moves.ts";
import { passageFrom } from "../lag/passages.ts";
import type { TopicName } from "../names.ts";
import type { RereadReason } from "../trace/event.ts";
import { MovedRecords } from "./moved-records.ts";

/** How a reader and its partitions parted. */
export interface Parting {
  /** What is to blame if the next reader begins behind, and no refused commit is. */
  readonly reason: RereadReason;
  /**
   * Where it had got to when a commit was refused last. Whoever begins before that does so for it; who begins there or
   * later, for what came after a commit that was taken. `everywhere`: it was refused as they parted.
   */
  refused?: Offsets | "everywhere";
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
  /** Where it would have begun, further on, with a commit that was acknowledged and is gone with its log. */
  readonly lost?: number;
  /** Of this log something is gone since, and nobody asks whether the offset still leads to the same record. */
  readonly blind?: true;
}

/** Records of a partition that were passed while somebody who is stopped had them in hand. */
interface HeldByStopped extends StartingPlace {
  readonly from: number;
  readonly to: number;
  /** How long it takes for them once it goes on. */
  readonly takes: Duration;
}

/** From when on a reader works on what it has in hand, and how long it takes for it. */
interface Work {
  readonly at: Instant;
  readonly takes: Duration;
}

/** What a reader that is stuck, or has parted from a partition, had been handed of it. */
interface InHands extends Work {
  /** From its position up to this one. */
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
  /** What the last reader had been handed, if that is beyond its position. */
  readonly #handedOut: (InHands | undefined)[] = [];
  /** What clients that are stopped have in their hands, though the next reader has begun behind it. */
  readonly #stopped = new Map<number, HeldByStopped[]>();

  constructor(lag: Flow) {
    this.#lag = lag;
  }

  /**
   * A reader parts from these partitions; of the batch in hand so much time was left, or it had been stopped before, and
   * what it had in hand is known. Said before it stops reading.
   */
  part(partitions: readonly number[], parting: Parting, rest: Duration | "stopped before", now: Instant): void {
    for (const partition of partitions) this.#partings[partition] = parting;
    if (rest !== "stopped before") this.#keepInHand(partitions, rest, { at: now, takes: rest });
  }

  /** A reader was through now with what it had been handed of this partition, and reads no more of it. Said before it stops. */
  finish(partition: number, parting: Parting, now: Instant): void {
    this.#partings[partition] = parting;
    const [from, to] = [this.#lag.positionNow(partition), this.#lag.endOfHandedOut(partition)];
    this.#handedOut[partition] = to > from ? { from, to, at: now, takes: 0 } : undefined;
  }

  /**
   * The reader of these is stuck in a batch of which so much time was left, and works on that when it goes on; or it was
   * stuck already, and will be for longer. Said before it stops reading.
   */
  stick(partitions: readonly number[], rest: Duration | "stopped before", work: Work): void {
    if (rest !== "stopped before") return this.#keepInHand(partitions, rest, work);
    for (const partition of partitions) {
      const known = this.#handedOut[partition];
      if (known) this.#handedOut[partition] = { ...known, ...work };
    }
  }

  #keepInHand(partitions: readonly number[], rest: Duration, work: Work): void {
    for (const partition of partitions) {
      const inHand = rest > 0 ? this.#lag.within(partition, rest) : 0;
      const from = this.#lag.positionNow(partition);
      this.#handedOut[partition] = inHand > 0 ? { from, to: from + inHand, ...work } : undefined;
    }
  }

  /** So many records of a partition are gone that lay before this position, whoever has them in hand. */
  cutBack(partition: number, gone: number, end: number): void {
    const moved = <H extends { readonly from: number; readonly to: number }>(held: H): H => ({
      ...held,
      from: movedUp(held.from, gone, end),
      to: movedUp(held.to, gone, end),
    });
    const handedOut = this.#handedOut[partition];
    if (handedOut) this.#handedOut[partition] = moved(handedOut);
    for (const [client, all] of this.#stopped) {
      const after = all.map((held) =>
        held.index === partition ? { ...moved(held), origin: held.origin - gone } : held,
      );
      this.#stopped.set(client, after);
    }
  }

  /** What is to blame that the next reader begins here, and up to where the last one had been handed records. */
  partingOf(place: StartingPlace): { readonly reason: RereadReason; readonly handedOut: number } {
    const { index } = place;
    return {
      reason: blame(this.#partings[index], place) ?? "expelled",
      handedOut: Math.max(this.#handedOut[index]?.to ?? 0, this.#lag.positionNow(index)),
    };
  }

  /** This client, which had been stopped, goes on with what it has in hand: some of that seemed lost. */
  goOn(client: number, now: Instant): MovedRecords {
    const moved = new MovedRecords();
    for (const { index, topic, partition, origin, from, to, takes } of this.#stopped.get(client) ?? []) {
      moved.addRecovered(topic, partition, origin, this.#lag.recover(index, from, to));
      moved.addBeside(topic, partition, origin, [{ from, to, since: now, until: now + takes }], "its own");
    }
    this.#stopped.delete(client);
    return moved;
  }

  /** Reading begins at these offsets; what that comes to. */
  start(places: readonly StartingPlace[], origin: Origin): MovedRecords {
    const moved = new MovedRecords();
    for (const place of places) {
      const { index, topic, partition, offset, origin: first, lost, blind } = place;
      const parting = this.#partings[index];
      // What lies beyond a commit that was lost would be read again with it, too.
      const asCommitted = lost === undefined ? place : { ...place, offset: lost };
      const isCommitted = origin === "committed" || lost !== undefined;
      const reason = isCommitted ? (blame(parting, asCommitted) ?? "revoked") : origin;
      const cause = origin === "committed" ? (blind ? "truncated" : "committed-ahead") : origin;
      const position = this.#lag.positionNow(index);
      const inHands = this.#handedOut[index];
      const handedOut = Math.max(0, (inHands?.to ?? 0) - position);
      const inHand = { records: handedOut, holder: parting?.holder ?? "working" };
      this.#partings[index] = undefined;
      this.#handedOut[index] = undefined;
      const before = lost === undefined ? {} : { before: { offset: lost - first, reread: "commit-lost" } };
      const move = this.#lag.seek(index, offset - first, { reread: reason, lost: cause, ...before }, inHand);
      moved.add(topic, partition, first, move);
      if (!inHands || handedOut === 0 || parting === undefined || parting.holder === "gone") continue;
      const { from, to, at, takes } = inHands;
      if (parting.stopped === undefined) {
        const batch = passageFrom(position, [{ from, to, since: at, until: at + takes }]);
        moved.addBeside(topic, partition, first, batch, "of another");
        if (move.lost.length > 0) moved.keep(topic, partition, first, this.#lag.recover(index, position, to));
      } else {
        const held = { ...place, from: position, to, takes };
        this.#stopped.set(parting.stopped, [...(this.#stopped.get(parting.stopped) ?? []), held]);
      }
    }
    return moved;
  }
}

function blame(parting: Parting | undefined, { topic, partition, offset }: StartingPlace): RereadReason | undefined {
  const refused = parting?.refused;
  const upTo = refused === "everywhere" ? Infinity : (refused?.[topic]?.[partition] ?? 0);
  return offset < upTo ? "commit-refused" : parting?.reason;
}
