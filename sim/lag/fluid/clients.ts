import type { Duration, Instant } from "../../engine/time.ts";
import { SECOND } from "../../engine/time.ts";
import type { Route } from "./fetch-ceilings.ts";
import type { FluidHost } from "./host.ts";
import { type Lines, NOBODY } from "./lines.ts";
import { movedUp } from "../moves.ts";
import { assertRate, flow } from "./rates.ts";
import { fairLevel, fairShare } from "./sharing.ts";
import { NO_ROUTES, type Routes, Ways } from "./ways.ts";

/** The calendar's end: further than any run goes, and a float that still counts microseconds. */
const NEVER = 1e15;

type ClientsHost = Pick<FluidHost, "now" | "wake" | "saturationChanged">;

interface Client {
  /** Records per second. */
  capacity: number;
  /** The same while nothing holds it up. */
  readonly usual: number;
  readonly reads: Set<number>;
  /** The same as far as it gets anything of them, ascending by number, and by inflow; to be made again when `shuffled`. */
  byNumber: readonly number[];
  byInflow: readonly number[];
  /** Up to where it reads some of them at most. */
  readonly limits: Map<number, number>;
  /** The ways that are felt, and what it reads over each. */
  routes: Routes;
  shuffled: boolean;
  /** Its lines have to be worked out again. */
  stale: boolean;
  /** It works at its full capacity: something waits, or more arrives than it can take. */
  saturated: boolean;
  /** The instant it asked to be woken at. */
  wakeAt: Instant | undefined;
}

/**
 * Who reads which lines, and how fast each is drained for that.
 *
 * A client shares its capacity as `sharing.ts` says: caught-up partitions take what arrives, backlogged ones share
 * the rest equally. It works at full capacity while anything waits; but no partition is read beyond a limit, nor faster than
 * its way allows (`ways.ts`).
 *
 * Changes mark whose lines they touch, and `refresh` works those out once. A breakpoint of a client with k partitions costs
 * O(k), and k log k if what it reads changed; other clients cost nothing.
 */
export class Clients {
  readonly #lines: Lines;
  readonly #host: ClientsHost;
  readonly #ways: Ways;
  readonly #clients: Client[] = [];
  /** Those to be worked out again. */
  #stale: number[] = [];
  #linesComputed = 0;

  constructor(lines: Lines, host: ClientsHost) {
    this.#lines = lines;
    this.#host = host;
    this.#ways = new Ways(lines);
  }

  // ── What happens ──────────────────────────────────────────────────────────────────────────────────────────────

  add(recordsPerSecond: number): number {
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

  setCapacity(client: number, recordsPerSecond: number): void {
    assertRate("capacity", recordsPerSecond);
    if (recordsPerSecond === this.#clients[client].capacity) return;
    this.#clients[client].capacity = recordsPerSecond;
    this.markStale(client);
  }

  /** This client reads those of its lines no further than so far, or than it has. */
  limit(client: number, to: ReadonlyMap<number, number>): void {
    const { limits } = this.#clients[client];
    for (const [line, position] of to) limits.set(line, position);
    this.#shuffle(client);
  }

  /** Takes this client's limits away, or those on these lines, so that it reads on; false if it had none. */
  unlimit(client: number, lines?: Iterable<number>): boolean {
    const { limits } = this.#clients[client];
    let had = false;
    for (const line of lines ?? limits.keys()) had = limits.delete(line) || had;
    if (had) this.#shuffle(client);
    return had;
  }

  /** So many records of a partition are gone that lay before this position: who reads it up to some limit reads up to the same one. */
  cutBack(partition: number, records: number, end: number): void {
    for (const line of [partition, ...this.#lines.ownLinesOf(partition)]) {
      const reader = this.#lines.reader[line];
      if (reader === NOBODY) continue;
      const { limits } = this.#clients[reader];
      const limit = limits.get(line);
      if (limit !== undefined) limits.set(line, movedUp(limit, records, end));
    }
  }

  /** By which way the reader of a line gets at its records, of so many bytes, from now on. */
  route(line: number, route: Route | undefined, recordSize: number): void {
    const reader = this.#lines.reader[line];
    if (reader === NOBODY) return;
    if (this.#ways.set(line, route, recordSize, this.#clients[reader].usual)) this.#shuffle(reader);
  }

  /** These partitions are read by this client from now on; whoever read one of them before does so no longer. */
  give(client: number, partitions: readonly number[]): void {
    if (partitions.length === 0) return;
    const heir = this.#clients[client];
    for (const partition of partitions) {
      const before = this.#lines.reader[partition];
      if (before !== client) {
        if (before !== NOBODY) this.take(partition);
        heir.reads.add(partition);
        heir.shuffled = true;
      }
      this.#lines.hand(partition, client);
    }
    this.markStale(client);
  }

  /** Its reader reads this line no longer. */
  take(line: number): void {
    const client = this.#lines.reader[line];
    this.#lines.halt(line);
    this.#lines.hand(line, NOBODY);
    this.#ways.clear(line);
    this.#clients[client].reads.delete(line);
    this.#clients[client].limits.delete(line);
    this.#shuffle(client);
  }

  /** The same, but its reader goes on with a line of its own, which is returned. */
  detach(partition: number): number {
    const client = this.#lines.reader[partition];
    const { limits } = this.#clients[client];
    const limit = limits.get(partition);
    const way = this.#ways.of(partition);
    this.take(partition);
    const line = this.readAside(client, partition, this.#lines.positionNow(partition));
    this.#ways.put(line, way);
    if (limit !== undefined) limits.set(line, limit);
    return line;
  }

  /** This client begins to read a partition, which is settled, on a line of its own, at this position. */
  readAside(client: number, partition: number, from: number): number {
    const line = this.#lines.branch(partition, client, from);
    this.#clients[client].reads.add(line);
    this.#shuffle(client);
    return line;
  }

  /** A line has changed, and with it what its reader has to do. */
  bends(line: number): void {
    const reader = this.#lines.reader[line];
    if (reader !== NOBODY) this.#shuffle(reader);
  }

  /** The lines of this client have to be worked out again. */
  markStale(client: number): void {
    this.#lines.open();
    if (this.#clients[client].stale) return;
    this.#clients[client].stale = true;
    this.#stale.push(client);
  }

  /** Works out the lines of all clients that were touched. */
  refresh(): void {
    for (const client of this.#stale) this.#refresh(client);
    this.#stale = [];
  }

  // ── What is so ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Up to where a line is read at most. */
  limitOf(line: number): number | undefined {
    const reader = this.#lines.reader[line];
    return reader === NOBODY ? undefined : this.#clients[reader].limits.get(line);
  }

  /** Does it work at full capacity: does anything wait for this client, or more arrive than it can take? */
  backlogged(client: number): boolean {
    const { wakeAt } = this.#clients[client];
    if (wakeAt !== undefined && wakeAt <= this.#host.now()) this.markStale(client);
    this.#refresh(client);
    return this.#clients[client].saturated;
  }

  /** Does anything arrive at the lines of this client, or wait in them, though it be beyond a limit? */
  hasWork(client: number): boolean {
    const { reads, limits } = this.#clients[client];
    const now = this.#host.now();
    for (const line of reads) {
      if (this.#lines.isHeld(line)) continue;
      if (this.#lines.inflow[line] > 0 || (limits.has(line) && this.#lines.lagAt(line, now) > 0)) return true;
    }
    return this.backlogged(client);
  }

  /** Records that come to be read of a line within a time from now, if all goes on as it does. */
  within(line: number, duration: Duration): number {
    const most = Math.min(flow(this.#lines.outflow[line], duration), this.#lines.lagAt(line, this.#host.now()));
    const limit = this.limitOf(line);
    return limit === undefined ? most : Math.min(most, Math.max(0, limit - this.#lines.positionNow(line)));
  }

  /** How many times a line was worked out: the cost of the model, free of any clock. */
  get linesComputed(): number {
    return this.#linesComputed;
  }

  /** Whether the reader of a line stands at its limit, and could read on but for that. */
  isSpent(line: number): boolean {
    const reader = this.#lines.reader[line];
    return reader !== NOBODY && !this.#lines.isHeld(line) && this.#isAtLimit(this.#clients[reader], line);
  }

  // ── How ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Which lines this client gets anything of may have changed, or in which order it serves them. */
  #shuffle(client: number): void {
    this.#clients[client].shuffled = true;
    this.markStale(client);
  }

  /** Works out the lines of one client anew, if anything of it was touched. */
  #refresh(index: number): void {
    const client = this.#clients[index];
    if (!client.stale) return;
    client.stale = false;
    const lines = this.#lines;
    if (client.limits.size > 0) this.#stopAtLimits(client);
    if (client.shuffled) this.#sort(client);
    for (const line of client.byNumber) if (!lines.isFlat(line)) lines.settle(line);
    const isRouted = client.routes.size > 0;
    const level = isRouted
      ? this.#ways.level(client.capacity, client.byNumber, client.routes)
      : fairLevel(client.capacity, client.byInflow, lines.inflow, lines.lag);
    const saturated = level !== Infinity || (isRouted && this.#ways.areBehind(client.byNumber));
    const turned = saturated !== client.saturated;
    client.saturated = saturated;
    let next = Infinity;
    for (const line of client.byNumber) {
      const most = isRouted ? Math.min(level, this.#ways.ceilingOf(line)) : level;
      const dryAt = lines.drain(line, fairShare(most, lines.inflow[line], lines.lag[line]));
      if (dryAt < next) next = dryAt;
      const stopsAt = client.limits.size > 0 ? this.#stopsAt(client, line) : Infinity;
      if (stopsAt < next) next = stopsAt;
    }
    this.#linesComputed += client.byNumber.length;
    const wakeAt = next < NEVER ? next : undefined;
    if (wakeAt !== client.wakeAt) this.#host.wake(index, wakeAt);
    client.wakeAt = wakeAt;
    if (turned) this.#host.saturationChanged(index);
  }

  #sort(client: Client): void {
    const { inflow } = this.#lines;
    const open = [...client.reads].filter((line) => !this.#lines.isHeld(line) && !this.#isAtLimit(client, line));
    client.byNumber = open.sort((a, b) => a - b);
    client.byInflow = client.byNumber.toSorted((a, b) => inflow[a] - inflow[b] || a - b);
    client.routes = this.#ways.among(client.byNumber);
    client.shuffled = false;
  }

  /** What is left up to the limit is less than a microsecond's work. */
  #isAtLimit({ limits, usual }: Client, line: number): boolean {
    const limit = limits.get(line);
    return limit !== undefined && limit - this.#lines.positionNow(line) < flow(usual, 1);
  }

  #stopAtLimits(client: Client): void {
    for (const line of client.limits.keys()) {
      if (this.#lines.outflow[line] === 0 || !this.#isAtLimit(client, line)) continue;
      this.#lines.halt(line);
      client.shuffled = true;
    }
  }

  /** The last microsecond up to which a limit is not passed. */
  #stopsAt({ limits }: Client, line: number): Instant {
    const limit = limits.get(line);
    const outflow = this.#lines.outflow[line];
    if (limit === undefined || outflow === 0) return Infinity;
    const left = ((limit - this.#lines.positionNow(line)) * SECOND) / outflow;
    return this.#host.now() + Math.max(1, Math.floor(left));
  }
}
