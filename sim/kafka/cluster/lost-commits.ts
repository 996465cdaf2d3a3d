import type { GroupId, TopicName } from "../../names.ts";
import type { Offsets } from "../messages.ts";
import type { CommittedOffset, CommittedOffsets } from "../protocols/coordination/committed-offsets.ts";

/**
 * What groups had committed and was acknowledged, and an incomplete copy of their log that was made its leader knows nothing
 * of (`unclean.leader.election.enable`). It is in no log: it only says whose fault it is that records are read again.
 */
export class LostCommits {
  readonly #lost = new Map<GroupId, CommittedOffsets>();

  /** The log said this of a group, and now says that. */
  lose(group: GroupId, before: CommittedOffsets, after: CommittedOffsets = new Map()): void {
    const lost: CommittedOffsets = this.#lost.get(group) ?? new Map();
    for (const [topic, partitions] of before) {
      const ofTopic = lost.get(topic) ?? new Map<number, CommittedOffset>();
      for (const [partition, commit] of partitions) {
        const kept = Math.max(offsetIn(after, topic, partition), offsetIn(lost, topic, partition));
        if (commit.offset > kept) ofTopic.set(partition, commit);
      }
      if (ofTopic.size > 0) lost.set(topic, ofTopic);
    }
    if (lost.size > 0) this.#lost.set(group, lost);
  }

  /** This was committed: what was lost before it is of no account any more. */
  committed(group: GroupId, offsets: Offsets): void {
    for (const [topic, lost] of this.#lost.get(group) ?? []) {
      for (const [partition, { offset }] of lost)
        if ((offsets[topic]?.[partition] ?? -1) >= offset) lost.delete(partition);
    }
  }

  /**
   * A reader begins at this offset, whatever led it there: where it would have begun with what is lost, if that is further on.
   * Once it has begun, whatever else is read again has other causes.
   */
  take(group: GroupId, topic: TopicName, partition: number, from: number): number | undefined {
    const lost = this.#lost.get(group)?.get(topic);
    const offset = lost?.get(partition)?.offset;
    if (offset === undefined || offset <= from) return undefined;
    lost!.delete(partition);
    return offset;
  }
}

const offsetIn = (offsets: CommittedOffsets, topic: TopicName, partition: number): number =>
  offsets.get(topic)?.get(partition)?.offset ?? -1;
