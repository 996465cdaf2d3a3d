import { MINUTE } from "../../../../engine/time.ts";
import type { TopicName } from "../../../../names.ts";
import type { ErrorCode, OffsetCommit, OffsetFetch, Offsets } from "../../../messages.ts";
import type { OffsetsRecord } from "../../coordination/committed-offsets.ts";
import type { Coordination } from "./coordination.ts";
import { answerWhenWritten, refuse } from "./coordination.ts";
import type { ConsumerGroupMember } from "./member.ts";

/** From this version on a commit to a group that does not exist is told just that, and members of this protocol may commit. */
const KNOWS_MEMBER_EPOCHS = 9;

/** What is taken of a commit, and what is answered. */
interface Verdict {
  readonly error: ErrorCode;
  readonly accepted: Offsets;
}

/**
 * Stores offsets if the sender is in its epoch, in whatever state group and member are; nobody asks whether it owns the
 * partitions. Kafka: `ConsumerGroup.validateOffsetCommit`.
 */
export function handleCommit(on: Coordination, request: OffsetCommit): void {
  const { offsets, journal } = on;
  const { error, accepted } = judge(on, request);
  if (Object.keys(accepted).length === 0 && error !== "NONE") return refuse(on, request, error);
  const isNew = journal.state === "Absent";
  if (isNew) journal.create("created"); // a simple group: it only stores offsets
  offsets.commit(request, {
    accepted,
    error,
    failed() {
      if (isNew && offsets.isEmpty) journal.clear("creation-failed");
    },
  });
}

/** Stores what a commit says without a word to anybody; returns what the log is to keep, if it is accepted as a whole. */
export function commitUnseen(on: Coordination, request: OffsetCommit): OffsetsRecord | undefined {
  return judge(on, request).error === "NONE" ? on.offsets.commitUnseen(request) : undefined;
}

function judge(on: Coordination, request: OffsetCommit): Verdict {
  const { group, journal, traits } = on;
  const { generation, offsets, version = KNOWS_MEMBER_EPOCHS } = request;
  const refused = (error: ErrorCode): Verdict => ({ error, accepted: {} });
  const accepted: Verdict = { error: "NONE", accepted: offsets };
  if (group.size === 0 && generation < 0) return accepted; // by hand, or by a consumer that is in no group
  if (journal.state === "Absent") {
    return refused(version >= KNOWS_MEMBER_EPOCHS ? "GROUP_ID_NOT_FOUND" : "ILLEGAL_GENERATION");
  }
  const member = group.member(request.member);
  if (!member) return refused("UNKNOWN_MEMBER_ID");
  if (version < KNOWS_MEMBER_EPOCHS) return refused("UNSUPPORTED_VERSION");
  if (generation === member.epoch) return accepted;
  if (generation > member.epoch || !traits.takesOlderCommits) return refused("STALE_MEMBER_EPOCH");
  const own = ownSince(member, offsets, generation);
  return own.all ? accepted : { error: "STALE_MEMBER_EPOCH", accepted: own.offsets };
}

/** Those of partitions that a member has had since that epoch, or before it. */
function ownSince(
  { assigned, pending }: ConsumerGroupMember,
  offsets: Offsets,
  epoch: number,
): { readonly all: boolean; readonly offsets: Offsets } {
  let all = true;
  const own: Record<TopicName, Record<number, number>> = {};
  for (const [topic, partitions] of Object.entries(offsets)) {
    for (const [partition, offset] of Object.entries(partitions)) {
      const number = Number(partition);
      const since = assigned.get(topic)?.get(number) ?? pending.get(topic)?.get(number);
      if (since !== undefined && since <= epoch) (own[topic] ??= {})[number] = offset;
      else all = false;
    }
  }
  return { all, offsets: own };
}

/** What is committed when all that was being written is. Kafka: `ConsumerGroup.validateOffsetFetch`. */
export function handleFetch(on: Coordination, request: OffsetFetch): void {
  const error = fetchError(on, request);
  if (error !== "NONE") return refuse(on, request, error);
  const { id, partitions } = request;
  on.offsets.whenAheadIsWritten(partitions, (unwritten) => {
    if (unwritten !== "NONE") return refuse(on, request, unwritten);
    answerWhenWritten(on, request, () => ({
      api: "OffsetFetch",
      id,
      error: "NONE",
      offsets: on.offsets.of(partitions),
    }));
  });
}

function fetchError({ group }: Coordination, { member: id, epoch }: OffsetFetch): ErrorCode {
  if (!group.exists || (id === undefined && epoch === undefined)) return "NONE";
  const member = id === undefined ? undefined : group.member(id);
  if (!member) return "UNKNOWN_MEMBER_ID";
  return epoch === member.epoch ? "NONE" : "STALE_MEMBER_EPOCH";
}

/**
 * Drops offsets that are too old, counted from their commit whatever the group does, but for topics that somebody subscribes
 * to; and a group that has neither members nor offsets left. Kafka: `cleanupExpiredOffsets`, `ConsumerGroup.offsetExpirationCondition`.
 */
export function expireOffsets(on: Coordination): void {
  const { group, offsets, host, options, journal, writes } = on;
  if (journal.state === "Absent") return;
  const retention = options.config["offsets.retention.minutes"] * MINUTE;
  const now = host.now();
  const mayBeRemoved = group.size === 0 && writes.settled; // else a commit may be on its way
  offsets.expire(
    ({ at }) => now - at >= retention,
    (topic) => group.subscribes(topic),
  );
  if (!mayBeRemoved || !offsets.isEmpty) return;
  group.clear();
  journal.clear("removed");
  writes.append({ type: "tombstone" });
}
