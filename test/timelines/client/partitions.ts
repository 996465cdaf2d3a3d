import type { Partitions, TopicName } from "../../../sim/names.ts";
import type { Words } from "../scripted/words.ts";

/** `orders-0 orders-1`, to the end of the line. */
export function readPartitions(words: Words): Partitions {
  const partitions: Record<TopicName, number[]> = {};
  while (words.left) {
    const { topic, number } = split(words.take("a partition"), words);
    (partitions[topic] ??= []).push(number);
  }
  return partitions;
}

/** `orders-0=100 orders-1=7`, to the end of the line. */
export function readOffsets(words: Words): readonly (readonly [partition: string, offset: number])[] {
  const offsets: [string, number][] = [];
  while (words.left) {
    const [partition, offset] = words.take("an offset").split("=");
    offsets.push([partition, Number(offset)]);
  }
  return offsets;
}

export function split(partition: string, words: Words): { readonly topic: TopicName; readonly number: number } {
  const match = /^(?<topic>.+)-(?<number>\d+)$/.exec(partition);
  if (!match) return words.fail(`"${partition}" is no partition: orders-0`);
  return { topic: match.groups!.topic, number: Number(match.groups!.number) };
}
