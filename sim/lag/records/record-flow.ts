import type { Duration, Instant } from "../../engine/time.ts";
import type { FetchLimits } from "../fetch-limits.ts";
import { type Cut, type Flow, type LagBatch, NO_CUT, type Totals } from "../flow.ts";
import { Ledger } from "../ledger.ts";
import { movedUp, Moves, NO_MOVE, type Aside, type Causes, type InHand, type Move, type Stretch } from "../moves.ts";
import type { Arrivals } from "./arrivals.ts";
import { Fetches, type FetchHost, type Leg, type Portion } from "./fetches.ts";
import { type Passage, Trail } from "../passages.ts";
import { LogPartition } from "./log-partition.ts";
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

/** Records of one partition, from one fetch, that a poll() handed to its application. */
export interface PolledRecords {
  readonly client: number;
  readonly partition: number;
  readonly records: number;
  /** The offset of the next record that poll() will hand out: a consumer's own position. */
  readonly position: number;
  /** The log end offset that the fetch of these records found. */
  readonly end: number;
}

/** What the model of single records asks of the world. */
export interface RecordHost extends Omit<FetchHost, "after" | "end"> {
  now(): Instant;
  /** How records of this partition follow one another. */
  arrivals(partition: number): Arrivals;
  /** Call `arrived(partition)` at that instant, or not any more. Replaces what was asked for this partition before. */
  expect(partition: number, at: Instant | undefined): void;
  /** Call `fetched(leg, fetch)` after so long, or not any more. Replaces what was asked for this leg and fetch before. */
  fetchAfter(leg: Leg, fetch: number, delay: Duration | undefined): void;
  /** How long the application of this client works on its next record. */
  service(client: number): Duration;
  /** Call `wake(client)` at that instant, or not any more. Replaces what was asked for this client before. */
  wake(client: number, at: Instant | undefined): void;
  /** A batch was handed to this client, or it is through with one and nothing waits: `backlogged` has changed. */
  saturationChanged(client: number): void;
  processed(record: ProcessedRecord): void;
  polled(portion: PolledRecords): void;
  /** Something changed at this instant: call `flush()` before the clock moves on. Said once until then. */
  changed(): void;
  /** Lines of some partitions of one topic: steps, so flat until the next one. */
  emit(batch: LagBatch): void;
}

/** Who reads a partition that nobody reads. */
const NOBODY = -1;

/**
 * The lag of one group record by record: each record is produced at an instant of its own, waits in its partition, is
 * fetched from its leader, handed out by some poll() and processed in a time of its own. What the fluid model smooths over
 * is exact here: the waiting line in front of a consumer that is not overloaded, the way to the leader and back, the batch
 * in its hands when it crashes, the latency of every record. It costs two events a record and three a fetch, so it is for
 * small scale, and to hold the fluid model against.
 *
 * poll() hands out what has been fetched, and sends the next fetches before it returns, so that these are under way while
 * the application works; where nothing is there it sends them and waits for an answer. Kafka:
 * `ClassicKafkaConsumer.poll`, `pollForFetches`.
 *
 * As in the fluid model a position is where *processing* has come to; what poll() handed out beyond it is
 * `handedOut`. Lag is what was not processed yet.
 */
export class RecordFlow implements Flow {
  readonly ledger: Ledger;
  readonly partitions: number;
  readonly #host: RecordHost;
  readonly #limits: FetchLimits;
  readonly #fetches: Fetches;
  readonly #firstOf: readonly number[];
  readonly #logs: LogPartition[];
  readonly #arrivals: Arrivals[];
  readonly #readers: Reader[] = [];
  // By partition, and behind those by line of a reader on its own account.
  readonly #readerOf: number[];
  readonly #position: number[];
  readonly #held: boolean[];
  /** The partition that each such line is of; and the lines of a partition. */
  readonly #ownPartition: number[] = [];
  readonly #ownLines = new Map<number, readonly number[]>();
  /** Where their readers have been. */
  readonly #trails = new Map<number, Trail>();
  readonly #moves: Moves;

  #open = false;
  readonly #touched = new Set<number>();
  /** Those whose reader gets at them again, or does not any more, since that was last told. */
  readonly #turned = new Set<number>();
  readonly #arrived: Float64Array;
  /** Records that are gone since that was last told, of those partitions of which any are. */
  readonly #gone = new Map<number, number>();
  readonly #roused = new Set<number>();
  #imbalance: string | undefined;

  /** `topics`: how many partitions each has. */
  constructor(topics: readonly number[], limits: FetchLimits, host: RecordHost) {
    const firstOf = [0];
    for (const partitions of topics) firstOf.push(firstOf[firstOf.length - 1] + partitions);
    this.partitions = firstOf[firstOf.length - 1];
    this.#firstOf = firstOf;
    this.#limits = limits;
    this.#host = host;
    this.ledger = new Ledger(this.partitions);
    this.#moves = new Moves(this.ledger);
    this.#logs = Array.from({ length: this.partitions }, () => new LogPartition());
    this.#arrivals = Array.from({ length: this.partitions }, (_, partition) => host.arrivals(partition));
    this.#readerOf = this.#logs.map(() => NOBODY);
    this.#position = this.#logs.map(() => 0);
    this.#held = this.#logs.map(() => false);
    this.#arrived = new Float64Array(this.partitions);
    this.#fetches = new Fetches(limits, {
      leaderOf: (line) => host.leaderOf(this.#partitionOf(line)),
      answers: host.answers,
      delay: host.delay,
      recordSize: (line) => host.recordSize(this.#partitionOf(line)),
      after: host.fetchAfter,
      end: (line) => this.#logs[line].watermark,
    });
  }

  indexOf(topic: number, partition: number): number {
    return this.#firstOf[topic] + partition;
  }

  // ── What happens ──────────────────────────────────────────────────────────────────────────────────────────────

  setRate(partition: number, recordsPerSecond: number): void {
    const arrivals = this.#arrivals[partition];
    if (arrivals.recordsPerSecond === recordsPerSecond) return;
    arrivals.setRate(recordsPerSecond, this.#host.now());
    this.#expectNext(partition);
  }

  /** The next record of this partition comes now, as the model asked to be told. */
  arrived(partition: number): void {
    this.arrive(partition, 1);
    this.#expectNext(partition);
  }

  /** Only whole records come; what is left of a fluid's burst is none. */
  arrive(partition: number, records: number): void {
    const whole = Math.round(records);
    const log = this.#logs[partition];
    const before = log.watermark;
    for (let i = 0; i < whole; i++) log.append(this.#host.now());
    this.#show(partition, log.watermark - before);
  }

  standStill(partition: number, since: Instant | undefined): void {
    const log = this.#logs[partition];
    const before = log.watermark;
    log.standStill(since);
    this.#show(partition, log.watermark - before);
  }

  /** How many are gone its own log says. */
  cutBack(partition: number, to: Instant, _gone: number, cause: string): Cut {
    const log = this.#logs[partition];
    const gone = log.cutBack(to);
    if (gone === 0) return NO_CUT;
    const end = log.watermark;
    const from = end - gone;
    const move = this.#moves.cutBack(partition, this.#processGone(partition, from, gone), from, end, 1, cause);
    for (const line of this.#linesOf(partition)) {
      const position = this.#position[line];
      const reader = this.#readerOf[line];
      if (reader !== NOBODY) {
        this.#readers[reader].cutBack(line, Math.max(0, from - position));
        this.#rouse(reader);
      }
      this.#position[line] = movedUp(position, gone, end);
      this.#trails.get(line)?.cutBack(gone, end);
    }
    this.#gone.set(partition, (this.#gone.get(partition) ?? 0) + gone);
    this.#touch(partition);
    return { ...move, gone };
  }

  /**
   * What somebody has in hand of records that are gone he processes; to the books that goes at once. Returns up to where the
   * partition was handed out.
   */
  #processGone(partition: number, from: number, gone: number): number {
    const client = this.#readerOf[partition];
    const position = this.#position[partition];
    const handedOut = position + this.within(partition);
    const startedAt = this.#host.now();
    for (let offset = Math.max(position, from); offset < handedOut; offset++) {
      this.ledger.consume(partition, 1);
      const producedAt = this.#logs[partition].producedAt(offset + gone);
      this.#host.processed({ client, partition, offset, producedAt, startedAt });
    }
    return handedOut;
  }

  /** What a fetch waited for on this leg has come, as the model asked to be told. */
  fetched(leg: Leg, fetch: number): void {
    const back = this.#fetches.due(leg, fetch);
    if (!back) return;
    for (const portion of back.portions) this.#receive(back.client, portion);
    this.#rouse(back.client);
  }

  skip(partition: number, to: number, cause: string): Move {
    const position = this.#position[partition];
    const target = Math.min(Math.ceil(to), this.#logs[partition].watermark);
    if (target <= position) return NO_MOVE;
    return this.seek(partition, target, { reread: cause, lost: cause });
  }

  recover(partition: number, from: number, to: number): readonly Stretch[] {
    return this.#moves.recover(partition, from, to);
  }

  hold(partition: number, held: boolean): boolean {
    const turned = this.#held[partition] !== held;
    this.#held[partition] = held;
    const reader = this.#readerOf[partition];
    if (turned && partition < this.partitions) {
      this.#turned.add(partition);
      this.#touch(partition);
    }
    if (reader === NOBODY) return turned;
    this.#fetches.regated(reader, partition);
    this.#rouse(reader);
    return turned;
  }

  /** A consumer whose thread is inside poll(). How fast it is, is the host's business. */
  addClient(): number {
    return this.#readers.push(new Reader(this.#limits.records)) - 1;
  }

  /** At 0 the record in hand does not get done, and no other is begun; any other capacity is as good as the next. */
  setCapacity(client: number, recordsPerSecond: number): void {
    const reader = this.#readers[client];
    const held = recordsPerSecond === 0;
    if (held === reader.held) return;
    reader.held = held;
    if (!held) {
      if (reader.inHand === undefined) reader.entered = this.#host.now();
      return this.#rouse(client);
    }
    if (reader.doneAt === undefined) return;
    const left = reader.doneAt - this.#host.now();
    // At the instant at which it was handed out its work has not begun: it does when the client goes on.
    if (reader.startedAt === this.#host.now()) reader.putBack(left);
    else reader.left = left;
    reader.doneAt = undefined;
    this.#host.wake(client, undefined);
  }

  /**
   * From now on each poll() of this client that begins looks for its coordinator for so long before it returns anything;
   * `undefined`: none does. One that has done so already, and waits for records, returns with them until its timeout,
   * `longest`, is over. Kafka: `ClassicKafkaConsumer.poll`, `pollForFetches`.
   */
  searchInPoll(client: number, lasts: Duration | undefined, longest: Duration): void {
    const reader = this.#readers[client];
    const search = lasts === 0 ? undefined : lasts;
    if (search !== undefined && reader.search === undefined) {
      const since = this.#host.now() - reader.entered;
      reader.entered += Math.ceil(since / longest) * longest;
    }
    reader.search = search;
    this.#rouse(client);
  }

  read(client: number, partitions: readonly number[]): void {
    for (const partition of partitions) {
      const before = this.#readerOf[partition];
      if (before === client) continue;
      if (before !== NOBODY) this.#take(before, partition);
      this.#readerOf[partition] = client;
      this.#readers[client].partitions.add(partition);
    }
    this.#rouse(client);
  }

  seek(partition: number, to: number, causes: Causes, inHand?: InHand): Move {
    const target = Math.round(to);
    const move = this.#moves.set(partition, this.#position[partition], target, 1, causes, inHand);
    this.#position[partition] = target;
    const reader = this.#readerOf[partition];
    if (reader !== NOBODY) this.#drop(reader, partition);
    this.#touch(partition);
    return move;
  }

  /** What it holds of them is dropped. */
  stop(client: number, partitions: Iterable<number>): void {
    for (const partition of [...partitions]) if (this.#readerOf[partition] === client) this.#take(client, partition);
  }

  handOutNoMore(partition: number): void {
    this.#readers[this.#readerOf[partition]].keepOnlyInHand(partition);
  }

  endOfHandedOut(line: number): number {
    return this.#position[line] + this.within(line);
  }

  /** What it has fetched and was handed of the partition it keeps. Numbers are not given twice: a fetch may be under way. */
  detach(partition: number): number {
    const client = this.#readerOf[partition];
    const line = this.#branch(client, partition, this.#position[partition]);
    this.#readerOf[partition] = NOBODY;
    this.#readers[client].rename(partition, line);
    return line;
  }

  readAside(client: number, partition: number, from: number): number {
    const line = this.#branch(client, partition, Math.round(from));
    this.#readers[client].partitions.add(line);
    this.#rouse(client);
    return line;
  }

  enterAside(line: number, from: number, to: number, cause: string): Aside {
    const partition = this.#partitionOf(line);
    return this.#moves.aside(partition, this.#position[partition], from, to, 1, cause);
  }

  /** Each record by itself. */
  passages(line: number): readonly Passage[] {
    return this.#trails.get(line)!.take();
  }

  discard(line: number): void {
    const partition = this.#partitionOf(line);
    this.#take(this.#readerOf[line], line);
    this.#trails.delete(line);
    const others = this.#ownLines.get(partition)!.filter((other) => other !== line);
    this.#ownLines.set(partition, others);
  }

  /** A client seeks back to what it has in hand: that is fetched anew. */
  handBack(client: number): void {
    const reader = this.#readers[client];
    for (let partition = reader.inHand; partition !== undefined; partition = reader.inHand) {
      this.#drop(client, partition);
    }
  }

  /** The record in hand is done; or there is none, and poll() returns. */
  wake(client: number): void {
    const reader = this.#readers[client];
    const partition = reader.inHand;
    if (partition === undefined) return this.#rouse(client);
    if (!reader.isGone) {
      const offset = this.#position[partition]++;
      if (partition < this.partitions) {
        this.ledger.consume(partition, 1);
        this.#touch(partition);
        const producedAt = this.#logs[partition].producedAt(offset);
        this.#host.processed({ client, partition, offset, producedAt, startedAt: reader.startedAt });
      } else this.#trails.get(partition)!.reach(this.#host.now(), offset + 1, 0);
    }
    reader.done();
    if (reader.inHand === undefined) {
      reader.entered = this.#host.now();
      this.#host.saturationChanged(client);
    }
    this.#rouse(client);
  }

  /** Consumers that may go on do: with the next record in hand, or with the next batch. */
  flush(): void {
    const roused = [...this.#roused].sort((a, b) => a - b);
    this.#roused.clear();
    for (const client of roused) this.#work(client);
    this.#emit();
    this.#open = false;
  }

  // ── What is so ────────────────────────────────────────────────────────────────────────────────────────────────

  backlogged(client: number): boolean {
    return this.#readers[client].inHand !== undefined;
  }

  hasWork(client: number): boolean {
    if (this.backlogged(client)) return true;
    for (const partition of this.#readers[client].partitions) if (this.inflowOf(partition) > 0) return true;
    return false;
  }

  /** Whether something keeps this client from working on its batch. */
  isHeld(client: number): boolean {
    return this.#readers[client].held;
  }

  /** When the batch in hand will be done, if nothing holds it up from now on; `undefined` if there is none. */
  batchEnd(client: number): Instant | undefined {
    const { inHand, doneAt, left, rest } = this.#readers[client];
    if (inHand === undefined) return undefined;
    return (doneAt ?? this.#host.now() + (left ?? 0)) + rest;
  }

  inflowOf(partition: number): number {
    return this.#arrivals[partition].recordsPerSecond;
  }

  readerOf(partition: number): number | undefined {
    return this.#readerOf[partition] === NOBODY ? undefined : this.#readerOf[partition];
  }

  lagAt(partition: number): number {
    return this.#logs[partition].watermark - this.#position[partition];
  }

  produced(partition: number): number {
    return this.#logs[partition].watermark;
  }

  position(partition: number): number {
    return this.#position[partition];
  }

  /** Nothing is worked out here, so only the present is asked for. */
  positionAt(partition: number): number {
    return this.#position[partition];
  }

  positionNow(partition: number): number {
    return this.#position[partition];
  }

  /** What poll() has handed to the reader beyond the position: its batch is done as a whole. */
  within(partition: number): number {
    const reader = this.#readerOf[partition];
    return reader === NOBODY ? 0 : this.#readers[reader].handedOut(partition);
  }

  totals(): Totals {
    const sum = { produced: 0, consumed: 0, lag: 0, reread: 0, lost: 0 };
    for (let partition = 0; partition < this.partitions; partition++) {
      sum.produced += this.ledger.produced(partition);
      sum.consumed += this.ledger.consumed(partition);
      sum.lag += this.lagAt(partition);
      sum.reread += this.ledger.reread(partition);
      sum.lost += this.ledger.lost(partition);
    }
    return sum;
  }

  audit(): string | undefined {
    return this.#imbalance;
  }

  // ── How ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A line of this client's own beside that of a partition. */
  #branch(client: number, partition: number, position: number): number {
    const line = this.#logs.length;
    this.#ownPartition.push(partition);
    this.#ownLines.set(partition, [...(this.#ownLines.get(partition) ?? []), line]);
    this.#logs[line] = this.#logs[partition];
    this.#arrivals[line] = this.#arrivals[partition];
    this.#position[line] = position;
    this.#held[line] = this.#held[partition];
    this.#readerOf[line] = client;
    this.#trails.set(line, new Trail(this.#host.now(), position));
    return line;
  }

  /** So many records more can be read. */
  #show(partition: number, records: number): void {
    if (records === 0) return;
    this.ledger.produce(partition, records);
    this.#arrived[partition] += records;
    this.#touch(partition);
    for (const line of this.#linesOf(partition)) this.#fetches.arrived(line);
  }

  #expectNext(partition: number): void {
    this.#host.expect(partition, this.#arrivals[partition].next(this.#host.now()));
  }

  #partitionOf(line: number): number {
    return line < this.partitions ? line : this.#ownPartition[line - this.partitions];
  }

  /** A partition, and the lines of those who read it on their own account. */
  #linesOf(partition: number): readonly number[] {
    return [partition, ...(this.#ownLines.get(partition) ?? [])];
  }

  /** Lets a consumer that may have something to do go on, at the end of this instant. */
  #rouse(client: number): void {
    this.#change();
    this.#roused.add(client);
  }

  /** What it has asked for next: the offset behind all that poll() has handed out. */
  #fetchOffset(reader: Reader, partition: number): number {
    return this.#position[partition] + reader.handedOut(partition);
  }

  /**
   * What a fetch brought of a partition is kept, unless that is not read by this client any more, or from elsewhere. Kafka:
   * `FetchCollector.handleInitializeSuccess`.
   */
  #receive(client: number, { partition: asked, offset, records, end }: Portion): void {
    // What was asked for as the group's may have become its own account since.
    const partition = this.#linesOf(asked).find((line) => this.#readerOf[line] === client);
    if (partition === undefined) return;
    const reader = this.#readers[client];
    if (!reader.partitions.has(partition)) return;
    reader.partitions.delete(partition); // the leader looks at it last the next time
    reader.partitions.add(partition);
    if (reader.isBuffered(partition) || this.#fetchOffset(reader, partition) !== offset) return;
    reader.buffer(partition, records, end);
  }

  #sendFetches(client: number): void {
    const reader = this.#readers[client];
    const wanted: number[] = [];
    for (const partition of reader.partitions) {
      if (!this.#held[partition] && !reader.isBuffered(partition)) wanted.push(partition);
    }
    if (wanted.length === 0) return;
    this.#fetches.send(client, wanted, reader.buffered, (partition) => this.#fetchOffset(reader, partition));
  }

  /** Works on: the next record of the batch in hand, or the next poll's batch if there is one. */
  #work(client: number): void {
    const reader = this.#readers[client];
    if (reader.held || reader.doneAt !== undefined) return;
    const now = this.#host.now();
    const polls = reader.inHand === undefined;
    if (polls) {
      const returns = reader.returnsAt(now);
      if (returns > now) return this.#host.wake(client, returns);
      const service = (): Duration => Math.max(1, this.#host.service(client));
      reader.poll(service, ({ partition: line, records, end }) => {
        const position = this.#fetchOffset(reader, line);
        this.#host.polled({ client, partition: this.#partitionOf(line), records, position, end });
      });
      this.#sendFetches(client);
    }
    if (reader.inHand === undefined) return;
    if (reader.left === undefined) reader.startedAt = now;
    reader.doneAt = now + (reader.left ?? reader.next());
    reader.left = undefined;
    this.#host.wake(client, reader.doneAt);
    if (polls) this.#host.saturationChanged(client);
  }

  #take(client: number, partition: number): void {
    this.#readers[client].partitions.delete(partition);
    this.#drop(client, partition);
    this.#readerOf[partition] = NOBODY;
  }

  #drop(client: number, partition: number): void {
    const reader = this.#readers[client];
    const { inHand } = reader;
    if (inHand === partition) this.#host.wake(client, undefined);
    reader.drop(partition);
    if (inHand !== undefined && reader.inHand === undefined) reader.entered = this.#host.now();
    this.#rouse(client);
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
      for (const partition of of) this.#imbalance ??= this.ledger.check(partition, this.lagAt(partition));
      this.#host.emit({
        topic,
        partitions: of.map((partition) => partition - first),
        lag: of.map((partition) => this.lagAt(partition)),
        in: 0,
        out: 0,
        arrived: of.map((partition) => this.#arrived[partition]),
        ...(of.some((partition) => this.#gone.has(partition)) && {
          gone: of.map((partition) => this.#gone.get(partition) ?? 0),
        }),
        ...(of.some((partition) => this.#turned.has(partition)) && {
          held: of.map((partition) => this.#held[partition]),
        }),
      });
      for (const partition of of) this.#arrived[partition] = 0;
    }
    this.#turned.clear();
    this.#gone.clear();
  }
}
