import type { Instant } from "../engine/time.ts";

/** From an instant on a partition's log goes on from this offset: what had this one or a later one is gone. */
interface Truncation {
  readonly at: Instant;
  readonly end: number;
}

/**
 * Which logs an incomplete copy has led and cut short. A position that was taken before is wrong if it lies behind: there is
 * nothing, or another record than the one that was meant. Kafka: the leader epoch that goes with a position, by which its leader
 * tells (`OffsetsForLeaderEpoch`).
 */
export class Truncations {
  readonly #all = new Map<number, Truncation[]>();

  add(partition: number, truncation: Truncation): void {
    const known = this.#all.get(partition);
    if (known) known.push(truncation);
    else this.#all.set(partition, [truncation]);
  }

  /** The first offset of which a position that was taken then may be wrong, this one excepted; none if nothing is gone since. */
  divergence(partition: number, taken: Instant): number | undefined {
    let first: number | undefined;
    for (const { at, end } of this.#all.get(partition) ?? []) {
      if (at >= taken && (first === undefined || end < first)) first = end;
    }
    return first;
  }

  /** Where it went on the last time, if it ever did. */
  last(partition: number): number | undefined {
    return this.#all.get(partition)?.at(-1)?.end;
  }
}
