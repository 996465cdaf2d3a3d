import { MINUTE } from "../../../../engine/time.ts";
import type { Partitions, TopicName } from "../../../../names.ts";
import type { ErrorCode, OffsetCommit, OffsetCommitReply, OffsetFetch, Offsets } from "../../../messages.ts";
import type { AppendError } from "./append-error.ts";
import { replyToAppendError } from "./append-error.ts";
import type { Coordination } from "./coordination.ts";
import { answer, answerWhenWritten, renewSession } from "./coordination.ts";
import { dropOffsets, storeOffsets } from "./group-record.ts";
import type { CommittedOffset, OffsetsRecord } from "./group-record.ts";
import { identityError } from "./join.ts";
import { creationRefused, forget } from "./rebalance.ts";

/** From this version on a commit to a group that does not exist is told just that. */
const KNOWS_GROUP_ID_NOT_FOUND = 9;

/**
 * Stores offsets if the sender is of the current generation; nobody asks whether it owns the partitions. Kafka:
 * `OffsetMetadataManager.commitOffset`.
 */
export function handleCommit(on: Coordination, request: OffsetCommit): void {
  const { group } = on;
  const error = commitError(on, request);
  if (error !== "NONE") {
    answer(on, request, commitReply(request, error));
    return;
  }
  const isNewGroup = group.state === "Absent";
  if (isNewGroup) group.move("created"); // a simple group: it only stores offsets
  const member = group.member(request.member);
  if (member) renewSession(on, member);
  const record: OffsetsRecord = { type: "offsets", at: on.host.now(), offsets: request.offsets };
  if (request.regular) return writeRegular(on, request, record);
  on.writes.append(record, {
    committed() {
      storeOffsets(on.offsets, record, on.options.gone);
      answer(on, request, commitReply(request, "NONE"));
    },
    late: () => storeOffsets(on.offsets, record, on.options.gone),
    failed(reason) {
      answer(on, request, commitReply(request, reason));
      if (isNewGroup && on.options.flavour === "java") creationRefused(on, reason, request);
    },
  });
}

/**
 * A regular commit is written beside all else: no other reply waits for it, as it would in Kafka for the length of an
 * append. So commits that nobody asks about need not be simulated one by one.
 */
function writeRegular({ regular, host }: Coordination, request: OffsetCommit, record: OffsetsRecord): void {
  regular.add(request);
  host.send({ to: "log", record, regular: request });
}

/** Stores what a commit says without a word to anybody; returns what the log is to keep, if it is accepted. */
export function commitUnseen(on: Coordination, request: OffsetCommit): OffsetsRecord | undefined {
  if (commitError(on, request) !== "NONE") return undefined;
  const record: OffsetsRecord = { type: "offsets", at: on.host.now(), offsets: request.offsets };
  storeOffsets(on.offsets, record, on.options.gone);
  return record;
}

/** The log has taken it. */
export function regularCommitted(on: Coordination, request: OffsetCommit, record: OffsetsRecord): void {
  storeOffsets(on.offsets, record, on.options.gone);
  if (on.regular.delete(request)) answer(on, request, commitReply(request, "NONE"));
}

/** The log has refused it, or takes too long: it may have it yet. */
export function regularFailed(on: Coordination, request: OffsetCommit, error: AppendError | ErrorCode): void {
  if (on.regular.delete(request)) answer(on, request, commitReply(request, replyToAppendError(error)));
}

/** The coordinator moves away: whoever waits is sent to look for it. */
export function abandonRegular(on: Coordination): void {
  for (const request of on.regular) answer(on, request, commitReply(request, "NOT_COORDINATOR"));
  on.regular.clear();
}

function commitReply({ id, regular }: OffsetCommit, error: ErrorCode): OffsetCommitReply {
  return { api: "OffsetCommit", id, error, ...(regular && { regular }) };
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
  answerWhenWritten(on, request, (error) => ({
    api: "OffsetFetch",
    id: request.id,
    error,
    offsets: error === "NONE" ? committed(on, request) : {},
  }));
}

function committed({ offsets }: Coordination, { partitions }: OffsetFetch): Offsets {
  const found: Record<TopicName, Record<number, number>> = {};
  for (const [topic, numbers] of Object.entries(partitions)) {
    const stored = offsets.get(topic);
    if (!stored) continue;
    const known = numbers.filter((number) => stored.has(number));
    if (known.length > 0) {
      found[topic] = Object.fromEntries(known.map((number) => [number, stored.get(number)!.offset]));
    }
  }
  return found;
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
  const expired: Record<TopicName, number[]> = {};
  for (const [topic, partitions] of offsets) {
    if (subscribed.has(topic)) continue;
    const old = [...partitions].filter(([, committed]) => isExpired(committed)).map(([partition]) => partition);
    if (old.length > 0) expired[topic] = old.sort((a, b) => a - b);
  }
  drop(on, expired);
  if (mayBeRemoved && offsets.size === 0) {
    group.move("removed");
    forget(on);
    on.writes.append({ type: "tombstone" });
  }
}

/** A topic was deleted: so is what was committed of it. Kafka: `OffsetMetadataManager.onPartitionsDeleted`. */
export function dropTopic(on: Coordination, topic: TopicName): void {
  const stored = on.offsets.get(topic);
  if (stored) drop(on, { [topic]: [...stored.keys()].sort((a, b) => a - b) });
}

function drop({ offsets, writes }: Coordination, partitions: Partitions): void {
  if (Object.keys(partitions).length === 0) return;
  const record = { type: "offsets-expired", partitions } as const;
  dropOffsets(offsets, record);
  writes.append(record);
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
