/** Digits of 11 bits: three passes cover the 31 bits of an order. */
const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

/** Up to here, insertion beats counting. */
const FEW = 48;

/**
 * Sorts the first `count` items by `key(item)`, a non-negative Int32; items with equal keys keep their order.
 *
 * For events of one instant, which arrive in the order of their sequence and have to leave by class and subject. A
 * radix sort, because an instant can hold a hundred thousand of them (every member of a group joins at once), in the
 * worst of orders.
 */
export function sortByKey(items: Int32Array, count: number, key: (item: number) => number): void {
  let previous = 0;
  let most = 0;
  let sorted = true;
  for (let index = 0; index < count; index++) {
    const own = key(items[index]);
    if (own < previous) sorted = false;
    if (own > most) most = own;
    previous = own;
  }
  if (sorted) return;
  if (count <= FEW) insertionSort(items, count, key);
  else radixSort(items, count, key, most);
}

function insertionSort(items: Int32Array, count: number, key: (item: number) => number): void {
  for (let index = 1; index < count; index++) {
    const item = items[index];
    const own = key(item);
    let at = index;
    while (at > 0 && key(items[at - 1]) > own) {
      items[at] = items[at - 1];
      at--;
    }
    items[at] = item;
  }
}

function radixSort(items: Int32Array, count: number, key: (item: number) => number, most: number): void {
  let from: Int32Array = items.subarray(0, count);
  let to: Int32Array = new Int32Array(count);
  const starts = new Int32Array(DIGITS);
  for (let shift = 0; shift < 31 && most >>> shift > 0; shift += DIGIT_BITS) {
    starts.fill(0);
    for (let index = 0; index < count; index++) starts[(key(from[index]) >>> shift) & (DIGITS - 1)]++;
    let sum = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const size = starts[digit];
      starts[digit] = sum;
      sum += size;
    }
    for (let index = 0; index < count; index++) {
      const item = from[index];
      to[starts[(key(item) >>> shift) & (DIGITS - 1)]++] = item;
    }
    [from, to] = [to, from];
  }
  if (from.buffer !== items.buffer) items.set(from);
}
