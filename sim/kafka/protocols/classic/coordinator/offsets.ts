import { MINUTE } from "../../../../engine/time.ts";
import type { TopicName } from "../../../../names.ts";
import type { ErrorCode, GroupReply, OffsetCommit, OffsetFetch } from "../../../messages.ts";
import type { CommittedOffset, OffsetsRecord } from "../../coordination/committed-offsets.ts";
import { commitReply } from "../../coordination/replies.ts";
import type { Coordination } from "./coordination.ts";
import { answer, answerWhenWritten, renewSession } from "./coordination.ts";
import { identityError } from "./join.ts";
import { creationRefused, forget } from "./rebalance.ts";

/** From this version on a commit to a group that does not exist is told just that. */
const KNOWS_GROUP_ID_NOT_FOUND = 9;

/**
 * Stores offsets if the sender is of the current generation; nobody asks whether it owns the partitions. Kafka:
 * `OffsetMetadataManager.commitOffset`.
 */
export function handleCommit(on: Coordination, request: OffsetCommit): void {
  const { group, offsets, options } = on;
  const error = commitError(on, request);
  if (error !== "NONE") {
    answer(on, request, commitReply(request, error));
    return;
  }
  const isNewGroup = group.state === "Absent";
  if (isNewGroup) group.move("created"); // a simple group: it only stores offsets
  const member = group.member(request.member);
  if (member) renewSession(on, member);
  offsets.commit(request, {
    failed(reason) {
      if (isNewGroup && options.flavour === "java") creationRefused(on, reason, request);
    },
  });
}

/** Stores what a commit says without a word to anybody; returns what the log is to keep, if it is accepted. */
export function commitUnseen(on: Coordination, request: OffsetCommit): OffsetsRecord | undefined {
  return commitError(on, request) === "NONE" ? on.offsets.commitUnseen(request) : undefined;
}

/** Kafka: `ClassicGroup.validateOffsetCommit`. */
function commitError({ group, options }: Coordination, request: OffsetCommit): ErrorCode {
  const { generation, member, instance, version } = request;
  if (group.state === "Absent") {
    if (generation < 0) return "NONE";
    const isTold = options.flavour === "java" && (version ?? KNOWS_GROUP_ID_NOT_FOUND) >= KNOWS_GROUP_ID_NOT_FOUND;
    return isTold ? "GROUP_ID_NOT_FOUND" : "ILLEGAL_GENERATION";
  }
  if (group.state === "Empty" && generation < 0) return "NONE";
  if (generation < 0 && member === "" && instance === undefined) return "UNKNOWN_MEMBER_ID";
  const identity = identityError(group, member, instance);
  if (identity !== "NONE") return identity;
  if (generation !== group.generation) return "ILLEGAL_GENERATION";
  // Its work in this generation has not begun, so this is work of the last one, which may be somebody else's now.
  return group.state === "CompletingRebalance" ? "REBALANCE_IN_PROGRESS" : "NONE";
}

/** What is committed when all that was being written is. Offsets nobody committed are left out of the reply. */
export function handleFetch(on: Coordination, request: OffsetFetch): void {
  const { id, partitions } = request;
  const reply = (error: ErrorCode): GroupReply => ({
    api: "OffsetFetch",
    id,
    error,
    offsets: error === "NONE" ? on.offsets.of(partitions) : {},
  });
  on.offsets.whenAheadIsWritten(partitions, (error) => {
    if (error === "NONE") answerWhenWritten(on, request, reply);
    else answer(on, request, reply(error));
  });
}

/**
 * Drops offsets that are too old, and an Empty group that has none left: its next generation will be 1. The brokers
 * look for such every `offsets.retention.check.interval.ms`. Kafka: `cleanupExpiredOffsets`.
 */
export function expireOffsets(on: Coordination): void {
  const { group, offsets } = on;
  if (group.state === "Absent") return;
  const isExpired = expiry(on);
  if (!isExpired) return;
  const mayBeRemoved = group.state === "Empty" && on.writes.settled; // else a commit may be on its way
  const subscribed = subscribedTopics(on);
  offsets.expire(isExpired, (topic) => subscribed.has(topic));
  if (mayBeRemoved && offsets.isEmpty) {
    group.move("removed");
    forget(on);
    on.writes.append({ type: "tombstone" });
  }
}

/**
 * Since when an offset ages depends on the group; in the midst of a rebalance none does. Kafka:
 * `OffsetExpirationConditionImpl`, `GroupMetadata.removeExpiredOffsets`.
 */
function expiry({ group, host, options }: Coordination): ((offset: CommittedOffset) => boolean) | undefined {
  const retention = options.config["offsets.retention.minutes"] * MINUTE;
  const now = host.now();
  if (group.protocolType === undefined) return ({ at }) => now - at >= retention;
  if (group.state === "Empty") return () => now - group.since >= retention;
  if (options.offsetExpiry === "abandoned") return undefined;
  // Of other protocols it cannot tell who subscribes to what.
  const knowsTopics = group.protocolType === "consumer" && group.state === "Stable";
  return knowsTopics ? ({ at }) => now - at >= retention : undefined;
}

function subscribedTopics({ group }: Coordination): ReadonlySet<TopicName> {
  const topics = new Set<TopicName>();
  for (const { protocols } of group.members()) {
    const chosen = protocols.find(({ name }) => name === group.protocolName);
    for (const topic of chosen?.metadata.topics ?? []) topics.add(topic);
  }
  return topics;
}
