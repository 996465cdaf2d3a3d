import type { ClientId, GroupId, MemberId, Partitions } from "../../../../names.ts";
import type { ErrorCode } from "../../../messages.ts";
import { replyToAppendError } from "../../coordination/append-error.ts";
import type { PendingWrites, WriteOutcome } from "../../coordination/pending-writes.ts";
import type { CoordinatorHost } from "../../group-coordinator.ts";
import type { GroupRecord } from "../../group-log.ts";
import type { ConsumerGroupReason, ConsumerGroupState } from "../group-states.ts";
import type { ConsumerGroup, ConsumerGroupChange } from "./group.ts";
import { together, without } from "./holdings.ts";
import type { ConsumerGroupMember } from "./member.ts";
import { isAsFar } from "./member.ts";

/** Whose request or silence did something. */
interface Who {
  readonly member: MemberId;
  readonly client: ClientId;
}

/**
 * Where every change of a group goes through: it is made at once and written to the log. The trace is told of states and of
 * members that come nearer to their targets here, so that no change can go unrecorded. Kafka: `CoordinatorRuntime`.
 */
export class Journal {
  readonly #group: ConsumerGroup;
  readonly #id: GroupId;
  readonly #host: CoordinatorHost;
  readonly #writes: PendingWrites<GroupRecord>;
  #state: ConsumerGroupState = "Absent";
  #isDead = false;
  /** Nobody was ever a member, but offsets are stored under its name. */
  #isSimple = false;

  constructor(id: GroupId, group: ConsumerGroup, host: CoordinatorHost, writes: PendingWrites<GroupRecord>) {
    this.#id = id;
    this.#group = group;
    this.#host = host;
    this.#writes = writes;
  }

  get state(): ConsumerGroupState {
    if (this.#isDead) return "Dead";
    const { state } = this.#group;
    return state === "Absent" && this.#isSimple ? "Empty" : state;
  }

  /**
   * What clients are told while the log takes nothing. Nobody may change anything then: in Kafka it would be made at once,
   * and taken back in the same instant.
   */
  get refusal(): ErrorCode | undefined {
    const refusal = this.#host.refusal();
    return refusal && replyToAppendError(refusal);
  }

  /** Makes changes and writes them down as one record. */
  change(
    changes: readonly ConsumerGroupChange[],
    reason: ConsumerGroupReason,
    who: Who,
    outcome: Pick<WriteOutcome, "committed" | "failed"> = {},
  ): void {
    for (const change of changes) this.#group.apply(change);
    this.tellState(reason, who);
    this.#writes.append({ type: "consumer-group", changes }, outcome);
  }

  /** Offsets are stored under the group's name, and nothing else is known of it. */
  create(reason: "created" | "loaded-empty"): void {
    this.#isSimple = true;
    this.tellState(reason);
  }

  /** It is nothing any more. */
  clear(reason: "removed" | "creation-failed"): void {
    this.#isSimple = false;
    this.tellState(reason);
  }

  die(): void {
    this.#isDead = true;
    this.tellState("unloaded");
  }

  /** Writes down what the group has become. */
  tellState(reason: ConsumerGroupReason, who?: Who): void {
    const from = this.#state;
    const to = this.state;
    if (from === to) return;
    this.#state = to;
    this.#host.record({
      type: "group.state",
      group: this.#id,
      from,
      to,
      reason,
      generation: this.#group.epoch,
      ...who,
    });
  }

  /** A member is as far as this now; before, it was there or not at all. */
  tellReconciled(before: ConsumerGroupMember, after: ConsumerGroupMember): void {
    if (isAsFar(before, after)) return;
    const { id, client, state, epoch, assigned, pending } = after;
    this.#host.record({
      type: "group.reconciled",
      group: this.#id,
      member: id,
      client,
      state,
      generation: epoch,
      granted: without(assigned, before.assigned),
      revoking: without(pending, before.pending),
      released: heldNoMore(before, after),
    });
  }
}

/** What a member had, and has no more. */
function heldNoMore(before: ConsumerGroupMember, after: ConsumerGroupMember): Partitions {
  return without(together(before.assigned, before.pending), together(after.assigned, after.pending));
}
