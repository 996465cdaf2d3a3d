import type { AWAY, MemberEpoch, MemberId, Partitions } from "../../../../names.ts";
import type { Client } from "../../client/client.ts";
import { record } from "../../client/client.ts";
import { next } from "../../machine.ts";
import { isEmpty, without } from "../../partitions.ts";
import type { LEAVE } from "../member-epochs.ts";
import { JOIN } from "../member-epochs.ts";
import type { ConsumerMemberReason, ConsumerMemberState } from "../member-states.ts";
import { CONSUMER_MEMBER } from "../member-states.ts";

/**
 * An assignment as it was received. Two that were received at different times are not the same, even if they are equal:
 * each is acknowledged. Kafka: `LocalAssignment`, whose local epoch tells them apart.
 */
export interface LocalAssignment {
  readonly partitions: Partitions;
}

/**
 * Who a consumer is to its group, as far as it knows: state, epoch, id, what it is to own and what it has come to own.
 * Kafka: the fields of `AbstractMembershipManager`.
 */
export class Membership {
  readonly #on: Pick<Client, "host" | "options">;
  #state: ConsumerMemberState = "UNSUBSCRIBED";
  #epoch: MemberEpoch = JOIN;
  #member: MemberId;
  #target: LocalAssignment | undefined;
  #current: LocalAssignment | undefined;

  /** `member`: the id, if it makes that itself; "" until the coordinator has given it one. */
  constructor(on: Pick<Client, "host" | "options">, member: MemberId) {
    this.#on = on;
    this.#member = member;
  }

  get state(): ConsumerMemberState {
    return this.#state;
  }

  /** The member's epoch. */
  get generation(): MemberEpoch {
    return this.#epoch;
  }

  get member(): MemberId {
    return this.#member;
  }

  /** What the coordinator wants it to have; `undefined`: it has not said. */
  get target(): LocalAssignment | undefined {
    return this.#target;
  }

  /** The last one that was reconciled. */
  get current(): LocalAssignment | undefined {
    return this.#current;
  }

  /** The coordinator takes what it says for that of a member. */
  get inGroup(): boolean {
    return this.#epoch > 0;
  }

  /** A heartbeat was answered NONE. */
  heard(epoch: MemberEpoch, member: MemberId): void {
    this.#epoch = epoch;
    this.#member = member;
  }

  /** An assignment came with it. Kafka: `processAssignmentReceived`. */
  aim(partitions: Partitions): void {
    if (!this.#target || !areEqual(this.#target.partitions, partitions)) this.#target = { partitions };
    if (this.#target !== this.#current && this.#state !== "RECONCILING") this.move("assignment-received");
  }

  /** It has come to own what it was told to; its next heartbeat says so. */
  reconciled(target: LocalAssignment): void {
    this.#current = target;
    this.move("reconciled");
  }

  /** It owns nothing any more. Kafka: `clearAssignment`. */
  forgetAssignment(): void {
    this.#current = this.#target = undefined;
  }

  /** It is not, or no longer, what its epoch said: it joins anew, or leaves. */
  restart(epoch: typeof JOIN | typeof LEAVE | typeof AWAY): void {
    this.#epoch = epoch;
  }

  /** The only line that changes the state, so no change goes unrecorded. */
  move(reason: ConsumerMemberReason, detail: string = reason): void {
    const from = this.#state;
    this.#state = next(CONSUMER_MEMBER, from, reason);
    record(this.#on, "client.state", {
      from,
      to: this.#state,
      reason: detail,
      ...(this.#member ? { member: this.#member } : {}),
      generation: this.#epoch,
    });
  }
}

/** Whether these are the same partitions. */
export const areEqual = (a: Partitions, b: Partitions): boolean => isEmpty(without(a, b)) && isEmpty(without(b, a));
