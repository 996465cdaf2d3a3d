import { listOf } from "../hand.ts";
import { TreeBin } from "./tree-bin.ts";

/** Java: `TREEIFY_THRESHOLD`, `MIN_TREEIFY_CAPACITY`, `UNTREEIFY_THRESHOLD`. */
const CROWDED = 8;
const LARGE = 64;
const SPARSE = 6;

/**
 * The order in which Java's `HashMap` and `HashSet` iterate over their keys.
 *
 * A table of bins, a power of two of them; a key's bin is the low bits of its spread hash. Iteration goes through the
 * bins in order and, within one, through the keys as they came. The table doubles when it is more than three quarters
 * full, which keeps the order within each bin, and never shrinks.
 *
 *     new HashOrder(stringHash), then put "two" "three" "one"      "one" is in bin 7, the others both in 13
 *     keys: "one" "two" "three"
 *
 * A bin of nine keys makes a small table double at once, and becomes a tree in one of 64 or more, whose order is
 * another (`TreeBin`). It takes keys of a pattern, such as the partitions 0, 64, 128 … 512 of one owner. What `remove` and
 * `computeIfAbsent` do to a tree is left out: they treat it as a list.
 */
export class HashOrder<K> {
  readonly #hash: (key: K) => number;
  // Entries are numbered; the arrays say what each holds and who follows it in its bin. -1: nobody.
  readonly #keys: K[] = [];
  readonly #spread: number[] = [];
  readonly #next: number[] = [];
  readonly #free: number[] = [];
  #heads: Int32Array;
  /** The bins that are trees. */
  #trees: Map<number, TreeBin> = new Map();
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
    const spread = spreadOf(this.#hash(key));
    const bin = spread & (this.#heads.length - 1);
    let last = -1;
    let before = 0;
    for (let entry = this.#heads[bin]; entry !== -1; entry = this.#next[entry]) {
      if (this.#spread[entry] === spread && this.#keys[entry] === key) return;
      last = entry;
      before += 1;
    }
    const added = this.#allocate(key, spread, -1);
    const tree = this.#trees.get(bin);
    if (tree !== undefined) this.#plant(tree, bin, added);
    else {
      if (last === -1) this.#heads[bin] = added;
      else this.#next[last] = added;
      if (before >= CROWDED) this.#crowded(bin);
    }
    this.#size += 1;
    if (this.#size > 0.75 * this.#heads.length) this.#double();
  }

  /** `computeIfAbsent`: at the *front* of its bin, and the table grows before, not after. */
  computeIfAbsent(key: K): void {
    if (this.#size > 0.75 * this.#heads.length) this.#double();
    const spread = spreadOf(this.#hash(key));
    const bin = spread & (this.#heads.length - 1);
    let before = 0;
    for (let entry = this.#heads[bin]; entry !== -1; entry = this.#next[entry]) {
      if (this.#spread[entry] === spread && this.#keys[entry] === key) return;
      before += 1;
    }
    this.#heads[bin] = this.#allocate(key, spread, this.#heads[bin]);
    if (before >= CROWDED - 1) this.#crowded(bin);
    this.#size += 1;
  }

  /** `remove`. */
  remove(key: K): void {
    const spread = spreadOf(this.#hash(key));
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

  #allocate(key: K, spread: number, next: number): number {
    const entry = this.#free.pop() ?? this.#keys.length;
    this.#keys[entry] = key;
    this.#spread[entry] = spread;
    this.#next[entry] = next;
    return entry;
  }

  /** A bin has grown long. In a small table Java takes that for a sign that the table is too small. */
  #crowded(bin: number): void {
    if (this.#heads.length < LARGE) this.#double();
    else this.#grow(bin, this.#heads);
  }

  /** Makes a tree of a bin. */
  #grow(bin: number, heads: Int32Array): void {
    const tree = new TreeBin();
    for (let entry = heads[bin]; entry !== -1; entry = this.#next[entry]) tree.insert(entry, this.#spread[entry]);
    this.#trees.set(bin, tree);
    this.#toFront(tree.root, bin, heads);
  }

  /** Adds an entry to a bin that is a tree. */
  #plant(tree: TreeBin, bin: number, added: number): void {
    const parent = tree.insert(added, this.#spread[added]);
    this.#next[added] = this.#next[parent];
    this.#next[parent] = added;
    this.#toFront(tree.root, bin, this.#heads);
  }

  #toFront(root: number, bin: number, heads: Int32Array): void {
    if (heads[bin] === root) return;
    let before = heads[bin];
    while (this.#next[before] !== root) before = this.#next[before];
    this.#next[before] = this.#next[root];
    this.#next[root] = heads[bin];
    heads[bin] = root;
  }

  #double(): void {
    const before = this.#heads.length;
    const heads = new Int32Array(before * 2).fill(-1);
    const tails = new Int32Array(before * 2);
    const counts = new Int32Array(before * 2);
    for (const head of this.#heads) {
      for (let entry = head; entry !== -1;) {
        const after = this.#next[entry];
        const bin = this.#spread[entry] & (before * 2 - 1);
        if (heads[bin] === -1) heads[bin] = entry;
        else this.#next[tails[bin]] = entry;
        tails[bin] = entry;
        counts[bin] += 1;
        this.#next[entry] = -1;
        entry = after;
      }
    }
    const trees = this.#trees;
    this.#trees = new Map();
    for (const [bin, tree] of trees) {
      for (const [half, other] of [
        [bin, bin + before],
        [bin + before, bin],
      ]) {
        // prettier-ignore
        if (counts[half] <= SPARSE) continue; // a list again
        if (counts[other] === 0) this.#trees.set(half, tree);
        else this.#grow(half, heads);
      }
    }
    this.#heads = heads;
  }
}

/**
 * The order of as many different keys as there are hashes, put one after the other into a `new HashMap()`; keys are named
 * by their place. As `HashOrder` has it, but by counting: as long as no bin is crowded, keys go by bin, then as they came.
 */
export function orderOfDistinct(hashes: Int32Array): number[] {
  const bins = binsAfterAll(hashes);
  if (bins === undefined) {
    const order = new HashOrder((place: number) => hashes[place]);
    for (let place = 0; place < hashes.length; place++) order.put(place);
    return order.keys();
  }
  const mask = bins.length - 1;
  let first = 0;
  for (let bin = 0; bin < bins.length; bin++) {
    const count = bins[bin];
    bins[bin] = first;
    first += count;
  }
  const order = listOf(hashes.length);
  for (let place = 0; place < hashes.length; place++) order[bins[spreadOf(hashes[place]) & mask]++] = place;
  return order;
}

/** How many keys each bin of the final table has; nothing if some bin was crowded in that table or a smaller one. */
function binsAfterAll(hashes: Int32Array): Int32Array | undefined {
  const final = Math.max(16, tableSizeFor(hashes.length / 0.75));
  const bins = new Int32Array(final);
  for (let size = 16; size <= final; size *= 2) {
    const keys = Math.min(hashes.length, 0.75 * size + 1); // with so many the table doubles
    bins.fill(0, 0, size);
    for (let place = 0; place < keys; place++) {
      if (++bins[spreadOf(hashes[place]) & (size - 1)] > CROWDED) return undefined;
    }
  }
  return bins;
}

/** Java: `HashMap.hash`. */
const spreadOf = (hash: number): number => hash ^ (hash >>> 16);

/** The smallest power of two that is at least `capacity`; 1 for 0. */
function tableSizeFor(capacity: number): number {
  let size = 1;
  while (size < capacity) size *= 2;
  return size;
}
