import type { MemberId, Partitions, TopicName } from "../../../../names.ts";
import { stringHash } from "../../../assignors/java/hashes.ts";
import { range } from "../../../assignors/range.ts";
import { byCodeUnit } from "../../../assignors/standing-order.ts";
import { threadOf } from "./parts.ts";

/** What one consumer has read of its group. */
export interface Group {
  /** The topics of each consumer that is registered. */
  readonly subscriptions: ReadonlyMap<MemberId, readonly TopicName[]>;
  /** How many partitions each topic of its own has. */
  readonly topics: ReadonlyMap<TopicName, number>;
}

/**
 * This consumer's share, or `undefined` where Kafka's assignor throws. Every consumer works out its own, from what it has read:
 * two who have read different things may want the same partition. Kafka: `kafka.consumer.RangeAssignor` and
 * `RoundRobinAssignor`, for consumers with one thread each.
 */
export function shareOf(consumer: MemberId, strategy: string, group: Group): Partitions | undefined {
  return strategy === "roundrobin" ? roundRobin(consumer, group) : inRange(consumer, group);
}

/** Threads in order of their names get consecutive partitions, the first ones one more: as it is today. */
function inRange(consumer: MemberId, { subscriptions, topics }: Group): Partitions {
  const threads = [...subscriptions].map(([id, subscribed]) => ({ id: threadOf(id), topics: subscribed }));
  const metadata = new Map([...topics].map(([topic, partitions]) => [topic, { partitions }]));
  return range(threads, metadata).get(threadOf(consumer)) ?? {};
}

/**
 * All partitions, in the order of the hashes of their names, are dealt to the threads in turn. Threads are drawn up in order of
 * their names, and all have to want the same topics.
 */
function roundRobin(consumer: MemberId, { subscriptions, topics }: Group): Partitions | undefined {
  const wanted = subscriptions.get(consumer)!;
  for (const subscribed of subscriptions.values()) {
    if (subscribed.length !== wanted.length || subscribed.some((topic) => !wanted.includes(topic))) return undefined;
  }
  const threads = [...subscriptions.keys()].map(threadOf).sort(byCodeUnit);
  const own = threads.indexOf(threadOf(consumer));
  const all = [...topics].flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition) => ({
      topic,
      partition,
      hash: stringHash(`[${topic},${partition}]`),
    })),
  );
  const share: Record<TopicName, number[]> = {};
  all
    .sort((a, b) => a.hash - b.hash)
    .filter((_, place) => place % threads.length === own)
    .forEach(({ topic, partition }) => (share[topic] ??= []).push(partition));
  for (const numbers of Object.values(share)) numbers.sort((a, b) => a - b);
  return share;
}
