import type { Assignor, Subscriber, Topics } from "./assignor.ts";
import { emptyHands, give, type Hand } from "./hand.ts";
import { type Interest, interests } from "./interest.ts";
import { dealRuns } from "./runs.ts";
import { inStandingOrder } from "./standing-order.ts";

/**
 * Range: topic by topic, a run of consecutive partitions to each member in order. When the division leaves a
 * remainder, the first members take one partition more.
 *
 *     orders(3) returns(3), members a b
 *       a: orders-0 orders-1 returns-0 returns-1
 *       b: orders-2 returns-2
 *
 * Topics with equal partition counts and equal subscribers come out co-partitioned, which joins need. The remainder of
 * every topic falls to the same members, so many small topics grow lopsided.
 *
 * With racks (KIP-881) each member first takes, within its share, partitions that have a replica in its rack; of
 * co-partitioned topics the same partition numbers, where all of them match.
 * Kafka: `RangeAssignor`.
 */
export const range: Assignor = (subscribers, topics) => {
  const standing = inStandingOrder(subscribers);
  const { assignment, hands } = emptyHands(subscribers, standing);
  const taking = interests(standing, topics);

  const someRack = standing.some(({ rack }) => rack);
  const states = someRack ? taking.map((interest) => new TopicState(interest, standing, topics)) : [];
  if (!states.some(({ needsRacks }) => needsRacks)) {
    for (const interest of taking) dealRuns(interest, hands);
    return assignment;
  }

  for (const group of coPartitioned(states)) {
    if (group.length > 1) matchTogether(group);
    else if (group[0].needsRacks) group[0].takeMatching((rank, partition) => group[0].matches(rank, partition));
  }
  for (const state of states) {
    state.takeMatching(() => true);
    state.dealInto(hands);
  }
  return assignment;
};

/** A topic being dealt with regard to racks. Its members go by rank: their place among the topic's subscribers. */
class TopicState {
  readonly #interest: Interest;
  readonly #racks: readonly (string | undefined)[];
  readonly #racksOf: readonly ReadonlySet<string>[];
  readonly #each: number;
  #extra: number;
  readonly #count: number[];
  /** The rank each partition went to; -1: still unassigned. */
  readonly #owner: Int32Array;
  #unassigned: number;
  readonly needsRacks: boolean;
  /** Same key: same ordered subscribers in the same racks, and as many partitions. */
  readonly key: string;

  constructor(interest: Interest, standing: readonly Subscriber[], topics: Topics) {
    const { audience, partitions, topic } = interest;
    this.#interest = interest;
    this.#racks = audience.map((member) => standing[member].rack || undefined);
    this.#each = Math.floor(partitions / audience.length);
    this.#extra = partitions % audience.length;
    this.#count = audience.map(() => 0);
    this.#owner = new Int32Array(partitions).fill(-1);
    this.#unassigned = partitions;

    const consumerRacks = new Set(this.#racks.filter((rack) => rack !== undefined));
    // Kafka does not even look at the replicas when no subscriber has a rack, and then counts 0 partitions below.
    this.#racksOf = consumerRacks.size > 0 ? replicaRacks(partitions, topics.get(topic)!.racks) : [];
    this.needsRacks = racksMatter(consumerRacks, this.#racksOf);
    this.key = `${audience.join()} ${this.#racksOf.length}`; // a member has one rack, so the racks need no mention
  }

  get partitions(): number {
    return this.#racksOf.length;
  }

  get ranks(): number {
    return this.#racks.length;
  }

  matches(rank: number, partition: number): boolean {
    const rack = this.#racks[rank];
    return rack === undefined || (this.#racksOf[partition]?.has(rack) ?? false);
  }

  /** How many partitions more the member may take. The remainder goes to whoever exceeds the quotient first. */
  room(rank: number): number {
    return Math.max(0, this.#each + (this.#extra > 0 ? 1 : 0) - this.#count[rank]);
  }

  take(rank: number, partitions: readonly number[]): void {
    for (const partition of partitions) this.#owner[partition] = rank;
    this.#unassigned -= partitions.length;
    this.#count[rank] += partitions.length;
    if (this.#count[rank] > this.#each) this.#extra -= 1;
  }

  /** Each member in order takes the first unassigned partitions it may have, as far as it has room. */
  takeMatching(may: (rank: number, partition: number) => boolean): void {
    for (let rank = 0; rank < this.ranks && this.#unassigned > 0; rank++) {
      const room = this.room(rank);
      const taken: number[] = [];
      for (let partition = 0; partition < this.#owner.length && taken.length < room; partition++) {
        if (this.#owner[partition] === -1 && may(rank, partition)) taken.push(partition);
      }
      if (taken.length > 0) this.take(rank, taken);
    }
  }

  dealInto(hands: readonly Hand[]): void {
    const lists = this.#racks.map((): number[] => []);
    this.#owner.forEach((rank, partition) => lists[rank].push(partition));
    lists.forEach((list, rank) => {
      if (list.length > 0) give(hands[this.#interest.audience[rank]], this.#interest.topic, list);
    });
  }
}

function replicaRacks(partitions: number, racks: readonly (readonly string[])[] | undefined): ReadonlySet<string>[] {
  return Array.from({ length: partitions }, (_, partition) => new Set(racks?.[partition]));
}

/** Not when no consumer shares a rack with a replica, nor when every partition is in all the racks there are. */
function racksMatter(consumerRacks: ReadonlySet<string>, racksOf: readonly ReadonlySet<string>[]): boolean {
  const all = new Set(racksOf.flatMap((racks) => [...racks]));
  return [...consumerRacks].some((rack) => all.has(rack)) && racksOf.some(({ size }) => size < all.size);
}

function coPartitioned(states: readonly TopicState[]): readonly TopicState[][] {
  const groups = new Map<string, TopicState[]>();
  for (const state of states) groups.set(state.key, [...(groups.get(state.key) ?? []), state]);
  return [...groups.values()];
}

/**
 * Gives partition p of every topic to the first member that matches it, and has room, in all of them. Kafka does not
 * ask here whether these topics need racks.
 */
function matchTogether(group: readonly TopicState[]): void {
  const [{ partitions, ranks }] = group;
  const remaining = Array.from({ length: ranks }, (_, rank) => rank);
  for (let partition = 0; partition < partitions && remaining.length > 0; partition++) {
    const place = remaining.findIndex((rank) =>
      group.every((state) => state.matches(rank, partition) && state.room(rank) > 0),
    );
    if (place === -1) continue;
    const rank = remaining[place];
    for (const state of group) state.take(rank, [partition]);
    if (!group.some((state) => state.room(rank) > 0)) remaining.splice(place, 1);
  }
}
