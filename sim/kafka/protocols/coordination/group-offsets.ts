import type { Partitions, TopicName } from "../../../names.ts";
import type { ErrorCode, OffsetCommit, Offsets } from "../../messages.ts";
import type { CoordinatorHost } from "../group-coordinator.ts";
import type { AppendError } from "./append-error.ts";
import { replyToAppendError } from "./append-error.ts";
import type { CommittedOffset, CommittedOffsets, ExpiredOffsetsRecord, OffsetsRecord } from "./committed-offsets.ts";
import { dropOffsets, storeOffsets } from "./committed-offsets.ts";
import type { PendingWrites } from "./pending-writes.ts";
import { commitReply } from "./replies.ts";

/** What is taken of a commit. */
interface Accepted {
  /** Default: all of it. */
  readonly accepted?: Offsets;
  /** What is answered when that is written. */
  readonly error?: ErrorCode;
  failed?(error: ErrorCode): void;
}

/**
 * A group's committed offsets at its coordinator, and the commits that are being written. Who may commit is for the group's
 * protocol to say. Kafka: `OffsetMetadataManager`.
 */
export class GroupOffsets {
  readonly #host: Pick<CoordinatorHost, "now" | "send">;
  readonly #writes: Pick<PendingWrites<OffsetsRecord | ExpiredOffsetsRecord>, "append">;
  /** Topics that have been deleted, as the brokers know. */
  readonly #gone: ReadonlySet<TopicName> | undefined;
  readonly #stored: CommittedOffsets = new Map();
  /** Regular commits that are being written, and what is answered when they are. */
  readonly #regular = new Map<OffsetCommit, ErrorCode>();
  /** Who waits for them. */
  readonly #waiting = new Map<OffsetCommit, ((error: ErrorCode) => void)[]>();

  constructor(
    host: Pick<CoordinatorHost, "now" | "send">,
    writes: Pick<PendingWrites<OffsetsRecord | ExpiredOffsetsRecord>, "append">,
    gone?: ReadonlySet<TopicName>,
  ) {
    this.#host = host;
    this.#writes = writes;
    this.#gone = gone;
  }

  get isEmpty(): boolean {
    return this.#stored.size === 0;
  }

  /** What is committed, by topic and partition. */
  get all(): Offsets {
    return Object.fromEntries(
      [...this.#stored].map(([topic, partitions]) => [
        topic,
        Object.fromEntries([...partitions].map(([partition, { offset }]) => [partition, offset])),
      ]),
    );
  }

  /** Of these partitions; those nobody committed are left out. */
  of(partitions: Partitions): Offsets {
    const found: Record<TopicName, Record<number, number>> = {};
    for (const [topic, numbers] of Object.entries(partitions)) {
      const stored = this.#stored.get(topic);
      if (!stored) continue;
      const known = numbers.filter((number) => stored.has(number));
      if (known.length > 0) {
        found[topic] = Object.fromEntries(known.map((number) => [number, stored.get(number)!.offset]));
      }
    }
    return found;
  }

  /** What a coordinator that loads the group begins with. */
  restore(offsets: CommittedOffsets): void {
    for (const [topic, partitions] of offsets) this.#stored.set(topic, new Map(partitions));
  }

  /**
   * Writes what is accepted of a commit, and answers it when that is written: with `error`, if not all of it is. `failed` is
   * told after the answer, if it is not written.
   *
   * A regular commit is written beside all else: no other reply waits for it, as it would in Kafka for the length of an
   * append. So commits that nobody asks about need not be simulated one by one.
   */
  commit(request: OffsetCommit, { accepted = request.offsets, error = "NONE", failed }: Accepted = {}): void {
    const record = this.#recordOf(request.stored ? {} : accepted);
    if (request.regular) {
      this.#regular.set(request, error);
      this.#host.send({ to: "log", record, regular: request });
      return;
    }
    this.#writes.append(record, {
      committed: () => {
        this.keep(record);
        this.#answer(request, error);
      },
      late: () => this.keep(record),
      failed: (failure) => {
        this.#answer(request, failure);
        failed?.(failure);
      },
    });
  }

  /** Stores what an accepted commit says without a word to anybody; returns what the log is to keep. */
  commitUnseen(request: OffsetCommit): OffsetsRecord {
    const record = this.#recordOf(request.offsets);
    this.keep(record);
    return record;
  }

  #recordOf(offsets: Offsets): OffsetsRecord {
    return { type: "offsets", at: this.#host.now(), offsets };
  }

  /** This is in the log. */
  keep(record: OffsetsRecord): void {
    storeOffsets(this.#stored, record, this.#gone);
  }

  /**
   * Calls `then` when what was committed `ahead` of these partitions is written, or refused; at once if nothing of it is being
   * written; with an error if the coordinator moves away. What gives a partition to somebody else comes behind it in the log, whose
   * records are committed in order, though regular commits are written beside all else here.
   */
  whenAheadIsWritten(partitions: Partitions, then: (error: ErrorCode) => void): void {
    const isAbout = ({ offsets }: OffsetCommit): boolean =>
      Object.entries(partitions).some(([topic, numbers]) =>
        numbers.some((number) => offsets[topic]?.[number] !== undefined),
      );
    const ahead = [...this.#regular.keys()].filter((request) => request.ahead && !request.stored && isAbout(request));
    if (ahead.length === 0) return then("NONE");
    let left = ahead.length;
    for (const request of ahead) {
      const waiting = this.#waiting.get(request) ?? [];
      this.#waiting.set(request, [...waiting, (error) => --left === 0 && then(error)]);
    }
  }

  /** A regular commit that was worked out, not simulated, is being written. */
  resumeRegular(request: OffsetCommit): void {
    this.#regular.set(request, "NONE");
  }

  /** The log has this regular commit. */
  regularCommitted(request: OffsetCommit, record: OffsetsRecord): void {
    this.keep(record);
    const error = this.#regular.get(request);
    if (error === undefined) return; // it has been told that this takes too long
    this.#regular.delete(request);
    this.#answer(request, error);
    this.#goOn(request, "NONE");
  }

  /** The log has refused it, or takes too long: it may have it yet. */
  regularFailed(request: OffsetCommit, error: AppendError | ErrorCode): void {
    if (!this.#regular.delete(request)) return;
    this.#answer(request, replyToAppendError(error));
    this.#goOn(request, "NONE");
  }

  /** Who waits for this commit does no longer. */
  #goOn(request: OffsetCommit, error: ErrorCode): void {
    const waiting = this.#waiting.get(request) ?? [];
    this.#waiting.delete(request);
    for (const then of waiting) then(error);
  }

  /** The coordinator moves away: whoever waits is sent to look for it. */
  abandon(): void {
    const requests = [...this.#regular.keys()];
    this.#regular.clear();
    for (const request of requests) {
      this.#answer(request, "NOT_COORDINATOR");
      this.#goOn(request, "NOT_COORDINATOR");
    }
  }

  /** Drops what is too old, except of topics that are kept. */
  expire(isExpired: (offset: CommittedOffset) => boolean, isKept: (topic: TopicName) => boolean): void {
    const expired: Record<TopicName, number[]> = {};
    for (const [topic, partitions] of this.#stored) {
      if (isKept(topic)) continue;
      const old = [...partitions].filter(([, committed]) => isExpired(committed)).map(([partition]) => partition);
      if (old.length > 0) expired[topic] = old.sort((a, b) => a - b);
    }
    this.#drop(expired);
  }

  /** A topic was deleted: so is what was committed of it. Kafka: `OffsetMetadataManager.onPartitionsDeleted`. */
  dropTopic(topic: TopicName): void {
    const stored = this.#stored.get(topic);
    if (stored) this.#drop({ [topic]: [...stored.keys()].sort((a, b) => a - b) });
  }

  #drop(partitions: Partitions): void {
    if (Object.keys(partitions).length === 0) return;
    const record = { type: "offsets-expired", partitions } as const;
    dropOffsets(this.#stored, record);
    this.#writes.append(record);
  }

  #answer(request: OffsetCommit, error: ErrorCode): void {
    this.#host.send({ to: "client", client: request.client, reply: commitReply(request, error) });
  }
}
