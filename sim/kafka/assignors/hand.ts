import type { MemberId, Partitions, TopicName } from "../../names.ts";
import type { Subscriber } from "./assignor.ts";

/** A member's partitions while they are being dealt. */
export type Hand = Record<TopicName, number[]>;

/**
 * Gives `hand` a topic's list of partitions, in place of any it has. `__proto__` is a legal topic name, and a plain
 * assignment to that key would be lost.
 */
export function give(hand: Hand, topic: TopicName, partitions: number[]): void {
  if (topic === "__proto__") {
    Object.defineProperty(hand, topic, { value: partitions, writable: true, enumerable: true, configurable: true });
  } else hand[topic] = partitions;
}

/** What `hand` has of a topic. (`hand.constructor` is not a topic that somebody owns.) */
export function of(hand: Partitions, topic: TopicName): readonly number[] | undefined {
  return Object.hasOwn(hand, topic) ? hand[topic] : undefined;
}

/** Adds one partition at the end of the topic's list. */
export function add(hand: Hand, topic: TopicName, partition: number): void {
  const list = of(hand, topic) as number[] | undefined;
  if (list === undefined) give(hand, topic, [partition]);
  else list.push(partition);
}

/** An assignment with an empty hand for each subscriber, in their order; and the same hands in the order of `seats`. */
export function emptyHands(
  subscribers: readonly Subscriber[],
  seats: readonly Subscriber[],
): { assignment: Map<MemberId, Hand>; hands: Hand[] } {
  const assignment = new Map<MemberId, Hand>();
  for (const { id } of subscribers) assignment.set(id, {});
  return { assignment, hands: seats.map(({ id }) => assignment.get(id)!) };
}
