import type { GroupId, MemberId, TopicName } from "../../../names.ts";
import type { Path } from "./messages.ts";

/*
 * Where things are kept in ZooKeeper. Kafka: `ZKGroupDirs`, `ZKGroupTopicDirs`, `ZkUtils`.
 */

/** One child for each broker that is registered. */
export const BROKERS: Path = "/brokers/ids";

/** One child for each consumer of a group: its subscription. Ephemeral. */
export const idsOf = (group: GroupId): Path => `/consumers/${group}/ids`;

const ID = /^\/consumers\/(?<group>[^/]+)\/ids\/(?<consumer>[^/]+)$/;

/** Whose registration that is, if it is one. */
export function registrationAt(path: Path): { readonly group: GroupId; readonly consumer: MemberId } | undefined {
  const match = ID.exec(path)?.groups;
  return match && { group: match.group, consumer: match.consumer };
}

/** The thread that owns a partition. Ephemeral. */
export const ownerOf = (group: GroupId, topic: TopicName, partition: number): Path =>
  `/consumers/${group}/owners/${topic}/${partition}`;

/** The committed offsets of a group: a node for each topic, and below it one for each partition. */
export const offsetsAt = (group: GroupId): Path => `/consumers/${group}/offsets`;

export const offsetOf = (group: GroupId, topic: TopicName, partition: number): Path =>
  `${offsetsAt(group)}/${topic}/${partition}`;

/** How many partitions a topic has. Kafka: where their copies are, too. */
export const topicAt = (topic: TopicName): Path => `/brokers/topics/${topic}`;

export const childOf = (path: Path, name: string): Path => `${path}/${name}`;
