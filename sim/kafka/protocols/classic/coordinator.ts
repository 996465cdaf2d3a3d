import type { Duration } from "../../../engine/time.ts";
import type { Generation, GroupId, MemberId } from "../../../names.ts";
import type { CoordinatorRequest, OffsetCommit, Offsets } from "../../messages.ts";
import type { OffsetsRecord } from "../coordination/committed-offsets.ts";
import { GroupOffsets } from "../coordination/group-offsets.ts";
import { MemberIds } from "../coordination/member-ids.ts";
import { PendingWrites } from "../coordination/pending-writes.ts";
import { errorReply } from "../coordination/replies.ts";
import type { CoordinatorHost, GroupCoordinator, GroupTimer, MemberView } from "../group-coordinator.ts";
import type { GroupImage, GroupRecord } from "../group-log.ts";
import type { ClassicOptions, Coordination } from "./coordinator/coordination.ts";
import { answer, answerParkedSync, refuseParkedJoin, renewSession } from "./coordinator/coordination.ts";
import { ClassicGroup } from "./coordinator/group.ts";
import { handleJoin } from "./coordinator/join.ts";
import { handleLeave } from "./coordinator/leave.ts";
import { commitUnseen, expireOffsets, handleCommit, handleFetch } from "./coordinator/offsets.ts";
import { joinTimeOver, prepareRebalance } from "./coordinator/rebalance.ts";
import { handleHeartbeat, sessionOver } from "./coordinator/sessions.ts";
import { handleSync, syncTimeOver } from "./coordinator/sync.ts";
import type { ClassicGroupState } from "./group-states.ts";

export type { ClassicOptions } from "./coordinator/coordination.ts";
export { offsetExpiryOf } from "./coordinator/coordination.ts";

/** Offsets may be stored under the empty name, membership needs a real one. Kafka: `GroupCoordinator.isValidGroupId`. */
const NEEDS_GROUP_ID: readonly string[] = ["JoinGroup", "SyncGroup", "Heartbeat", "LeaveGroup"];

/** What anybody may know of a member. */
interface ClassicMemberView extends MemberView {
  readonly awaitsJoin: boolean;
  readonly awaitsSync: boolean;
}

/**
 * The coordinator of one classic group on one broker: it takes requests, timers' ends and the log's answers, and
 * answers through its host. The parts are in `coordinator/`, one for each request; the group itself is `ClassicGroup`.
 *
 * Kafka: `GroupMetadataManager` (the Java coordinator, default from 4.0) and `GroupCoordinator` (Scala, before).
 */
export class ClassicGroupCoordinator implements GroupCoordinator {
  readonly writes: PendingWrites<GroupRecord>;
  readonly offsets: GroupOffsets;
  readonly #group: ClassicGroup;
  readonly #on: Coordination;

  constructor(group: GroupId, options: ClassicOptions, host: CoordinatorHost) {
    this.#group = new ClassicGroup(
      group,
      () => host.now(),
      (happening) => host.record(happening),
    );
    this.writes = new PendingWrites(
      (record, append) => host.send({ to: "log", record, append }),
      () => host.now(),
    );
    this.offsets = new GroupOffsets(host, this.writes, options.gone);
    this.#on = {
      group: this.#group,
      host,
      options: { ...options, ids: options.ids ?? new MemberIds() },
      writes: this.writes,
      offsets: this.offsets,
    };
  }

  /**
   * The coordinator a broker makes when it has read the group's log: the group as it was last persisted, every
   * session fresh. What was only in its predecessor's memory is gone: join phases, parked requests, pending ids.
   */
  static load(
    group: GroupId,
    options: ClassicOptions,
    host: CoordinatorHost,
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

  get members(): readonly ClassicMemberView[] {
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

  get committed(): Offsets {
    return this.offsets.all;
  }

  isAtRest(generation: Generation): boolean {
    return this.state === "Stable" && this.generation === generation;
  }

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
      case "ConsumerGroupHeartbeat": // of another protocol than this group's
        return answer(this.#on, request, errorReply(request, "GROUP_ID_NOT_FOUND"));
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

  commitUnseen(request: OffsetCommit): OffsetsRecord | undefined {
    return commitUnseen(this.#on, request);
  }

  expireOffsets(): void {
    expireOffsets(this.#on);
  }

  /** Its members find out by themselves, the group leader first. */
  topicChanged(): boolean {
    return false;
  }

  unload(): void {
    const { host } = this.#on;
    const group = this.#group;
    group.move("unloaded");
    for (const id of group.pendingJoin.keys()) host.cancel("session", id);
    host.cancel("join", group.id);
    host.cancel("sync", group.id);
    this.writes.abandon();
    this.offsets.abandon();
    for (const member of group.members()) {
      host.cancel("session", member.id);
      refuseParkedJoin(this.#on, member.id, "NOT_COORDINATOR", member.id);
      answerParkedSync(this.#on, member, "NOT_COORDINATOR");
    }
  }

  #restore({ group: record, offsets }: GroupImage): void {
    const group = this.#group;
    this.offsets.restore(offsets);
    if (record?.type === "consumer-group") throw new Error(`${group.id} is a classic group`);
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
