import type { Partitions, TopicName } from "../../../names.ts";
import { Dealer, give, type Hand } from "../hand.ts";
import type { Interest } from "../interest.ts";

/**
 * All partitions that take part, numbered 0, 1, 2 … by topic name, then partition: for the sticky assignors a partition
 * is an index into arrays.
 *
 * A member can claim a partition beyond the end of its topic (which was deleted and made anew, smaller). Such
 * *phantoms* get the numbers after those of the real ones.
 */
export class PartitionTable {
  /** The topics that take part, by name. */
  readonly topics: readonly Interest[];
  /** How many partitions are real. */
  readonly real: number;
  readonly #first: number[] = [];
  readonly #topicOf: number[] = [];
  readonly #place: ReadonlyMap<TopicName, number>;
  readonly #phantoms: { readonly topic: number; readonly partition: number }[] = [];
  readonly #phantomIds = new Map<string, number>();

  constructor(topics: readonly Interest[]) {
    this.topics = topics;
    topics.forEach(({ partitions }, topic) => {
      this.#first.push(this.#topicOf.length);
      for (let partition = 0; partition < partitions; partition++) this.#topicOf.push(topic);
    });
    this.real = this.#topicOf.length;
    this.#place = new Map(topics.map(({ topic }, place) => [topic, place]));
  }

  /** Real partitions and phantoms. */
  get size(): number {
    return this.real + this.#phantoms.length;
  }

  get hasPhantoms(): boolean {
    return this.#phantoms.length > 0;
  }

  /** The number of a topic's first partition. */
  firstOf(topic: number): number {
    return this.#first[topic];
  }

  topicOf(id: number): number {
    return id < this.real ? this.#topicOf[id] : this.#phantoms[id - this.real].topic;
  }

  partitionOf(id: number): number {
    return id < this.real ? id - this.#first[this.#topicOf[id]] : this.#phantoms[id - this.real].partition;
  }

  /** The numbers of `owned`, topics that do not take part left out. */
  read(owned: Partitions): number[] {
    const ids: number[] = [];
    for (const name of Object.keys(owned)) {
      const topic = this.#place.get(name);
      if (topic === undefined) continue;
      const first = this.#first[topic];
      const end = this.topics[topic].partitions;
      for (const partition of owned[name])
        ids.push(partition < end ? first + partition : this.#phantom(topic, partition));
    }
    return ids;
  }

  /** Each member's list as topics and partitions, topics by name, partitions ascending. */
  write(lists: readonly (readonly number[])[]): Hand[] {
    if (this.hasPhantoms) return lists.map((list) => this.#writeOne([...list].sort((a, b) => this.compare(a, b))));
    const owner = new Int32Array(this.real).fill(-1);
    lists.forEach((list, member) => {
      for (const id of list) owner[id] = member;
    });
    const hands = lists.map((): Hand => ({}));
    const dealer = new Dealer(hands);
    let id = 0;
    for (const { topic, partitions } of this.topics) {
      dealer.begin(topic);
      for (let partition = 0; partition < partitions; partition++, id++) {
        if (owner[id] !== -1) dealer.deal(owner[id], partition);
      }
    }
    return hands;
  }

  /** By topic name, then partition. */
  compare(a: number, b: number): number {
    return this.topicOf(a) - this.topicOf(b) || this.partitionOf(a) - this.partitionOf(b);
  }

  #phantom(topic: number, partition: number): number {
    const key = `${topic} ${partition}`;
    let id = this.#phantomIds.get(key);
    if (id === undefined) {
      id = this.size;
      this.#phantoms.push({ topic, partition });
      this.#phantomIds.set(key, id);
    }
    return id;
  }

  #writeOne(sorted: readonly number[]): Hand {
    const lists = new Map<TopicName, number[]>();
    for (const id of sorted) {
      const { topic } = this.topics[this.topicOf(id)];
      lists.set(topic, [...(lists.get(topic) ?? []), this.partitionOf(id)]);
    }
    const hand: Hand = {};
    for (const [topic, list] of lists) give(hand, topic, list);
    return hand;
  }
}
