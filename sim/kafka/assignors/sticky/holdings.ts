import type { Interest } from "../interest.ts";
import type { PartitionTable } from "./partition-table.ts";

/**
 * Who holds what while the general path is at work, with what follows from the subscriptions.
 *
 * A topic that shrank makes Kafka hand out partitions that somebody still has (see `unassigned`). The earlier copy
 * stays in that member's list, counts, and never moves: a *ghost*. Without phantoms there are none.
 */
export class Holdings {
  readonly table: PartitionTable;
  /** The holder of each partition; −1: nobody yet. */
  readonly holder: Int32Array;
  /** How many partitions each member has, ghosts included. */
  readonly sizes: Int32Array;
  readonly ghosts: { readonly member: number; readonly id: number }[] = [];
  /** Members set aside, because nothing of theirs can change. */
  readonly fixed: Uint8Array;
  /** The distinct sets of subscribers, and the number of the one of each topic. */
  readonly audiences: readonly (readonly number[])[];
  readonly audienceOf: readonly number[];
  /** For each member the audiences it belongs to. */
  readonly audiencesWith: readonly (readonly number[])[];
  /** For each member how many partitions its topics have. */
  readonly most: Int32Array;
  /** Members numbered by id: the last tie-break everywhere. */
  readonly rank: Int32Array;
  /** How many members that are not fixed have so many partitions; and the least and largest such number. */
  readonly #having: Int32Array;
  #least = 0;
  #largest = 0;

  constructor(table: PartitionTable, lists: readonly (readonly number[])[], rank: Int32Array) {
    this.table = table;
    this.rank = rank;
    this.holder = new Int32Array(table.size).fill(-1);
    this.sizes = new Int32Array(lists.length);
    this.fixed = new Uint8Array(lists.length);
    this.most = new Int32Array(lists.length);
    this.#having = new Int32Array(2 * table.size + 2);

    const numbers = new Map<readonly number[], number>();
    const audiencesWith = lists.map((): number[] => []);
    this.audienceOf = table.topics.map(({ audience }: Interest) => {
      let number = numbers.get(audience);
      if (number === undefined) {
        numbers.set(audience, (number = numbers.size));
        for (const member of audience) audiencesWith[member].push(number);
      }
      return number;
    });
    this.audiences = [...numbers.keys()];
    this.audiencesWith = audiencesWith;
    const partitionsFor = this.audiences.map(() => 0);
    table.topics.forEach(({ partitions }, topic) => (partitionsFor[this.audienceOf[topic]] += partitions));
    audiencesWith.forEach((audiences, member) => {
      for (const audience of audiences) this.most[member] += partitionsFor[audience];
    });

    lists.forEach((list, member) => {
      for (const id of list) this.holder[id] = member;
      this.sizes[member] = list.length;
      this.#having[list.length] += 1;
    });
    this.#largest = this.sizes.reduce((largest, size) => Math.max(largest, size), 0);
  }

  /** The fewest and the most partitions of a member that is not fixed. */
  get least(): number {
    while (this.#least < this.#having.length - 1 && this.#having[this.#least] === 0) this.#least += 1;
    return this.#least;
  }

  get largest(): number {
    while (this.#largest > 0 && this.#having[this.#largest] === 0) this.#largest -= 1;
    return this.#largest;
  }

  /** The order of Kafka's `sortedCurrentSubscriptions`: fewest partitions first, then by id. */
  readonly keyOf = (member: number): number => this.sizes[member] * this.sizes.length + this.rank[member];

  subscribes(member: number, id: number): boolean {
    return this.table.topics[this.table.topicOf(id)].audience.includes(member);
  }

  /** Gives an unassigned partition, or one that a shrunk topic made Kafka hand out twice. */
  assign(id: number, member: number): void {
    if (this.holder[id] !== -1) this.ghosts.push({ member: this.holder[id], id });
    this.holder[id] = member;
    this.#resize(member, 1);
  }

  move(id: number, to: number): void {
    this.#resize(this.holder[id], -1);
    this.#resize(to, 1);
    this.holder[id] = to;
  }

  fix(member: number): void {
    this.fixed[member] = 1;
    this.#having[this.sizes[member]] -= 1;
  }

  /** Puts all partitions back to the holders they had. */
  restore(holder: Int32Array): void {
    holder.forEach((member, id) => {
      if (member !== this.holder[id]) this.move(id, member);
    });
  }

  /** What each member has, in no particular order. */
  lists(): number[][] {
    const lists = Array.from(this.sizes, (): number[] => []);
    for (const { member, id } of this.ghosts) lists[member].push(id);
    this.holder.forEach((member, id) => member !== -1 && lists[member].push(id));
    return lists;
  }

  #resize(member: number, by: 1 | -1): void {
    this.#having[this.sizes[member]] -= 1;
    const size = (this.sizes[member] += by);
    this.#having[size] += 1;
    if (size < this.#least) this.#least = size;
    if (size > this.#largest) this.#largest = size;
  }
}
