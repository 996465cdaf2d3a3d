/** Index of the first item of which this holds, in a list that is ordered so that it holds of all after; its length if of none. */
export function firstWhere<T>(list: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(list[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
