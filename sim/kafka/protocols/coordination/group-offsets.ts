import type { Partitions, TopicName } from "../../../names.ts";
import type { ErrorCode, OffsetCommit, Offsets } from "../../messages.ts";
import type { CoordinatorHost } from "../group-coordinator.ts";
import type { AppendError } from "./append-error.ts";
import { replyToAppendError } from "./append-error.ts";
import type { CommittedOffset, CommittedOffsets, ExpiredOffsetsRecord, OffsetsRecord } from "./committed-offsets.ts";
import { dropOffsets, storeOffsets } from "./committed-offsets.ts";
import type { PendingWrites } from "./pending-writes.ts";
import { commitReply } from "./replies.ts";

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
  /** Regular commits that are being written. */
  readonly #regular = new Set<OffsetCommit>();

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
   * Writes a commit that was accepted, and answers it when it is written; `failed` is told after that, if it is not.
   *
   * A regular commit is written beside all else: no other reply waits for it, as it would in Kafka for the length of an
   * append. So commits that nobody asks about need not be simulated one by one.
   */
  commit(request: OffsetCommit, failed?: (error: ErrorCode) => void): void {
    const record = this.#recordOf(request);
    if (request.regular) {
      this.#regular.add(request);
      this.#host.send({ to: "log", record, regular: request });
      return;
    }
    this.#writes.append(record, {
      committed: () => {
        this.keep(record);
        this.#answer(request, "NONE");
      },
      late: () => this.keep(record),
      failed: (error) => {
        this.#answer(request, error);
        failed?.(error);
      },
    });
  }

  /** Stores what an accepted commit says without a word to anybody; returns what the log is to keep. */
  commitUnseen(request: OffsetCommit): OffsetsRecord {
    const record = this.#recordOf(request);
    this.keep(record);
    return record;
  }

  #recordOf({ offsets }: OffsetCommit): OffsetsRecord {
    return { type: "offsets", at: this.#host.now(), offsets };
  }

  /** This is in the log. */
  keep(record: OffsetsRecord): void {
    storeOffsets(this.#stored, record, this.#gone);
  }

  /** A regular commit that was worked out, not simulated, is being written. */
  resumeRegular(request: OffsetCommit): void {
    this.#regular.add(request);
  }

  /** The log has this regular commit. */
  regularCommitted(request: OffsetCommit, record: OffsetsRecord): void {
    this.keep(record);
    if (this.#regular.delete(request)) this.#answer(request, "NONE");
  }

  /** The log has refused it, or takes too long: it may have it yet. */
  regularFailed(request: OffsetCommit, error: AppendError | ErrorCode): void {
    if (this.#regular.delete(request)) this.#answer(request, replyToAppendError(error));
  }

  /** The coordinator moves away: whoever waits is sent to look for it. */
  abandon(): void {
    for (const request of this.#regular) this.#answer(request, "NOT_COORDINATOR");
    this.#regular.clear();
  }

  /** Drops what is too old, except of these topics. */
  expire(isExpired: (offset: CommittedOffset) => boolean, kept: ReadonlySet<TopicName>): void {
    const expired: Record<TopicName, number[]> = {};
    for (const [topic, partitions] of this.#stored) {
      if (kept.has(topic)) continue;
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
