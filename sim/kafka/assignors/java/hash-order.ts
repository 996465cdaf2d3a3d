/**
 * The order in which Java's `HashMap` and `HashSet` iterate over their keys.
 *
 * A table of bins, a power of two of them; a key's bin is the low bits of its spread hash. Iteration goes through the
 * bins in order and, within one, through the keys as they came. The table doubles when it is more than three quarters
 * full, which keeps the order within each bin, and never shrinks.
 *
 *     new HashOrder(stringHash), then put "one" "two" "three"      "three" lies in bin 4, "two" in 5, "one" in 6
 *     keys: "three" "two" "one"
 *
 * A bin of nine keys in a table of 64 or more becomes a tree in Java, whose order is another. That is left out: it
 * takes keys made for it, such as the partitions 0, 64, 128 … 512 in one set.
 */
export class HashOrder<K> {
  readonly #hash: (key: K) => number;
  // Entries are numbered; the arrays say what each holds and who follows it in its bin. -1: nobody.
  readonly #keys: K[] = [];
  readonly #spread: number[] = [];
  readonly #next: number[] = [];
  readonly #free: number[] = [];
  #heads: Int32Array;
  #size = 0;

  /** `capacity`: as in `new HashMap(capacity)`; without, as in `new HashMap()`. */
  constructor(hash: (key: K) => number, capacity = 16) {
    this.#hash = hash;
    this.#heads = new Int32Array(tableSizeFor(capacity)).fill(-1);
  }

  /** `new HashSet(collection)`. `size` is what the collection claims, where that differs from what it yields. */
  static from<K>(hash: (key: K) => number, keys: readonly K[], size: number = keys.length): HashOrder<K> {
    const order = new HashOrder(hash, Math.max(Math.floor(size / 0.75) + 1, 16));
    for (const key of keys) order.put(key);
    return order;
  }

  get size(): number {
    return this.#size;
  }

  /** How many bins there are. */
  get tableSize(): number {
    return this.#heads.length;
  }

  /** `put` or `add`: at the end of its bin; a key that is there already stays where it is. */
  put(key: K): void {
    const spread = this.#spreadOf(key);
    const bin = spread & (this.#heads.length - 1);
    let last = -1;
    let before = 0;
    for (let entry = this.#heads[bin]; entry !== -1; entry = this.#next[entry]) {
      if (this.#spread[entry] === spread && this.#keys[entry] === key) return;
      last = entry;
      before += 1;
    }
    const added = this.#allocate(key, spread, -1);
    if (last === -1) this.#heads[bin] = added;
    else this.#next[last] = added;
    if (before >= 8) this.#crowded();
    this.#size += 1;
    if (this.#size > 0.75 * this.#heads.length) this.#double();
  }

  /** `computeIfAbsent`: at the *front* of its bin, and the table grows before, not after. */
  computeIfAbsent(key: K): void {
    if (this.#size > 0.75 * this.#heads.length) this.#double();
    const spread = this.#spreadOf(key);
    const bin = spread & (this.#heads.length - 1);
    let before = 0;
    for (let entry = this.#heads[bin]; entry !== -1; entry = this.#next[entry]) {
      if (this.#spread[entry] === spread && this.#keys[entry] === key) return;
      before += 1;
    }
    this.#heads[bin] = this.#allocate(key, spread, this.#heads[bin]);
    if (before >= 7) this.#crowded();
    this.#size += 1;
  }

  /** `remove`. */
  remove(key: K): void {
    const spread = this.#spreadOf(key);
    const bin = spread & (this.#heads.length - 1);
    let before = -1;
    for (let entry = this.#heads[bin]; entry !== -1; before = entry, entry = this.#next[entry]) {
      if (this.#spread[entry] !== spread || this.#keys[entry] !== key) continue;
      if (before === -1) this.#heads[bin] = this.#next[entry];
      else this.#next[before] = this.#next[entry];
      this.#free.push(entry);
      this.#size -= 1;
      return;
    }
  }

  /** The key that an iterator gives first. */
  first(): K | undefined {
    for (const head of this.#heads) if (head !== -1) return this.#keys[head];
    return undefined;
  }

  /** All keys, in Java's order. */
  keys(): K[] {
    const keys: K[] = [];
    for (const head of this.#heads) {
      for (let entry = head; entry !== -1; entry = this.#next[entry]) keys.push(this.#keys[entry]);
    }
    return keys;
  }

  #spreadOf(key: K): number {
    const hash = this.#hash(key);
    return hash ^ (hash >>> 16);
  }

  #allocate(key: K, spread: number, next: number): number {
    const entry = this.#free.pop() ?? this.#keys.length;
    this.#keys[entry] = key;
    this.#spread[entry] = spread;
    this.#next[entry] = next;
    return entry;
  }

  /** A bin has grown long. In a small table Java takes that for a sign that the table is too small. */
  #crowded(): void {
    if (this.#heads.length < 64) this.#double();
  }

  #double(): void {
    const size = this.#heads.length * 2;
    const heads = new Int32Array(size).fill(-1);
    const tails = new Int32Array(size);
    for (const head of this.#heads) {
      for (let entry = head; entry !== -1;) {
        const after = this.#next[entry];
        const bin = this.#spread[entry] & (size - 1);
        if (heads[bin] === -1) heads[bin] = entry;
        else this.#next[tails[bin]] = entry;
        tails[bin] = entry;
        this.#next[entry] = -1;
        entry = after;
      }
    }
    this.#heads = heads;
  }
}

/** The smallest power of two that is at least `capacity`; 1 for 0. */
function tableSizeFor(capacity: number): number {
  let size = 1;
  while (size < capacity) size *= 2;
  return size;
}
