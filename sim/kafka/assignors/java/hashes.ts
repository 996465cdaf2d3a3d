import type { TopicName } from "../../../names.ts";
import type { Uuid } from "./uuid.ts";

/*
 * Java's hash codes: 32-bit signed, wrapping. Some of Kafka's assignments depend on the iteration order of a HashMap,
 * and so on these.
 */

/** `String.hashCode`: 31-ary over the UTF-16 code units. */
export function stringHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(31, hash) + text.charCodeAt(index)) | 0;
  return hash;
}

/** `org.apache.kafka.common.TopicPartition.hashCode`. */
export function topicPartitionHash(topic: TopicName, partition: number): number {
  return (Math.imul(31, 31 + partition) + stringHash(topic)) | 0;
}

/** `Integer.hashCode`: the value. */
export const integerHash = (value: number): number => value | 0;

/** `org.apache.kafka.common.Uuid.hashCode`: the four words folded into one. */
export const uuidHash = ([a, b, c, d]: Uuid): number => a ^ b ^ c ^ d;
