import type { Duration } from "../../../engine/time.ts";
import type { Generation, GroupId, MemberEpoch, MemberId, Partitions, TopicName } from "../../../names.ts";
import type { CoordinatorRequest, OffsetCommit, Offsets } from "../../messages.ts";
import type { OffsetsRecord } from "../coordination/committed-offsets.ts";
import { GroupOffsets } from "../coordination/group-offsets.ts";
import { MemberIds } from "../coordination/member-ids.ts";
import { PendingWrites } from "../coordination/pending-writes.ts";
import type { CoordinatorHost, GroupCoordinator, GroupTimer, MemberView } from "../group-coordinator.ts";
import type { GroupImage, GroupRecord } from "../group-log.ts";
import type { ConsumerOptions, Coordination } from "./coordinator/coordination.ts";
import { answer, refuse, sessionTimeoutOf } from "./coordinator/coordination.ts";
import { revocationOver, sessionOver } from "./coordinator/expiry.ts";
import { ConsumerGroup } from "./coordinator/group.ts";
import { handleHeartbeat } from "./coordinator/heartbeat.ts";
import { partitionsOf } from "./coordinator/holdings.ts";
import { Journal } from "./coordinator/journal.ts";
import type { MemberState } from "./coordinator/member.ts";
import { commitUnseen, expireOffsets, handleCommit, handleFetch } from "./coordinator/offsets.ts";
import { ServerAssignors } from "./coordinator/server-assignors.ts";
import { awaitRevocation, cancelTimers, renewSession } from "./coordinator/timers.ts";
import { consumerTraitsOf } from "./coordinator/traits.ts";
import type { ConsumerGroupState } from "./group-states.ts";

export type { ConsumerOptions } from "./coordinator/coordination.ts";

/** What anybody may know of a member. */
export interface ConsumerMemberView extends MemberView {
  readonly epoch: MemberEpoch;
  readonly state: MemberState;
  /** What it subscribes to. */
  readonly topics: readonly TopicName[];
  /** What it may use. */
  readonly assignment: Partitions;
  /** What it was told to give up. */
  readonly pending: Partitions;
  /** What it is to have. */
  readonly target: Partitions;
}

/**
 * The coordinator of one group of the consumer protocol (KIP-848) on one broker: it takes requests, timers' ends and the
 * log's answers, and answers through its host. The parts are in `coordinator/`; the group itself is `ConsumerGroup`.
 *
 * There is no join phase, no group leader and no barrier: each member has an epoch of its own, and is taken nearer to its
 * target at its own heartbeats. All is in the log but timers. Kafka: `GroupMetadataManager`.
 */
export class ConsumerGroupCoordinator implements GroupCoordinator {
  readonly group: GroupId;
  readonly writes: PendingWrites<GroupRecord>;
  readonly offsets: GroupOffsets;
  readonly #on: Coordination;

  private constructor(id: GroupId, group: ConsumerGroup, options: ConsumerOptions, host: CoordinatorHost) {
    const traits = consumerTraitsOf(options.brokerVersion);
    this.group = id;
    this.writes = new PendingWrites(
      (record, append) => host.send({ to: "log", record, append }),
      () => host.now(),
    );
    this.offsets = new GroupOffsets(host, this.writes, options.gone);
    this.#on = {
      id,
      group,
      host,
      options,
      ids: options.ids ?? new MemberIds(),
      traits,
      assignors: new ServerAssignors(options.config["group.consumer.assignors"], traits),
      writes: this.writes,
      offsets: this.offsets,
      journal: new Journal(id, group, host, this.writes),
      metadataStale: true,
      revokingSince: new Map(),
    };
  }

  /**
   * The coordinator a broker makes when it has read the group's log: all is as it was, but every session is fresh, and so
   * is the time of whoever was giving partitions up. Kafka: `GroupMetadataManager.onLoaded`.
   */
  static load(
    id: GroupId,
    options: ConsumerOptions,
    host: CoordinatorHost,
    image: GroupImage | undefined,
  ): ConsumerGroupCoordinator {
    const record = image?.group;
    if (record && record.type !== "consumer-group") throw new Error(`${id} is a group of the consumer protocol`);
    const coordinator = new ConsumerGroupCoordinator(id, record?.copy() ?? new ConsumerGroup(), options, host);
    if (image) coordinator.#resume(image);
    return coordinator;
  }

  get state(): ConsumerGroupState {
    return this.#on.journal.state;
  }

  get generation(): Generation {
    return this.#on.group.epoch;
  }

  /** The epoch of the target assignment. */
  get targetEpoch(): Generation {
    return this.#on.group.targetEpoch;
  }

  get members(): readonly ConsumerMemberView[] {
    const { group } = this.#on;
    return Array.from(group.members(), ({ id, instance, client, epoch, state, topics, assigned, pending }) => ({
      id,
      ...(instance !== undefined && { instance }),
      client,
      epoch,
      state,
      topics,
      assignment: partitionsOf(assigned),
      pending: partitionsOf(pending),
      target: group.targetOf(id),
    }));
  }

  get committed(): Offsets {
    return this.offsets.all;
  }

  isAtRest(generation: MemberEpoch): boolean {
    return this.state === "Stable" && this.generation === generation && !this.#on.metadataStale;
  }

  sessionTimeoutOf(member: MemberId): Duration | undefined {
    return this.#on.group.member(member) && sessionTimeoutOf(this.#on.options);
  }

  handle(request: CoordinatorRequest): void {
    const on = this.#on;
    if (this.state === "Dead") return refuse(on, request, "COORDINATOR_NOT_AVAILABLE");
    switch (request.api) {
      case "ConsumerGroupHeartbeat":
        return handleHeartbeat(on, request);
      case "OffsetCommit":
        return handleCommit(on, request);
      case "OffsetFetch":
        return handleFetch(on, request);
      // The classic protocol's; nobody here speaks it.
      case "JoinGroup":
        return refuse(on, request, "INCONSISTENT_GROUP_PROTOCOL");
      case "SyncGroup":
      case "Heartbeat":
        return refuse(on, request, "UNKNOWN_MEMBER_ID");
      case "LeaveGroup": {
        const members = request.members.map((identity) => ({ ...identity, error: "UNKNOWN_MEMBER_ID" as const }));
        return answer(on, request, { api: "LeaveGroup", id: request.id, error: "NONE", members });
      }
    }
  }

  fire(timer: GroupTimer, subject: string): void {
    if (timer === "session") sessionOver(this.#on, subject);
    else if (timer === "rebalance") revocationOver(this.#on, subject);
  }

  commitUnseen(request: OffsetCommit): OffsetsRecord | undefined {
    return commitUnseen(this.#on, request);
  }

  topicChanged(topic: TopicName): boolean {
    if (!this.#on.group.subscribes(topic)) return false;
    this.#on.metadataStale = true;
    return true;
  }

  expireOffsets(): void {
    expireOffsets(this.#on);
  }

  unload(): void {
    const { group, journal } = this.#on;
    journal.die();
    for (const member of group.members()) cancelTimers(this.#on, member);
    this.writes.abandon();
    this.offsets.abandon();
  }

  #resume({ offsets }: GroupImage): void {
    const { group, host, journal } = this.#on;
    this.offsets.restore(offsets);
    for (const member of group.members()) {
      const { id, client, instance, state } = member;
      host.record({
        type: "group.member",
        group: this.group,
        member: id,
        client,
        ...(instance !== undefined && { instance }),
        change: "restored",
        reason: "loaded",
      });
      renewSession(this.#on, member);
      if (state === "UNREVOKED_PARTITIONS") awaitRevocation(this.#on, member);
    }
    if (group.size > 0) journal.tellState("loaded");
    else if (group.exists) journal.tellState("loaded-empty");
    else if (offsets.size > 0) journal.create("loaded-empty");
  }
}
