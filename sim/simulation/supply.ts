import type { Duration, Instant } from "../engine/time.ts";
import { SECOND } from "../engine/time.ts";
import type { TopicLog } from "../lag/log.ts";

/** What the producers of a topic do while they cannot send. */
export interface SendingLaws {
  /** Records that fit into all their buffers together (`buffer.memory`). When those are full, `send()` blocks. */
  readonly room: number;
  /** Records that could not be sent for so long are given up (`delivery.timeout.ms`). */
  readonly patience: Duration;
  /** Records per second by which one partition gets more than usual, until what has waited for it is sent. */
  readonly burst: number;
  /** When a leader dies, what was written in so much time before is sent and written once more. */
  readonly repeated: Duration;
  /** When a leader dies, what was sent in so much time before is gone. */
  readonly dropped: Duration;
}

export interface SupplyHost {
  now(): Instant;
  /** The production of some partitions is another from now on. */
  changed(partitions: readonly number[]): void;
  /** Call `burstOver` then. */
  burstOverAt(instant: Instant, partition: number): void;
  /** Call `lookAtBuffers` then, and not when it was asked for before; `undefined`: not at all. */
  buffersFullAt(instant: Instant | undefined): void;
}

/** Records by what became of them. */
export interface Produced {
  /** In the log. */
  readonly written: number;
  /** Given up after `delivery.timeout.ms`, or without a retry. */
  readonly expired: number;
  /** Never made: `send()` was blocked, or nobody was there to produce them. */
  readonly unsent: number;
  /** Written a second time, which `written` counts too. */
  readonly repeated: number;
}

/** A partition that cannot be written to. */
interface Blocked {
  readonly since: Instant;
  /** Records that wait for it: these, and its share of what the topic has produced since `total`. */
  waiting: number;
  total: number;
  /** Of those that wait, these have been written already. */
  readonly repeated: number;
}

/** What has waited is being sent beside what comes: so many records per second more, until then. */
interface Burst {
  readonly recordsPerSecond: number;
  readonly until: Instant;
}

/**
 * Brings what a topic's producers make into its log. A partition that cannot be written to (it has no leader, say)
 * gets nothing; its records wait in the producers' buffers, and are sent in a burst once it can be again, those that
 * have waited too long excepted. When the buffers are full, the applications stand still, for *all* partitions:
 *
 *     100 records/s, room for 600, one of two partitions blocked from 0 on: 50/s wait
 *       12 s   600 wait: nothing is produced any more, to the other partition neither
 *       20 s   it can be written to again: 600 come in a burst, and production goes on
 *
 * Kafka: `KafkaProducer.send`, `RecordAccumulator`, `BufferPool`. Instances are taken together: they notice at one time.
 * An application that stood still does not make up for it: what it would have produced is `unsent`.
 */
export class Supply {
  readonly log: TopicLog;
  readonly #host: SupplyHost;
  #laws: SendingLaws = NO_PRODUCERS;
  /** Records per second that the applications are asked for, and the part of them that somebody produces. */
  #demand = 0;
  #carried = 0;
  /** Each partition's share of what is produced, whether it can be written to or not. */
  readonly shares: number[];
  readonly #blocked = new Map<number, Blocked>();
  readonly #bursts = new Map<number, Burst>();
  /** Whether `send()` blocks. */
  #stalled = false;
  #expired = 0;
  #unsent = 0;
  #repeated = 0;
  /** Up to when `#unsent` is counted. */
  #counted: Instant;

  constructor(log: TopicLog, host: SupplyHost) {
    this.log = log;
    this.#host = host;
    this.shares = Array.from({ length: log.partitions }, () => 0);
    this.#counted = host.now();
  }

  // ── What happens ──────────────────────────────────────────────────────────────────────────────────────────────

  /** The applications are asked for so many records per second from now on. */
  setDemand(recordsPerSecond: number): void {
    this.#count();
    this.#demand = recordsPerSecond;
    this.#produce();
  }

  /** That part of it is produced from now on, by producers that buffer and send like this. */
  setProducers(carried: number, laws: SendingLaws): void {
    this.#count();
    this.#carried = carried;
    this.#laws = laws;
    this.#produce();
  }

  /** How production spreads over the partitions from now on. */
  spread(shares: readonly number[]): void {
    const now = this.#host.now();
    shares.forEach((share, partition) => {
      const blocked = this.#blocked.get(partition);
      if (blocked) this.#settle(partition, blocked);
      else this.log.setShare(now, partition, share, this.#bursts.get(partition)?.recordsPerSecond);
      this.shares[partition] = share;
    });
    this.#host.changed(shares.map((_, partition) => partition));
    this.#plan();
  }

  /** Nothing can be written to these partitions from now on. `died`: their leader has taken with it what was on its way. */
  block(partitions: readonly number[], died: boolean): void {
    const now = this.#host.now();
    const found = partitions.filter((partition) => !this.#blocked.has(partition));
    for (const partition of found) {
      const burst = this.#bursts.get(partition);
      this.#bursts.delete(partition);
      const rate = died ? this.log.rateOf(partition) : 0;
      const repeated = records(rate, this.#laws.repeated);
      const dropped = records(rate, this.#laws.dropped);
      const waiting = (burst ? records(burst.recordsPerSecond, burst.until - now) : 0) + repeated - dropped;
      this.#expired += dropped;
      this.#blocked.set(partition, { since: now, waiting, total: this.log.total(now), repeated });
      this.log.setShare(now, partition, 0);
    }
    if (found.length === 0) return;
    this.#host.changed(found);
    this.#plan();
  }

  /** These partitions can be written to again: what waits for them is sent. */
  release(partitions: readonly number[]): void {
    const now = this.#host.now();
    const found = partitions.filter((partition) => this.#blocked.has(partition));
    for (const partition of found) {
      const blocked = this.#blocked.get(partition)!;
      this.#settle(partition, blocked);
      const tooOld = Math.min(blocked.waiting, this.#tooOld(partition, blocked));
      this.#expired += tooOld;
      this.#repeated += blocked.repeated;
      this.#blocked.delete(partition);
      this.log.setShare(now, partition, this.shares[partition], this.#burst(partition, blocked.waiting - tooOld));
    }
    if (found.length === 0) return;
    this.#host.changed(found);
    this.#produce();
  }

  /** These partitions are gone, and with them what waits for them. */
  forget(partitions: readonly number[]): void {
    for (const partition of partitions) {
      const blocked = this.#blocked.get(partition);
      if (blocked) {
        this.#settle(partition, blocked);
        this.#expired += blocked.waiting;
      }
      this.#blocked.delete(partition);
      this.#bursts.delete(partition);
      this.log.setShare(this.#host.now(), partition, 0);
    }
    this.#host.changed(partitions);
    this.#produce();
  }

  /** What had waited for this partition may have been sent by now. */
  burstOver(partition: number): void {
    const now = this.#host.now();
    if (this.#bursts.get(partition)?.until !== now) return;
    this.#bursts.delete(partition);
    this.log.setShare(now, partition, this.shares[partition]);
    this.#host.changed([partition]);
  }

  /** The buffers are full now, or have room again because records were given up. */
  lookAtBuffers(): void {
    this.#produce();
  }

  // ── What is so ────────────────────────────────────────────────────────────────────────────────────────────────

  /** Records per second that the applications are asked for. */
  get demand(): number {
    return this.#demand;
  }

  /** Records per second that they produce. */
  get produced(): number {
    return this.log.recordsPerSecond;
  }

  balance(): Produced {
    this.#count();
    const now = this.#host.now();
    let written = 0;
    for (let partition = 0; partition < this.log.partitions; partition++) written += this.log.end(partition, now);
    let expired = this.#expired;
    for (const [partition, blocked] of this.#blocked) expired += this.#tooOld(partition, blocked);
    return { written, expired, unsent: this.#unsent, repeated: this.#repeated };
  }

  // ── How ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Lets applications produce, or stand still, as there is room; all lines follow. */
  #produce(): void {
    this.#count();
    const now = this.#host.now();
    this.#stalled = this.#blocked.size > 0 && this.#waiting() >= this.#laws.room && !this.#givesUp();
    const recordsPerSecond = this.#stalled ? 0 : this.#demand * this.#carried;
    if (recordsPerSecond !== this.log.recordsPerSecond) {
      this.log.setRate(now, recordsPerSecond);
      this.#host.changed(this.shares.map((_, partition) => partition));
    }
    this.#plan();
  }

  /** When the buffers will be full, or, if they are, when the first records are given up and make room. */
  #plan(): void {
    const { now, buffersFullAt } = this.#host;
    let share = 0;
    let since = Infinity;
    for (const [partition, blocked] of this.#blocked) {
      share += this.shares[partition];
      since = Math.min(since, blocked.since);
    }
    const rate = share * this.log.recordsPerSecond;
    if (this.#stalled) return buffersFullAt(since + this.#laws.patience);
    if (rate === 0 || this.#givesUp()) return buffersFullAt(undefined);
    const left = Math.max(0, this.#laws.room - this.#waiting()); // none, where instances took their buffers with them
    buffersFullAt(now() + Math.ceil((left * SECOND) / rate));
  }

  /** Whether records are being given up, so that there is room for as many as come. */
  #givesUp(): boolean {
    const now = this.#host.now();
    for (const { since } of this.#blocked.values()) if (now - since >= this.#laws.patience) return true;
    return false;
  }

  #waiting(): number {
    let waiting = 0;
    for (const [partition, blocked] of this.#blocked) {
      this.#settle(partition, blocked);
      waiting += blocked.waiting;
    }
    return waiting;
  }

  #settle(partition: number, blocked: Blocked): void {
    const total = this.log.total(this.#host.now());
    blocked.waiting += this.shares[partition] * (total - blocked.total);
    blocked.total = total;
  }

  /** Records that have waited for longer than anybody waits. */
  #tooOld(partition: number, { since }: Blocked): number {
    const before = this.#host.now() - this.#laws.patience;
    return before > since ? this.shares[partition] * (this.log.total(before) - this.log.total(since)) : 0;
  }

  /** How many records per second more there are, now that so many have waited. */
  #burst(partition: number, waiting: number): number {
    if (waiting <= 0) return 0;
    const lasts = Math.max(1, Math.ceil((waiting * SECOND) / this.#laws.burst));
    const recordsPerSecond = (waiting * SECOND) / lasts;
    const until = this.#host.now() + lasts;
    this.#bursts.set(partition, { recordsPerSecond, until });
    this.#host.burstOverAt(until, partition);
    return recordsPerSecond;
  }

  /** Counts what has not been made up to now. */
  #count(): void {
    const now = this.#host.now();
    this.#unsent += records(this.#demand - this.log.recordsPerSecond, now - this.#counted);
    this.#counted = now;
  }
}

const NO_PRODUCERS: SendingLaws = { room: 0, patience: 0, burst: 1, repeated: 0, dropped: 0 };

const records = (recordsPerSecond: number, duration: Duration): number => (recordsPerSecond * duration) / SECOND;
