import type { Duration, Instant } from "../../engine/time.ts";

/** Records of one partition, consecutive. */
interface Chunk {
  readonly partition: number;
  count: number;
}

/** The same as one fetch brought them. */
interface Fetched extends Chunk {
  /** The log's end at that instant: what the reader knows of it until all of this is handed out. */
  readonly end: number;
}

/** Records that poll() takes out of what one fetch brought. */
export interface HandedOut {
  readonly partition: number;
  readonly records: number;
  /** The log's end as that fetch found it. Kafka: the high watermark in its reply. */
  readonly end: number;
}

/** What a reader's poll asks of the logs. */
export interface Logs {
  /** How many records of a partition wait, those that are handed out included. */
  available(partition: number): number;
  /** The log end offset. */
  end(partition: number): number;
}

/** What bounds a consumer's poll. */
export interface PollLimits {
  /** Kafka: `max.poll.records`. */
  readonly records: number;
  /** Records of one partition that one fetch brings. Kafka: `max.partition.fetch.bytes`, in records. */
  readonly chunk: number;
}

/**
 * One consumer that reads records one by one: what it has fetched, what poll() has handed out, and what is being
 * processed.
 *
 * A fetch brings from each partition what is there, up to a chunk, and asks for a partition again only when all of its
 * chunk was handed out. poll() hands out chunk after chunk in the order in which they came, so one partition with a
 * backlog can fill several polls in a row. Kafka: `FetchCollector.collectFetch`, `AbstractFetch.prepareFetchRequests`.
 */
export class Reader {
  readonly limits: PollLimits;
  readonly partitions = new Set<number>();
  /** Something holds it up: the record in hand does not get done. */
  held = false;
  /** When the record in hand will be done, and when work on it began. */
  doneAt: Instant | undefined;
  startedAt: Instant = 0;
  /** While held: how much of the record in hand is left. */
  left: Duration | undefined;
  /** How long the other records of the batch will take, in their order. */
  readonly #ahead: Duration[] = [];
  readonly #fetched: Fetched[] = [];
  readonly #batch: Chunk[] = [];

  constructor(limits: PollLimits) {
    this.limits = limits;
  }

  /** The partition of the record in hand, if poll() has handed out any that are not done. */
  get inHand(): number | undefined {
    return this.#batch.length > 0 ? this.#batch[0].partition : undefined;
  }

  /** How many records poll() handed out that are not done, of one partition. */
  handedOut(partition: number): number {
    return this.#batch.reduce((sum, chunk) => (chunk.partition === partition ? sum + chunk.count : sum), 0);
  }

  /** How long the batch in hand will take beyond the record in hand. */
  get rest(): Duration {
    return this.#ahead.reduce((sum, service) => sum + service, 0);
  }

  /** How long the next record takes. */
  next(): Duration {
    return this.#ahead.shift()!;
  }

  /**
   * poll(): takes the next batch out of what was fetched, and tells of each portion as it is taken; `service` is how long a
   * record takes.
   */
  poll(logs: Logs, service: () => Duration, tell: (portion: HandedOut) => void): void {
    this.#take(logs, tell);
    for (const { count } of this.#batch) for (let i = 0; i < count; i++) this.#ahead.push(service());
  }

  #take(logs: Logs, tell: (portion: HandedOut) => void): void {
    let room = this.limits.records;
    while (room > 0) {
      if (this.#fetched.length === 0) this.#fetch(logs);
      if (this.#fetched.length === 0) return;
      const chunk = this.#fetched[0];
      const { partition, end } = chunk;
      const count = Math.min(room, chunk.count);
      this.#batch.push({ partition, count });
      tell({ partition, records: count, end });
      room -= count;
      chunk.count -= count;
      if (chunk.count > 0) return; // the poll is full
      this.#fetched.shift();
      this.#fetch(logs);
    }
  }

  #fetch(logs: Logs): void {
    const waiting = new Set(this.#fetched.map(({ partition }) => partition));
    for (const partition of [...this.partitions].sort((a, b) => a - b)) {
      if (waiting.has(partition)) continue;
      const count = Math.min(this.limits.chunk, logs.available(partition) - this.handedOut(partition));
      if (count > 0) this.#fetched.push({ partition, count, end: logs.end(partition) });
    }
  }

  /** The record in hand is done. */
  done(): void {
    this.doneAt = undefined;
    const chunk = this.#batch[0];
    chunk.count--;
    if (chunk.count === 0) this.#batch.shift();
  }

  /** Forgets what it fetched of a partition, and what of it poll() has handed out. */
  drop(partition: number): void {
    const isInHand = this.inHand === partition;
    let place = 0;
    const begun = this.doneAt !== undefined || this.left !== undefined;
    this.#batch.forEach((chunk, i) => {
      const ahead = i === 0 && begun ? chunk.count - 1 : chunk.count; // of the record in hand the time is not ahead any more
      if (chunk.partition === partition) this.#ahead.splice(place, ahead);
      else place += ahead;
    });
    if (isInHand) this.doneAt = this.left = undefined;
    for (const chunks of [this.#fetched, this.#batch]) {
      for (let i = chunks.length - 1; i >= 0; i--) if (chunks[i].partition === partition) chunks.splice(i, 1);
    }
  }
}
