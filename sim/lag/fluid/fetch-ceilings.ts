import type { Duration } from "../../engine/time.ts";
import { SECOND } from "../../engine/time.ts";
import type { FetchLimits } from "../fetch-limits.ts";
import { isWithin } from "./sharing.ts";

/** The way of one consumer's fetches to one broker. The partitions of a route are asked for with one fetch. */
export interface Route {
  /** There and back, on average. */
  readonly roundTrip: Duration;
  readonly limits: FetchLimits;
}

/** A partition that is read by way of a route. */
export interface Routed {
  /** Bytes a record. */
  readonly recordSize: number;
  /** Records per second that come in. */
  readonly inflow: number;
  /** Whether a backlog waits in it. */
  readonly behind: boolean;
}

/**
 * Where waiting takes less than this part of a consumer's time, it is none: what a fetch brings ends with some producer's
 * batch, so nobody knows how many records the last poll() hands out. So nothing changes on ordinary links.
 */
const LEAST_LOSS = 0.01;

/**
 * How fast partitions can be read whose leader is far away: records per second of each, where `capacity` is all that their
 * reader can process; `Infinity` where the way is no bound.
 *
 * A backlog is fetched in chunks: each fetch brings `partitionBytes` of every partition that is behind, M records in all
 * (no more than `bytes`). poll() hands them out N = `records` at a time, and the poll() that takes the last of them, r = M − N
 * (⌈M/N⌉ − 1) records, sends the next fetch before it returns. So that is under way while r records are processed, and what
 * is left of the round trip R is waited for. From fetch to fetch it takes, at a capacity of c,
 *
 *     T = (M − r)/c + max(R, r/c)
 *
 * and each partition gets its chunk in that time. Chunks of 1,024 records, polls of 500, 2,000 records/s, 200 ms each way:
 *
 *     one partition    M = 1,024, r = 24     T = 500 ms + 400 ms      1,138 records/s
 *     two of a broker  M = 2,048, r = 48     T = 1,000 ms + 400 ms    731 records/s each
 *
 * Partitions that are caught up share the fetch with them: what comes into those in T adds to M. One that would bring more
 * than a chunk so is bounded as if it were behind. Before 4.0 a partition is asked for again as soon as it has nothing left,
 * while others of its broker are worked on, so each counts by itself.
 *
 * Limits. It is the pace over many chunks, so it is off by up to one. What else the consumer does is not looked at: with
 * partitions of other brokers it may reach its capacity while it waits for this one, as it should; but a chunk that has come
 * waits in turn behind theirs, so that T is longer by up to a chunk of each. Before 4.0, where one round trip takes longer than
 * the work on all that is fetched meanwhile, a broker's partitions fall into step and get less than this. A backlog smaller
 * than a chunk is fetched whole, but the fluid drains it at this pace, and to the bottom; in truth a reader that is caught up
 * stays behind by what comes in from fetch to fetch. Each delay is taken by its law's mean.
 */
export function fetchCeilings(capacity: number, route: Route, partitions: readonly Routed[]): number[] {
  const together = (some: readonly Routed[]): number[] => ceilingsOfFetch(capacity, route, some);
  return route.limits.drainsBrokers ? together(partitions) : partitions.flatMap((partition) => together([partition]));
}

/** Whether the way can be a bound at all: whether a partition alone would have to wait, with no batch to overlap it. */
export function isFelt(route: Route, recordSize: number, capacity: number): boolean {
  const asleep = (route.roundTrip * capacity) / SECOND;
  return asleep >= LEAST_LOSS * (asleep + chunkOf(route, recordSize));
}

/** The same of partitions that are asked for with one fetch. */
function ceilingsOfFetch(capacity: number, route: Route, partitions: readonly Routed[]): number[] {
  const chunk = ({ recordSize }: Routed): number => chunkOf(route, recordSize);
  const bounded = new Set(partitions.filter(({ behind }) => behind));
  const hungriest = partitions
    .filter(({ behind }) => !behind)
    .sort((a, b) => b.inflow / chunk(b) - a.inflow / chunk(a)); // of those alike the first goes first
  for (const one of hungriest) {
    bounded.add(one);
    if (!isWithin(one.inflow, chunk(one) * chunksPerSecond(capacity, route, partitions, bounded))) continue;
    bounded.delete(one);
    break; // nor is any later one
  }
  const pace = bounded.size > 0 ? chunksPerSecond(capacity, route, partitions, bounded) : Infinity;
  return partitions.map((partition) => (bounded.has(partition) ? chunk(partition) * pace : Infinity));
}

/** How many chunks of each of the bounded partitions are fetched in a second: 1/T. */
function chunksPerSecond(
  capacity: number,
  route: Route,
  partitions: readonly Routed[],
  bounded: ReadonlySet<Routed>,
): number {
  let chunks = 0;
  let bytes = 0;
  let trickle = 0; // records per second of those that are caught up
  for (const partition of partitions) {
    const chunk = chunkOf(route, partition.recordSize);
    if (bounded.has(partition)) {
      chunks += chunk;
      bytes += chunk * partition.recordSize;
    } else trickle += partition.inflow;
  }
  if (trickle >= capacity) return Infinity; // it is never without work
  const share = Math.min(1, Math.max(1, route.limits.bytes) / bytes); // of a chunk of each
  const cycle = fromFetchToFetch(capacity, route, Math.max(1, chunks * share), trickle);
  return share / cycle;
}

/** T, in seconds; 0 if nothing is waited for. */
function fromFetchToFetch(capacity: number, { roundTrip, limits }: Route, chunks: number, trickle: number): number {
  const batch = limits.records;
  for (let polls = Math.ceil(chunks / batch) - 1, brought = chunks; ;) {
    const before = (polls * batch) / capacity;
    const overlapped = (brought - polls * batch) / capacity;
    const away = roundTrip / SECOND;
    if (away - overlapped < LEAST_LOSS * (before + away)) return 0;
    brought = chunks + trickle * (before + away);
    if (brought <= (polls + 1) * batch) return before + away;
    polls++; // so much has come in meanwhile
  }
}

/** Records of one partition that one fetch brings. */
function chunkOf({ limits }: Route, recordSize: number): number {
  return Math.max(1, Math.floor(limits.partitionBytes / recordSize));
}
