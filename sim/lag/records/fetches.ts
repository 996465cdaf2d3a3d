import type { Duration } from "../../engine/time.ts";
import { MILLISECOND } from "../../engine/time.ts";
import type { FetchLimits } from "../fetch-limits.ts";

/** A broker that leads partitions, by its id. */
type Leader = number;

/** Where a fetch is: with nobody, on its way to the leader, waiting there for data, or on its way back. */
type Place = "nowhere" | "to-leader" | "at-leader" | "to-client";

/** Where a fetch is while there is something to wait for. */
export type Leg = Exclude<Place, "nowhere">;

/** What fetches ask of the world. */
export interface FetchHost {
  /** Who leads a partition at present, if anybody does. */
  leaderOf(partition: number): Leader | undefined;
  /** Whether requests of this client get to this broker, a process is there, and answers get back. */
  answers(client: number, broker: Leader): boolean;
  /** How long a request takes that is sent now, or an answer. */
  delay(client: number, broker: Leader, towards: "broker" | "client"): Duration;
  /** Call `due(leg, fetch)` after so long, or not any more. */
  after(leg: Leg, fetch: number, delay: Duration | undefined): void;
  /** Bytes a record. */
  recordSize(partition: number): number;
  /** The log end offset. */
  end(partition: number): number;
}

/** Records of one partition in the reply to a fetch. */
export interface Portion {
  readonly partition: number;
  /** The offset that was asked for: of the first of these records. */
  readonly offset: number;
  readonly records: number;
  /** The log end offset as the leader answered. */
  readonly end: number;
}

/** One client's fetches from one broker: there is never more than one under way. */
interface Fetch {
  readonly number: number;
  readonly client: number;
  readonly broker: Leader;
  place: Place;
  /** What it asks for: partitions, and the offsets of the first records, side by side. */
  readonly asked: number[];
  readonly offsets: number[];
  portions: Portion[];
}

/**
 * The fetches of one group's consumers: what is asked of which broker, how long that waits there, and what it brings.
 *
 * - A consumer has at most one fetch under way to each broker. It asks for those partitions led there of which it has nothing
 *   to hand out; and for none while one is under way, so a partition newly assigned may wait for a fetch that waits for
 *   data. That a partition has another leader it hears from the old one, with the answer to that. Kafka:
 *   `AbstractFetch.prepareFetchRequests`, `nodesWithPendingFetchRequests`.
 * - The leader answers at once with what it has, up to `max.partition.fetch.bytes` of each partition and `fetch.max.bytes` in
 *   all, but at least one record; or else as soon as there are `fetch.min.bytes`, as soon as it leads one of the partitions
 *   no longer, or after `fetch.max.wait.ms`. It begins with the partitions that have brought nothing for longest. Kafka:
 *   `ReplicaManager.fetchMessages`, `DelayedFetch`, `FetchSession`.
 * - What is asked of a broker that has died since, or that a cut has parted from the client, is given up at once, where Kafka's
 *   client waits for the broken connection or `request.timeout.ms`: nothing else could be had from there meanwhile.
 *
 *     one way 1 ms; nothing waits in p0, 1,000 records in p1, both led by broker 1
 *       0       asks for p0                at the broker at 1 ms, waits for data
 *       0.1 s   p1 is assigned             broker 1 has a fetch already
 *       0.501 s answered: nothing          at the client at 0.502 s, who asks for p0 and p1
 *       0.503 s answered: 1,000 of p1      at the client at 0.504 s
 *
 * Left out: an answer's size costs no time; records are taken one by one, not in their producers' batches.
 */
export class Fetches {
  readonly #limits: FetchLimits;
  readonly #host: FetchHost;
  readonly #all: Fetch[] = [];
  readonly #ofClients: { readonly fetches: Fetch[]; readonly underWay: Set<number> }[] = [];
  /** By partition: the fetches that wait for its records at a broker. */
  readonly #waiting = new Map<number, Fetch[]>();

  constructor(limits: FetchLimits, host: FetchHost) {
    this.#limits = limits;
    this.#host = host;
  }

  /**
   * A client asks for these of its partitions, each from that offset on, as far as no fetch to their leaders is under way.
   * `buffered`: those of which it has something to hand out.
   */
  send(
    client: number,
    partitions: Iterable<number>,
    buffered: Iterable<number>,
    offsetOf: (partition: number) => number,
  ): void {
    const { leaderOf, delay, after } = this.#host;
    const toBeDrained = new Set<Leader | undefined>();
    if (this.#limits.drainsBrokers) for (const partition of buffered) toBeDrained.add(leaderOf(partition));
    const { underWay } = this.#of(client);
    const leaving: Fetch[] = [];
    for (const partition of partitions) {
      if (underWay.has(partition)) continue;
      const broker = leaderOf(partition);
      if (broker === undefined || toBeDrained.has(broker)) continue;
      const fetch = this.#between(client, broker);
      if (fetch.place !== "nowhere") continue;
      if (fetch.asked.length === 0) leaving.push(fetch);
      fetch.asked.push(partition);
      fetch.offsets.push(offsetOf(partition));
    }
    for (const fetch of leaving) {
      fetch.place = "to-leader";
      for (const partition of fetch.asked) underWay.add(partition);
      after("to-leader", fetch.number, delay(client, fetch.broker, "broker"));
    }
  }

  /** What a fetch waited for on this leg has come. Returns what it brings, once it is back. */
  due(leg: Leg, number: number): { readonly client: number; readonly portions: readonly Portion[] } | undefined {
    const fetch = this.#all[number];
    if (leg === "to-leader") this.#arrive(fetch);
    else if (leg === "at-leader") this.#answer(fetch);
    else {
      const { client, portions } = fetch;
      this.#end(fetch);
      return { client, portions };
    }
    // Given up: whoever sent it may ask again.
    return fetch.place === "nowhere" ? { client: fetch.client, portions: [] } : undefined;
  }

  /** Records have come into this partition. */
  arrived(partition: number): void {
    const waiting = this.#waiting.get(partition);
    if (waiting === undefined || waiting.length === 0) return;
    for (const fetch of [...waiting]) if (this.#isReady(fetch)) this.#answer(fetch);
  }

  /** Who leads this partition, or who gets at its leader, may have changed for this client. */
  regated(client: number, partition: number): void {
    for (const fetch of this.#of(client).fetches) {
      if (fetch.place === "nowhere" || fetch.place === "to-client" || !fetch.asked.includes(partition)) continue;
      if (!this.#host.answers(client, fetch.broker)) this.#giveUp(fetch);
      else if (fetch.place === "at-leader" && this.#isReady(fetch)) this.#answer(fetch);
    }
  }

  #of(client: number) {
    return (this.#ofClients[client] ??= { fetches: [], underWay: new Set() });
  }

  #between(client: number, broker: Leader): Fetch {
    const known = this.#of(client).fetches;
    for (const fetch of known) if (fetch.broker === broker) return fetch;
    const place = "nowhere";
    const fetch: Fetch = { number: this.#all.length, client, broker, place, asked: [], offsets: [], portions: [] };
    known.push(fetch);
    this.#all.push(fetch);
    return fetch;
  }

  #arrive(fetch: Fetch): void {
    const { client, broker, asked, number } = fetch;
    if (!this.#host.answers(client, broker)) return this.#end(fetch);
    if (this.#isReady(fetch)) return this.#answer(fetch);
    fetch.place = "at-leader";
    for (const partition of asked) {
      const waiting = this.#waiting.get(partition);
      if (waiting) waiting.push(fetch);
      else this.#waiting.set(partition, [fetch]);
    }
    // Kafka counts in milliseconds; and without any wait a consumer next to its leader would ask without end.
    this.#host.after("at-leader", number, Math.max(MILLISECOND, this.#limits.maxWait));
  }

  /** Whether its leader need not wait: there is enough, or somebody else leads one of the partitions. */
  #isReady({ broker, asked, offsets }: Fetch): boolean {
    const { leaderOf } = this.#host;
    const { minBytes } = this.#limits;
    let bytes = 0;
    for (let i = 0; i < asked.length; i++) {
      if (leaderOf(asked[i]) !== broker) return true;
      bytes += this.#bytesFrom(asked[i], offsets[i]);
    }
    return bytes >= minBytes;
  }

  /** What is there of a partition, as far as one fetch may bring it. */
  #bytesFrom(partition: number, offset: number): number {
    const { end, recordSize } = this.#host;
    const there = Math.max(0, end(partition) - offset) * recordSize(partition);
    return Math.min(there, Math.max(this.#limits.partitionBytes, recordSize(partition)));
  }

  #answer(fetch: Fetch): void {
    const { client, broker, number } = fetch;
    const { answers, delay, after } = this.#host;
    if (fetch.place === "at-leader") this.#stopWaiting(fetch);
    if (!answers(client, broker)) return this.#end(fetch);
    this.#fill(fetch);
    fetch.place = "to-client";
    after("to-client", number, delay(client, broker, "client"));
  }

  /** Reads what there is, up to the limits: but the first partition that has anything gives a record, however large. */
  #fill({ broker, asked, offsets, portions }: Fetch): void {
    const { leaderOf, end: endOf, recordSize } = this.#host;
    const { partitionBytes, bytes } = this.#limits;
    let room = bytes;
    asked.forEach((partition, i) => {
      if (leaderOf(partition) !== broker) return;
      const offset = offsets[i];
      const end = endOf(partition);
      const size = recordSize(partition);
      const most = Math.floor(Math.min(partitionBytes, room) / size);
      const records = Math.min(end - offset, portions.length === 0 ? Math.max(1, most) : most);
      if (records <= 0) return;
      room = Math.max(0, room - records * size);
      portions.push({ partition, offset, records, end });
    });
  }

  #giveUp(fetch: Fetch): void {
    const { number, place } = fetch;
    if (place === "at-leader") this.#stopWaiting(fetch);
    else this.#host.after("to-leader", number, undefined);
    this.#end(fetch);
  }

  #stopWaiting(fetch: Fetch): void {
    this.#host.after("at-leader", fetch.number, undefined);
    for (const partition of fetch.asked) {
      const waiting = this.#waiting.get(partition)!;
      waiting.splice(waiting.indexOf(fetch), 1);
    }
  }

  #end(fetch: Fetch): void {
    const { underWay } = this.#of(fetch.client);
    for (const partition of fetch.asked) underWay.delete(partition);
    fetch.place = "nowhere";
    fetch.asked.length = fetch.offsets.length = 0;
    fetch.portions = [];
  }
}
