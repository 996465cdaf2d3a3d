import type { Partitions, TopicName } from "../../names.ts";
import { byCodeUnit } from "../assignors/standing-order.ts";

/** Set arithmetic on `Partitions`. Lists stay ascending, topics stay in order of code units, empty topics go. */

/** Of each of these topics what is left of it. Members ask at every poll, mostly of one topic or of none. */
function pick(
  from: Partitions,
  topics: readonly TopicName[],
  left: (topic: TopicName, numbers: readonly number[]) => readonly number[],
): Partitions {
  const result: Record<TopicName, readonly number[]> = {};
  for (const topic of topics) {
    const numbers = left(topic, from[topic] ?? []);
    if (numbers.length > 0) result[topic] = numbers;
  }
  return result;
}

const topicsOf = (partitions: Partitions): TopicName[] => Object.keys(partitions).sort(byCodeUnit);

export const NO_PARTITIONS: Partitions = {};

/** What is in `from` and not in `taken`. */
export function without(from: Partitions, taken: Partitions): Partitions {
  return pick(from, topicsOf(from), (topic, numbers) => {
    if (taken[topic] === undefined) return numbers;
    const gone = new Set(taken[topic]);
    return numbers.filter((number) => !gone.has(number));
  });
}

/** What is in both. */
export function common(a: Partitions, b: Partitions): Partitions {
  return pick(a, topicsOf(a), (topic, numbers) => {
    if (b[topic] === undefined) return [];
    const there = new Set(b[topic]);
    return numbers.filter((number) => there.has(number));
  });
}

/** What is in either. */
export function union(a: Partitions, b: Partitions): Partitions {
  return pick(a, topicsOf({ ...a, ...b }), (topic, numbers) =>
    [...new Set([...numbers, ...(b[topic] ?? [])])].sort((x, y) => x - y),
  );
}

export function countOf(partitions: Partitions): number {
  let count = 0;
  for (const topic in partitions) count += partitions[topic].length;
  return count;
}

export const isEmpty = (partitions: Partitions): boolean => countOf(partitions) === 0;
