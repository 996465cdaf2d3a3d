import type { Duration, Instant } from "../engine/time.ts";
import { SECOND } from "../engine/time.ts";
import type { TopicLog } from "../lag/log.ts";
import { type Blocked, type Flush, flushOf, keptOf, made, shareAt } from "./blocked.ts";

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
  /** When a leader dies, what was sent in so much time before and not acknowledged is gone. */
  readonly dropped: Duration;
  /** When a leader dies, so much of what was sent in some time before is gone that counts as delivered. */
  readonly truncated: Duration;
}

export interface SupplyHost {
  now(): Instant;
  /** The production of some partitions is another from now on. */
  changed(partitions: readonly number[]): void;
  /** What has waited for these partitions is sent from now on, in this way. */
  flushed(flushes: ReadonlyMap<number, Flush>): void;
  /** Call `burstOver` then. */
  burstOverAt(instant: Instant, partition: number): void;
  /** Call `lookAtBuffers` then, and not when it was asked for before; `undefined`: not at all. */
  buffersFullAt(instant: Instant | undefined): void;
}

/** Records by what became of them. */
export interface Produced {
  /** In the log, or in that of a topic that had the same name. */
  readonly written: number;
  /** Given up after `delivery.timeout.ms`, or without a retry. */
  readonly expired: number;
  /** Never made: `send()` was blocked, or nobody was there to produce them. */
  readonly unsent: number;
  /** Written a second time, which `written` counts too. */
  readonly repeated: number;
  /** Delivered, for all the producers know, and gone with a leader whose followers did not have them yet. */
  readonly truncated: number;
  /**
   * Made, and neither in the log nor given up: they wait for a leader, or are being sent in the burst after. What a leader took
   * with it when it died is counted as `written` until so many fewer are, so shortly after there may be less than none.
   */
  readonly waiting: number;
}

/** What has waited, since before `begun`, is being sent beside what comes: so many records per second more, until then. */
interface Burst {
  readonly recordsPerSecond: number;
  readonly begun: Instant;
  readonly until: Instant;
  /** Those that had been written already are the oldest of them, and sent first: until then. */
  readonly repeatedUntil: Instant;
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
 * Where nobody waits for longer than `delivery.timeout.ms`, full buffers have room again for as many records as are given
 * up: if that were 15 s above, production would go on from 15 s to 27 s, when all that was made before 12 s is gone and
 * all since 15 s waits, and again from 30 s on.
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
  /** Written to topics of the same name that were deleted. */
  #before = 0;
  #expired = 0;
  #unsent = 0;
  #repeated = 0;
  #truncated = 0;
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
      if (blocked) {
        this.#settle(partition, blocked);
        blocked.shares.push({ at: now, share });
      } else this.log.setShare(now, partition, share, this.#bursts.get(partition)?.recordsPerSecond);
      this.shares[partition] = share;
    });
    this.#host.changed(shares.map((_, partition) => partition));
    this.#produce();
  }

  /** An instance has crashed: this part of all that waits is gone with it, and of what is being sent in bursts. */
  lose(part: number): void {
    const now = this.#host.now();
    const kept = 1 - part;
    for (const [partition, burst] of this.#bursts) {
      const lost = part * records(burst.recordsPerSecond, burst.until - now);
      const repeated = part * records(burst.recordsPerSecond, Math.max(0, burst.repeatedUntil - now));
      this.#unsent += lost - repeated;
      this.#repeated -= repeated;
      // The others go on sending what is theirs as fast as before.
      const recordsPerSecond = kept * burst.recordsPerSecond;
      this.#bursts.set(partition, { ...burst, recordsPerSecond });
      this.log.setShare(now, partition, this.shares[partition], recordsPerSecond);
    }
    if (this.#bursts.size > 0) this.#host.changed([...this.#bursts.keys()]);
    for (const [partition, blocked] of this.#blocked) {
      this.#settle(partition, blocked);
      const alive = blocked.waiting - blocked.repeated - this.#tooOld(blocked);
      this.#unsent += part * alive;
      blocked.waiting -= part * (alive + blocked.repeated);
      blocked.repeated *= kept;
      if (!this.#isTooOld(blocked.left.madeBy)) {
        blocked.left = { ...blocked.left, records: kept * blocked.left.records };
      }
      blocked.losses.push({ at: now, kept });
    }
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
      const truncated = records(rate, this.#laws.truncated);
      const left = burst
        ? { records: records(burst.recordsPerSecond, burst.until - now), madeBy: burst.begun }
        : { records: 0, madeBy: now };
      const gone = dropped + truncated;
      const waiting = left.records + repeated - gone;
      this.#expired += dropped;
      this.#truncated += truncated;
      const shares = [{ at: now, share: this.shares[partition] }];
      const total = this.log.total(now);
      this.#blocked.set(partition, { since: now, waiting, total, repeated, gone, left, losses: [], shares });
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
    const waited = new Map<number, Blocked>();
    for (const partition of found) {
      const blocked = this.#blocked.get(partition)!;
      this.#settle(partition, blocked);
      waited.set(partition, blocked);
      const repeated = this.#isTooOld(blocked.since) ? 0 : blocked.repeated;
      const made = blocked.waiting - blocked.repeated;
      const tooOld = Math.min(made, this.#tooOld(blocked));
      this.#expired += tooOld;
      this.#repeated += repeated;
      this.#blocked.delete(partition);
      const burst = this.#burst(partition, made - tooOld, repeated);
      this.log.setShare(now, partition, this.shares[partition], burst);
    }
    if (found.length === 0) return;
    this.#host.changed(found);
    this.#produce();
    this.#flush(waited);
  }

  /** These partitions are gone, and with them what waits for them. */
  forget(partitions: readonly number[]): void {
    const now = this.#host.now();
    for (const partition of partitions) {
      const blocked = this.#blocked.get(partition);
      if (blocked) {
        this.#settle(partition, blocked);
        this.#expired += blocked.waiting - blocked.repeated;
      }
      const burst = this.#bursts.get(partition);
      if (burst) {
        const repeated = records(burst.recordsPerSecond, Math.max(0, burst.repeatedUntil - now));
        this.#expired += records(burst.recordsPerSecond, burst.until - now) - repeated;
        this.#repeated -= repeated;
      }
      this.#blocked.delete(partition);
      this.#bursts.delete(partition);
      this.log.setShare(now, partition, 0);
    }
    this.#host.changed(partitions);
    this.#produce();
  }

  /** The topic is another one of the same name, that nothing was written to yet. */
  beginAnew(): void {
    this.#before += this.#inLog();
    const now = this.#host.now();
    for (let partition = 0; partition < this.log.partitions; partition++) this.log.beginAnew(now, partition);
  }

  /** A partition has a leader that lacks what was written to it after `to`. Returns how many records are gone. */
  cutBack(partition: number, to: Instant): number {
    const gone = this.log.cutBack(this.#host.now(), partition, to);
    this.#truncated += gone;
    const blocked = this.#blocked.get(partition);
    if (blocked) {
      // what went with the leader is among it
      this.#truncated -= blocked.gone;
      blocked.waiting += blocked.gone;
      blocked.gone = 0;
    }
    return gone;
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
    const written = this.#before + this.#inLog();
    let expired = this.#expired;
    let waiting = 0;
    for (const [partition, blocked] of this.#blocked) {
      this.#settle(partition, blocked);
      const tooOld = this.#tooOld(blocked);
      expired += tooOld;
      waiting += blocked.waiting - blocked.repeated - tooOld;
    }
    for (const { recordsPerSecond, until } of this.#bursts.values()) waiting += records(recordsPerSecond, until - now);
    return { written, expired, unsent: this.#unsent, repeated: this.#repeated, truncated: this.#truncated, waiting };
  }

  // ── How ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #inLog(): number {
    const now = this.#host.now();
    let records = 0;
    for (let partition = 0; partition < this.log.partitions; partition++) records += this.log.end(partition, now);
    return records;
  }

  /** Lets applications produce as much as there is room for; all lines follow. */
  #produce(): void {
    this.#count();
    const now = this.#host.now();
    const recordsPerSecond = Math.min(this.#demand * this.#carried, this.#most());
    if (recordsPerSecond !== this.log.recordsPerSecond) {
      this.log.setRate(now, recordsPerSecond);
      this.#host.changed(this.shares.map((_, partition) => partition));
    }
    this.#plan();
  }

  /** Records per second that there is room for: where the buffers are full, as many as are given up leave some. */
  #most(): number {
    if (this.#blocked.size === 0 || this.#room() > 0) return Infinity;
    const givenUp = this.#givenUp();
    return givenUp > 0 ? givenUp / this.#blockedShare() : 0;
  }

  /** When there may be room for more, or for fewer: the buffers are full, or other records are given up than before. */
  #plan(): void {
    if (this.#blocked.size === 0) return this.#host.buffersFullAt(undefined);
    const now = this.#host.now();
    const { patience } = this.#laws;
    let next = Infinity;
    let since = Infinity;
    for (const blocked of this.#blocked.values()) {
      since = Math.min(since, blocked.since);
      for (const made of [blocked.left.madeBy, ...[...blocked.losses, ...blocked.shares].map(({ at }) => at)]) {
        if (made + patience > now) next = Math.min(next, made + patience);
      }
    }
    if (since + patience <= now) next = Math.min(next, this.log.changesAfter(now - patience) + patience);
    const fills = this.#blockedShare() * this.log.recordsPerSecond - this.#givenUp();
    const room = this.#room();
    if (fills > 0 && room > 0) next = Math.min(next, now + Math.max(1, Math.ceil((room * SECOND) / fills)));
    this.#host.buffersFullAt(next < Infinity ? next : undefined);
  }

  /** Records that still fit into the buffers; none, where instances took their buffers with them. */
  #room(): number {
    let waiting = 0;
    for (const [partition, blocked] of this.#blocked) {
      this.#settle(partition, blocked);
      waiting += blocked.waiting - this.#tooOld(blocked);
      if (this.#isTooOld(blocked.since)) waiting -= blocked.repeated;
    }
    const room = this.#laws.room - waiting;
    return room > NOISE ? room : 0;
  }

  /** The part of what is produced that waits. */
  #blockedShare(): number {
    let share = 0;
    for (const partition of this.#blocked.keys()) share += this.shares[partition];
    return share;
  }

  /** Records per second that are given up at present: those that came when they were made. */
  #givenUp(): number {
    const before = this.#host.now() - this.#laws.patience;
    let share = 0;
    for (const blocked of this.#blocked.values()) {
      if (blocked.since <= before) share += shareAt(blocked, before) * keptOf(blocked, before, this.#laws.patience);
    }
    return share > 0 ? share * this.log.rateAt(before) : 0;
  }

  #settle(partition: number, blocked: Blocked): void {
    const total = this.log.total(this.#host.now());
    blocked.waiting += this.shares[partition] * (total - blocked.total);
    blocked.total = total;
  }

  /** Records that have waited for longer than anybody waits, and have never been written. */
  #tooOld(blocked: Blocked): number {
    const before = this.#host.now() - this.#laws.patience;
    const left = this.#isTooOld(blocked.left.madeBy) ? blocked.left.records : 0;
    return made(blocked, this.log, this.#laws.patience, blocked.since, before).reduce(
      (sum, { records }) => sum + records,
      left,
    );
  }

  /** Whether nobody waits any more for what was made then. */
  #isTooOld(made: Instant): boolean {
    return this.#host.now() - made >= this.#laws.patience;
  }

  /** How many records per second more there are, now that so many have waited, and so many that had been written. */
  #burst(partition: number, made: number, repeated: number): number {
    const waiting = made + repeated;
    if (waiting <= 0) return 0;
    const lasts = Math.max(1, Math.ceil((waiting * SECOND) / this.#laws.burst));
    const recordsPerSecond = (waiting * SECOND) / lasts;
    const begun = this.#host.now();
    const until = begun + lasts;
    const repeatedUntil = begun + (repeated / waiting) * lasts;
    this.#bursts.set(partition, { recordsPerSecond, begun, until, repeatedUntil });
    this.#host.burstOverAt(until, partition);
    return recordsPerSecond;
  }

  /** Tells how long what waited for these partitions has done so when it is written. */
  #flush(blocked: ReadonlyMap<number, Blocked>): void {
    const now = this.#host.now();
    const flushes = new Map<number, Flush>();
    for (const [partition, waited] of blocked) {
      const burst = this.#bursts.get(partition);
      if (!burst) continue;
      const { recordsPerSecond, until } = burst;
      const sending = { now, until, burst: recordsPerSecond, recordsPerSecond: this.log.rateOf(partition) };
      flushes.set(partition, flushOf(waited, this.log, this.#laws.patience, sending));
    }
    if (flushes.size > 0) this.#host.flushed(flushes);
  }

  /** Counts what has not been made up to now. */
  #count(): void {
    const now = this.#host.now();
    this.#unsent += records(this.#demand - this.log.recordsPerSecond, now - this.#counted);
    this.#counted = now;
  }
}

/** So much less room than a record is none: the noise of floats. */
const NOISE = 1e-6;

const NO_PRODUCERS: SendingLaws = { room: 0, patience: 0, burst: 1, repeated: 0, dropped: 0, truncated: 0 };

const records = (recordsPerSecond: number, duration: Duration): number => (recordsPerSecond * duration) / SECOND;
