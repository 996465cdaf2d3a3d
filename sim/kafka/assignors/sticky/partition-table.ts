import type { Partitions, TopicName } from "../../../names.ts";
import { give, type Hand, isAscending, listOf } from "../hand.ts";
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
  readonly #topicOf: Int32Array;
  readonly #place: ReadonlyMap<TopicName, number>;
  readonly #phantoms: { readonly topic: number; readonly partition: number }[] = [];
  readonly #phantomIds = new Map<string, number>();

  constructor(topics: readonly Interest[]) {
    this.topics = topics;
    this.real = topics.reduce((sum, { partitions }) => sum + partitions, 0);
    this.#topicOf = new Int32Array(this.real);
    let first = 0;
    topics.forEach(({ partitions }, topic) => {
      this.#first.push(first);
      this.#topicOf.fill(topic, first, (first += partitions));
    });
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
    return lists.map((list) => this.#writeOne(this.#inOrder(list)));
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

  #inOrder(list: readonly number[]): readonly number[] {
    if (this.hasPhantoms) return list.toSorted((a, b) => this.compare(a, b));
    return isAscending(list) ? list : list.toSorted((a, b) => a - b);
  }

  #writeOne(sorted: readonly number[]): Hand {
    const hand: Hand = {};
    for (let begin = 0; begin < sorted.length;) {
      const topic = this.topicOf(sorted[begin]);
      let end = begin + 1;
      while (end < sorted.length && this.topicOf(sorted[end]) === topic) end += 1;
      const partitions = listOf(end - begin);
      for (let place = begin; place < end; place++) partitions[place - begin] = this.partitionOf(sorted[place]);
      give(hand, this.topics[topic].topic, partitions);
      begin = end;
    }
    return hand;
  }
}
