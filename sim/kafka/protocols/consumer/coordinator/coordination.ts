import type { Duration } from "../../../../engine/time.ts";
import { fromMs } from "../../../../engine/time.ts";
import type { GroupId, MemberEpoch, MemberId, TopicName } from "../../../../names.ts";
import type { BrokerConfig, GroupConfig } from "../../../config.ts";
import type { CoordinatorRequest, ErrorCode, GroupReply } from "../../../messages.ts";
import type { GroupOffsets } from "../../coordination/group-offsets.ts";
import type { MemberIds } from "../../coordination/member-ids.ts";
import type { PendingWrites } from "../../coordination/pending-writes.ts";
import { errorReply } from "../../coordination/replies.ts";
import type { CoordinatorHost } from "../../group-coordinator.ts";
import type { GroupRecord } from "../../group-log.ts";
import type { ConsumerGroup } from "./group.ts";
import type { ServerAssignors } from "./server-assignors.ts";
import type { ConsumerTraits } from "./traits.ts";
import type { Journal } from "./journal.ts";

/** How the brokers are made and set up, and what they know. */
export interface ConsumerOptions {
  readonly brokerVersion: string;
  readonly config: Pick<
    BrokerConfig,
    "group.consumer.max.size" | "group.consumer.assignors" | "offsets.retention.minutes"
  >;
  /** What the group is held to, whoever says so: it or its brokers. */
  readonly groupConfig: GroupConfig;
  /** Shared by all brokers of a cluster, so that no two memberships ever have the same id. */
  readonly ids?: MemberIds;
  /** Topics that have been deleted, as the brokers know. */
  readonly gone?: ReadonlySet<TopicName>;
  /** How many partitions a topic has, as this broker knows; 0: there is none of that name. */
  partitionsOf(topic: TopicName): number;
}

/** How long a member may be silent. Read at every heartbeat, as in Kafka: it may be configured while the group lives. */
export const sessionTimeoutOf = ({ groupConfig }: ConsumerOptions): Duration =>
  fromMs(groupConfig["consumer.session.timeout.ms"]);

/** From one heartbeat of a member to its next. */
export const heartbeatIntervalOf = ({ groupConfig }: ConsumerOptions): Duration =>
  fromMs(groupConfig["consumer.heartbeat.interval.ms"]);

/** At least from one target to the next. */
export const assignmentIntervalOf = ({ groupConfig }: ConsumerOptions): Duration =>
  fromMs(groupConfig["consumer.assignment.interval.ms"]);

/** What the parts of one group's coordinator work with. */
export interface Coordination {
  readonly id: GroupId;
  readonly group: ConsumerGroup;
  readonly host: CoordinatorHost;
  readonly options: ConsumerOptions;
  readonly ids: MemberIds;
  readonly traits: ConsumerTraits;
  readonly assignors: ServerAssignors;
  readonly writes: PendingWrites<GroupRecord>;
  readonly offsets: GroupOffsets;
  /** Where every change goes through. */
  readonly journal: Journal;
  /** Whether topics may be other than when the group last looked: its next heartbeat does. Kafka: `hasMetadataExpired`. */
  metadataStale: boolean;
  /** In which epoch each member was when it was told to give partitions up. */
  readonly revokingSince: Map<MemberId, MemberEpoch>;
}

export function answer({ host }: Coordination, request: CoordinatorRequest, reply: GroupReply): void {
  host.send({ to: "client", client: request.client, reply });
}

/** Answers when nothing is being written any more: the reply speaks of a state that could otherwise be taken back. */
export function answerWhenWritten(
  on: Coordination,
  request: CoordinatorRequest,
  reply: GroupReply | (() => GroupReply),
): void {
  on.writes.whenSettled((error) => {
    if (error !== "NONE") refuse(on, request, error);
    else answer(on, request, typeof reply === "function" ? reply() : reply);
  });
}

export function refuse(on: Coordination, request: CoordinatorRequest, error: ErrorCode): void {
  answer(on, request, errorReply(request, error));
}
