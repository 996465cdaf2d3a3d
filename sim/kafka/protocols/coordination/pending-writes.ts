import type { Instant } from "../../../engine/time.ts";
import type { ErrorCode } from "../../messages.ts";
import type { AppendError } from "./append-error.ts";
import { replyToAppendError } from "./append-error.ts";

/** What is to be done when the log has answered an append. */
export interface WriteOutcome {
  committed?(): void;
  /** `error` is what clients are to be told. */
  failed?(error: ErrorCode): void;
  /** It is committed after all, though clients were told that it took too long. */
  late?(): void;
}

interface Waiting {
  readonly since: Instant;
  then(error: ErrorCode): void;
}

interface Write {
  readonly outcome: WriteOutcome;
  readonly since: Instant;
  /** Whether its clients were told that it takes too long. */
  overdue: boolean;
  waiting: readonly Waiting[];
}

/**
 * The group's appends that are not committed yet, and the replies that wait for them.
 *
 * The Java coordinator answers a heartbeat only when everything written before it is committed, because the reply
 * speaks of a state that could otherwise be taken back. Kafka: `CoordinatorRuntime`.
 */
export class PendingWrites<R> {
  readonly #send: (record: R, append: number) => void;
  readonly #now: () => Instant;
  readonly #writes = new Map<number, Write>();
  #last = 0;

  constructor(send: (record: R, append: number) => void, now: () => Instant) {
    this.#send = send;
    this.#now = now;
  }

  /** Nothing is being written. */
  get settled(): boolean {
    return this.#writes.size === 0;
  }

  append(record: R, outcome: WriteOutcome = {}): void {
    this.#writes.set(++this.#last, { outcome, since: this.#now(), overdue: false, waiting: [] });
    this.#send(record, this.#last);
  }

  /** Calls `then` when all that is being written now is committed (`NONE`) or refused; at once if nothing is. */
  whenSettled(then: (error: ErrorCode) => void): void {
    // The log commits in order, so whoever waits for the newest waits for all.
    const newest = this.#writes.get(this.#last);
    if (newest) newest.waiting = [...newest.waiting, { since: this.#now(), then }];
    else then("NONE");
  }

  committed(append: number): void {
    const { outcome, overdue, waiting } = this.#take(append);
    if (overdue) outcome.late?.();
    else outcome.committed?.();
    for (const { then } of waiting) then("NONE");
  }

  /** Whoever waits since then or longer is told that it takes too long; the log may have it yet. */
  overdue(since: Instant): void {
    const error = replyToAppendError("REQUEST_TIMED_OUT");
    for (const write of this.#writes.values()) {
      const waited = write.waiting.filter((waiting) => waiting.since <= since);
      write.waiting = write.waiting.filter((waiting) => waiting.since > since);
      if (!write.overdue && write.since <= since) {
        write.overdue = true;
        write.outcome.failed?.(error);
      }
      for (const { then } of waited) then(error);
    }
  }

  failed(append: number, reason: AppendError | ErrorCode): void {
    this.#fail(this.#take(append), replyToAppendError(reason));
  }

  /** The coordinator moves away: nothing of this will be heard of here. */
  abandon(): void {
    const writes = [...this.#writes.values()];
    this.#writes.clear();
    for (const write of writes) this.#fail(write, "NOT_COORDINATOR");
  }

  #fail({ outcome, overdue, waiting }: Write, error: ErrorCode): void {
    if (!overdue) outcome.failed?.(error);
    for (const { then } of waiting) then(error);
  }

  #take(append: number): Write {
    const write = this.#writes.get(append);
    if (!write) throw new Error(`append ${append} is under way`);
    this.#writes.delete(append);
    return write;
  }
}
