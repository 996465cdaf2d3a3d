import type { Instant } from "../../../engine/time.ts";
import type { Partitions, TopicName } from "../../../names.ts";
import type { Offsets } from "../../messages.ts";

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

/** A committed offset and when it was committed. */
export interface CommittedOffset {
  readonly offset: number;
  readonly at: Instant;
}

export type CommittedOffsets = Map<TopicName, Map<number, CommittedOffset>>;

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

/** The same, unmoved by what happens to the other. */
export const copyOffsets = (offsets: CommittedOffsets): CommittedOffsets =>
  new Map([...offsets].map(([topic, partitions]) => [topic, new Map(partitions)]));
