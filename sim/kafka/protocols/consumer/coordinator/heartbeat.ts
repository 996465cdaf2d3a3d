import type { ClientId, MemberEpoch, MemberId, Partitions } from "../../../../names.ts";
import type { ConsumerGroupHeartbeat, ConsumerGroupHeartbeatReply } from "../../../messages.ts";
import type { ConsumerGroupReason } from "../group-states.ts";
import type { Coordination } from "./coordination.ts";
import { answer, answerWhenWritten, heartbeatIntervalOf, refuse } from "./coordination.ts";
import type { NextEpoch } from "./epochs.ts";
import { nextEpoch, sameTopics } from "./epochs.ts";
import type { ConsumerGroupChange } from "./group.ts";
import { partitionsOf, samePartitions } from "./holdings.ts";
import type { ConsumerGroupMember } from "./member.ts";
import { hearing, isAsFar } from "./member.ts";
import { reconcile } from "./reconciliation.ts";
import { handleDeparture } from "./removal.ts";
import { requestError } from "./request-checks.ts";
import type { Seat } from "./seats.ts";
import { seatOf } from "./seats.ts";
import type { Target } from "./target.ts";
import { changesIn, computeTarget, mayCompute } from "./target.ts";
import { awaitRevocation, endRevocation, renewSession } from "./timers.ts";

/** All that members of the consumer protocol ever send. Kafka: `GroupMetadataManager.consumerGroupHeartbeat`. */
export function handleHeartbeat(on: Coordination, request: ConsumerGroupHeartbeat): void {
  const error = requestError(on, request);
  if (error !== "NONE") return refuse(on, request, error);
  if (request.epoch < 0) return handleDeparture(on, request);
  const seat = seatOf(on, request);
  if (typeof seat === "string") return refuse(on, request, seat);
  hear(on, request, seat);
}

/** What comes of a heartbeat. */
interface Heard {
  readonly seat: Seat;
  /** The member as it was, or whose seat it has taken; nothing if it is new. */
  readonly before: ConsumerGroupMember | undefined;
  readonly next: NextEpoch;
  /** The target, if it was computed. */
  readonly target: Target | undefined;
  /** The member from now on. */
  readonly after: ConsumerGroupMember;
}

/**
 * A member says that it lives, and what it wants and owns. The group's epoch is raised if that changes who is to have what,
 * the target computed if it is out of date, and this member, alone, taken one step nearer to it.
 */
function hear(on: Coordination, request: ConsumerGroupHeartbeat, seat: Seat): void {
  const { group, traits } = on;
  const replaced = seat.kind === "returned" ? seat.replaced : undefined;
  const before = seat.kind === "known" ? seat.member : replaced;
  const said = hearing(seat.member, request);
  const next = nextEpoch(on, before, said);

  let target: Target | undefined;
  if (next.epoch > group.targetEpoch && mayCompute(on)) {
    target = computeTarget(on, { topics: next.topics, heard: said, replaced });
    if (!target) return refuse(on, request, "UNKNOWN_SERVER_ERROR"); // and nothing has happened
  }
  const after = reconcile(
    said,
    {
      epoch: target ? next.epoch : group.targetEpoch,
      target: target ? targetIn(target, said) : group.targetOf(before?.id ?? said.id),
      owned: request.owned,
      subscriptionChanged: said.topics !== before?.topics,
      ownerOf: (topic, partition) => group.ownerOf(topic, partition),
    },
    traits,
  );
  const heard = { seat, before, next, target, after };
  const changes = changesOf(on, heard);
  const refusal = changes.length > 0 ? on.journal.refusal : undefined;
  if (!refusal || before) renewSession(on, after);
  if (refusal) return refuse(on, request, refusal);
  on.metadataStale = false;
  tell(on, request, heard);
  if (after !== said) {
    if (after.state === "UNREVOKED_PARTITIONS") awaitRevocation(on, after);
    else endRevocation(on, after.id);
  }

  const reply = replyTo(on, request, seat.member, after);
  if (changes.length === 0) return answerWhenWritten(on, request, reply);
  on.journal.change(changes, reasonOf(heard), who(after), {
    committed: () => answer(on, request, reply),
    failed: (error) => refuse(on, request, error),
  });
}

const who = ({ id, client }: ConsumerGroupMember): { readonly member: MemberId; readonly client: ClientId } => ({
  member: id,
  client,
});

const targetIn = ({ assignment }: Target, { id }: ConsumerGroupMember): Partitions => assignment.get(id) ?? {};

function changesOf({ group, host }: Coordination, { seat, before, next, target, after }: Heard): ConsumerGroupChange[] {
  const changes: ConsumerGroupChange[] = [];
  if (seat.kind === "returned") {
    const { id } = seat.replaced;
    changes.push({ what: "removed", id }, { what: "target", id: after.id, target: group.targetOf(id) });
  }
  if (next.epoch !== group.epoch) changes.push({ what: "epoch", epoch: next.epoch });
  if (!sameTopics(next.topics, group.topics)) changes.push({ what: "topics", topics: next.topics });
  if (target) changes.push({ what: "targets", epoch: next.epoch, at: host.now(), targets: target.assignment });
  if (after !== before) changes.push({ what: "member", member: after });
  return changes;
}

function reasonOf({ seat, before, next, target, after }: Heard): ConsumerGroupReason {
  if (next.reason) return next.reason;
  if (seat.kind === "returned") return "member-returned";
  if (target) return "target-computed";
  return before && isAsFar(before, after) ? "member-updated" : "reconciled";
}

function tell(on: Coordination, { client, epoch }: ConsumerGroupHeartbeat, heard: Heard): void {
  const { host, journal } = on;
  const { seat, before, next, target, after } = heard;
  const about = { group: on.id, ...who(after) };
  const instance = after.instance === undefined ? {} : { instance: after.instance };
  const changed = seatChange(seat, before, after, epoch);
  if (changed) host.record({ type: "group.member", ...about, ...instance, ...changed });
  if (next.reason) host.record({ type: "group.epoch", ...about, generation: next.epoch, reason: next.reason });
  if (target) {
    const { assignor, members, partitions } = target;
    host.record({
      type: "group.assignment",
      group: on.id,
      client,
      assignor,
      generation: next.epoch,
      members,
      partitions,
      took: 0,
      ...changesIn(on, target, { heard: after, replaced: seat.kind === "returned" ? seat.replaced : undefined }),
    });
  }
  journal.tellReconciled(seat.member, after);
}

function seatChange(
  { kind }: Seat,
  before: ConsumerGroupMember | undefined,
  after: ConsumerGroupMember,
  epoch: MemberEpoch,
): { readonly change: "added" | "replaced" | "updated" | "rejoined"; readonly reason: string } | undefined {
  if (kind === "new") return { change: "added", reason: "member-joined" };
  if (kind === "returned") return { change: "replaced", reason: "member-returned" };
  if (before!.topics !== after.topics) return { change: "updated", reason: "subscription-changed" };
  return epoch === 0 ? { change: "rejoined", reason: "same-subscription" } : undefined;
}

/**
 * The member hears of its assignment when that has changed, or when it has said all of itself: it does so when it joins, and
 * after every failure.
 */
function replyTo(
  { options }: Coordination,
  { id, epoch, rebalanceTimeout, topics, owned }: ConsumerGroupHeartbeat,
  before: ConsumerGroupMember,
  after: ConsumerGroupMember,
): ConsumerGroupHeartbeatReply {
  const saidAll = epoch === 0 || (rebalanceTimeout !== undefined && topics !== undefined && owned !== undefined);
  const isTold = saidAll || !samePartitions(before.assigned, after.assigned);
  return {
    api: "ConsumerGroupHeartbeat",
    id,
    error: "NONE",
    member: after.id,
    epoch: after.epoch,
    heartbeatInterval: heartbeatIntervalOf(options),
    ...(isTold && { assignment: partitionsOf(after.assigned) }),
  };
}
