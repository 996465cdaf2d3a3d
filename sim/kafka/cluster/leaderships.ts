import type { BrokerId, TopicName } from "../../names.ts";
import { movesOf } from "./partition.ts";
import type { LeaderChange, LeaderReason, LeadersMoved, Partition } from "./partition.ts";
import { placeReplicas } from "./placement.ts";

/** What the rules of leadership need to know, and whom they tell. */
export interface LeadershipsHost {
  /** The zone of every broker, in order; nothing where they have none. */
  readonly zones: readonly (string | undefined)[];
  /** Whether an incomplete copy may lead where no complete one can: `unclean.leader.election.enable`. */
  readonly unclean: boolean;
  /** Whether the controller would let this broker lead. */
  mayLead(broker: BrokerId): boolean;
  /** Whether a copy on this broker can be made complete by that leader. */
  copies(leader: BrokerId, broker: BrokerId): boolean;
  /**
   * The controller has decided so at this instant, in one decision: leaders move, or copies that are not waited for any
   * more are taken out of these partitions.
   */
  decided(moves: readonly LeadersMoved[], fewerCopies: readonly Partition[]): void;
  /** The leader of this partition need not wait for one of its copies any more. */
  fewerCount(partition: Partition): void;
  /** The broker's copy will miss what is written from now on; until now it counts. */
  fallsBehind(partition: Partition, broker: BrokerId): void;
  /** An incomplete copy is about to lead: what it misses is lost. */
  leadsUnclean(partition: Partition, broker: BrokerId): void;
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
   * it is deleted. Copies on brokers that the controller has given up are incomplete from the beginning.
   */
  place(topic: TopicName, partitions: number, copies: number): void {
    if (partitions === 0) return void this.#topics.delete(topic);
    let placed = this.#topics.get(topic);
    if (!placed) this.#topics.set(topic, (placed = []));
    for (let number = placed.length; number < partitions; number++) {
      const replicas = placeReplicas(number, copies, this.#host.zones);
      const possible = replicas.filter(this.#host.mayLead);
      const inSync = possible.length > 0 ? possible : replicas;
      placed.push({ topic, number, replicas, inSync, awaited: inSync, leader: null, known: null, serving: null });
    }
  }

  /** A partition, if it exists. */
  of(topic: TopicName, partition: number): Partition | undefined {
    return this.#topics.get(topic)?.[partition];
  }

  /** How many partitions there are in all. */
  get count(): number {
    let count = 0;
    for (const partitions of this.#topics.values()) count += partitions.length;
    return count;
  }

  /** Whether this broker leads anything. */
  leads(broker: BrokerId): boolean {
    for (const { leader } of this.all()) if (leader === broker) return true;
    return false;
  }

  /** Whatever nobody leads gets a leader, if there is one to be had. */
  elect(reason: LeaderReason): void {
    this.#decide(reason, ({ leader }) => leader === null);
  }

  /** This broker leads nothing any more, and its copies fall behind. */
  dismiss(broker: BrokerId, reason: "fenced" | "controlled-shutdown"): void {
    const dropped = [...this.all()].filter((partition) => this.#drop(partition, broker));
    // One that stops goes on following until the leaders have heard of it.
    if (reason === "controlled-shutdown") for (const partition of dropped) this.#host.fewerCount(partition);
    this.#decide(reason, ({ leader }) => leader === broker, reason === "fenced" ? dropped : []);
  }

  /** The copies of this broker fall behind wherever that one leads, which has asked for it. */
  outrun(leader: BrokerId, broker: BrokerId): void {
    for (const partition of this.all()) {
      if (partition.leader === leader && this.#drop(partition, broker)) this.#host.fewerCount(partition);
    }
  }

  /** Whether some copy on this broker is incomplete, and could be completed. */
  lacks(broker: BrokerId): boolean {
    for (const partition of this.all()) if (this.#canComplete(partition, broker)) return true;
    return false;
  }

  /** All copies on this broker that can be are complete again, and their leaders have asked for them to count. */
  complete(broker: BrokerId): void {
    for (const partition of this.all()) {
      if (!this.#canComplete(partition, broker)) continue;
      const { replicas, inSync } = partition;
      partition.inSync = replicas.filter((id) => id === broker || inSync.includes(id));
      this.#awaited(partition);
    }
  }

  /** Its leader knows which copies count now, unless it does not even know that it leads no more. */
  #awaited(partition: Partition): void {
    if (partition.serving === partition.known) partition.awaited = partition.inSync;
  }

  /** Whether some partition is led by another than its first replica. */
  get unbalanced(): boolean {
    for (const { leader, replicas } of this.all()) if (leader !== replicas[0]) return true;
    return false;
  }

  /**
   * Leadership goes back to first replicas that are complete and may lead, if others lead more than so many in a hundred
   * of what should be theirs.
   */
  prefer(tolerance: number): void {
    const { mayLead } = this.#host;
    const first = new Map<BrokerId, { all: number; elsewhere: number }>();
    for (const { leader, replicas } of this.all()) {
      let count = first.get(replicas[0]);
      if (!count) first.set(replicas[0], (count = { all: 0, elsewhere: 0 }));
      count.all++;
      if (leader !== replicas[0]) count.elsewhere++;
    }
    this.#decide("preferred", ({ leader, replicas: [preferred], inSync }) => {
      const { all, elsewhere } = first.get(preferred)!;
      const matters = elsewhere * 100 > tolerance * all;
      return matters && leader !== preferred && inSync.includes(preferred) && mayLead(preferred);
    });
  }

  /** Has the leaders of some partitions elected anew; tells what that changed, and which have fewer copies. */
  #decide(
    reason: LeaderReason,
    concerns: (partition: Partition) => boolean,
    fewerCopies: readonly Partition[] = [],
  ): void {
    const changes: LeaderChange[] = [];
    for (const partition of this.all()) {
      if (!concerns(partition)) continue;
      const from = partition.leader;
      const to = this.#choose(partition);
      if (from === to) continue;
      if (to !== null && !partition.inSync.includes(to)) {
        this.#host.leadsUnclean(partition, to);
        partition.inSync = [to];
      }
      partition.leader = to;
      changes.push({ partition, from, to });
    }
    if (changes.length + fewerCopies.length > 0) this.#host.decided(movesOf(changes, reason), fewerCopies);
  }

  /** Nobody is asked about whose leader could stay, so preference alone decides. Kafka: `PartitionChangeBuilder.electAnyLeader`. */
  #choose({ inSync, replicas }: Partition): BrokerId | null {
    const { mayLead, unclean } = this.#host;
    return inSync.find(mayLead) ?? (unclean ? replicas.find(mayLead) : undefined) ?? null;
  }

  /**
   * The last complete copy stays one, whatever becomes of its broker: only from it the partition can go on. Returns
   * whether there is one fewer.
   */
  #drop(partition: Partition, broker: BrokerId): boolean {
    const others = partition.inSync.filter((id) => id !== broker);
    if (others.length === 0 || others.length === partition.inSync.length) return false;
    this.#host.fallsBehind(partition, broker);
    partition.inSync = others;
    return true;
  }

  #canComplete({ leader, replicas, inSync }: Partition, broker: BrokerId): boolean {
    if (leader === null || inSync.includes(broker) || !replicas.includes(broker)) return false;
    return this.#host.copies(leader, broker);
  }

  /** Every partition there is. */
  *all(): Iterable<Partition> {
    for (const partitions of this.#topics.values()) yield* partitions;
  }
}
