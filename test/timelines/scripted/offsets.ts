import type { Offsets } from "../../../sim/kafka/messages.ts";
import type { Partitions, TopicName } from "../../../sim/names.ts";
import { TOPICS } from "./company.ts";
import type { Words } from "./words.ts";

/** `orders-0 orders-1`, as far as there are any. */
export function readPartitions(words: Words): Partitions {
  const partitions: Record<TopicName, number[]> = {};
  for (let word = words.peek(); word !== undefined && PARTITION.test(word); word = words.peek()) {
    const { topic, number } = split(words.take("a partition"), words);
    (partitions[topic] ??= []).push(number);
  }
  return partitions;
}

/** `orders-0=100 orders-1=7`; nothing means the first record of the first partition. */
export function readOffsets(words: Words): Offsets {
  const offsets: Record<TopicName, Record<number, number>> = {};
  while (words.peek()?.includes("=")) {
    const [partition, offset] = words.take("an offset").split("=");
    const { topic, number } = split(partition, words);
    (offsets[topic] ??= {})[number] = Number(offset);
  }
  return Object.keys(offsets).length > 0 ? offsets : { [TOPICS[0]]: { 0: 1 } };
}

const PARTITION = /^(?<topic>.+)-(?<number>\d+)$/;

function split(partition: string, words: Words): { topic: TopicName; number: number } {
  const match = PARTITION.exec(partition);
  if (!match) words.fail(`"${partition}" is no partition: orders-0`);
  return { topic: match.groups!.topic, number: Number(match.groups!.number) };
}
