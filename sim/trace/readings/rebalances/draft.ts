import type { Instant } from "../../../engine/time.ts";
import type { ClientId, Generation, GroupId, MemberId } from "../../../names.ts";
import type { EventId } from "../../event.ts";
import type { Cause } from "../causes.ts";
import type { Attempt, GroupProtocol, Rebalance } from "./rebalance.ts";
import { unreadArea } from "./unread-area.ts";

type Draft = { -readonly [K in keyof Rebalance]: Rebalance[K] } & { attempts: Attempt[] };

/** What begins a rebalance. */
export interface Beginning {
  readonly t: Instant;
  readonly event: EventId;
  readonly protocol: GroupProtocol;
  readonly cause: Cause;
  readonly reason: string;
  readonly member?: MemberId;
  readonly client?: ClientId;
  /** Until now. */
  readonly generation: Generation;
  readonly members: number;
}

/** The rebalances of one group, one after the other. */
export class GroupRebalances {
  readonly #group: GroupId;
  readonly #tell: (rebalance: Rebalance) => void;
  readonly unread = unreadArea();
  #ordinal = 0;
  /** Under way, or at rest but not everything is read again. */
  #draft: Draft | null = null;
  #settled = false;
  /** When a partition was last read again while it was under way. */
  #lastRead: Instant | null = null;

  constructor(group: GroupId, tell: (rebalance: Rebalance) => void) {
    this.#group = group;
    this.#tell = tell;
  }

  /** The one that is under way. */
  get underWay(): Draft | null {
    return this.#settled ? null : this.#draft;
  }

  begin({ t, event, protocol, cause, reason, member, client, generation, members }: Beginning): Draft {
    this.#finish(t);
    this.#settled = false;
    this.#lastRead = null;
    return (this.#draft = {
      group: this.#group,
      ordinal: ++this.#ordinal,
      protocol,
      cause,
      reason,
      member: member ?? null,
      client: client ?? null,
      others: [],
      event,
      ended: null,
      from: t,
      joined: null,
      assigned: null,
      to: t,
      resumed: null,
      outcome: "unfinished",
      attempts: [],
      generationBefore: generation,
      generationAfter: generation,
      membersBefore: members,
      membersAfter: 0,
      waitedFor: null,
      partitionSecondsUnread: 0,
    });
  }

  /** The one under way has come to rest in this state. */
  settle(t: Instant, state: string, event: EventId, members: number): void {
    const draft = this.underWay;
    if (!draft) return;
    draft.to = t;
    draft.ended = event;
    draft.outcome = state === "Stable" ? "stable" : state === "Empty" ? "empty" : "gone";
    draft.membersAfter = members;
    this.#settled = true;
    const allRead = state === "Stable" && this.unread.count() === 0;
    // Members of the consumer protocol that only have to learn the next epoch read on, and need not hear of it in a hurry.
    if (allRead) draft.resumed = (draft.protocol === "consumer" ? this.#lastRead : null) ?? t;
    if (allRead || state !== "Stable") this.#finish(t); // otherwise the last partition to be read again ends it
  }

  /** A partition is read again. */
  resumed(t: Instant): void {
    if (!this.#draft) return;
    if (!this.#settled) {
      this.#lastRead = t;
      return;
    }
    this.#draft.resumed = t;
    if (this.unread.count() === 0) this.#finish(t);
  }

  end(t: Instant, members: number): void {
    const draft = this.underWay;
    if (draft) {
      draft.to = t;
      draft.membersAfter = members;
    }
    this.#finish(t);
  }

  #finish(t: Instant): void {
    const draft = this.#draft;
    if (!draft) return;
    if (draft.assigned !== null && draft.assigned > draft.to) draft.assigned = null; // it was still computing
    this.#tell({ ...draft, partitionSecondsUnread: this.unread.since(draft.cause.at, t) });
    this.unread.cut(t);
    this.#draft = null;
  }
}
