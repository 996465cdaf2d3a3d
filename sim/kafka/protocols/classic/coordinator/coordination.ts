import type { Duration } from "../../../../engine/time.ts";
import type { MemberId, TopicName } from "../../../../names.ts";
import type { BrokerConfig } from "../../../config.ts";
import { compareReleases } from "../../../config.ts";
import type { CoordinatorRequest, ErrorCode, GroupReply, JoinGroup, SyncGroup } from "../../../messages.ts";
import type { GroupOffsets } from "../../coordination/group-offsets.ts";
import type { MemberIds } from "../../coordination/member-ids.ts";
import type { PendingWrites } from "../../coordination/pending-writes.ts";
import { joinRefused } from "../../coordination/replies.ts";
import type { CoordinatorHost } from "../../group-coordinator.ts";
import type { GroupRecord } from "../../group-log.ts";
import type { ClassicGroup, ClassicGroupMember } from "./group.ts";
import { syncAnswer } from "./replies.ts";

/** How the brokers are made and set up. */
export interface ClassicOptions {
  /** The coordinator up to Kafka 3.9 (`scala`) or from 4.0 on. */
  readonly flavour: "java" | "scala";
  /** Which committed offsets grow old. Default: `unsubscribed`. */
  readonly offsetExpiry?: OffsetExpiry;
  readonly config: Pick<
    BrokerConfig,
    | "group.initial.rebalance.delay.ms"
    | "group.min.session.timeout.ms"
    | "group.max.session.timeout.ms"
    | "group.max.size"
    | "offsets.retention.minutes"
    | "offsets.retention.check.interval.ms"
  >;
  /** Shared by all brokers of a cluster, so that no two memberships ever have the same id. */
  readonly ids?: MemberIds;
  /** Topics that have been deleted, as the brokers know. */
  readonly gone?: ReadonlySet<TopicName>;
}

/**
 * `abandoned`: those of groups without members (KIP-211). `unsubscribed`: of living groups of consumers also those of topics
 * that nobody subscribes to (from 2.4 on, KIP-496).
 */
export type OffsetExpiry = "abandoned" | "unsubscribed";

export const offsetExpiryOf = (release: string): OffsetExpiry =>
  compareReleases(release, "2.4") < 0 ? "abandoned" : "unsubscribed";

/** What the parts of one group's coordinator work with. */
export interface Coordination {
  readonly group: ClassicGroup;
  readonly host: CoordinatorHost;
  readonly options: ClassicOptions & { readonly ids: MemberIds };
  readonly writes: PendingWrites<GroupRecord>;
  readonly offsets: GroupOffsets;
}

export function answer({ host }: Coordination, request: CoordinatorRequest, reply: GroupReply): void {
  host.send({ to: "client", client: request.client, reply });
}

/** Answers when nothing is being written any more; the Scala coordinator does not wait. Kafka: `CoordinatorRuntime`. */
export function answerWhenWritten(
  on: Coordination,
  request: CoordinatorRequest,
  reply: (error: ErrorCode) => GroupReply,
): void {
  if (on.options.flavour === "scala") answer(on, request, reply("NONE"));
  else on.writes.whenSettled((error) => answer(on, request, reply(error)));
}

/** From now on this member has its whole session timeout to be heard of again. */
export function renewSession(on: Coordination, member: ClassicGroupMember): void {
  beginSession(on, member, member.sessionTimeout);
}

export function beginSession({ host }: Coordination, member: ClassicGroupMember, length: Duration): void {
  member.session = length;
  host.after(length, "session", member.id);
}

/** Keeps a JoinGroup until the join phase is over. One that is already kept is never answered, in Kafka either. */
export function parkJoin(on: Coordination, member: ClassicGroupMember, request: JoinGroup): void {
  const older = on.group.parkedJoins.get(member.id);
  if (older) recordDropped(on, older, "superseded");
  on.group.parkedJoins.delete(member.id); // goes to the end: the order is that of arrival
  on.group.parkedJoins.set(member.id, request);
}

export function parkSync(on: Coordination, member: ClassicGroupMember, request: SyncGroup): void {
  const older = on.group.parkedSyncs.get(member.id);
  if (older) recordDropped(on, older, "superseded");
  on.group.parkedSyncs.set(member.id, request);
}

/** Takes this member's parked JoinGroup, which the caller then answers. */
export function takeJoin({ group }: Coordination, id: MemberId): JoinGroup | undefined {
  const request = group.parkedJoins.get(id);
  group.parkedJoins.delete(id);
  return request;
}

/** Refuses this member's parked JoinGroup, if there is one. */
export function refuseParkedJoin(on: Coordination, id: MemberId, error: ErrorCode, told: MemberId): void {
  const request = takeJoin(on, id);
  if (request) answer(on, request, joinRefused(request, error, told));
}

/** Answers this member's parked SyncGroup, if there is one; tells whether there was. */
export function answerParkedSync(on: Coordination, member: ClassicGroupMember, error: ErrorCode): boolean {
  const request = on.group.parkedSyncs.get(member.id);
  if (!request) return false;
  on.group.parkedSyncs.delete(member.id);
  answer(on, request, syncAnswer(request, error, member.assignment));
  return true;
}

/**
 * Takes a member out of the group. Its parked JoinGroup is told so; a parked SyncGroup is never answered, in Kafka
 * either: a member that leaves does not wait for it.
 */
export function removeMember(on: Coordination, member: ClassicGroupMember, reason: string, silentFor?: Duration): void {
  on.host.cancel("session", member.id);
  refuseParkedJoin(on, member.id, "UNKNOWN_MEMBER_ID", "");
  const sync = on.group.parkedSyncs.get(member.id);
  if (sync) {
    on.group.parkedSyncs.delete(member.id);
    recordDropped(on, sync, "member-removed");
  }
  on.group.remove(member, reason, silentFor);
}

export function removePending(on: Coordination, id: MemberId, reason: string): void {
  on.host.cancel("session", id);
  on.group.removePending(id, reason);
}

/** Writes down that a request will never be answered. */
export function recordDropped(
  { host, group }: Coordination,
  { api, client, id }: JoinGroup | SyncGroup,
  reason: "superseded" | "member-removed" | "group-removed",
): void {
  host.record({ type: "request.dropped", group: group.id, client, api, request: id, reason });
}
