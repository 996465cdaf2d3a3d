import { HashOrder } from "../java/hash-order.ts";
import { topicPartitionHash } from "../java/hashes.ts";
import type { PartitionTable } from "./partition-table.ts";

/**
 * Remembers who gave which partition to whom while a group is balanced, so that a topic's partitions do not cross: if
 * d already gave a partition of the topic to s, then what s has for d is *that one back*, not another.
 *
 * With several to choose from it is the first in the iteration order of a `HashSet`: the one place in the general
 * path where the hash of a topic's name shows. Kafka: `AbstractStickyAssignor.PartitionMovements`.
 */
export class Movements {
  readonly #table: PartitionTable;
  readonly #members: number;
  /** Of each partition that has moved: the first giver and the present holder. −1: not moved. */
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  /** The moved partitions of one topic from one member to one other. */
  readonly #moved = new Map<number, HashOrder<number>>();
  readonly #hash = (id: number): number =>
    topicPartitionHash(this.#table.topics[this.#table.topicOf(id)].topic, this.#table.partitionOf(id));

  constructor(table: PartitionTable, members: number) {
    this.#table = table;
    this.#members = members;
    this.#from = new Int32Array(table.real).fill(-1);
    this.#to = new Int32Array(table.real).fill(-1);
  }

  /** Which partition to move instead, when partition `id` is to go from its holder to `to`. */
  reallyMoved(id: number, holder: number, to: number): number {
    const from = this.#from[id] === -1 ? holder : this.#from[id];
    return this.#moved.get(this.#key(this.#table.topicOf(id), to, from))?.first() ?? id;
  }

  /** Notes that partition `id` went from `holder` to `to`. Back with its first giver, it has not moved at all. */
  note(id: number, holder: number, to: number): void {
    const topic = this.#table.topicOf(id);
    let from = holder;
    if (this.#from[id] !== -1) {
      from = this.#from[id];
      const key = this.#key(topic, from, this.#to[id]);
      const moved = this.#moved.get(key)!;
      moved.remove(id);
      if (moved.size === 0) this.#moved.delete(key);
      this.#from[id] = -1;
      this.#to[id] = -1;
      if (from === to) return;
    }
    this.#from[id] = from;
    this.#to[id] = to;
    const key = this.#key(topic, from, to);
    let moved = this.#moved.get(key);
    if (moved === undefined) this.#moved.set(key, (moved = new HashOrder(this.#hash)));
    moved.put(id);
  }

  /** All that is remembered, to tell whether it has been the same before. */
  snapshot(): string {
    const sets = [...this.#moved].map(([key, moved]) => `${key}:${moved.tableSize}:${moved.keys().join()}`);
    return sets.sort((a, b) => (a < b ? -1 : 1)).join(" ");
  }

  #key(topic: number, from: number, to: number): number {
    return (topic * this.#members + from) * this.#members + to;
  }
}
