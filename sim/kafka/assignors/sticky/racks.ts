import type { Subscriber, Topics } from "../assignor.ts";
import type { PartitionTable } from "./partition-table.ts";

const NONE: readonly number[] = [];

/**
 * Where members and replicas stand (KIP-881). Racks are numbered; a member without one has −1.
 *
 * Kafka regards racks only if some member shares a rack with some replica, and not every partition is in all racks
 * there are; otherwise it acts as if no member had one. Kafka: `AbstractStickyAssignor.RackInfo`.
 */
export class Racks {
  /** Whether racks are regarded. */
  readonly aware: boolean;
  readonly #table: PartitionTable;
  readonly #memberRack: Int32Array;
  readonly #racksOf: readonly (readonly number[])[];
  readonly #membersIn: readonly number[];

  constructor(members: readonly Subscriber[], table: PartitionTable, topics: Topics) {
    this.#table = table;
    this.#memberRack = new Int32Array(members.length).fill(-1);
    this.#membersIn = [];
    this.#racksOf = [];
    this.aware = false;
    if (!members.some(({ rack }) => rack)) return;

    const numbers = new Map<string, number>();
    const membersIn: number[] = [];
    const numberOf = (rack: string): number => {
      let number = numbers.get(rack);
      if (number === undefined) {
        numbers.set(rack, (number = numbers.size));
        membersIn.push(0);
      }
      return number;
    };
    members.forEach(({ rack }, member) => {
      if (rack) membersIn[(this.#memberRack[member] = numberOf(rack))] += 1;
    });
    const memberRacks = numbers.size; // the first so many numbers are racks of members
    this.#racksOf = table.topics.flatMap(({ topic, partitions }) => {
      const { racks } = topics.get(topic)!;
      return Array.from({ length: partitions }, (_, partition) => [...new Set(racks?.[partition] ?? [])].map(numberOf));
    });
    this.#membersIn = membersIn;

    const all = new Set(this.#racksOf.flat());
    const shared = [...all].some((rack) => rack < memberRacks);
    this.aware = shared && this.#racksOf.some((racks) => racks.length < all.size);
    if (!this.aware) this.#memberRack.fill(-1);
  }

  /** The rack of a member, or −1: it has none, or racks are not regarded. */
  rackOf(member: number): number {
    return this.#memberRack[member];
  }

  /** The racks of the partition's replicas. */
  racksOf(id: number): readonly number[] {
    return id < this.#table.real ? (this.#racksOf[id] ?? NONE) : NONE;
  }

  /** Whether the member has a rack and no replica of the partition is in it. */
  mismatch(member: number, id: number): boolean {
    const rack = this.#memberRack[member];
    return rack !== -1 && !this.racksOf(id).includes(rack);
  }

  /** Whether the member has a rack and a replica of the partition is in it. */
  match(member: number, id: number): boolean {
    const rack = this.#memberRack[member];
    return rack !== -1 && this.racksOf(id).includes(rack);
  }

  /** Stably sorts partitions by how many members stand near them, fewest first; even when racks are not regarded. */
  sortByMembersNear(ids: Int32Array): Int32Array {
    if (this.#racksOf.length === 0) return ids;
    const near = (id: number): number => this.racksOf(id).reduce((sum, rack) => sum + this.#membersIn[rack], 0);
    const counts = new Map(Array.from(ids, (id) => [id, near(id)]));
    return ids.toSorted((a, b) => counts.get(a)! - counts.get(b)!);
  }
}
