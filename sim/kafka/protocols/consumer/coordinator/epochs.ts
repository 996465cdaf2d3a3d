import type { Generation } from "../../../../names.ts";
import type { ConsumerGroupReason } from "../group-states.ts";
import type { Coordination } from "./coordination.ts";
import type { SubscribedTopics } from "./group.ts";
import type { ConsumerGroupMember } from "./member.ts";

/** Which epoch the group is in after a heartbeat, and why that is another one, if it is. */
export interface NextEpoch {
  readonly epoch: Generation;
  readonly topics: SubscribedTopics;
  readonly reason?: ConsumerGroupReason;
}

/**
 * Whether this heartbeat raises the group's epoch, by one: its target will be computed anew. `before`: the member, or
 * whose seat it has taken; nothing if it is new.
 */
export function nextEpoch(
  on: Coordination,
  before: ConsumerGroupMember | undefined,
  heard: ConsumerGroupMember,
): NextEpoch {
  const { group, metadataStale, traits, assignors } = on;
  const isSubscribedOtherwise =
    heard.topics !== (before?.topics ?? heard.topics) || (!before && heard.topics.length > 0);
  const stay = { epoch: group.epoch, topics: group.topics };
  const raised = (reason: ConsumerGroupReason, topics: SubscribedTopics): NextEpoch => ({
    epoch: group.epoch + 1,
    topics,
    reason,
  });
  if (isSubscribedOtherwise || metadataStale) {
    const topics = existing(on, before, heard);
    if (isSubscribedOtherwise) return raised(before ? "subscription-changed" : "member-joined", topics);
    if (!sameTopics(topics, group.topics)) return raised("metadata-changed", topics);
  }
  const prefersOther =
    traits.followsPreference &&
    assignors.preferred(group.preferencesWith(undefined, undefined)) !==
      assignors.preferred(group.preferencesWith(before, heard));
  return prefersOther ? raised("assignor-changed", group.topics) : stay;
}

/** The topics of a group that exist, if this member were that one, or gone, as the broker knows now. */
export function existing(
  { group, options }: Coordination,
  before: ConsumerGroupMember | undefined,
  after: ConsumerGroupMember | undefined,
): SubscribedTopics {
  const topics = new Map<string, number>();
  for (const topic of group.subscribedWith(before, after)) {
    const partitions = options.partitionsOf(topic);
    if (partitions > 0) topics.set(topic, partitions);
  }
  return topics;
}

export function sameTopics(one: SubscribedTopics, other: SubscribedTopics): boolean {
  if (one.size !== other.size) return false;
  for (const [topic, partitions] of one) if (other.get(topic) !== partitions) return false;
  return true;
}
