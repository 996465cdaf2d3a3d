import type { MemberEpoch, Partitions, TopicName } from "../../../../names.ts";
import { byCodeUnit } from "../../../assignors/standing-order.ts";

/**
 * Partitions that a member holds, by topic and number, and the member's epoch when each was granted. Kafka has kept these
 * epochs since 4.3 (KIP-1251); here they are always there, and only releases that know of them ask. Never changed.
 */
export type Holdings = ReadonlyMap<TopicName, ReadonlyMap<number, MemberEpoch>>;

export const NOTHING: Holdings = new Map();

/** Holdings in the making. */
class Hand {
  readonly #topics = new Map<TopicName, Map<number, MemberEpoch>>();

  add(topic: TopicName, partition: number, granted: MemberEpoch): void {
    let partitions = this.#topics.get(topic);
    if (!partitions) this.#topics.set(topic, (partitions = new Map()));
    partitions.set(partition, granted);
  }

  get held(): Holdings {
    return this.#topics.size === 0 ? NOTHING : this.#topics;
  }
}

/** Every partition, with the epoch of its grant. */
export function* each(holdings: Holdings): Generator<readonly [TopicName, number, MemberEpoch]> {
  for (const [topic, partitions] of holdings) {
    for (const [partition, granted] of partitions) yield [topic, partition, granted];
  }
}

export const holds = (holdings: Holdings, topic: TopicName, partition: number): boolean =>
  holdings.get(topic)?.has(partition) ?? false;

/** Whether any of these partitions is among them. */
export const holdsAny = (holdings: Holdings, partitions: Partitions): boolean =>
  Object.entries(partitions).some(([topic, numbers]) => numbers.some((number) => holds(holdings, topic, number)));

export const holdsAll = (holdings: Holdings, partitions: Partitions): boolean =>
  Object.entries(partitions).every(([topic, numbers]) => numbers.every((number) => holds(holdings, topic, number)));

/** Those that are to stay, and the others. */
export function divide(
  holdings: Holdings,
  stays: (topic: TopicName, partition: number) => boolean,
): { readonly kept: Holdings; readonly dropped: Holdings } {
  const kept = new Hand();
  const dropped = new Hand();
  for (const [topic, partition, granted] of each(holdings)) {
    (stays(topic, partition) ? kept : dropped).add(topic, partition, granted);
  }
  return { kept: kept.held, dropped: dropped.held };
}

/** Both; where both have a partition, the second's grant counts. */
export function together(one: Holdings, other: Holdings): Holdings {
  if (one.size === 0) return other;
  if (other.size === 0) return one;
  const hand = new Hand();
  for (const [topic, partition, granted] of each(one)) hand.add(topic, partition, granted);
  for (const [topic, partition, granted] of each(other)) hand.add(topic, partition, granted);
  return hand.held;
}

/** Partitions that are granted now. */
export function granted(partitions: Iterable<readonly [TopicName, number]>, epoch: MemberEpoch): Holdings {
  const hand = new Hand();
  for (const [topic, partition] of partitions) hand.add(topic, partition, epoch);
  return hand.held;
}

/** Whether both are the same partitions, whenever they were granted. */
export function samePartitions(one: Holdings, other: Holdings): boolean {
  if (one === other) return true;
  if (one.size !== other.size) return false;
  for (const [topic, partitions] of one) {
    const others = other.get(topic);
    if (others?.size !== partitions.size) return false;
    for (const partition of partitions.keys()) if (!others.has(partition)) return false;
  }
  return true;
}

/** What the first has that the second has not, as in messages: topics by code unit, numbers ascending. */
export function without(one: Holdings, other: Holdings): Partitions {
  return partitionsOf(divide(one, (topic, partition) => !holds(other, topic, partition)).kept);
}

/** As in messages: topics by code unit, numbers ascending. */
export function partitionsOf(holdings: Holdings): Partitions {
  const topics = [...holdings.keys()].sort(byCodeUnit);
  return Object.fromEntries(topics.map((topic) => [topic, [...holdings.get(topic)!.keys()].sort((a, b) => a - b)]));
}
