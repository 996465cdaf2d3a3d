import type { TopicName } from "../../names.ts";
import { ConsumerGroup, type ConsumerGroupRecord } from "./consumer/coordinator/group.ts";
import type { GroupMetadataRecord } from "./classic/coordinator/group-record.ts";
import type { CommittedOffsets, ExpiredOffsetsRecord, OffsetsRecord } from "./coordination/committed-offsets.ts";
import { copyOffsets, dropOffsets, storeOffsets } from "./coordination/committed-offsets.ts";

/** The group is gone. Kafka: its tombstone. */
interface TombstoneRecord {
  readonly type: "tombstone";
}

/** What a coordinator appends to its log about a group. */
export type GroupRecord =
  GroupMetadataRecord | ConsumerGroupRecord | OffsetsRecord | ExpiredOffsetsRecord | TombstoneRecord;

/** All that the log says about one group: what a coordinator that loads it finds. */
export interface GroupImage {
  /** As its last record says, or, with the consumer protocol, all of them together. */
  group?: GroupMetadataRecord | ConsumerGroup;
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
    case "consumer-group": {
      if (image.group?.type !== "consumer-group") image.group = new ConsumerGroup();
      for (const change of record.changes) image.group.apply(change);
      break;
    }
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
export const copyImage = ({ group, offsets }: GroupImage): GroupImage => ({
  group: group?.type === "consumer-group" ? group.copy() : group,
  offsets: copyOffsets(offsets),
});
