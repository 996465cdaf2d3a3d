import type { ErrorCode, SyncGroup } from "../../../messages.ts";
import type { Coordination } from "./coordination.ts";
import { answer, answerParkedSync, parkSync, removeMember, renewSession } from "./coordination.ts";
import type { ClassicGroup } from "./group.ts";
import { identityError } from "./join.ts";
import { assignmentRefused, groupRecord, prepareRebalance } from "./rebalance.ts";
import { syncAnswer } from "./replies.ts";

/** Kafka: `classicGroupSyncToClassicGroup`. */
export function handleSync(on: Coordination, request: SyncGroup): void {
  const { group } = on;
  const error = syncError(group, request);
  if (error !== "NONE") {
    answer(on, request, syncAnswer(request, error));
    return;
  }
  const member = group.member(request.member)!;
  group.pendingSync.delete(member.id);
  if (group.pendingSync.size === 0) on.host.cancel("sync", group.id);
  if (group.state === "Stable") {
    answer(on, request, syncAnswer(request, "NONE", member.assignment));
    if (on.options.flavour === "scala") renewSession(on, member);
    return;
  }
  parkSync(on, member, request);
  if (group.leader === member.id) persistAssignment(on, request);
}

/** Kafka: `validateSyncGroup`. */
function syncError(group: ClassicGroup, request: SyncGroup): ErrorCode {
  const { protocolType, protocolName } = request;
  if (group.state === "Absent" || group.state === "Empty") return "UNKNOWN_MEMBER_ID";
  const identity = identityError(group, request.member, request.instance);
  if (identity !== "NONE") return identity;
  if (request.generation !== group.generation) return "ILLEGAL_GENERATION";
  if (protocolType !== undefined && protocolType !== group.protocolType) return "INCONSISTENT_GROUP_PROTOCOL";
  if (protocolName !== undefined && protocolName !== group.protocolName) return "INCONSISTENT_GROUP_PROTOCOL";
  return group.state === "PreparingRebalance" ? "REBALANCE_IN_PROGRESS" : "NONE";
}

/** The group leader has computed. Once that is in the log, the group is Stable: the others' SyncGroups are not awaited. */
function persistAssignment(on: Coordination, { generation, member, client, assignments }: SyncGroup): void {
  const { group } = on;
  const leader = { member, client };
  const stillAwaited = (): boolean => group.state === "CompletingRebalance" && group.generation === generation;
  on.writes.append(groupRecord(on, assignments), {
    committed() {
      if (!stillAwaited()) return;
      group.move("assigned", leader);
      for (const member of group.members()) {
        member.assignment = assignments[member.id]; // none: Kafka sends empty bytes
        // Its session may have ended while it waited here, without effect.
        if (answerParkedSync(on, member, "NONE")) renewSession(on, member);
      }
    },
    failed(error) {
      if (stillAwaited()) assignmentRefused(on, error, leader);
    },
  });
}

/**
 * Whoever has not sent SyncGroup by now is out, although its heartbeats may have been answered all the while. Kafka:
 * `expirePendingSync`.
 */
export function syncTimeOver(on: Coordination): void {
  const { group } = on;
  const missing = [...group.pendingSync];
  const members = missing.flatMap((id) => group.member(id) ?? []);
  for (const member of members) removeMember(on, member, "sync-timeout");
  const [first] = members;
  prepareRebalance(on, "sync-timeout", first && { member: first.id, client: first.client });
}
