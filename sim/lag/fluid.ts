import type { Duration, Instant } from "../engine/time.ts";
import { type Cut, type Flow, NO_CUT, type Totals } from "./flow.ts";
import { Batches } from "./fluid/batches.ts";
import { Clients } from "./fluid/clients.ts";
import type { Route } from "./fluid/fetch-ceilings.ts";
import type { FluidHost } from "./fluid/host.ts";
import { Inflows } from "./fluid/inflows.ts";
import { Lines, NOBODY } from "./fluid/lines.ts";
import { assertRate } from "./fluid/rates.ts";
import type { Ledger } from "./ledger.ts";
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
import type { Passage } from "./passages.ts";

/** A position set back or forward by less has not moved: offsets are whole numbers, the rest is the noise of floats. */
const leastStep = (produced: number): number => 1e-6 + 1e-12 * produced;

/**
 * The lag of one group as a fluid: records flow in at each partition's rate and are drained by the client that reads
 * it, and between breakpoints every line is straight. So lag costs nothing per record. Breakpoints: a partition runs
 * dry, a rate changes, a reader comes or goes, a capacity changes.
 *
 *     what comes in        inflows.ts ┐
 *     who reads, how fast  clients.ts ┴→ lines.ts → batches.ts   what readers of the trace are told
 *                                          ↳ ledger.ts           the books
 *
 * Partitions are numbered densely, topic after topic (`indexOf`). All that happens at one instant is worked out once,
 * at its end: changes mark what they touch, and `flush` recomputes the touched clients and emits, per topic, the
 * lines that came out different.
 *
 * **Fluid against records.** Offsets are whole numbers in Kafka. The fluid differs from them by less than one record
 * a partition, and by the batch a client holds in its hands.
 */
export class FluidLag implements Flow {
  readonly ledger: Ledger;
  readonly partitions: number;
  /** Where each topic's partitions begin, and behind the last one. */
  readonly #firstOf: readonly number[];
  readonly #lines: Lines;
  readonly #clients: Clients;
  readonly #inflows: Inflows;
  readonly #batches: Batches;
  readonly #moves: Moves;

  /** `topics`: how many partitions each has. */
  constructor(topics: readonly number[], host: FluidHost) {
    const firstOf = [0];
    for (const partitions of topics) firstOf.push(firstOf[firstOf.length - 1] + partitions);
    this.#firstOf = firstOf;
    this.partitions = firstOf[firstOf.length - 1];
    this.#lines = new Lines(this.partitions, host);
    this.ledger = this.#lines.ledger;
    this.#clients = new Clients(this.#lines, host);
    this.#inflows = new Inflows(this.#lines, this.#clients);
    this.#batches = new Batches(
      firstOf,
      { lines: this.#lines, inflows: this.#inflows, clients: this.#clients },
      (batch) => host.emit(batch),
    );
    this.#moves = new Moves(this.ledger);
  }

  /** The dense number of a topic's partition. */
  indexOf(topic: number, partition: number): number {
    return this.#firstOf[topic] + partition;
  }

  // ── What happens ──────────────────────────────────────────────────────────────────────────────────────────────

  /** Records per second come into this partition from now on. */
  setRate(partition: number, recordsPerSecond: number): void {
    assertRate("production", recordsPerSecond);
    this.#inflows.setRate(partition, recordsPerSecond);
  }

  standStill(partition: number, since: Instant | undefined, readable: number): void {
    this.#inflows.standStill(partition, since !== undefined);
    this.arrive(partition, readable);
  }

  /** So many records come into this partition at once. */
  arrive(partition: number, records: number): void {
    assertRate("number of records", records);
    if (records === 0) return;
    this.#inflows.arrive(partition, records);
    this.#batches.arrived(partition, records);
  }

  /** Nobody will ever read what is before this position, if that is ahead: what has never been read is lost. */
  skip(partition: number, to: number, cause: string): Move {
    this.#lines.settle(partition);
    if (to <= this.#settledPosition(partition)) return NO_MOVE;
    const move = this.#seek(partition, to, { reread: cause, lost: cause }, NOTHING_IN_HAND);
    this.#clients.bends(partition);
    return move;
  }

  cutBack(partition: number, _to: Instant, gone: number, cause: string): Cut {
    this.#lines.settle(partition);
    const end = this.ledger.produced(partition);
    const least = leastStep(end);
    if (gone < least) return NO_CUT;
    const move = this.#moves.cutBack(partition, this.#settledPosition(partition), end - gone, end, least, cause);
    this.#inflows.cutBack(partition, gone);
    this.#clients.cutBack(partition, gone, end);
    this.#batches.cutBack(partition, gone);
    return { ...move, gone };
  }

  recover(partition: number, from: number, to: number): readonly Stretch[] {
    return this.#moves.recover(partition, from, to);
  }

  /**
   * Nothing of this partition can be had at present (it has no leader, say), or it can again. Its reader stays its
   * reader, and shares its capacity among the others meanwhile.
   */
  hold(partition: number, held: boolean): boolean {
    if (held === this.#lines.isHeld(partition)) return false;
    this.#lines.hold(partition, held);
    this.#clients.bends(partition);
    return true;
  }

  /** A client that can process so many records per second. Clients are numbered from 0. */
  addClient(recordsPerSecond: number): number {
    return this.#clients.add(recordsPerSecond);
  }

  /**
   * By which way the reader of a partition, or of a line of its own, gets at its records, of so many bytes, from now on.
   */
  route(line: number, route: Route | undefined, recordSize: number): void {
    this.#clients.route(line, route, recordSize);
  }

  /** 0 while a client is stuck in a batch. */
  setCapacity(client: number, recordsPerSecond: number): void {
    this.#clients.setCapacity(client, recordsPerSecond);
  }

  /** This client reads those of its partitions no further than so far, or than it has. */
  limit(client: number, to: ReadonlyMap<number, number>): void {
    this.#clients.limit(client, to);
  }

  /** Takes this client's limits away, or those on these lines, so that it reads on; false if it had none. */
  unlimit(client: number, lines?: Iterable<number>): boolean {
    return this.#clients.unlimit(client, lines);
  }

  /** These partitions are read by this client from now on; whoever read one of them before does so no longer. */
  read(client: number, partitions: readonly number[]): void {
    this.#clients.give(client, partitions);
  }

  /**
   * Sets the position of a partition, whoever reads it: behind the present one, and records are read again; ahead, and
   * they are lost. `inHand`: what the last reader had in hand beyond it.
   */
  seek(partition: number, to: number, causes: Causes, inHand: InHand): Move {
    this.#lines.settle(partition);
    const move = this.#seek(partition, to, causes, inHand);
    const reader = this.readerOf(partition);
    if (reader !== undefined) this.#clients.markStale(reader);
    return move;
  }

  /** This client reads these partitions no longer. Those that another has taken over meanwhile stay with that one. */
  stop(client: number, partitions: Iterable<number>): void {
    for (const partition of partitions) if (this.readerOf(partition) === client) this.#clients.take(partition);
  }

  /** How far that is, its limit says. */
  handOutNoMore(): void {}

  endOfHandedOut(line: number): number {
    const position = this.#lines.positionNow(line);
    return Math.max(position, this.#clients.limitOf(line) ?? position);
  }

  detach(partition: number): number {
    return this.#clients.detach(partition);
  }

  readAside(client: number, partition: number, from: number): number {
    this.#lines.settle(partition);
    return this.#clients.readAside(client, partition, from);
  }

  enterAside(line: number, from: number, to: number, cause: string): Aside {
    const partition = this.#lines.partitionOf(line);
    this.#lines.settle(partition);
    const least = leastStep(this.ledger.produced(partition));
    return this.#moves.aside(partition, this.#settledPosition(partition), from, to, least, cause);
  }

  passages(line: number): readonly Passage[] {
    return this.#lines.passages(line);
  }

  discard(line: number): void {
    this.#clients.take(line);
    this.#lines.prune(line);
  }

  /** A partition of this client runs dry now, as the model asked to be told. */
  wake(client: number): void {
    this.#clients.markStale(client);
  }

  /** The instant is over: works out what was touched and emits the lines that bend. */
  flush(): void {
    if (!this.#lines.isOpen) return;
    this.#clients.refresh();
    this.#batches.tell(this.#lines.close());
  }

  // ── What is so ────────────────────────────────────────────────────────────────────────────────────────────────

  backlogged(client: number): boolean {
    return this.#clients.backlogged(client);
  }

  hasWork(client: number): boolean {
    return this.#clients.hasWork(client);
  }

  inflowOf(partition: number): number {
    return this.#lines.inflow[partition];
  }

  readerOf(partition: number): number | undefined {
    const reader = this.#lines.reader[partition];
    return reader === NOBODY ? undefined : reader;
  }

  lagAt(partition: number, t: Instant): number {
    return this.#lines.lagAt(partition, t);
  }

  produced(line: number, t: Instant): number {
    return this.#lines.produced(line, t);
  }

  position(partition: number, t: Instant): number {
    return this.#lines.position(partition, t);
  }

  positionNow(partition: number): number {
    return this.#lines.positionNow(partition);
  }

  positionAt(partition: number, t: Instant): number {
    return this.#lines.positionAt(partition, t);
  }

  within(partition: number, duration: Duration): number {
    return this.#clients.within(partition, duration);
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
    return this.#clients.linesComputed;
  }

  /**
   * The law of conservation: what was wrong with the books of anything touched up to the last flush, or nothing. Each
   * flush looks at what it touched, so to ask after every event costs nothing more.
   */
  audit(): string | undefined {
    return this.#lines.audit();
  }

  // ── How ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #settledPosition(partition: number): number {
    return this.ledger.produced(partition) - this.#lines.lag[partition];
  }

  #seek(partition: number, to: number, causes: Causes, inHand: InHand): Move {
    const position = this.#settledPosition(partition);
    const least = leastStep(this.ledger.produced(partition));
    const move = this.#moves.set(partition, position, to, least, causes, inHand);
    if (Math.abs(position - to) < least) return move;
    this.#lines.setPosition(partition, to);
    this.#batches.jumped(partition);
    return move;
  }
}
