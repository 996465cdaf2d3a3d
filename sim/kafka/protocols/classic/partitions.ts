import type { Partitions, TopicName } from "../../../names.ts";

/** Set arithmetic on `Partitions`. Lists stay ascending, topics stay in order of code units, empty topics go. */

const topicsOf = (...sets: readonly Partitions[]): TopicName[] =>
  [...new Set(sets.flatMap((set) => Object.keys(set)))].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

function combine(sets: readonly Partitions[], merge: (topic: TopicName) => readonly number[]): Partitions {
  const result: Record<TopicName, readonly number[]> = {};
  for (const topic of topicsOf(...sets)) {
    const numbers = merge(topic);
    if (numbers.length > 0) result[topic] = numbers;
  }
  return result;
}

export const NO_PARTITIONS: Partitions = {};

/** What is in `from` and not in `taken`. */
export function without(from: Partitions, taken: Partitions): Partitions {
  return combine([from], (topic) => {
    const gone = new Set(taken[topic]);
    return from[topic].filter((number) => !gone.has(number));
  });
}

/** What is in both. */
export function common(a: Partitions, b: Partitions): Partitions {
  return combine([a], (topic) => {
    const there = new Set(b[topic]);
    return a[topic].filter((number) => there.has(number));
  });
}

/** What is in either. */
export function union(a: Partitions, b: Partitions): Partitions {
  return combine([a, b], (topic) => [...new Set([...(a[topic] ?? []), ...(b[topic] ?? [])])].sort((x, y) => x - y));
}

export function countOf(partitions: Partitions): number {
  let count = 0;
  for (const topic in partitions) count += partitions[topic].length;
  return count;
}

export const isEmpty = (partitions: Partitions): boolean => countOf(partitions) === 0;
