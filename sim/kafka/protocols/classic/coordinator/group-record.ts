import type { Duration, Instant } from "../../../../engine/time.ts";
import type { ClientId, Generation, InstanceId, MemberId, Partitions, TopicName } from "../../../../names.ts";
import type { Offsets, Protocol } from "../../../messages.ts";

/** One member in the group's record: of its assignors, only the one in use. */
interface RecordedMember {
  readonly id: MemberId;
  readonly instance?: InstanceId;
  readonly client: ClientId;
  readonly sessionTimeout: Duration;
  readonly rebalanceTimeout: Duration;
  readonly protocols: readonly Protocol[];
  /** `undefined`: empty bytes. */
  readonly assignment?: Partitions;
}

/** The whole group as it was persisted. Kafka: `GroupMetadataValue`. */
export interface GroupMetadataRecord {
  readonly type: "group";
  readonly generation: Generation;
  readonly protocolType?: string;
  readonly protocolName?: string;
  readonly leader?: MemberId;
  /** When the group entered its state; from there the offsets of an Empty group age. */
  readonly since: Instant;
  readonly members: readonly RecordedMember[];
}

/** Committed offsets. Kafka: one `OffsetCommitValue` for each partition. */
export interface OffsetsRecord {
  readonly type: "offsets";
  readonly at: Instant;
  readonly offsets: Offsets;
}

/** Offsets that expired, or whose topic was deleted. Kafka: tombstones of theirs. */
export interface ExpiredOffsetsRecord {
  readonly type: "offsets-expired";
  readonly partitions: Partitions;
}

/** The group is gone. Kafka: its tombstone. */
interface TombstoneRecord {
  readonly type: "tombstone";
}

/** What a coordinator appends to its log about a group. */
export type GroupRecord = GroupMetadataRecord | OffsetsRecord | ExpiredOffsetsRecord | TombstoneRecord;

/** A committed offset and when it was committed. */
export interface CommittedOffset {
  readonly offset: number;
  readonly at: Instant;
}

export type CommittedOffsets = Map<TopicName, Map<number, CommittedOffset>>;

/** All that the log says about one group: what a coordinator that loads it finds. */
export interface GroupImage {
  group?: GroupMetadataRecord;
  readonly offsets: CommittedOffsets;
}

/**
 * What the log says after this record too; nothing of topics that are `gone`, of which nothing is committed any more. Changes
 * and returns `image`. Kafka: the coordinator's `replay` methods.
 */
export function replay(image: GroupImage, record: GroupRecord, gone?: ReadonlySet<TopicName>): GroupImage {
  switch (record.type) {
    case "group":
      image.group = record;
      break;
    case "offsets":
      storeOffsets(image.offsets, record, gone);
      break;
    case "offsets-expired":
      dropOffsets(image.offsets, record);
      break;
    case "tombstone":
      image.group = undefined;
      break;
  }
  return image;
}

/** Nothing is known of the group yet. */
export const emptyImage = (): GroupImage => ({ offsets: new Map() });

/** The same, unmoved by what happens to the other. */
export function copyImage({ group, offsets }: GroupImage): GroupImage {
  return { group, offsets: new Map([...offsets].map(([topic, partitions]) => [topic, new Map(partitions)])) };
}

/** The latest commit counts, whichever was written first; of topics that are `gone` none does. */
export function storeOffsets(
  into: CommittedOffsets,
  { at, offsets }: OffsetsRecord,
  gone?: ReadonlySet<TopicName>,
): void {
  for (const [topic, partitions] of Object.entries(offsets)) {
    if (gone?.has(topic)) continue;
    let stored = into.get(topic);
    if (!stored) into.set(topic, (stored = new Map()));
    for (const [number, offset] of Object.entries(partitions)) {
      const partition = Number(number);
      const before = stored.get(partition);
      if (!before || before.at <= at) stored.set(partition, { offset, at });
    }
  }
}

export function dropOffsets(from: CommittedOffsets, { partitions }: ExpiredOffsetsRecord): void {
  for (const [topic, numbers] of Object.entries(partitions)) {
    const stored = from.get(topic);
    for (const number of numbers) stored?.delete(number);
    if (stored?.size === 0) from.delete(topic);
  }
}
