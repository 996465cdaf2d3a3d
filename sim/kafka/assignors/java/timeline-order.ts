const GOLDEN = 0x9e3779b97f4a7c15n; // -7046029254386353131 as an unsigned 64-bit number

/**
 * The order in which Kafka's `TimelineHashMap` iterates: how a broker goes through the members of a KIP-848 group.
 * The members are put into a `HashMap` in this order before an assignor sees them, so it only matters where two of
 * them fall into one bin of that.
 *
 * A slot is the top bits of hash × golden ratio; within a slot the newest comes first. The table starts with 2 slots
 * and doubles *before* a put that would fill more than 4/3 of it.
 * Kafka: `org.apache.kafka.timeline.BaseHashTable`, `SnapshottableHashTable.CurrentIterator`.
 */
export class TimelineOrder<K> {
  readonly #hash: (key: K) => number;
  #slots: K[][] = [[], []];
  #size = 0;

  constructor(hash: (key: K) => number) {
    this.#hash = hash;
  }

  put(key: K): void {
    if ((this.#size + 1) * 0.75 > this.#slots.length) {
      const keys = this.keys();
      this.#slots = Array.from({ length: this.#slots.length * 2 }, () => []);
      for (const old of keys) this.#slotOf(old).push(old);
    }
    const slot = this.#slotOf(key);
    if (slot.includes(key)) return; // a new value in the old place
    slot.unshift(key);
    this.#size += 1;
  }

  remove(key: K): void {
    const slot = this.#slotOf(key);
    const place = slot.indexOf(key);
    if (place === -1) return;
    slot.splice(place, 1);
    this.#size -= 1;
  }

  /** All keys, in Kafka's order. */
  keys(): K[] {
    return this.#slots.flat();
  }

  #slotOf(key: K): K[] {
    const product = BigInt.asUintN(64, BigInt(this.#hash(key)) * GOLDEN);
    const bits = 31 - Math.clz32(this.#slots.length);
    return this.#slots[Number(product >> BigInt(64 - bits))];
  }
}
