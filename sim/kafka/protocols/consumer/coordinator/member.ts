import type { Duration } from "../../../../engine/time.ts";
import type { ClientId, InstanceId, MemberEpoch, MemberId, TopicName } from "../../../../names.ts";
import type { ConsumerGroupHeartbeat } from "../../../messages.ts";
import type { Holdings } from "./holdings.ts";
import { NOTHING, samePartitions } from "./holdings.ts";

/**
 * How far a member is from its target. Kafka: `MemberState`. `UNREVOKED_PARTITIONS`: it has yet to say that it has given
 * some up; `UNRELEASED_PARTITIONS`: others have yet to give up what it is to have.
 */
export type MemberState = "STABLE" | "UNREVOKED_PARTITIONS" | "UNRELEASED_PARTITIONS";

/** One member as its coordinator knows it: a value. Kafka: `ConsumerGroupMember`. */
export interface ConsumerGroupMember {
  readonly id: MemberId;
  readonly instance?: InstanceId;
  readonly client: ClientId;
  readonly rack?: string;
  /** How long it may take to give partitions up: its `max.poll.interval.ms`. */
  readonly rebalanceTimeout: Duration;
  readonly topics: readonly TopicName[];
  /** The assignor it prefers, if any. */
  readonly assignor?: string;
  readonly epoch: MemberEpoch;
  /** The epoch it had before: its reply with the present one may have been lost. */
  readonly previousEpoch: MemberEpoch;
  readonly state: MemberState;
  /** It may use these. */
  readonly assigned: Holdings;
  /** It was told to give these up. */
  readonly pending: Holdings;
}

/** Somebody who has never been here. */
export const newMember = (id: MemberId, { client, instance }: ConsumerGroupHeartbeat): ConsumerGroupMember => ({
  id,
  ...(instance !== undefined && { instance }),
  client,
  rebalanceTimeout: 0,
  topics: [],
  epoch: 0,
  previousEpoch: -1,
  state: "STABLE",
  assigned: NOTHING,
  pending: NOTHING,
});

/** What its heartbeat says is true now; what it does not say is as before. */
export function hearing(member: ConsumerGroupMember, request: ConsumerGroupHeartbeat): ConsumerGroupMember {
  const {
    client,
    rack = member.rack,
    rebalanceTimeout = member.rebalanceTimeout,
    assignor = member.assignor,
  } = request;
  const topics =
    request.topics === undefined || sameTopics(request.topics, member.topics) ? member.topics : request.topics;
  const isSame =
    client === member.client &&
    rack === member.rack &&
    rebalanceTimeout === member.rebalanceTimeout &&
    assignor === member.assignor &&
    topics === member.topics;
  if (isSame) return member;
  return {
    ...member,
    client,
    ...(rack !== undefined && { rack }),
    rebalanceTimeout,
    topics,
    ...(assignor !== undefined && { assignor }),
  };
}

/** Whether both are the same list; subscriptions are sorted. */
const sameTopics = (one: readonly TopicName[], other: readonly TopicName[]): boolean =>
  one === other || (one.length === other.length && one.every((topic, place) => topic === other[place]));

/** Kafka: `ConsumerGroupMember.isReconciledTo`. */
export const isReconciledTo = ({ state, epoch }: ConsumerGroupMember, target: MemberEpoch): boolean =>
  state === "STABLE" && epoch === target;

/** Whether both are as far in the same epoch, with the same partitions. */
export const isAsFar = (one: ConsumerGroupMember, other: ConsumerGroupMember): boolean =>
  one.state === other.state &&
  one.epoch === other.epoch &&
  samePartitions(one.assigned, other.assigned) &&
  samePartitions(one.pending, other.pending);
