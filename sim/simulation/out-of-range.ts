import type { Instant } from "../engine/time.ts";
import type { OffsetQuery } from "../kafka/messages.ts";
import type { LossReason } from "../trace/event.ts";
import { Truncations } from "./truncations.ts";

/** How consumers find out that a position leads nowhere. */
export interface PositionLaws {
  /** What they do then, and where nothing is committed: `auto.offset.reset`. */
  readonly reset: OffsetQuery | "none";
  /**
   * Whether they ask each new leader if their positions are on its log, and go back to where that parted from it; those that do
   * not, before 2.3, find out by a fetch, and only if the log has not come that far again (KIP-320).
   */
  readonly validates: boolean;
  /** Whether they do so without a coordinator, too: those of the consumer protocol. */
  readonly byThemselves: boolean;
}

/** A partition, by its number in the flow and by its topic's place in the list of its group's topics. */
export interface PartitionPlace {
  readonly index: number;
  readonly place: number;
  readonly partition: number;
}

/** What it asks of the group's consumption. Offsets are the log's. */
export interface OutOfRangeHost {
  /** Where the group has got to; where the log starts and, for who may read, ends; where the reset policy leads. */
  position(at: PartitionPlace): number;
  start(at: PartitionPlace): number;
  end(at: PartitionPlace): number;
  resetTo(at: PartitionPlace, policy: OffsetQuery): number;
  /** Who reads it for the group, and not only what is in its hands. */
  readerOf(at: PartitionPlace): number | undefined;
  /** Whether that one sends fetches for it at present that are answered. */
  fetches(client: number, at: PartitionPlace): boolean;
  /** The group moves on to this offset, whoever reads. */
  skip(at: PartitionPlace, to: number, reason: LossReason): void;
  /** That one is told so, and asks where to go on, or fails. */
  refuse(client: number, at: PartitionPlace): void;
}

/** Less than this many records is the noise of floats. */
export const LEAST = 1e-6;

/**
 * Positions that lead nowhere: retention has deleted what is to be read next, or it went with a leader. Readers find that out when
 * they fetch; those that do not, as they are stopped or cut off, later. Whoever takes a partition over finds out when it begins.
 *
 *     read up to 1200, committed up to 1000; then an incomplete copy leads, and its log ends at 900
 *       the reader, and whoever begins at 1000, goes on at 900
 *       one of before 2.3 has its reset policy decide, or, once the log is beyond 1200, or 1000, goes on there
 */
export class OutOfRange {
  readonly #laws: PositionLaws;
  readonly #host: OutOfRangeHost;
  readonly #truncations = new Truncations();
  /** What has been deleted from under readers that have not noticed. */
  readonly #deleted = new Map<number, PartitionPlace>();
  /** Where readers are, ahead of their logs, that have not noticed and do not just go back. */
  readonly #ahead = new Map<number, PartitionPlace & { readonly offset: number }>();

  constructor(laws: PositionLaws, host: OutOfRangeHost) {
    this.#laws = laws;
    this.#host = host;
  }

  /** What is before the log's start has been deleted, read or not. */
  overtaken(at: PartitionPlace): void {
    if (this.#isBeforeStart(at)) this.#deleted.set(at.index, at);
  }

  /** The log ends here from now on, and the group is there; it had got to this position. */
  cutBack(at: PartitionPlace, position: number, end: number, now: Instant): void {
    this.#truncations.add(at.index, { at: now, end });
    if (this.#ahead.has(at.index)) return; // its reader is further on than the books say
    if (position - end < LEAST || (this.#laws.validates && this.#laws.reset !== "none")) return;
    if (this.#host.readerOf(at) !== undefined) this.#ahead.set(at.index, { ...at, offset: position });
  }

  /** Somebody begins to read it where that is possible: what its last reader had not noticed is nobody's business any more. */
  begins(index: number): void {
    this.#ahead.delete(index);
  }

  /** Readers that fetch find it out. */
  notice(): void {
    for (const at of this.#ahead.values()) this.#whoFetches(this.#ahead, at, (reader) => this.#noticeAhead(reader, at));
    for (const at of this.#deleted.values()) {
      if (!this.#isBeforeStart(at)) this.#deleted.delete(at.index);
      else this.#whoFetches(this.#deleted, at, (reader) => this.#noticeDeleted(reader, at));
    }
  }

  /**
   * Where reading begins of this offset, if it can. `taken`: when it was committed; of what a leader has just said it is not
   * asked.
   */
  validOf(at: PartitionPlace, offset: number, taken: () => Instant): number | undefined {
    if (offset < this.#host.start(at)) return undefined;
    if (!this.#isCut(at)) return offset;
    const isBeyond = offset > this.#host.end(at);
    if (!this.#laws.validates) return isBeyond ? undefined : offset;
    const first =
      this.#truncations.divergence(at.index, taken()) ?? (isBeyond ? this.#truncations.last(at.index) : undefined);
    if (first === undefined || offset <= first) return offset;
    return this.#laws.reset === "none" ? undefined : first;
  }

  /** Whether who reads on without a coordinator goes back by himself to where a log parts from the former one. */
  get bringsBack(): boolean {
    const { validates, byThemselves, reset } = this.#laws;
    return validates && byThemselves && reset !== "none";
  }

  /** Whether whoever begins at an offset of it may pass over other records than those meant, as it does not ask. */
  isBlind(at: PartitionPlace): boolean {
    return !this.#laws.validates && this.#isCut(at);
  }

  #isCut({ index }: PartitionPlace): boolean {
    return this.#truncations.divergence(index, 0) !== undefined;
  }

  #isBeforeStart(at: PartitionPlace): boolean {
    return this.#host.position(at) < this.#host.start(at);
  }

  /** It is noticed now, or later, or never if nobody reads: whoever begins asks anyway. */
  #whoFetches(of: Map<number, unknown>, at: PartitionPlace, notices: (reader: number) => void): void {
    const reader = this.#host.readerOf(at);
    if (reader !== undefined && !this.#host.fetches(reader, at)) return;
    of.delete(at.index);
    if (reader !== undefined) notices(reader);
  }

  /** Where there is a policy, at once (in Kafka a round trip later). */
  #noticeDeleted(reader: number, at: PartitionPlace): void {
    const { reset } = this.#laws;
    if (reset === "none") this.#host.refuse(reader, at);
    else this.#host.skip(at, this.#host.resetTo(at, reset), "out-of-range");
  }

  /** It is ahead of its log; or that has come as far again, and who does not ask goes on there. */
  #noticeAhead(reader: number, at: PartitionPlace & { readonly offset: number }): void {
    if (this.#laws.validates || at.offset > this.#host.end(at)) this.#host.refuse(reader, at);
    else this.#host.skip(at, at.offset, "truncated");
  }
}
