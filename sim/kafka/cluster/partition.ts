import type { BrokerId, TopicName } from "../../names.ts";

/** A partition of some topic: where its copies are, and who leads it. */
export interface Partition {
  readonly topic: TopicName;
  readonly number: number;
  /** The brokers with a copy, in order of preference; never empty. */
  readonly replicas: readonly BrokerId[];
  /**
   * Those whose copy is complete (ISR), in order of preference, as the controller decided. While nobody leads, the last that
   * were.
   */
  inSync: readonly BrokerId[];
  /** The same as `serving` believes, which waits for all of them. */
  awaited: readonly BrokerId[];
  /** As the controller decided. */
  leader: BrokerId | null;
  /** As the brokers believe, a propagation of metadata later. */
  known: BrokerId | null;
  /**
   * The leader that producers write to: mostly the known one. One that was overruled, is alive and has not heard of it goes on
   * until they have heard of the other; which answers only once it has heard of it, too.
   */
  serving: BrokerId | null;
}

/** Partitions of one topic whose leadership went from one broker to another at the same instant. */
export interface LeadersMoved {
  readonly topic: TopicName;
  /** Ascending. */
  readonly partitions: readonly number[];
  readonly from: BrokerId | null;
  readonly to: BrokerId | null;
  readonly reason: LeaderReason;
}

/** Why somebody else leads: `returned` to a broker that had the only complete copy, `preferred` to the first in order. */
export type LeaderReason = "initial" | "created" | "fenced" | "controlled-shutdown" | "returned" | "preferred";

/** One partition's part in a decision of the controller. */
export interface LeaderChange {
  readonly partition: Partition;
  readonly from: BrokerId | null;
  readonly to: BrokerId | null;
}

/** The changes of one decision, drawn together by topic and pair of brokers, in order of first appearance. */
export function movesOf(changes: readonly LeaderChange[], reason: LeaderReason): LeadersMoved[] {
  const moves = new Map<string, LeadersMoved & { readonly partitions: number[] }>();
  for (const { partition, from, to } of changes) {
    const key = `${partition.topic} ${from} ${to}`;
    const move = moves.get(key);
    if (move) move.partitions.push(partition.number);
    else moves.set(key, { topic: partition.topic, partitions: [partition.number], from, to, reason });
  }
  return [...moves.values()];
}
