/**
 * What clients and coordinators say to each other: one union of requests, one of replies.
 *
 * Names of APIs, fields and errors are Kafka's own. Durations are whole microseconds. A reply carries the `id` of the
 * request it answers. Messages are values: nobody changes one after it was sent.
 */
import type { Duration } from "../engine/time.ts";
import type {
  BrokerId,
  ClientId,
  Generation,
  GroupId,
  InstanceId,
  MemberEpoch,
  MemberId,
  Partitions,
  TopicName,
} from "../names.ts";

/** Kafka's error names, as far as group coordination uses them; `DISCONNECTED` and `TIMED_OUT` are the client's own. */
export type ErrorCode =
  | "NONE"
  | "COORDINATOR_LOAD_IN_PROGRESS"
  | "COORDINATOR_NOT_AVAILABLE"
  | "NOT_COORDINATOR"
  | "ILLEGAL_GENERATION"
  | "INCONSISTENT_GROUP_PROTOCOL"
  | "INVALID_GROUP_ID"
  | "INVALID_SESSION_TIMEOUT"
  | "UNKNOWN_MEMBER_ID"
  | "REBALANCE_IN_PROGRESS"
  | "MEMBER_ID_REQUIRED"
  | "FENCED_INSTANCE_ID"
  | "GROUP_MAX_SIZE_REACHED"
  | "GROUP_ID_NOT_FOUND"
  | "FENCED_MEMBER_EPOCH"
  | "STALE_MEMBER_EPOCH"
  | "UNRELEASED_INSTANCE_ID"
  | "UNSUPPORTED_ASSIGNOR"
  | "UNSUPPORTED_VERSION"
  | "INVALID_REQUEST"
  | "UNKNOWN_SERVER_ERROR"
  /** Kafka's exceptions NoOffsetForPartition and OffsetOutOfRange: no reset policy says where to read. */
  | "NO_OFFSET_FOR_PARTITION"
  | "OFFSET_OUT_OF_RANGE"
  /** What a group leader's assignor throws, Kafka's IllegalStateException for instance. */
  | "ASSIGNOR_FAILED"
  /** ConsumerRebalanceFailedException of a consumer of the ZooKeeper era. */
  | "REBALANCE_FAILED"
  | "DISCONNECTED"
  | "TIMED_OUT";

/** The consumer's part of a JoinGroup: Kafka's `ConsumerProtocolSubscription`. Two are equal if every field is. */
export interface Subscription {
  /** Sorted by code unit. */
  readonly topics: readonly TopicName[];
  readonly owned: Partitions;
  /** The generation `owned` belongs to; −1 for none. Part of the bytes since 3.4. */
  readonly generation: Generation;
  readonly rack?: string;
  /** What an assignor adds of its own (`sticky`: its last assignment); opaque to the coordinator. */
  readonly userData?: string;
}

/** One assignor a member supports, in its order of preference. */
export interface Protocol {
  readonly name: string;
  readonly metadata: Subscription;
}

interface Request {
  /** Unique for each client; the reply carries it back. */
  readonly id: number;
  readonly client: ClientId;
  readonly group: GroupId;
}

/** Who claims to be a member: `member` is "" while it has no id. */
interface Identity {
  readonly member: MemberId;
  readonly instance?: InstanceId;
}

export interface FindCoordinator extends Request {
  readonly api: "FindCoordinator";
}

export interface JoinGroup extends Request, Identity {
  readonly api: "JoinGroup";
  /** Request version; 4 and later know MEMBER_ID_REQUIRED, 9 and later `skipAssignment`. */
  readonly version: number;
  readonly sessionTimeout: Duration;
  readonly rebalanceTimeout: Duration;
  readonly protocolType: string;
  readonly protocols: readonly Protocol[];
}

export interface SyncGroup extends Request, Identity {
  readonly api: "SyncGroup";
  readonly generation: Generation;
  readonly protocolType?: string;
  readonly protocolName?: string;
  /** The leader's computation, by member id; empty from followers. */
  readonly assignments: Readonly<Record<MemberId, Partitions>>;
}

export interface Heartbeat extends Request, Identity {
  readonly api: "Heartbeat";
  readonly generation: Generation;
}

export interface LeaveGroup extends Request {
  readonly api: "LeaveGroup";
  readonly members: readonly Identity[];
}

/**
 * All that a member of the consumer protocol (KIP-848) says to its coordinator: that it lives, joins or leaves, what it
 * subscribes to and what it owns. A field that is absent says "as in my last heartbeat"; no `owned` is not an empty one.
 */
export interface ConsumerGroupHeartbeat extends Request, Identity {
  readonly api: "ConsumerGroupHeartbeat";
  /** Request version; from 1 on (4.0) the client makes its own member id. */
  readonly version: number;
  readonly epoch: MemberEpoch;
  readonly rebalanceTimeout?: Duration;
  /** Kafka: `SubscribedTopicNames`. Sorted by code unit. */
  readonly topics?: readonly TopicName[];
  /** Kafka: `ServerAssignor`. */
  readonly assignor?: string;
  readonly rack?: string;
  /** Kafka: `TopicPartitions`. */
  readonly owned?: Partitions;
}

/** Offsets by topic and partition number. */
export type Offsets = Readonly<Record<TopicName, Readonly<Record<number, number>>>>;

export interface OffsetCommit extends Request, Identity {
  readonly api: "OffsetCommit";
  /** Request version; 9 and later (the default) know GROUP_ID_NOT_FOUND. */
  readonly version?: number;
  /** Of a member of the consumer protocol its epoch. Kafka: `GenerationIdOrMemberEpoch`. */
  readonly generation: Generation;
  readonly offsets: Offsets;
  /** One of those that are sent at a regular beat. They have numbers of their own, and nobody else waits for them. */
  readonly regular?: true;
  /** The coordinator has these offsets already, or later ones (`ClientOptions.takesAtOnce`): what is left to do is to answer. */
  readonly stored?: true;
  /** Of what its application is about to process: nobody is to begin before these offsets once the coordinator has taken them. */
  readonly ahead?: true;
}

export interface OffsetFetch extends Request {
  readonly api: "OffsetFetch";
  readonly partitions: Partitions;
  /** Who asks, of the consumer protocol; absent: anybody may. */
  readonly member?: MemberId;
  readonly epoch?: MemberEpoch;
}

/** Which offset of a log is asked for: where it ends, where it begins, or the first that is not older than this. */
export type OffsetQuery = "latest" | "earliest" | { readonly ago: Duration };

/** Asked of the partitions' leaders, not of the coordinator. One request stands for those to all of them. */
export interface ListOffsets extends Request {
  readonly api: "ListOffsets";
  readonly partitions: Partitions;
  readonly query: OffsetQuery;
}

export type GroupRequest =
  | FindCoordinator
  | JoinGroup
  | SyncGroup
  | Heartbeat
  | LeaveGroup
  | ConsumerGroupHeartbeat
  | OffsetCommit
  | OffsetFetch
  | ListOffsets;

/** Kafka's name of a request. */
export type Api = GroupRequest["api"];

/** Whether this says above all that a member lives. Heartbeats are numbered by themselves. */
export const isHeartbeat = (api: Api): boolean => api === "Heartbeat" || api === "ConsumerGroupHeartbeat";

interface Reply {
  readonly id: number;
  readonly error: ErrorCode;
}

export interface FindCoordinatorReply extends Reply {
  readonly api: "FindCoordinator";
  readonly broker?: BrokerId;
}

export interface JoinGroupReply extends Reply {
  readonly api: "JoinGroup";
  readonly generation: Generation;
  readonly protocolName?: string;
  readonly leader: MemberId;
  readonly member: MemberId;
  readonly skipAssignment: boolean;
  /** All members with their metadata of the selected protocol: to the group leader only, empty to the others. */
  readonly members: readonly {
    readonly id: MemberId;
    readonly instance?: InstanceId;
    readonly metadata: Subscription;
  }[];
}

export interface SyncGroupReply extends Reply {
  readonly api: "SyncGroup";
  /** `undefined` stands for empty bytes: the leader's computation had no entry for this member. */
  readonly assignment?: Partitions;
}

export interface HeartbeatReply extends Reply {
  readonly api: "Heartbeat";
}

export interface LeaveGroupReply extends Reply {
  readonly api: "LeaveGroup";
  readonly members: readonly { readonly member: MemberId; readonly instance?: InstanceId; readonly error: ErrorCode }[];
}

export interface ConsumerGroupHeartbeatReply extends Reply {
  readonly api: "ConsumerGroupHeartbeat";
  readonly member: MemberId;
  readonly epoch: MemberEpoch;
  /** The time to the member's next heartbeat, which the brokers decide; 0 with an error. */
  readonly heartbeatInterval: Duration;
  /** What the member may use from now on; absent: nothing new. */
  readonly assignment?: Partitions;
}

export interface OffsetCommitReply extends Reply {
  readonly api: "OffsetCommit";
  readonly regular?: true;
}

export interface OffsetFetchReply extends Reply {
  readonly api: "OffsetFetch";
  readonly offsets: Offsets;
}

export interface ListOffsetsReply extends Reply {
  readonly api: "ListOffsets";
  readonly offsets: Offsets;
}

export type GroupReply =
  | FindCoordinatorReply
  | JoinGroupReply
  | SyncGroupReply
  | HeartbeatReply
  | LeaveGroupReply
  | ConsumerGroupHeartbeatReply
  | OffsetCommitReply
  | OffsetFetchReply
  | ListOffsetsReply;

/** A request some coordinator of a group answers; FindCoordinator any broker does, ListOffsets the leaders do. */
export type CoordinatorRequest = Exclude<GroupRequest, FindCoordinator | ListOffsets>;
