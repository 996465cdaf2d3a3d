import { fromMs } from "../../../../engine/time.ts";
import type { InstanceId, MemberId } from "../../../../names.ts";
import type { ErrorCode, JoinGroup } from "../../../messages.ts";
import { joinRefused } from "../../coordination/replies.ts";
import type { Coordination } from "./coordination.ts";
import { answer, beginSession, parkJoin, removeMember, removePending } from "./coordination.ts";
import type { ClassicGroup, ClassicGroupMember } from "./group.ts";
import {
  creationRefused,
  emptyGroupRecord,
  prepareOrCompleteJoin,
  prepareRebalance,
  tryCompleteJoin,
} from "./rebalance.ts";
import { joined } from "./replies.ts";
import { sameProtocols } from "./same-protocols.ts";
import { replaceStaticMember } from "./static-members.ts";

/** How long the JoinGroup of a new member may stay parked. Kafka: `CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS`. */
const NEW_MEMBER_JOIN_TIMEOUT = fromMs(300_000);

/** From this version on a new member is first given an id and must come back with it (KIP-394). */
const KNOWS_MEMBER_ID_REQUIRED = 4;

/** Kafka: `classicGroupJoinToClassicGroup`. */
export function handleJoin(on: Coordination, request: JoinGroup): void {
  const { group, options } = on;
  const { sessionTimeout, member } = request;
  if (
    sessionTimeout < fromMs(options.config["group.min.session.timeout.ms"]) ||
    sessionTimeout > fromMs(options.config["group.max.session.timeout.ms"])
  ) {
    refuse(on, request, "INVALID_SESSION_TIMEOUT");
    return;
  }
  const isNewGroup = group.state === "Absent";
  if (isNewGroup && member !== "") {
    refuse(on, request, "UNKNOWN_MEMBER_ID");
    return;
  }
  if (isNewGroup) group.move("created");

  if (hasRoomFor(on, member)) join(on, request);
  else refuseForSize(on, request);

  if (isNewGroup && options.flavour === "java") {
    on.writes.append(emptyGroupRecord(on), { failed: (error) => creationRefused(on, error, request) });
  }
}

/** Kafka: `acceptJoiningMember`. Looks at the member id alone, so a restarting static member counts as one more. */
function hasRoomFor({ group, options }: Coordination, member: MemberId): boolean {
  const most = options.config["group.max.size"];
  switch (group.state) {
    case "PreparingRebalance": // counts those who are here again: the last ones of too many find no seat
      return group.parkedJoins.has(member) || group.parkedJoins.size < most;
    case "CompletingRebalance":
    case "Stable":
      return group.member(member) !== undefined || group.size < most;
    default:
      return true;
  }
}

function refuseForSize(on: Coordination, request: JoinGroup): void {
  const { group } = on;
  const member = group.member(request.member);
  if (member) removeMember(on, member, "max-size");
  else if (group.pendingJoin.has(request.member)) removePending(on, request.member, "max-size");
  answer(on, request, joinRefused(request, "GROUP_MAX_SIZE_REACHED", ""));
  // The Java coordinator does not notice that this may have been the last one it waited for.
  if (on.options.flavour === "scala") tryCompleteJoin(on);
}

function join(on: Coordination, request: JoinGroup): void {
  const { group } = on;
  const { member: id, instance, client } = request;
  if (!group.accepts(request.protocolType, request.protocols)) {
    refuse(on, request, "INCONSISTENT_GROUP_PROTOCOL");
    return;
  }
  if (id !== "") {
    joinWithId(on, request);
  } else if (instance !== undefined) {
    const old = group.memberOfInstance(instance);
    const newId = freshId(on, instance);
    if (old === undefined) addMember(on, request, newId);
    else replaceStaticMember(on, request, group.member(old)!, newId);
  } else if (request.version < KNOWS_MEMBER_ID_REQUIRED) {
    addMember(on, request, freshId(on, client));
  } else {
    const newId = freshId(on, client);
    group.addPending(newId, client);
    on.host.after(request.sessionTimeout, "session", newId);
    answer(on, request, joinRefused(request, "MEMBER_ID_REQUIRED", newId));
  }
}

/** Kafka: `classicGroupJoinExistingMember`. */
function joinWithId(on: Coordination, request: JoinGroup): void {
  const { group } = on;
  const { member: id, instance } = request;
  if (group.pendingJoin.has(id)) {
    // Only dynamic members are given an id in advance.
    if (instance === undefined) addMember(on, request, id);
    else refuse(on, request, "UNKNOWN_SERVER_ERROR");
    return;
  }
  const error = identityError(group, id, instance);
  if (error !== "NONE") {
    refuse(on, request, error);
    return;
  }
  const member = group.member(id)!;
  const changed = !sameProtocols(member.protocols, request.protocols);
  switch (group.state) {
    case "PreparingRebalance":
      rejoin(on, request, member, changed);
      tryCompleteJoin(on);
      break;
    case "Stable":
    case "CompletingRebalance": {
      const leadsStable = group.state === "Stable" && group.leader === id;
      if (leadsStable || changed) {
        rejoin(on, request, member, changed);
        const reason = leadsStable ? "leader-rejoin" : "metadata-changed";
        prepareRebalance(on, reason, { member: id, client: member.client });
      } else {
        // Probably it never got the reply, so it is told again what was decided. Its session goes on as it was.
        answer(on, request, joined(group, request, id));
      }
      break;
    }
    default:
      throw new Error(`a group in state ${group.state} has no members`);
  }
}

function rejoin(on: Coordination, request: JoinGroup, member: ClassicGroupMember, changed: boolean): void {
  on.group.recordRejoin(member, changed);
  on.group.update(member, request);
  parkJoin(on, member, request);
}

/** Kafka: `addMemberThenRebalanceOrCompleteJoin`. */
function addMember(on: Coordination, request: JoinGroup, id: MemberId): void {
  const { group, options } = on;
  const { client, instance } = request;
  const duringInitialDelay =
    group.state === "PreparingRebalance" &&
    (options.flavour === "java" ? group.initialWindow !== undefined : group.generation === 0);
  if (duringInitialDelay) group.newMemberAdded = true;
  const member: ClassicGroupMember = {
    id,
    ...(instance !== undefined && { instance }),
    client,
    protocolType: request.protocolType,
    protocols: request.protocols,
    sessionTimeout: request.sessionTimeout,
    rebalanceTimeout: request.rebalanceTimeout,
    session: NEW_MEMBER_JOIN_TIMEOUT,
    isNew: true,
  };
  group.add(member, instance === undefined ? "dynamic" : "static");
  parkJoin(on, member, request);
  // It cannot heartbeat before it knows its generation, so its session does not count yet.
  beginSession(on, member, NEW_MEMBER_JOIN_TIMEOUT);
  prepareOrCompleteJoin(on, group.state === "Empty" ? "first-member" : "new-member", { member: id, client });
}

/** Whether this is who it claims to be. Kafka: `ClassicGroup.validateMember`. */
export function identityError(group: ClassicGroup, id: MemberId, instance: InstanceId | undefined): ErrorCode {
  if (instance !== undefined) {
    const mapped = group.memberOfInstance(instance);
    if (mapped === undefined) return "UNKNOWN_MEMBER_ID";
    if (mapped !== id) return "FENCED_INSTANCE_ID";
  }
  return group.member(id) ? "NONE" : "UNKNOWN_MEMBER_ID";
}

function freshId({ group, options }: Coordination, name: string): MemberId {
  for (;;) {
    const id = options.ids.next(name);
    if (!group.member(id) && !group.pendingJoin.has(id)) return id;
  }
}

function refuse(on: Coordination, request: JoinGroup, error: ErrorCode): void {
  answer(on, request, joinRefused(request, error, request.member));
}
