import type { Generation, MemberId } from "../../../../names.ts";
import { next } from "../../machine.ts";
import type { ClassicMemberReason, ClassicMemberState } from "../member-states.ts";
import { CLASSIC_MEMBER } from "../member-states.ts";
import type { Participation } from "./participation.ts";
import type { Identity } from "../../client/client.ts";
import { NO_GENERATION, record } from "../../client/client.ts";

const NO_MEMBER: MemberId = "";

/**
 * Who a consumer is to its group, as far as it knows: state, generation and id. Kafka: `AbstractCoordinator.Generation`
 * and `MemberState`.
 */
export class Membership {
  readonly #on: Pick<Participation, "host" | "options">;
  #state: ClassicMemberState = "UNJOINED";
  #generation: Generation = NO_GENERATION;
  #member: MemberId = NO_MEMBER;
  #protocolName: string | undefined;

  constructor(on: Pick<Participation, "host" | "options">) {
    this.#on = on;
  }

  get state(): ClassicMemberState {
    return this.#state;
  }

  get generation(): Generation {
    return this.#generation;
  }

  get member(): MemberId {
    return this.#member;
  }

  /** The assignor that the group has chosen. */
  get protocolName(): string | undefined {
    return this.#protocolName;
  }

  /** It has a place in a generation: its heartbeat thread is awake. Kafka: `!hasNotJoinedGroup`. */
  get joined(): boolean {
    return this.#state === "COMPLETING_REBALANCE" || this.#state === "STABLE";
  }

  get rebalancing(): boolean {
    return this.#state === "PREPARING_REBALANCE" || this.#state === "COMPLETING_REBALANCE";
  }

  /** It knows that the group has gone on without it: what it owns is lost, not given up. */
  get expelled(): boolean {
    return this.#generation === NO_GENERATION || this.#member === NO_MEMBER;
  }

  /** Nothing has changed since a request was sent. */
  unchangedSince({ generation, member }: Identity): boolean {
    return generation === this.#generation && member === this.#member;
  }

  /** MEMBER_ID_REQUIRED: an id, but no generation yet. */
  identify(member: MemberId): void {
    this.#member = member;
    this.#generation = NO_GENERATION;
  }

  /** JoinGroup is answered: the generation this member is in. */
  enter(generation: Generation, member: MemberId, protocolName: string | undefined): void {
    this.#generation = generation;
    this.#member = member;
    this.#protocolName = protocolName;
    this.move("join-answered");
  }

  /** Forgets the generation and, unless it is to be kept, the id. Kafka: `resetStateAndGeneration`. */
  forget(id: "keep-id" | "forget-id", reason: string): void {
    this.#generation = NO_GENERATION;
    this.#protocolName = undefined;
    if (id === "forget-id") this.#member = NO_MEMBER;
    if (this.#state !== "UNJOINED") this.move("reset", reason);
  }

  /** The only line that changes the state, so no change goes unrecorded. */
  move(reason: ClassicMemberReason, detail: string = reason): void {
    const from = this.#state;
    this.#state = next(CLASSIC_MEMBER, from, reason);
    record(this.#on, "client.state", {
      from,
      to: this.#state,
      reason: detail,
      ...(this.#member ? { member: this.#member } : {}),
      generation: this.#generation,
    });
  }
}
