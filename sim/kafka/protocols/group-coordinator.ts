import type { Duration } from "../../engine/time.ts";
import type { ClientId, Generation, GroupId, InstanceId, MemberId, Partitions, TopicName } from "../../names.ts";
import type { CoordinatorRequest, GroupReply, OffsetCommit, Offsets } from "../messages.ts";
import type { AppendError } from "./coordination/append-error.ts";
import type { OffsetsRecord } from "./coordination/committed-offsets.ts";
import type { GroupOffsets } from "./coordination/group-offsets.ts";
import type { PendingWrites } from "./coordination/pending-writes.ts";
import type { GroupRecord } from "./group-log.ts";
import type { Host } from "./host.ts";

/**
 * A coordinator's timers. `session`: a member, or an id handed out, must be heard of; its subject is the member id.
 * `rebalance`: a member of the consumer protocol should have given up what it was told to; likewise. `join`: the join phase
 * of a classic group ends, or its initial delay. `sync`: every SyncGroup should have come. Theirs is the group id.
 */
export type GroupTimer = "session" | "rebalance" | "join" | "sync";

/** What a coordinator sends: replies to clients, and records to its log, which will answer `writes`. */
export type CoordinatorOutput =
  | { readonly to: "client"; readonly client: ClientId; readonly reply: GroupReply }
  | { readonly to: "log"; readonly record: GroupRecord; readonly append: number }
  /** A regular commit: its append takes its own time, and `offsets` is told when it is done. */
  | { readonly to: "log"; readonly record: OffsetsRecord; readonly regular: OffsetCommit };

/** All that a group's coordinator may do to the world. */
export interface CoordinatorHost extends Host<CoordinatorOutput, GroupTimer> {
  /** What the log answers to an append at present: nothing, or that it refuses it. */
  refusal(): AppendError | undefined;
}

/** What anybody may know of a member. */
export interface MemberView {
  readonly id: MemberId;
  readonly instance?: InstanceId;
  readonly client: ClientId;
  /** `undefined` while it has none. */
  readonly assignment?: Partitions;
}

/**
 * The coordinator of one group on one broker, of whichever protocol: it takes requests, timers' ends and the log's answers,
 * and answers through its host.
 */
export interface GroupCoordinator {
  readonly group: GroupId;
  /** The group's state by Kafka's name; `Stable` in every protocol while nothing is to be done. */
  readonly state: string;
  /** The group's generation, or epoch. */
  readonly generation: Generation;
  /** In the order in which they were added. */
  readonly members: readonly MemberView[];
  /** What is committed, by topic and partition. */
  readonly committed: Offsets;
  /** What the log is to tell: whether it has an append, in the order in which they were sent, and how long it takes. */
  readonly writes: Pick<PendingWrites<GroupRecord>, "committed" | "failed" | "overdue">;
  /** What becomes of commits that are written beside all else, or only worked out. */
  readonly offsets: Pick<GroupOffsets, "keep" | "resumeRegular" | "regularCommitted" | "regularFailed" | "dropTopic">;

  handle(request: CoordinatorRequest): void;
  fire(timer: GroupTimer, subject: string): void;
  /** Whether heartbeats of this generation, or epoch, change nothing, whichever member sends one. */
  isAtRest(generation: Generation): boolean;
  /** How long this member may be silent; `undefined` if it is none. */
  sessionTimeoutOf(member: MemberId): Duration | undefined;
  /** Takes a commit without a word to anybody; returns what the log is to keep of it, if it is accepted. */
  commitUnseen(request: OffsetCommit): OffsetsRecord | undefined;
  /** The broker's regular look for offsets, and groups, that are too old to keep. */
  expireOffsets(): void;
  /** The broker has heard that a topic was created, grew or was deleted. Returns whether its members' next heartbeats will tell. */
  topicChanged(topic: TopicName): boolean;
  /** Another broker coordinates from now on: whoever waits here is sent to look for it. Kafka: `onUnloaded`. */
  unload(): void;
}
