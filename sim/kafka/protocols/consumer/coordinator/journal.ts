import type { ClientId, GroupId, MemberId, Partitions } from "../../../../names.ts";
import type { ErrorCode } from "../../../messages.ts";
import type { PendingWrites } from "../../coordination/pending-writes.ts";
import type { CoordinatorHost } from "../../group-coordinator.ts";
import type { GroupRecord } from "../../group-log.ts";
import type { ConsumerGroupReason, ConsumerGroupState } from "../group-states.ts";
import type { ConsumerGroup, ConsumerGroupChange } from "./group.ts";
import { together, without } from "./holdings.ts";
import type { ConsumerMember } from "./member.ts";
import { isAsFar } from "./member.ts";

/** Whose request or silence did something. */
interface Who {
  readonly member: MemberId;
  readonly client: ClientId;
}

/** What is to be done when the log has answered. */
interface Outcome {
  committed?(): void;
  /** `error` is what clients are to be told; what was changed may be in the log yet. */
  failed?(error: ErrorCode): void;
  /** The log has refused it: all is as it was before. */
  takenBack?(): void;
}

/** Changes that were made and are not committed yet. */
interface Entry {
  /** What takes them back. */
  readonly inverse: readonly ConsumerGroupChange[];
}

/**
 * Where every change of a group goes through: it is made at once, written to the log, and taken back if that refuses it. The
 * trace is told of states and members here, so that no change can go unrecorded. Kafka: `CoordinatorRuntime`, with its
 * snapshots.
 */
export class Journal {
  readonly #group: ConsumerGroup;
  readonly #id: GroupId;
  readonly #host: CoordinatorHost;
  readonly #writes: PendingWrites<GroupRecord>;
  readonly #open: Entry[] = [];
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

  /** Makes changes and writes them down as one record. */
  change(changes: readonly ConsumerGroupChange[], reason: ConsumerGroupReason, who: Who, outcome: Outcome = {}): void {
    const inverses = changes.map((change) => this.#group.apply(change));
    const entry: Entry = { inverse: inverses.reverse().flat() };
    this.#open.push(entry);
    this.tellState(reason, who);
    this.#writes.append(
      { type: "consumer-group", changes },
      {
        committed: () => {
          this.#close(entry);
          outcome.committed?.();
        },
        late: () => this.#close(entry),
        failed: (error) => outcome.failed?.(error),
        refused: () => {
          this.#takeBack(entry);
          outcome.takenBack?.();
        },
      },
    );
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
    this.#open.length = 0;
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
  tellReconciled(before: ConsumerMember, after: ConsumerMember): void {
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

  #close(entry: Entry): void {
    const place = this.#open.indexOf(entry);
    if (place !== 0)
      throw new Error("the log commits what was written first, and nothing that hangs on what it refused");
    this.#open.shift();
  }

  /** This and what was changed since, which hangs on it; those writes are refused in their turn, or already are. */
  #takeBack(entry: Entry): void {
    const place = this.#open.indexOf(entry);
    if (place === -1) return;
    const epochBefore = this.#group.epoch;
    const membersBefore = new Map(Array.from(this.#group.members(), (member) => [member.id, member]));
    for (const { inverse } of this.#open.splice(place).reverse()) {
      for (const change of inverse) this.#group.apply(change);
    }
    this.#tellTakenBack(epochBefore, membersBefore);
  }

  #tellTakenBack(epochBefore: number, membersBefore: ReadonlyMap<MemberId, ConsumerMember>): void {
    const reason = "append-failed";
    const about = ({ id, client, instance }: ConsumerMember) =>
      ({
        type: "group.member",
        group: this.#id,
        member: id,
        client,
        ...(instance !== undefined && { instance }),
        reason,
      }) as const;
    for (const member of membersBefore.values()) {
      if (!this.#group.member(member.id)) this.#host.record({ ...about(member), change: "removed" });
    }
    for (const member of this.#group.members()) {
      const before = membersBefore.get(member.id);
      if (before) this.tellReconciled(before, member);
      else this.#host.record({ ...about(member), change: "restored" });
    }
    const { epoch } = this.#group;
    if (epoch !== epochBefore) {
      this.#host.record({ type: "group.epoch", group: this.#id, generation: epoch, reason });
    }
    this.tellState(reason);
  }
}

/** What a member had, and has no more. */
function heldNoMore(before: ConsumerMember, after: ConsumerMember): Partitions {
  return without(together(before.assigned, before.pending), together(after.assigned, after.pending));
}
