import type { Instant } from "../engine/time.ts";
import { SECOND } from "../engine/time.ts";
import { fetchCeilings, isFelt, type Route } from "./fetch-ceilings.ts";
import type { Flow, Totals } from "./flow.ts";
import { Ledger } from "./ledger.ts";
import {
  type Aside,
  type Causes,
  type InHand,
  type Move,
  Moves,
  NO_MOVE,
  NOTHING_IN_HAND,
  type Stretch,
} from "./moves.ts";
import { type Passage, Trail } from "./passages.ts";
import { fairLevel, fairLevelOf, fairShare, isWithin } from "./sharing.ts";

/** What the fluid model asks of the world. */
export interface FluidHost {
  now(): Instant;
  /** Call `wake(client)` at that instant, or not any more. Replaces what was asked for this client before. */
  wake(client: number, at: Instant | undefined): void;
  /** This client fell behind, or caught up: what `backlogged` says of it has changed. */
  saturationChanged(client: number): void;
  /** Lines bend at this instant: call `flush()` before the clock moves on. Said once until then. */
  changed(): void;
  /** The lines of one topic that bend now, ascending by partition. */
  emit(batch: LagBatch): void;
  /**
   * The last two instants, up to now, of which somebody may ask where this client's reading stood then (`positionAt`);
   * absent where there are none.
   */
  marks?(client: number): readonly [last: Instant, previous: Instant | undefined] | undefined;
}

/** New lines of some partitions of one topic. A number in place of a list stands for all of them. */
export interface LagBatch {
  /** The topic's place in the list the model was made with. */
  readonly topic: number;
  readonly partitions: readonly number[];
  /** Records not yet read, to the sixth decimal. */
  readonly lag: number | readonly number[];
  /** Production, records per second, from now on. */
  readonly in: number | readonly number[];
  /** Consumption, records per second, from now on. */
  readonly out: number | readonly number[];
  /** Records that came in all at once, now; absent: none. */
  readonly arrived?: number | readonly number[];
  /** Records per second that come in and cannot be read yet, from now on; `null`: all can. Absent: of none is that so. */
  readonly above?: number | null | readonly (number | null)[];
}

/** Where reading starts if it is not the present position, and why. */
export interface StartingPoint {
  /** A position for each partition: behind the present one, and records are read again; ahead, and they are lost. */
  readonly from: readonly number[];
  /** `crash`, `reset` …: goes to the books with the records. */
  readonly cause: string;
}

/** Who reads a partition that nobody reads. */
const NOBODY = -1;

const NO_LINES: readonly number[] = [];

/** In place of a rate: all that comes into a partition can be read at once. */
const MOVES = -1;

/** Of a reader whose leaders are all near. */
const NO_ROUTES: Client["routes"] = new Map();

/** The calendar's end: further than any run goes, and a float that still counts microseconds. */
const NEVER = 1e15;

/**
 * The quotient that says when a partition is empty carries the noise of its floats. So much of a microsecond is
 * forgiven, so that an exact answer is not pushed to the next one.
 */
const GRACE = 0.01;

/** A position set back or forward by less has not moved: offsets are whole numbers, the rest is the noise of floats. */
const leastStep = (produced: number): number => 1e-6 + 1e-12 * produced;

interface Client {
  /** Records per second. */
  capacity: number;
  /** The same while nothing holds it up. */
  readonly usual: number;
  readonly reads: Set<number>;
  /** The same ascending by number, and ascending by inflow; to be made again when `shuffled`. */
  byNumber: readonly number[];
  byInflow: readonly number[];
  /** Up to where it reads some of them at most. */
  readonly limits: Map<number, number>;
  /** The ways that are felt, and what it reads over each. */
  routes: ReadonlyMap<Route, readonly number[]>;
  shuffled: boolean;
  /** Its lines have to be worked out again. */
  stale: boolean;
  /** It works at its full capacity: something waits, or more arrives than it can take. */
  saturated: boolean;
  /** The instant it asked to be woken at. */
  wakeAt: Instant | undefined;
}

/**
 * The lag of one group as a fluid: records flow in at each partition's rate and are drained by the client that reads
 * it, and between breakpoints every line is straight. So lag costs nothing per record. Breakpoints: a partition runs
 * dry, a rate changes, a reader comes or goes, a capacity changes.
 *
 * A client shares its capacity as `sharing.ts` says: caught-up partitions take what arrives, backlogged ones share
 * the rest equally. It works at full capacity while anything waits; but no partition is read faster than its chunks can be
 * fetched from its leader, where that is far away (`fetch-ceilings.ts`).
 *
 * Partitions are numbered densely, topic after topic (`indexOf`). All that happens at one instant is worked out once,
 * at its end: changes mark what they touch, and `flush` recomputes the touched clients and emits, per topic, the
 * lines that came out different. A breakpoint of a client with k partitions costs O(k), and k log k if what it reads
 * changed; other clients cost nothing.
 *
 * **Rounding.** Time is whole microseconds, but a line reaches zero at a real instant. The partition is dry at the
 * first whole microsecond at or after it. By then the straight line has gone below zero by less than a microsecond's
 * worth of draining; so much was never there, is not counted as read, and the lag is exactly 0.
 *
 * **Fluid against records.** Offsets are whole numbers in Kafka. The fluid differs from them by less than one record
 * a partition, and by the batch a client holds in its hands.
 */
export class FluidLag implements Flow {
  readonly ledger: Ledger;
  readonly partitions: number;
  readonly #host: FluidHost;
  /** Where each topic's partitions begin, and behind the last one. */
  readonly #firstOf: readonly number[];
  readonly #clients: Client[] = [];

  // The line of each partition: lag(t) = lag + (inflow − outflow) · (t − since), until `dryAt`. Behind those of the
  // partitions are the lines of readers on their own account.
  #since: Float64Array;
  #lag: Float64Array;
  #inflow: Float64Array;
  #outflow: Float64Array;
  #dryAt: Float64Array;
  #reader: Int32Array;
  /** Whether nobody gets anything of it at present, not even its reader. */
  #held: Uint8Array;

  /** The partition that each line behind the partitions is of; and the lines of a partition. */
  readonly #ownPartition: number[] = [];
  readonly #ownLines = new Map<number, readonly number[]>();
  readonly #freeLines: number[] = [];
  /** Where their readers have been. */
  readonly #trails = new Map<number, Trail>();
  /** By partition: what comes in and cannot be read yet, where the watermark stands still; otherwise `MOVES`. */
  readonly #above: Float64Array;
  /** How many watermarks stand still. */
  #standing = 0;

  // What readers of the trace know: before its first line, a partition has none of all three.
  readonly #toldInflow: Float64Array;
  readonly #toldOutflow: Float64Array;
  readonly #toldAbove: Float64Array;
  /** Whether the position was set since, or records came in at once, and how many. */
  readonly #jumped: Uint8Array;
  readonly #arrived: Float64Array;

  // The way to the leader, where it is felt; and how fast the line can be read for that, records per second.
  readonly #route: (Route | undefined)[];
  #recordSize: Float64Array;
  #ceiling: Float64Array;

  readonly #moves: Moves;

  // Where reading stood at the last two instants that were marked, of lines that have bent since.
  readonly #markedAt: Float64Array;
  readonly #marked: Float64Array;
  readonly #markedBeforeAt: Float64Array;
  readonly #markedBefore: Float64Array;

  // What waits for `flush`: clients to be worked out again, partitions that may have to be told of.
  #staleClients: number[] = [];
  #touched: number[] = [];
  /** Whether they are ascending, as they come when only one client is touched. */
  #ascending = true;
  readonly #isTouched: Uint8Array;
  /** The first violation of the law of conservation. */
  #imbalance: string | undefined;
  /** The instant whose changes wait for `flush`. */
  #open: Instant | undefined;
  #linesComputed = 0;

  /** `topics`: how many partitions each has. */
  constructor(topics: readonly number[], host: FluidHost) {
    const firstOf = [0];
    for (const partitions of topics) firstOf.push(firstOf[firstOf.length - 1] + partitions);
    const total = firstOf[firstOf.length - 1];
    this.#firstOf = firstOf;
    this.partitions = total;
    this.#host = host;
    this.ledger = new Ledger(total);
    this.#moves = new Moves(this.ledger);
    this.#since = new Float64Array(total).fill(host.now());
    this.#lag = new Float64Array(total);
    this.#inflow = new Float64Array(total);
    this.#above = new Float64Array(total).fill(MOVES);
    this.#outflow = new Float64Array(total);
    this.#dryAt = new Float64Array(total).fill(Infinity);
    this.#reader = new Int32Array(total).fill(NOBODY);
    this.#toldInflow = new Float64Array(total);
    this.#toldOutflow = new Float64Array(total);
    this.#toldAbove = new Float64Array(total).fill(MOVES);
    this.#jumped = new Uint8Array(total);
    this.#arrived = new Float64Array(total);
    this.#held = new Uint8Array(total);
    this.#route = Array.from({ length: total }, () => undefined);
    this.#recordSize = new Float64Array(total);
    this.#ceiling = new Float64Array(total).fill(Infinity);
    this.#isTouched = new Uint8Array(total);
    this.#markedAt = new Float64Array(total).fill(-1);
    this.#marked = new Float64Array(total);
    this.#markedBeforeAt = new Float64Array(total).fill(-1);
    this.#markedBefore = new Float64Array(total);
  }

  /** The dense number of a topic's partition. */
  indexOf(topic: number, partition: number): number {
    return this.#firstOf[topic] + partition;
  }

  // ── What happens ──────────────────────────────────────────────────────────────────────────────────────────────

  /** Records per second come into this partition from now on. */
  setRate(partition: number, recordsPerSecond: number): void {
    assertRate("production", recordsPerSecond);
    if (this.#above[partition] === MOVES) return this.#letIn(partition, recordsPerSecond);
    if (recordsPerSecond === this.#above[partition]) return;
    this.#settle(partition);
    this.#above[partition] = recordsPerSecond;
  }

  standStill(partition: number, since: Instant | undefined, readable: number): void {
    const above = this.#above[partition];
    if (since !== undefined && above === MOVES) {
      this.#settle(partition);
      this.#standing++;
      this.#above[partition] = this.#inflow[partition];
      this.#letIn(partition, 0);
    } else if (since === undefined && above !== MOVES) {
      this.#settle(partition);
      this.#standing--;
      this.#above[partition] = MOVES;
      this.#letIn(partition, above);
    }
    this.arrive(partition, readable);
  }

  /** The same for consecutive partitions from `first` on, for instance those of one topic. */
  setRates(recordsPerSecond: ArrayLike<number>, first = 0): void {
    for (let i = 0; i < recordsPerSecond.length; i++) this.setRate(first + i, recordsPerSecond[i]);
  }

  /** So many records come into this partition at once. */
  arrive(partition: number, records: number): void {
    assertRate("number of records", records);
    if (records === 0) return;
    this.#addLag(partition, records);
    for (const line of this.#ownLinesOf(partition)) this.#addLag(line, records);
    this.ledger.produce(partition, records);
    this.#arrived[partition] += records;
    this.#jumped[partition] = 1;
  }

  /** Nobody will ever read what is before this position, if that is ahead: what has never been read is lost. */
  skip(partition: number, to: number, cause: string): Move {
    this.#settle(partition);
    if (to <= this.ledger.produced(partition) - this.#lag[partition]) return NO_MOVE;
    const move = this.#seek(partition, to, { reread: cause, lost: cause }, NOTHING_IN_HAND);
    this.#bendsFor(partition);
    return move;
  }

  recover(partition: number, from: number, to: number): readonly Stretch[] {
    return this.#moves.recover(partition, from, to);
  }

  /**
   * Nothing of this partition can be had at present (it has no leader, say), or it can again. Its reader stays its
   * reader, and shares its capacity among the others meanwhile.
   */
  hold(partition: number, held: boolean): boolean {
    if (held === (this.#held[partition] === 1)) return false;
    this.#settle(partition);
    this.#held[partition] = held ? 1 : 0;
    this.#outflow[partition] = 0;
    this.#dryAt[partition] = Infinity;
    this.#bendsFor(partition);
    return true;
  }

  /** A client that can process so many records per second. Clients are numbered from 0. */
  addClient(recordsPerSecond: number): number {
    assertRate("capacity", recordsPerSecond);
    return (
      this.#clients.push({
        capacity: recordsPerSecond,
        usual: recordsPerSecond,
        reads: new Set(),
        byNumber: [],
        byInflow: [],
        limits: new Map(),
        routes: NO_ROUTES,
        shuffled: false,
        stale: false,
        saturated: false,
        wakeAt: undefined,
      }) - 1
    );
  }

  /**
   * By which way the reader of a partition, or of a line of its own, gets at its records, of so many bytes, from now on.
   */
  route(line: number, route: Route | undefined, recordSize: number): void {
    const reader = this.#reader[line];
    const felt = reader !== NOBODY && route && isFelt(route, recordSize, this.#clients[reader].usual);
    const found = felt ? route : undefined;
    if (found === this.#route[line]) return;
    this.#route[line] = found;
    this.#recordSize[line] = recordSize;
    this.#ceiling[line] = Infinity;
    this.#bendsFor(line);
  }

  /** 0 while a client is stuck in a batch. */
  setCapacity(client: number, recordsPerSecond: number): void {
    assertRate("capacity", recordsPerSecond);
    if (recordsPerSecond === this.#clients[client].capacity) return;
    this.#clients[client].capacity = recordsPerSecond;
    this.#markStale(client);
  }

  /** This client reads those of its partitions no further than so far, or than it has. */
  limit(client: number, to: ReadonlyMap<number, number>): void {
    const reader = this.#clients[client];
    for (const [partition, position] of to) reader.limits.set(partition, position);
    reader.shuffled = true;
    this.#markStale(client);
  }

  /** Takes this client's limits away, so that it reads on; false if it had none. */
  unlimit(client: number): boolean {
    const reader = this.#clients[client];
    if (reader.limits.size === 0) return false;
    reader.limits.clear();
    reader.shuffled = true;
    this.#markStale(client);
    return true;
  }

  /**
   * These partitions are read by this client from now on, from where the group is, or from the given positions.
   * Whoever read one of them before does so no longer.
   */
  read(client: number, partitions: readonly number[], start?: StartingPoint): void {
    partitions.forEach((partition, i) => {
      const before = this.#reader[partition];
      if (before !== client) {
        if (before !== NOBODY) this.#take(before, partition);
        this.#reader[partition] = client;
        this.#clients[client].reads.add(partition);
        this.#clients[client].shuffled = true;
      }
      this.#settle(partition);
      if (start) this.#seek(partition, start.from[i], { reread: start.cause, lost: start.cause }, NOTHING_IN_HAND);
    });
    if (partitions.length > 0) this.#markStale(client);
  }

  /**
   * Sets the position of a partition, whoever reads it: behind the present one, and records are read again; ahead, and
   * they are lost. `inHand`: what the last reader had in hand beyond it.
   */
  seek(partition: number, to: number, causes: Causes, inHand: InHand): Move {
    this.#settle(partition);
    const move = this.#seek(partition, to, causes, inHand);
    const reader = this.#reader[partition];
    if (reader !== NOBODY) this.#markStale(reader);
    return move;
  }

  /** This client reads these partitions no longer. Those that another has taken over meanwhile stay with that one. */
  stop(client: number, partitions: Iterable<number>): void {
    for (const partition of partitions) {
      if (this.#reader[partition] === client) this.#take(client, partition);
    }
  }

  /** This client reads nothing any more. */
  stopAll(client: number): void {
    this.stop(client, this.#clients[client].reads);
  }

  detach(partition: number): number {
    const client = this.#reader[partition];
    const route = this.#route[partition];
    const { limits } = this.#clients[client];
    const limit = limits.get(partition);
    this.#take(client, partition);
    const line = this.#freeLines.pop() ?? this.partitions + this.#ownPartition.length;
    if (line >= this.#lag.length) this.#grow();
    this.#ownPartition[line - this.partitions] = partition;
    this.#ownLines.set(partition, [...(this.#ownLines.get(partition) ?? []), line]);
    this.#since[line] = this.#since[partition];
    this.#lag[line] = this.#lag[partition];
    this.#inflow[line] = this.#inflow[partition];
    this.#outflow[line] = 0;
    this.#dryAt[line] = Infinity;
    this.#held[line] = this.#held[partition];
    this.#route[line] = route;
    this.#recordSize[line] = this.#recordSize[partition];
    this.#reader[line] = client;
    if (limit !== undefined) limits.set(line, limit);
    this.#clients[client].reads.add(line);
    this.#bendsFor(line);
    this.#trails.set(line, new Trail(this.#host.now(), this.positionNow(line)));
    return line;
  }

  enterAside(line: number, from: number, to: number, cause: string): Aside {
    const partition = this.#partitionOf(line);
    this.#settle(partition);
    const produced = this.ledger.produced(partition);
    return this.#moves.aside(partition, produced - this.#lag[partition], from, to, leastStep(produced), cause);
  }

  passages(line: number): readonly Passage[] {
    const trail = this.#trails.get(line)!;
    trail.reach(this.#host.now(), this.positionNow(line));
    return trail.take();
  }

  discard(line: number): void {
    const partition = this.#partitionOf(line);
    this.#take(this.#reader[line], line);
    this.#trails.delete(line);
    const others = this.#ownLines.get(partition)!.filter((other) => other !== line);
    if (others.length > 0) this.#ownLines.set(partition, others);
    else this.#ownLines.delete(partition);
    this.#freeLines.push(line);
  }

  /** A partition of this client runs dry now, as the model asked to be told. */
  wake(client: number): void {
    this.#markStale(client);
  }

  /** The instant is over: works out what was touched and emits the lines that bend. */
  flush(): void {
    if (this.#open === undefined) return;
    for (const client of this.#staleClients) this.#refresh(client);
    this.#staleClients = [];
    this.#emit();
    this.#open = undefined;
  }

  // ── What is so ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Does it work at full capacity: does anything wait for this client, or more arrive than it can take? */
  backlogged(client: number): boolean {
    const { wakeAt } = this.#clients[client];
    if (wakeAt !== undefined && wakeAt <= this.#host.now()) this.#markStale(client);
    this.#refresh(client);
    return this.#clients[client].saturated;
  }

  /** Does anything arrive at the partitions of this client, or wait in them, though it be beyond a limit? */
  hasWork(client: number): boolean {
    const { reads, limits } = this.#clients[client];
    const now = this.#host.now();
    for (const partition of reads) {
      if (this.#held[partition] === 1) continue;
      if (this.#inflow[partition] > 0 || (limits.has(partition) && this.lagAt(partition, now) > 0)) return true;
    }
    return this.backlogged(client);
  }

  /** Records per second that come in and can be read. */
  inflowOf(partition: number): number {
    return this.#inflow[partition];
  }

  /** Who reads this partition. */
  readerOf(partition: number): number | undefined {
    return this.#reader[partition] === NOBODY ? undefined : this.#reader[partition];
  }

  /** Records not yet read: what came in behind the position. From the last breakpoint on, at any `t`. */
  lagAt(partition: number, t: Instant): number {
    return t >= this.#dryAt[partition] ? 0 : Math.max(0, this.#lineAt(partition, t));
  }

  /** Records produced since the run began, as far as they can be read: the high watermark. */
  produced(line: number, t: Instant): number {
    const partition = this.#partitionOf(line);
    return this.ledger.produced(partition) + flow(this.#inflow[partition], t - this.#since[partition]);
  }

  /** The offset of the next record to be read. */
  position(partition: number, t: Instant): number {
    return this.produced(partition, t) - this.lagAt(partition, t);
  }

  /** The same, now. */
  positionNow(partition: number): number {
    return this.position(partition, this.#host.now());
  }

  /** Where it stood at an instant that `marks` named, or stands now. */
  positionAt(partition: number, t: Instant): number {
    if (this.#markedAt[partition] === t) return this.#marked[partition];
    if (this.#markedBeforeAt[partition] === t) return this.#markedBefore[partition];
    return this.position(partition, t);
  }

  /** Records that come to be read of this partition within a time from now, if all goes on as it does. */
  within(partition: number, duration: number): number {
    const most = Math.min(flow(this.#outflow[partition], duration), this.lagAt(partition, this.#host.now()));
    const reader = this.#reader[partition];
    const limit = reader === NOBODY ? undefined : this.#clients[reader].limits.get(partition);
    return limit === undefined ? most : Math.min(most, Math.max(0, limit - this.positionNow(partition)));
  }

  /** Records behind the position that somebody has read, each counted once. */
  consumed(partition: number, t: Instant): number {
    return this.position(partition, t) - this.ledger.lost(partition);
  }

  /** Sums over all partitions. */
  totals(t: Instant): Totals {
    const sum = { produced: 0, consumed: 0, lag: 0, reread: 0, lost: 0 };
    for (let partition = 0; partition < this.partitions; partition++) {
      sum.produced += this.produced(partition, t);
      sum.consumed += this.consumed(partition, t);
      sum.lag += this.lagAt(partition, t);
      sum.reread += this.ledger.reread(partition);
      sum.lost += this.ledger.lost(partition);
    }
    return sum;
  }

  /** How many times the line of a partition was worked out: the cost of the model, free of any clock. */
  get linesComputed(): number {
    return this.#linesComputed;
  }

  /**
   * The law of conservation: what was wrong with the books of anything touched up to the last flush, or nothing. Each
   * flush looks at what it touched, so to ask after every event costs nothing more.
   */
  audit(): string | undefined {
    return this.#imbalance;
  }

  // ── How ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** So many records per second can be read as they come in. */
  #letIn(partition: number, recordsPerSecond: number): void {
    if (recordsPerSecond === this.#inflow[partition]) return;
    this.#setInflow(partition, recordsPerSecond);
    for (const line of this.#ownLinesOf(partition)) this.#setInflow(line, recordsPerSecond);
  }

  #setInflow(line: number, recordsPerSecond: number): void {
    this.#settle(line);
    this.#inflow[line] = recordsPerSecond;
    this.#bendsFor(line);
  }

  #addLag(line: number, records: number): void {
    this.#settle(line);
    this.#lag[line] += records;
    this.#bendsFor(line);
  }

  /** The lines of those who read a partition on their own account. */
  #ownLinesOf(partition: number): readonly number[] {
    return (this.#ownLines.size > 0 && this.#ownLines.get(partition)) || NO_LINES;
  }

  #partitionOf(line: number): number {
    return line < this.partitions ? line : this.#ownPartition[line - this.partitions];
  }

  /** Makes room for more lines. */
  #grow(): void {
    const lines = 2 * this.#lag.length + 1;
    const longer = <A extends Float64Array | Int32Array | Uint8Array>(made: A, from: A): A => {
      made.set(from);
      return made;
    };
    this.#since = longer(new Float64Array(lines), this.#since);
    this.#lag = longer(new Float64Array(lines), this.#lag);
    this.#inflow = longer(new Float64Array(lines), this.#inflow);
    this.#outflow = longer(new Float64Array(lines), this.#outflow);
    this.#dryAt = longer(new Float64Array(lines), this.#dryAt);
    this.#reader = longer(new Int32Array(lines), this.#reader);
    this.#held = longer(new Uint8Array(lines), this.#held);
    this.#recordSize = longer(new Float64Array(lines), this.#recordSize);
    this.#ceiling = longer(new Float64Array(lines).fill(Infinity), this.#ceiling);
  }

  #take(client: number, partition: number): void {
    this.#settle(partition);
    this.#reader[partition] = NOBODY;
    this.#outflow[partition] = 0;
    this.#dryAt[partition] = Infinity;
    this.#route[partition] = undefined;
    this.#ceiling[partition] = Infinity;
    this.#clients[client].reads.delete(partition);
    this.#clients[client].limits.delete(partition);
    this.#clients[client].shuffled = true;
    this.#markStale(client);
  }

  /** The line of this partition has changed, and with it what its reader has to do. */
  #bendsFor(partition: number): void {
    const reader = this.#reader[partition];
    if (reader === NOBODY) return;
    this.#clients[reader].shuffled = true;
    this.#markStale(reader);
  }

  #markStale(client: number): void {
    this.#openInstant();
    if (this.#clients[client].stale) return;
    this.#clients[client].stale = true;
    this.#staleClients.push(client);
  }

  /** Something changes now; returns when that is. */
  #openInstant(): Instant {
    const now = this.#host.now();
    if (this.#open === now) return now;
    if (this.#open !== undefined) throw new Error(`the changes of ${this.#open} must be flushed before ${now}`);
    this.#open = now;
    this.#host.changed();
    return now;
  }

  /** Works out the lines of one client anew, if anything of it was touched. */
  #refresh(index: number): void {
    const client = this.#clients[index];
    if (!client.stale) return;
    client.stale = false;
    if (client.limits.size > 0) this.#stopAtLimits(index);
    if (client.shuffled) {
      client.byNumber = [...client.reads].filter((partition) => this.#isOpen(index, partition)).sort((a, b) => a - b);
      client.byInflow = client.byNumber.toSorted((a, b) => this.#inflow[a] - this.#inflow[b] || a - b);
      client.routes = this.#routesOf(client.byNumber);
      client.shuffled = false;
    }
    for (const partition of client.byNumber) if (!this.#isFlat(partition)) this.#settle(partition);
    const level =
      client.routes.size > 0
        ? this.#levelBelowCeilings(client)
        : fairLevel(client.capacity, client.byInflow, this.#inflow, this.#lag);
    const saturated = level !== Infinity || (client.routes.size > 0 && this.#isBehind(client));
    const turned = saturated !== client.saturated;
    client.saturated = saturated;
    let next = Infinity;
    for (const partition of client.byNumber) {
      const dryAt = this.#drain(partition, level);
      if (dryAt < next) next = dryAt;
      const stopsAt = client.limits.size > 0 ? this.#stopsAt(index, partition) : Infinity;
      if (stopsAt < next) next = stopsAt;
    }
    this.#linesComputed += client.byNumber.length;
    const wakeAt = next < NEVER ? next : undefined;
    if (wakeAt !== client.wakeAt) this.#host.wake(index, wakeAt);
    client.wakeAt = wakeAt;
    if (turned) this.#host.saturationChanged(index);
  }

  #routesOf(partitions: readonly number[]): Client["routes"] {
    let routes: Map<Route, number[]> | undefined;
    for (const partition of partitions) {
      const route = this.#route[partition];
      if (!route) continue;
      routes ??= new Map();
      const others = routes.get(route);
      if (others) others.push(partition);
      else routes.set(route, [partition]);
    }
    return routes ?? NO_ROUTES;
  }

  /** How fast its partitions can be fetched, as things are, and how it shares its capacity among them then. */
  #levelBelowCeilings({ capacity, byNumber, routes }: Client): number {
    if (capacity === 0) return 0;
    for (const [route, partitions] of routes) {
      const routed = partitions.map((partition) => ({
        recordSize: this.#recordSize[partition],
        inflow: this.#inflow[partition],
        behind: this.#lag[partition] > 0,
      }));
      const ceilings = fetchCeilings(capacity, route, routed);
      partitions.forEach((partition, i) => (this.#ceiling[partition] = ceilings[i]));
    }
    const wants = byNumber.map((partition) => {
      const most = this.#lag[partition] > 0 ? Infinity : this.#inflow[partition];
      return Math.min(most, this.#ceiling[partition]);
    });
    return fairLevelOf(
      capacity,
      wants.sort((a, b) => a - b),
    );
  }

  /** Does anything wait for it, or more arrive than it can fetch? */
  #isBehind({ byNumber }: Client): boolean {
    return byNumber.some(
      (partition) => this.#lag[partition] > 0 || !isWithin(this.#inflow[partition], this.#ceiling[partition]),
    );
  }

  /** Whether its reader gets anything of a partition at present. */
  #isOpen(client: number, partition: number): boolean {
    return this.#held[partition] === 0 && !this.#isAtLimit(client, partition);
  }

  /** What is left up to the limit is less than a microsecond's work. */
  #isAtLimit(client: number, partition: number): boolean {
    const { limits, usual } = this.#clients[client];
    const limit = limits.get(partition);
    return limit !== undefined && limit - this.positionNow(partition) < flow(usual, 1);
  }

  #stopAtLimits(client: number): void {
    const { limits } = this.#clients[client];
    for (const partition of limits.keys()) {
      if (this.#outflow[partition] === 0 || !this.#isAtLimit(client, partition)) continue;
      this.#settle(partition);
      this.#outflow[partition] = 0;
      this.#dryAt[partition] = Infinity;
      this.#clients[client].shuffled = true;
    }
  }

  /** The last microsecond up to which a limit is not passed. */
  #stopsAt(client: number, partition: number): Instant {
    const limit = this.#clients[client].limits.get(partition);
    const outflow = this.#outflow[partition];
    if (limit === undefined || outflow === 0) return Infinity;
    const left = ((limit - this.positionNow(partition)) * SECOND) / outflow;
    return this.#host.now() + Math.max(1, Math.floor(left));
  }

  /** Is this partition caught up, and its reader takes what arrives? */
  #isFlat(partition: number): boolean {
    return this.#lag[partition] === 0 && this.#outflow[partition] === this.#inflow[partition];
  }

  /** Draws the line of a partition from now on; returns the instant at which it runs dry. */
  #drain(partition: number, level: number): Instant {
    const lag = this.#lag[partition];
    const inflow = this.#inflow[partition];
    const outflow = fairShare(Math.min(level, this.#ceiling[partition]), inflow, lag);
    if (outflow !== this.#outflow[partition]) {
      this.#settle(partition);
      this.#outflow[partition] = outflow;
    }
    if (lag === 0 || outflow <= inflow) return (this.#dryAt[partition] = Infinity);
    const left = (lag * SECOND) / (outflow - inflow);
    return (this.#dryAt[partition] = this.#since[partition] + Math.max(1, Math.ceil(left - GRACE)));
  }

  /** Brings a line up to now; and the books, if it is a partition's. */
  #settle(line: number): void {
    const now = this.#openInstant();
    const isPartition = line < this.partitions;
    if (isPartition) this.#touch(line);
    const elapsed = now - this.#since[line];
    if (elapsed === 0) return;
    if (isPartition) this.#mark(line);
    const isDry = now >= this.#dryAt[line];
    if (now > this.#dryAt[line]) {
      throw new Error(`partition ${line} ran dry at ${this.#dryAt[line]}, but nobody said so until ${now}`);
    }
    if (!isPartition) this.#trails.get(line)!.reach(now, this.positionNow(line));
    const lag = this.#lineAt(line, now);
    if (isPartition) {
      const drained = flow(this.#outflow[line], elapsed);
      this.ledger.produce(line, flow(this.#inflow[line], elapsed));
      this.ledger.consume(line, isDry ? drained + lag : drained); // `lag`: what the last microsecond drained beyond the bottom
    }
    this.#lag[line] = isDry ? 0 : Math.max(0, lag);
    this.#since[line] = now;
  }

  /** The line is about to bend: keeps where it stood at the instants that were marked since the last bend. */
  #mark(partition: number): void {
    const reader = this.#reader[partition];
    if (reader === NOBODY) return;
    const marks = this.#host.marks?.(reader);
    if (!marks) return;
    const [last, previous] = marks;
    if (previous !== undefined) this.#markAt(partition, previous);
    this.#markAt(partition, last);
  }

  #markAt(partition: number, t: Instant): void {
    if (t <= this.#since[partition] || t <= this.#markedAt[partition]) return; // known already
    this.#markedBeforeAt[partition] = this.#markedAt[partition];
    this.#markedBefore[partition] = this.#marked[partition];
    this.#markedAt[partition] = t;
    this.#marked[partition] = this.position(partition, t);
  }

  #seek(partition: number, to: number, causes: Causes, inHand: InHand): Move {
    const produced = this.ledger.produced(partition);
    const position = produced - this.#lag[partition];
    const least = leastStep(produced);
    const move = this.#moves.set(partition, position, to, least, causes, inHand);
    if (Math.abs(position - to) < least) return move;
    this.#lag[partition] = Math.max(0, produced - to);
    this.#jumped[partition] = 1;
    return move;
  }

  #touch(partition: number): void {
    if (this.#isTouched[partition]) return;
    this.#isTouched[partition] = 1;
    const touched = this.#touched.push(partition);
    if (touched > 1 && this.#touched[touched - 2] > partition) this.#ascending = false;
  }

  #lineAt(partition: number, t: Instant): number {
    const slope = this.#inflow[partition] - this.#outflow[partition];
    return this.#lag[partition] + flow(slope, t - this.#since[partition]);
  }

  #emit(): void {
    const touched = this.#ascending ? this.#touched : this.#touched.sort((a, b) => a - b);
    this.#touched = [];
    this.#ascending = true;
    // The innermost loop of a run, so its fields are looked up once.
    const lags = this.#lag;
    const inflows = this.#inflow;
    const outflows = this.#outflow;
    const toldInflows = this.#toldInflow;
    const toldOutflows = this.#toldOutflow;
    const aboves = this.#above;
    const toldAboves = this.#toldAbove;
    const jumped = this.#jumped;
    const arrivals = this.#arrived;
    const isTouched = this.#isTouched;
    for (let next = 0, topic = 0; next < touched.length; topic++) {
      const first = this.#firstOf[topic];
      const end = this.#firstOf[topic + 1];
      const partitions: number[] = [];
      const lag: number[] = [];
      const inflow: number[] = [];
      const outflow: number[] = [];
      const arrived: number[] = [];
      const above: (number | null)[] = [];
      let burst = false;
      for (; next < touched.length && touched[next] < end; next++) {
        const p = touched[next];
        isTouched[p] = 0;
        this.#imbalance ??= this.ledger.check(p, lags[p]);
        const bends = jumped[p] === 1 || inflows[p] !== toldInflows[p] || outflows[p] !== toldOutflows[p];
        if (!bends && aboves[p] === toldAboves[p]) continue;
        jumped[p] = 0;
        toldInflows[p] = inflows[p];
        toldOutflows[p] = outflows[p];
        toldAboves[p] = aboves[p];
        partitions.push(p - first);
        lag.push(Math.round(lags[p] * 1e6) / 1e6);
        inflow.push(inflows[p]);
        outflow.push(outflows[p]);
        arrived.push(arrivals[p]);
        if (arrivals[p] > 0) burst = true;
        if (this.#standing > 0) above.push(aboves[p] === MOVES ? null : aboves[p]);
        arrivals[p] = 0;
      }
      if (partitions.length === 0) continue;
      const lines = { topic, partitions, lag: column(lag), in: column(inflow), out: column(outflow) };
      const came = burst ? { ...lines, arrived: column(arrived) } : lines;
      this.#host.emit(above.some((rate) => rate !== null) ? { ...came, above: column(above) } : came);
    }
  }
}

/** One number for all if they are all the same. */
function column<T>(values: readonly T[]): T | readonly T[] {
  return values.every((value) => value === values[0]) ? values[0] : values;
}

/** Records that pass in a time, multiplied before divided, so that round figures stay round. */
function flow(recordsPerSecond: number, duration: number): number {
  return (recordsPerSecond * duration) / SECOND;
}

function assertRate(what: string, recordsPerSecond: number): void {
  if (!(recordsPerSecond >= 0 && Number.isFinite(recordsPerSecond))) {
    throw new Error(`a ${what} is finite and not negative, in records per second: ${recordsPerSecond}`);
  }
}
