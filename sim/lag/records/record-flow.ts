import type { Duration, Instant } from "../../engine/time.ts";
import type { LagBatch, StartingPoint, Totals } from "../fluid.ts";
import { Ledger } from "../ledger.ts";
import { LogPartition } from "./log-partition.ts";
import type { PollLimits } from "./reader.ts";
import { Reader } from "./reader.ts";

/** One record that an application is through with. */
export interface ProcessedRecord {
  readonly client: number;
  readonly partition: number;
  readonly offset: number;
  readonly producedAt: Instant;
  /** When the application's work on it began. */
  readonly startedAt: Instant;
}

/** What the model of single records asks of the world. */
export interface RecordHost {
  now(): Instant;
  /** How long the application of this client works on its next record. */
  service(client: number): Duration;
  /** Call `done(client)` at that instant, or not any more. Replaces what was asked for this client before. */
  wake(client: number, at: Instant | undefined): void;
  /** The batch of this client is done: its thread is inside poll(), before the next records are handed out. */
  polls(client: number): void;
  processed(record: ProcessedRecord): void;
  /** Something changed at this instant: call `flush()` before the clock moves on. Said once until then. */
  changed(): void;
  /** Lines of some partitions of one topic: steps, so flat until the next one. */
  emit(batch: LagBatch): void;
}

/** Who reads a partition that nobody reads. */
const NOBODY = -1;

/**
 * The lag of one group record by record: each record is produced at an instant of its own, waits in its partition, is
 * handed out by some poll() and processed in a time of its own. What the fluid model smooths over is exact here: the
 * waiting line in front of a consumer that is not overloaded, the batch in its hands when it crashes, the latency of
 * every record. It costs two events a record, so it is for small scale, and to hold the fluid model against.
 *
 * As in the fluid model a position is where *processing* has come to; what poll() handed out beyond it is
 * `handedOut`. Lag is what was not processed yet.
 */
export class RecordFlow {
  readonly ledger: Ledger;
  readonly partitions: number;
  readonly #host: RecordHost;
  readonly #firstOf: readonly number[];
  readonly #logs: readonly LogPartition[];
  readonly #readers: Reader[] = [];
  readonly #readerOf: Int32Array;
  readonly #position: Float64Array;
  /** Behind this offset everything was processed or lost once. */
  readonly #furthest: Float64Array;

  #open = false;
  readonly #touched = new Set<number>();
  readonly #arrived: Float64Array;
  readonly #idle = new Set<number>();
  #imbalance: string | undefined;

  /** `topics`: how many partitions each has. */
  constructor(topics: readonly number[], host: RecordHost) {
    const firstOf = [0];
    for (const partitions of topics) firstOf.push(firstOf[firstOf.length - 1] + partitions);
    this.partitions = firstOf[firstOf.length - 1];
    this.#firstOf = firstOf;
    this.#host = host;
    this.ledger = new Ledger(this.partitions);
    this.#logs = Array.from({ length: this.partitions }, () => new LogPartition());
    this.#readerOf = new Int32Array(this.partitions).fill(NOBODY);
    this.#position = new Float64Array(this.partitions);
    this.#furthest = new Float64Array(this.partitions);
    this.#arrived = new Float64Array(this.partitions);
  }

  indexOf(topic: number, partition: number): number {
    return this.#firstOf[topic] + partition;
  }

  // ── What happens ──────────────────────────────────────────────────────────────────────────────────────────────

  /** A record is produced. */
  produce(partition: number): void {
    this.#logs[partition].append(this.#host.now());
    this.ledger.produce(partition, 1);
    this.#arrived[partition]++;
    this.#touch(partition);
    const reader = this.#readerOf[partition];
    if (reader !== NOBODY) this.#rouse(reader);
  }

  /** A consumer whose thread is inside poll(); consumers are numbered from 0. */
  addClient(limits: PollLimits): number {
    return this.#readers.push(new Reader(limits)) - 1;
  }

  /** These partitions are read by this client from now on, from where the group is, or from the given positions. */
  read(client: number, partitions: readonly number[], start?: StartingPoint): void {
    partitions.forEach((partition, i) => {
      const before = this.#readerOf[partition];
      if (before !== client) {
        if (before !== NOBODY) this.#take(before, partition);
        this.#readerOf[partition] = client;
        this.#readers[client].partitions.add(partition);
      }
      if (start) this.#seek(partition, start.from[i], start.cause);
    });
    if (partitions.length > 0) this.#rouse(client);
  }

  /** This client reads these partitions no longer; what it holds of them is dropped. */
  stop(client: number, partitions: Iterable<number>): void {
    for (const partition of [...partitions]) if (this.#readerOf[partition] === client) this.#take(client, partition);
  }

  /** The application is stuck: the record in hand is not finished before `release`. */
  hold(client: number): void {
    const reader = this.#readers[client];
    reader.held = true;
    if (reader.doneAt === undefined) return;
    reader.left = reader.doneAt - this.#host.now();
    reader.doneAt = undefined;
    this.#host.wake(client, undefined);
  }

  release(client: number): void {
    this.#readers[client].held = false;
    this.#rouse(client);
  }

  /** The record in hand is done, as the model asked to be told. */
  done(client: number): void {
    const reader = this.#readers[client];
    const partition = reader.inHand!;
    const offset = this.#position[partition]++;
    this.ledger.consume(partition, 1);
    this.#furthest[partition] = Math.max(this.#furthest[partition], this.#position[partition]);
    this.#touch(partition);
    const producedAt = this.#logs[partition].producedAt(offset);
    this.#host.processed({ client, partition, offset, producedAt, startedAt: reader.startedAt });
    reader.done();
    if (reader.inHand === undefined) this.#host.polls(client);
    this.#rouse(client);
  }

  /** The instant is over: idle consumers take what is there, and the lines that stepped are emitted. */
  flush(): void {
    for (const client of [...this.#idle].sort((a, b) => a - b)) this.#work(client);
    this.#idle.clear();
    this.#emit();
    this.#open = false;
  }

  // ── What is so ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Is its thread inside poll(), with nothing handed out? */
  idle(client: number): boolean {
    return this.#readers[client].inHand === undefined;
  }

  readerOf(partition: number): number | undefined {
    return this.#readerOf[partition] === NOBODY ? undefined : this.#readerOf[partition];
  }

  /** Records that nobody has processed. */
  lag(partition: number): number {
    return this.#logs[partition].end - this.#position[partition];
  }

  /** The log end offset. */
  produced(partition: number): number {
    return this.#logs[partition].end;
  }

  /** The offset of the next record to be processed. */
  position(partition: number): number {
    return this.#position[partition];
  }

  /** How many records beyond its position poll() has handed to the reader of a partition. */
  handedOut(partition: number): number {
    const reader = this.#readerOf[partition];
    return reader === NOBODY ? 0 : this.#readers[reader].handedOut(partition);
  }

  totals(): Totals {
    const sum = { produced: 0, consumed: 0, lag: 0, reread: 0, lost: 0 };
    for (let partition = 0; partition < this.partitions; partition++) {
      sum.produced += this.ledger.produced(partition);
      sum.consumed += this.ledger.consumed(partition);
      sum.lag += this.lag(partition);
      sum.reread += this.ledger.reread(partition);
      sum.lost += this.ledger.lost(partition);
    }
    return sum;
  }

  /** What was wrong with the books of anything touched so far, or nothing. */
  audit(): string | undefined {
    return this.#imbalance;
  }

  // ── How ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Lets a consumer that may have something to do go on, at the end of this instant. */
  #rouse(client: number): void {
    this.#change();
    this.#idle.add(client);
  }

  /** Works on: the next record of the batch in hand, or the next poll's batch if there is one. */
  #work(client: number): void {
    const reader = this.#readers[client];
    if (reader.held || reader.doneAt !== undefined) return;
    if (reader.inHand === undefined) reader.poll((partition) => this.lag(partition));
    if (reader.inHand === undefined) return;
    const now = this.#host.now();
    if (reader.left === undefined) reader.startedAt = now;
    reader.doneAt = now + (reader.left ?? Math.max(1, this.#host.service(client)));
    reader.left = undefined;
    this.#host.wake(client, reader.doneAt);
  }

  #take(client: number, partition: number): void {
    const reader = this.#readers[client];
    reader.partitions.delete(partition);
    if (reader.inHand === partition) this.#host.wake(client, undefined);
    reader.drop(partition);
    this.#readerOf[partition] = NOBODY;
    this.#rouse(client);
  }

  #seek(partition: number, to: number, cause: string): void {
    const back = this.#position[partition] - to;
    if (back === 0) return;
    if (back > 0) this.ledger.rollBack(partition, back, cause);
    else this.ledger.lose(partition, -back, cause);
    this.#position[partition] = to;
    this.#touch(partition);
  }

  #touch(partition: number): void {
    this.#change();
    this.#touched.add(partition);
  }

  #change(): void {
    if (this.#open) return;
    this.#open = true;
    this.#host.changed();
  }

  #emit(): void {
    const touched = [...this.#touched].sort((a, b) => a - b);
    this.#touched.clear();
    for (let next = 0, topic = 0; next < touched.length; topic++) {
      const first = this.#firstOf[topic];
      const end = this.#firstOf[topic + 1];
      const of = touched.slice(next).filter((partition) => partition < end);
      next += of.length;
      if (of.length === 0) continue;
      for (const partition of of) this.#imbalance ??= this.ledger.check(partition, this.lag(partition));
      this.#host.emit({
        topic,
        partitions: of.map((partition) => partition - first),
        lag: of.map((partition) => this.lag(partition)),
        in: 0,
        out: 0,
        arrived: of.map((partition) => this.#arrived[partition]),
      });
      for (const partition of of) this.#arrived[partition] = 0;
    }
  }
}
