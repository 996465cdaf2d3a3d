import type { Instant } from "../../../engine/time.ts";
import type { ClientId } from "../../../names.ts";
import type { TraceEvent } from "../../event.ts";
import type { CauseKind } from "../causes.ts";

type MemberChange = Extract<TraceEvent, { type: "group.member" }>;

/** Causes that are one member's doing, so that several may do the same at once. */
const BY_MEMBERS: ReadonlySet<CauseKind> = new Set<CauseKind>([
  "join",
  "leave",
  "crash",
  "roll",
  "slow-batch",
  "slow-commit",
  "rejoin",
  "silence",
]);

/** The changes of one group's members in the last instant that had some. */
export class SameInstant {
  #t: Instant = -1;
  #changes: MemberChange[] = [];

  see(event: MemberChange): void {
    if (event.t !== this.#t) this.#changes = [];
    this.#t = event.t;
    this.#changes.push(event);
  }

  /**
   * Who came or went just as this client did, after it, in order, if that is what it did last: whoever came before it at that
   * instant has begun a rebalance of its own. Sessions of members that joined together end together. `kindOf`: what the cause of
   * a change is.
   */
  after(client: ClientId, kind: CauseKind, kindOf: (change: MemberChange) => CauseKind): ClientId[] {
    const own = BY_MEMBERS.has(kind) ? this.#changes.findLastIndex((one) => one.client === client) : -1;
    if (own < 0) return [];
    const { change, reason } = this.#changes[own];
    return this.#changes
      .slice(own + 1)
      .filter((one) => one.change === change && one.reason === reason && kindOf(one) === kind)
      .map((one) => one.client);
  }
}
