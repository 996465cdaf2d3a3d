import type { Duration, Instant } from "../../engine/time.ts";

/** Records of one partition, consecutive. */
interface Chunk {
  partition: number;
  count: number;
  /** Of those, the last, so many that are gone from their log: whoever has them works on them, and nothing comes of it. */
  gone: number;
}

/** The same as one fetch brought them. */
interface Fetched {
  count: number;
  /** The log's end as the leader answered: what the reader knows of it until all of this is handed out. */
  readonly end: number;
}

/** Records that poll() takes out of what one fetch brought. */
export interface HandedOut {
  readonly partition: number;
  readonly records: number;
  /** The log's end as that fetch found it. Kafka: the high watermark in its reply. */
  readonly end: number;
}

/**
 * One consumer that reads records one by one: what it has fetched, what poll() has handed out, and what is being
 * processed.
 *
 * poll() hands out chunk after chunk in the order in which fetches brought them, so one partition with a backlog can fill
 * several polls in a row. It hands out what is there and never waits for more. Kafka: `FetchCollector.collectFetch`.
 */
export class Reader {
  /** How many records poll() hands out at most. Kafka: `max.poll.records`. */
  readonly #most: number;
  /** In the order in which their leaders look at them: whose records a fetch has brought goes to the end. */
  readonly partitions = new Set<number>();
  /** Something holds it up: the record in hand does not get done. */
  held = false;
  /** When the record in hand will be done, and when work on it began. */
  doneAt: Instant | undefined;
  startedAt: Instant = 0;
  /** While held: how much of the record in hand is left. */
  left: Duration | undefined;
  /** When its thread last called poll(), or comes to call it again: that which it is inside of then returns whenever it can. */
  entered: Instant = 0;
  /** How long every poll() that begins looks for the coordinator before it returns; absent: none does. */
  search: Duration | undefined;
  /** How long the other records of the batch will take, in their order. */
  readonly #ahead: Duration[] = [];
  /** By partition, in the order in which they came; none of them is empty. */
  readonly #fetched = new Map<number, Fetched>();
  readonly #batch: Chunk[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** The partition of the record in hand, if poll() has handed out any that are not done. */
  get inHand(): number | undefined {
    return this.#batch.length > 0 ? this.#batch[0].partition : undefined;
  }

  /** How many records poll() handed out that are not done, of one partition. */
  handedOut(partition: number): number {
    return this.#batch.reduce(
      (sum, { partition: of, count, gone }) => (of === partition ? sum + count - gone : sum),
      0,
    );
  }

  /** How long the batch in hand will take beyond the record in hand. */
  get rest(): Duration {
    return this.#ahead.reduce((sum, service) => sum + service, 0);
  }

  /** How long the next record takes. */
  next(): Duration {
    return this.#ahead.shift()!;
  }

  /** Work on the record in hand has not begun after all: it takes so long. */
  putBack(service: Duration): void {
    this.#ahead.unshift(service);
  }

  /**
   * When the poll() that it is inside of can return something: now, or when that has looked for the coordinator for long
   * enough. One that could return nothing is followed by another.
   */
  returnsAt(now: Instant): Instant {
    const { entered, search } = this;
    if (search === undefined || now < entered) return now;
    return entered + Math.max(1, Math.ceil((now - entered) / search)) * search;
  }

  /** Partitions of which it has fetched records that no poll() has handed out yet. */
  get buffered(): Iterable<number> {
    return this.#fetched.keys();
  }

  isBuffered(partition: number): boolean {
    return this.#fetched.has(partition);
  }

  /** A fetch has brought so many records of this partition; `end`: the log's end as it found it. */
  buffer(partition: number, count: number, end: number): void {
    this.#fetched.set(partition, { count, end });
  }

  /**
   * poll(): takes the next batch out of what was fetched, and tells of each portion as it is taken; `service` is how long a
   * record takes.
   */
  poll(service: () => Duration, tell: (portion: HandedOut) => void): void {
    let room = this.#most;
    for (const [partition, chunk] of this.#fetched) {
      const records = Math.min(room, chunk.count);
      this.#batch.push({ partition, count: records, gone: 0 });
      tell({ partition, records, end: chunk.end });
      room -= records;
      chunk.count -= records;
      if (chunk.count === 0) this.#fetched.delete(partition);
      if (room === 0) break; // the poll is full
    }
    for (const { count } of this.#batch) for (let i = 0; i < count; i++) this.#ahead.push(service());
  }

  /** Whether the record in hand is in its log no more. */
  get isGone(): boolean {
    const [{ count, gone }] = this.#batch;
    return gone === count;
  }

  /** The record in hand is done. */
  done(): void {
    this.doneAt = undefined;
    const chunk = this.#batch[0];
    chunk.count--;
    chunk.gone = Math.min(chunk.gone, chunk.count);
    if (chunk.count === 0) this.#batch.shift();
  }

  /** Of what poll() has handed out of a partition only the first so many are left in its log, and none of what was fetched. */
  cutBack(partition: number, left: number): void {
    this.#fetched.delete(partition);
    let there = left;
    for (const chunk of this.#batch) {
      if (chunk.partition !== partition) continue;
      chunk.gone = Math.max(chunk.gone, chunk.count - there);
      there = Math.max(0, there - chunk.count);
    }
  }

  /** A partition goes by another number from now on. */
  rename(partition: number, line: number): void {
    const [read, fetched] = [[...this.partitions], [...this.#fetched]];
    const named = (number: number): number => (number === partition ? line : number);
    this.partitions.clear();
    this.#fetched.clear();
    for (const number of read) this.partitions.add(named(number));
    for (const [number, chunk] of fetched) this.#fetched.set(named(number), chunk);
    for (const chunk of this.#batch) chunk.partition = named(chunk.partition);
  }

  /** No poll() hands out any more of a partition, and no fetch asks for it. */
  keepOnlyInHand(partition: number): void {
    this.partitions.delete(partition);
    this.#fetched.delete(partition);
  }

  /** Forgets what it fetched of a partition, and what of it poll() has handed out. */
  drop(partition: number): void {
    this.#fetched.delete(partition);
    const isInHand = this.inHand === partition;
    let place = 0;
    const begun = this.doneAt !== undefined || this.left !== undefined;
    this.#batch.forEach((chunk, i) => {
      const ahead = i === 0 && begun ? chunk.count - 1 : chunk.count; // of the record in hand the time is not ahead any more
      if (chunk.partition === partition) this.#ahead.splice(place, ahead);
      else place += ahead;
    });
    if (isInHand) this.doneAt = this.left = undefined;
    for (let i = this.#batch.length - 1; i >= 0; i--) {
      if (this.#batch[i].partition === partition) this.#batch.splice(i, 1);
    }
  }
}
