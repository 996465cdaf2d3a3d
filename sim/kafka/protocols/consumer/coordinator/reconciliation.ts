import type { MemberEpoch, MemberId, Partitions, TopicName } from "../../../../names.ts";
import type { Holdings } from "./holdings.ts";
import { divide, granted, holds, holdsAny, NOTHING, together } from "./holdings.ts";
import type { ConsumerGroupMember } from "./member.ts";
import { isAsFar } from "./member.ts";
import type { ConsumerTraits } from "./traits.ts";

/** What a member is reconciled with. */
export interface Goal {
  readonly epoch: MemberEpoch;
  readonly target: Partitions;
  /** What it says it owns; absent: it did not say, and may still own everything. */
  readonly owned?: Partitions;
  /** Whether it subscribes to other topics than before, as of this heartbeat. */
  readonly subscriptionChanged: boolean;
  /** Who owns a partition, until it gives it up. */
  ownerOf(topic: TopicName, partition: number): MemberId | undefined;
}

/**
 * The next step of one member towards its target: it gives up before it receives, and receives only what nobody else owns.
 * Returns the same member if nothing changes. Kafka: `CurrentAssignmentBuilder`.
 */
export function reconcile(member: ConsumerGroupMember, goal: Goal, traits: ConsumerTraits): ConsumerGroupMember {
  const strips = traits.stripsUnsubscribed && goal.subscriptionChanged;
  switch (member.state) {
    case "STABLE":
      if (member.epoch !== goal.epoch) return next(member, member.epoch, goal, traits);
      return strips ? stripped(member, goal) : member;
    case "UNREVOKED_PARTITIONS":
      if (stillOwns(goal, member.pending)) return strips ? stripped(member, goal) : member; // even if the target is newer
      return next(member, traits.stepsWithRevocation ? member.epoch + 1 : member.epoch, goal, traits);
    case "UNRELEASED_PARTITIONS":
      return next(member, member.epoch, goal, traits); // on every heartbeat: somebody may have released something
  }
}

function next(member: ConsumerGroupMember, base: MemberEpoch, goal: Goal, traits: ConsumerTraits): ConsumerGroupMember {
  const target = traits.stripsUnsubscribed ? subscribedOf(member, goal.target) : goal.target;
  const wanted = new Map(Object.entries(target).map(([topic, partitions]) => [topic, new Set(partitions)]));
  const { kept, dropped } = divide(member.assigned, (topic, partition) => wanted.get(topic)?.has(partition) ?? false);
  if (dropped.size > 0 && stillOwns(goal, dropped)) {
    return {
      ...member,
      state: "UNREVOKED_PARTITIONS",
      previousEpoch: member.epoch,
      epoch: base,
      assigned: kept,
      pending: dropped,
    };
  }
  const free: [TopicName, number][] = [];
  let blocked = false;
  for (const [topic, partitions] of Object.entries(target)) {
    for (const partition of partitions) {
      if (holds(kept, topic, partition)) continue;
      const isFree =
        goal.ownerOf(topic, partition) === undefined || (traits.returnsOwn && holds(member.pending, topic, partition));
      if (isFree) free.push([topic, partition]);
      else blocked = true;
    }
  }
  const after: ConsumerGroupMember = {
    ...member,
    state: blocked ? "UNRELEASED_PARTITIONS" : "STABLE",
    previousEpoch: member.epoch,
    epoch: goal.epoch,
    assigned: together(kept, granted(free, goal.epoch)),
    pending: NOTHING,
  };
  return isAsFar(member, after) && member.previousEpoch === after.previousEpoch ? member : after;
}

/** No target has it yet, but topics that it does not subscribe to any more can go. Kafka: `updateCurrentAssignment`. */
function stripped(member: ConsumerGroupMember, goal: Goal): ConsumerGroupMember {
  const subscribed = new Set(member.topics);
  const { kept, dropped } = divide(member.assigned, (topic) => subscribed.has(topic));
  if (dropped.size === 0) return member;
  const pending = together(member.pending, dropped);
  if (!stillOwns(goal, pending)) return { ...member, assigned: kept };
  return { ...member, state: "UNREVOKED_PARTITIONS", assigned: kept, pending };
}

function subscribedOf({ topics }: ConsumerGroupMember, target: Partitions): Partitions {
  const subscribed = new Set(topics);
  const entries = Object.entries(target);
  const left = entries.filter(([topic]) => subscribed.has(topic));
  return left.length === entries.length ? target : Object.fromEntries(left);
}

/** Whether it may still own some of these. */
const stillOwns = ({ owned }: Goal, holdings: Holdings): boolean => owned === undefined || holdsAny(holdings, owned);
