import type { TopicName } from "../../names.ts";
import type { Subscriber, Topics } from "./assignor.ts";
import { of } from "./hand.ts";
import type { Interest } from "./interest.ts";

/** A partition with what it weighs, for the assignors that pack. */
export interface Load {
  readonly topic: TopicName;
  readonly partition: number;
  readonly weight: number;
  /** Who may have it: places in the list of subscribers. */
  readonly audience: readonly number[];
  /** Who has it, by its own account (of two, the later); −1: nobody who may. */
  readonly owner: number;
}

/** All partitions that take part, by topic and number as `taking` has them. */
export function loadsOf(
  taking: readonly Interest[],
  subscribers: readonly Subscriber[],
  weigh: (topic: TopicName, partition: number) => number,
): Load[] {
  return taking.flatMap(({ topic, partitions, audience }) => {
    const owner = new Int32Array(partitions).fill(-1);
    for (const member of audience) {
      for (const partition of of(subscribers[member].owned ?? {}, topic) ?? []) owner[partition] = member; // beyond the end: no effect
    }
    return Array.from(owner, (member, partition) => {
      return { topic, partition, weight: weigh(topic, partition), audience, owner: member };
    });
  });
}

/** Heaviest first; as heavy ones stay in the order given. */
export const heaviestFirst = (loads: readonly Load[]): Load[] => [...loads].sort((a, b) => b.weight - a.weight);

/** Current lag in records; 0 where none is known. */
export const lagIn =
  (topics: Topics) =>
  (topic: TopicName, partition: number): number =>
    topics.get(topic)?.lag?.[partition] ?? 0;

/** Production rate in records per second; without rates the lag, without lag 1. */
export const rateIn =
  (topics: Topics) =>
  (topic: TopicName, partition: number): number =>
    topics.get(topic)?.rate?.[partition] ?? topics.get(topic)?.lag?.[partition] ?? 1;
