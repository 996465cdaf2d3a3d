import type { BrokerId, TopicName } from "../../names.ts";
import { movesOf } from "./partition.ts";
import type { LeaderChange, LeaderReason, LeadersMoved, Partition } from "./partition.ts";
import { placeReplicas } from "./placement.ts";

/** What the rules of leadership need to know, and whom they tell. */
export interface LeadershipsHost {
  readonly brokers: number;
  /** Whether an incomplete copy may lead where no complete one can: `unclean.leader.election.enable`. */
  readonly unclean: boolean;
  /** Whether the controller would let this broker lead: it is not fenced, and does not shut down. */
  mayLead(broker: BrokerId): boolean;
  /** The controller has decided so at this instant: one decision, and at least one move. */
  decided(moves: readonly LeadersMoved[]): void;
}

/**
 * Who leads which partition, as the controller sees it, and which copies are complete. Kafka: `ReplicationControlManager`,
 * `PartitionChangeBuilder`.
 */
export class Leaderships {
  readonly #host: LeadershipsHost;
  readonly #topics = new Map<TopicName, Partition[]>();

  constructor(host: LeadershipsHost) {
    this.#host = host;
  }

  /**
   * A topic gets so many partitions; those it has already stay as they are, and nobody leads the new ones yet. With none
   * it is deleted.
   */
  place(topic: TopicName, partitions: number, copies: number): void {
    if (partitions === 0) return void this.#topics.delete(topic);
    let placed = this.#topics.get(topic);
    if (!placed) this.#topics.set(topic, (placed = []));
    for (let number = placed.length; number < partitions; number++) {
      const replicas = placeReplicas(number, copies, this.#host.brokers);
      placed.push({ topic, number, replicas, inSync: replicas, leader: null, known: null });
    }
  }

  /** A partition, if it exists. */
  of(topic: TopicName, partition: number): Partition | undefined {
    return this.#topics.get(topic)?.[partition];
  }

  /** Whatever nobody leads gets a leader, if there is one to be had. */
  elect(reason: LeaderReason): void {
    this.#decide(reason, ({ leader }) => leader === null);
  }

  /** This broker leads nothing any more, and its copies fall behind. */
  dismiss(broker: BrokerId, reason: LeaderReason): void {
    this.#decide(reason, (partition) => {
      const others = partition.inSync.filter((id) => id !== broker);
      // the last complete copy stays one, though its broker is gone: only from it the partition can go on
      if (others.length > 0 && others.length < partition.inSync.length) partition.inSync = others;
      return partition.leader === broker;
    });
  }

  /** The copies of this broker are complete again, wherever somebody leads. */
  caughtUp(broker: BrokerId): void {
    for (const partition of this.#all()) {
      const { leader, replicas, inSync } = partition;
      if (leader === null || inSync.includes(broker) || !replicas.includes(broker)) continue;
      partition.inSync = replicas.filter((id) => id === broker || inSync.includes(id));
    }
  }

  /** Whether some partition is led by another than its first replica. */
  get unbalanced(): boolean {
    for (const { leader, replicas } of this.#all()) if (leader !== replicas[0]) return true;
    return false;
  }

  /** Leadership goes back to first replicas that are complete and may lead. */
  prefer(): void {
    const { mayLead } = this.#host;
    this.#decide("preferred", ({ leader, replicas: [preferred], inSync }) => {
      return leader !== preferred && inSync.includes(preferred) && mayLead(preferred);
    });
  }

  /** Has the leaders of some partitions elected anew; tells what that changed. */
  #decide(reason: LeaderReason, concerns: (partition: Partition) => boolean): void {
    const changes: LeaderChange[] = [];
    for (const partition of this.#all()) {
      if (!concerns(partition)) continue;
      const from = partition.leader;
      const to = this.#choose(partition);
      if (from === to) continue;
      if (to !== null && !partition.inSync.includes(to)) partition.inSync = [to];
      partition.leader = to;
      changes.push({ partition, from, to });
    }
    if (changes.length > 0) this.#host.decided(movesOf(changes, reason));
  }

  /** The first in order of preference that has a complete copy; without one, the first that has any, if that is allowed. */
  #choose({ inSync, replicas }: Partition): BrokerId | null {
    const { mayLead, unclean } = this.#host;
    return inSync.find(mayLead) ?? (unclean ? replicas.find(mayLead) : undefined) ?? null;
  }

  *#all(): Iterable<Partition> {
    for (const partitions of this.#topics.values()) yield* partitions;
  }
}
