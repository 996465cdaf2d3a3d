import type { Duration, Instant } from "../../../engine/time.ts";
import type { Generation, GroupId, MemberId, Partitions, TopicName } from "../../../names.ts";
import type { CoordinatorRequest, ErrorCode, OffsetCommit, Offsets } from "../../messages.ts";
import type { Host } from "../host.ts";
import type { AppendError } from "./coordinator/append-error.ts";
import type { ClassicOptions, Coordination, CoordinatorOutput, GroupTimer } from "./coordinator/coordination.ts";
import { answer, answerParkedSync, MemberIds, refuseParkedJoin, renewSession } from "./coordinator/coordination.ts";
import { ClassicGroup } from "./coordinator/group.ts";
import type { CommittedOffsets, GroupImage, OffsetsRecord } from "./coordinator/group-record.ts";
import { storeOffsets } from "./coordinator/group-record.ts";
import { handleJoin } from "./coordinator/join.ts";
import { handleLeave } from "./coordinator/leave.ts";
import {
  abandonRegular,
  commitUnseen,
  dropTopic,
  expireOffsets,
  handleCommit,
  handleFetch,
  regularCommitted,
  regularFailed,
} from "./coordinator/offsets.ts";
import { PendingWrites } from "./coordinator/pending-writes.ts";
import { joinTimeOver, prepareRebalance } from "./coordinator/rebalance.ts";
import { errorReply } from "./coordinator/replies.ts";
import { handleHeartbeat, sessionOver } from "./coordinator/sessions.ts";
import { handleSync, syncTimeOver } from "./coordinator/sync.ts";
import type { ClassicGroupState } from "./group-states.ts";

export type { AppendError } from "./coordinator/append-error.ts";
export type { ClassicOptions, CoordinatorOutput, GroupTimer } from "./coordinator/coordination.ts";
export { MemberIds, offsetExpiryOf } from "./coordinator/coordination.ts";
export type { GroupImage, GroupRecord, OffsetsRecord } from "./coordinator/group-record.ts";
export { copyImage, emptyImage, replay } from "./coordinator/group-record.ts";

/** Offsets may be stored under the empty name, membership needs a real one. Kafka: `GroupCoordinator.isValidGroupId`. */
const NEEDS_GROUP_ID: readonly string[] = ["JoinGroup", "SyncGroup", "Heartbeat", "LeaveGroup"];

/** What anybody may know of a member. */
export interface MemberView {
  readonly id: MemberId;
  readonly instance?: string;
  readonly client: string;
  /** `undefined` while it has none. */
  readonly assignment?: Partitions;
  readonly awaitsJoin: boolean;
  readonly awaitsSync: boolean;
}

/**
 * The coordinator of one classic group on one broker: it takes requests, timers' ends and the log's answers, and
 * answers through its host. The parts are in `coordinator/`, one for each request; the group itself is `ClassicGroup`.
 *
 * Kafka: `GroupMetadataManager` (the Java coordinator, default from 4.0) and `GroupCoordinator` (Scala, before).
 */
export class ClassicGroupCoordinator {
  readonly #group: ClassicGroup;
  readonly #on: Coordination;
  readonly #offsets: CommittedOffsets = new Map();

  constructor(group: GroupId, options: ClassicOptions, host: Host<CoordinatorOutput, GroupTimer>) {
    this.#group = new ClassicGroup(
      group,
      () => host.now(),
      (happening) => host.record(happening),
    );
    this.#on = {
      group: this.#group,
      host,
      options: { ...options, ids: options.ids ?? new MemberIds() },
      writes: new PendingWrites(
        (record, append) => host.send({ to: "log", record, append }),
        () => host.now(),
      ),
      offsets: this.#offsets,
      regular: new Set(),
    };
  }

  /**
   * The coordinator a broker makes when it has read the group's log: the group as it was last persisted, every
   * session fresh. What was only in its predecessor's memory is gone: join phases, parked requests, pending ids.
   */
  static load(
    group: GroupId,
    options: ClassicOptions,
    host: Host<CoordinatorOutput, GroupTimer>,
    image: GroupImage | undefined,
  ): ClassicGroupCoordinator {
    const coordinator = new ClassicGroupCoordinator(group, options, host);
    if (image) coordinator.#restore(image);
    return coordinator;
  }

  get group(): GroupId {
    return this.#group.id;
  }

  get state(): ClassicGroupState {
    return this.#group.state;
  }

  get generation(): Generation {
    return this.#group.generation;
  }

  get leader(): MemberId | undefined {
    return this.#group.leader;
  }

  get protocolName(): string | undefined {
    return this.#group.protocolName;
  }

  /** Ids handed out to new members that have not joined with them yet. */
  get pendingMembers(): readonly MemberId[] {
    return [...this.#group.pendingJoin.keys()];
  }

  /** In the order in which they were added. */
  get members(): readonly MemberView[] {
    const { parkedJoins, parkedSyncs } = this.#group;
    return Array.from(this.#group.members(), ({ id, instance, client, assignment }) => ({
      id,
      instance,
      client,
      assignment,
      awaitsJoin: parkedJoins.has(id),
      awaitsSync: parkedSyncs.has(id),
    }));
  }

  /** What is committed, by topic and partition. */
  get committed(): Offsets {
    return Object.fromEntries(
      [...this.#offsets].map(([topic, partitions]) => [
        topic,
        Object.fromEntries([...partitions].map(([partition, { offset }]) => [partition, offset])),
      ]),
    );
  }

  /** How long this member may be silent; `undefined` if it is none. */
  sessionTimeoutOf(member: MemberId): Duration | undefined {
    return this.#group.member(member)?.sessionTimeout;
  }

  handle(request: CoordinatorRequest): void {
    if (this.#group.state === "Dead") {
      answer(this.#on, request, errorReply(request, "COORDINATOR_NOT_AVAILABLE"));
      return;
    }
    if (this.#group.id === "" && NEEDS_GROUP_ID.includes(request.api)) {
      answer(this.#on, request, errorReply(request, "INVALID_GROUP_ID"));
      return;
    }
    switch (request.api) {
      case "JoinGroup":
        return handleJoin(this.#on, request);
      case "SyncGroup":
        return handleSync(this.#on, request);
      case "Heartbeat":
        return handleHeartbeat(this.#on, request);
      case "LeaveGroup":
        return handleLeave(this.#on, request);
      case "OffsetCommit":
        return handleCommit(this.#on, request);
      case "OffsetFetch":
        return handleFetch(this.#on, request);
    }
  }

  fire(timer: GroupTimer, subject: string): void {
    switch (timer) {
      case "session":
        return sessionOver(this.#on, subject);
      case "join":
        return joinTimeOver(this.#on);
      case "sync":
        return syncTimeOver(this.#on);
    }
  }

  /** The log has this append, safe from the next crash. It tells so in the order in which the records were sent. */
  appended(append: number): void {
    this.#on.writes.committed(append);
  }

  /** The log refused this append, or did not take it in time (`REQUEST_TIMED_OUT`); it is not heard of again. */
  appendFailed(append: number, error: AppendError | ErrorCode): void {
    this.#on.writes.failed(append, error);
  }

  /** Whoever waits for the log since then or longer is told so; their appends may be committed yet. */
  overdue(since: Instant): void {
    this.#on.writes.overdue(since);
  }

  /** Takes a commit without a word to anybody; returns what the log is to keep of it, if it is accepted. */
  commitUnseen(request: OffsetCommit): OffsetsRecord | undefined {
    return commitUnseen(this.#on, request);
  }

  /** A regular commit that was worked out, not simulated, is in the log. */
  keepRegular(record: OffsetsRecord): void {
    storeOffsets(this.#offsets, record, this.#on.options.gone);
  }

  /** One is being written. */
  resumeRegular(request: OffsetCommit): void {
    this.#on.regular.add(request);
  }

  /** The log has this regular commit. */
  regularCommitted(request: OffsetCommit, record: OffsetsRecord): void {
    regularCommitted(this.#on, request, record);
  }

  /** The log refused it, or takes too long. */
  regularFailed(request: OffsetCommit, error: AppendError | ErrorCode): void {
    regularFailed(this.#on, request, error);
  }

  /** A topic was deleted: so is what was committed of it. */
  dropTopic(topic: TopicName): void {
    dropTopic(this.#on, topic);
  }

  /** The broker's regular look for offsets, and groups, that are too old to keep. */
  expireOffsets(): void {
    expireOffsets(this.#on);
  }

  /** Another broker coordinates from now on: whoever waits here is sent to look for it. Kafka: `onUnloaded`. */
  unload(): void {
    const { host } = this.#on;
    const group = this.#group;
    group.move("unloaded");
    for (const id of group.pendingJoin.keys()) host.cancel("session", id);
    host.cancel("join", group.id);
    host.cancel("sync", group.id);
    this.#on.writes.abandon();
    abandonRegular(this.#on);
    for (const member of group.members()) {
      host.cancel("session", member.id);
      refuseParkedJoin(this.#on, member.id, "NOT_COORDINATOR", member.id);
      answerParkedSync(this.#on, member, "NOT_COORDINATOR");
    }
  }

  #restore({ group: record, offsets }: GroupImage): void {
    const group = this.#group;
    for (const [topic, partitions] of offsets) this.#offsets.set(topic, new Map(partitions));
    if (!record) {
      if (offsets.size > 0) group.move("loaded-empty");
      return;
    }
    const { protocolType, protocolName, leader, since, generation, members } = record;
    group.protocolType = protocolType;
    group.protocolName = protocolName;
    for (const member of members) {
      group.restore({ ...member, protocolType: protocolType!, session: member.sessionTimeout, isNew: false });
    }
    group.resume(since, generation, leader);
    for (const member of group.members()) renewSession(this.#on, member);
    if (group.size > this.#on.options.config["group.max.size"]) prepareRebalance(this.#on, "over-capacity", undefined);
  }
}
