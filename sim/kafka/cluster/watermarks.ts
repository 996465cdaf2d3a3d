import type { Instant } from "../../engine/time.ts";
import type { BrokerId, TopicName } from "../../names.ts";
import type { Recorder } from "../../trace/recorder.ts";
import type { Partition } from "./partition.ts";

/** What high watermarks need of the cluster around them. */
export interface WatermarksHost {
  readonly recorder: Recorder;
  /** Whether a watermark stands still with fewer: from 3.7 on (KAFKA-15583). */
  readonly standsWithFewer: boolean;
  now(): Instant;
  /** Whether fewer of its copies are in sync than `min.insync.replicas` asks for. */
  tooFew(partition: Partition): boolean;
  /** Those of topics that are produced to. */
  partitions(): Iterable<Partition>;
  /** Whether the leader that a partition is written to lives, and knows that it is. */
  isLed(partition: Partition): boolean;
  /** Whether this broker follows the leader that a partition is written to: it reaches it, and takes it for the leader. */
  follows(broker: BrokerId, partition: Partition): boolean;
  /** What can be read of these partitions, or whether they take what must be safe, may have changed. */
  changed(topic: TopicName, partitions: readonly number[]): void;
  /** The new leader's log ends with what was written up to that instant; what was written since is gone. */
  cutBack(topic: TopicName, partition: number, to: Instant): void;
}

/** A partition of which not every copy that counts follows, or of which too few count. */
interface Standing {
  /** Copies in sync that do not follow their leader, and since when. */
  readonly stopped: ReadonlyMap<BrokerId, Instant>;
  /** Fewer copies are in sync than `min.insync.replicas` asks for. */
  readonly tooFew: boolean;
  /** Where the watermark stands: what was written up to then can be read; absent: it moves. */
  readonly since: Instant | undefined;
}

/** Partitions of one topic of which the same is different: where their watermark stands, or only what is acknowledged. */
interface Change {
  readonly change: "watermark" | "acknowledgements";
  readonly first: Partition;
  readonly numbers: number[];
}

const ALL_WELL: Standing = { stopped: new Map(), tooFew: false, since: undefined };

/** Of a copy that does not count and follows its leader all the same: it misses nothing yet. */
const FOLLOWS = Infinity;

/**
 * How far the partitions of topics can be read. The high watermark is the least of what the copies in sync have, so a
 * follower that died, or that its leader cannot reach, holds everybody up until it does not count any more:
 *
 *     broker 2, a follower, dies at 10 s; the controller fences it at 19 s, its leader hears of it at 19.1 s
 *       nothing that is written from 10 s on can be read before 19.1 s, when all of it can
 *
 * Another that stops meanwhile holds up what is written from then on. A follower that comes to lead has only what was
 * written until it stopped to follow; the rest is gone. If it counted until now that lies above the watermark; an incomplete
 * copy (`unclean.leader.election.enable`) lacks what could be read, too. (What it has fetched since it is back, on its way to
 * be complete, counts for nothing.) Those that follow have all their leader has. A leader that was
 * overruled and does not know it is followed by nobody who does: what is written to it from then on nobody reads. Kafka:
 * `Partition.maybeIncrementLeaderHW`, `Partition.maybeShrinkIsr`; `#commits` of the cluster says the same of
 * `__consumer_offsets`.
 */
export class Watermarks {
  readonly #host: WatermarksHost;
  readonly #standing = new Map<Partition, Standing>();
  /** Of copies that do not count any more: up to when they have what was written. */
  readonly #incomplete = new Map<Partition, Map<BrokerId, Instant>>();
  /** Who was made leader last with such a copy. */
  readonly #uncleanly = new Map<Partition, BrokerId>();

  constructor(host: WatermarksHost) {
    this.#host = host;
  }

  /** Where the watermark of a partition stands: what was written up to then can be read; absent: it moves. */
  standsSince(partition: Partition): Instant | undefined {
    return this.#standing.get(partition)?.since;
  }

  /** Whether what is written now, and must be on all copies in sync, is there at once: `acks: all` is answered. */
  acknowledgesAll(partition: Partition): boolean {
    const { since, tooFew } = this.#standing.get(partition) ?? ALL_WELL;
    return since === undefined && !tooFew;
  }

  /** An incomplete copy is about to lead. */
  leadsUnclean(partition: Partition, broker: BrokerId): void {
    this.#uncleanly.set(partition, broker);
  }

  /** Brokers came or went, or copies, or the ways between them: tells what that changes. */
  review(): void {
    const { recorder } = this.#host;
    const { cause } = recorder;
    const changes = new Map<string, Change>();
    for (const partition of this.#host.partitions()) {
      const change = this.#look(partition);
      if (change === "nothing") continue;
      const { stopped, tooFew, since } = this.#standing.get(partition) ?? ALL_WELL;
      const key = `${partition.topic} ${change} ${[...stopped.keys()].join(" ")} ${tooFew} ${since !== undefined} ${overruledIn(partition)}`;
      const alike = changes.get(key);
      if (alike) alike.numbers.push(partition.number);
      else changes.set(key, { change, first: partition, numbers: [partition.number] });
    }
    for (const { change, first, numbers } of changes.values()) {
      const { stopped, since } = this.#standing.get(first) ?? ALL_WELL;
      const overruled = overruledIn(first);
      recorder.cause = cause; // none of them made the next one happen
      if (change === "watermark") {
        recorder.record(`topic/${first.topic}`, {
          type: "partition.watermark",
          topic: first.topic,
          partitions: numbers,
          moves: since === undefined,
          waitsFor: [...stopped.keys()],
          ...(since !== undefined && overruled !== undefined && { overruled }),
        });
      }
      this.#host.changed(first.topic, numbers);
    }
    recorder.cause = cause;
  }

  /** Looks at one partition; returns what is different. While nobody leads it nothing is. */
  #look(partition: Partition): Change["change"] | "nothing" {
    const { isLed, follows, standsWithFewer, now, cutBack } = this.#host;
    const { topic, number, serving: leader, awaited } = partition;
    if (leader === null || !isLed(partition)) return "nothing";
    const before = this.#standing.get(partition) ?? ALL_WELL;
    const end = before.stopped.get(leader) ?? this.#endOfUnclean(partition, leader);
    if (end !== undefined) cutBack(topic, number, end);
    this.#keepIncomplete(partition, leader, before.stopped, end);
    let found: Map<BrokerId, Instant> | undefined;
    for (const id of awaited) {
      if (id === leader || follows(id, partition)) continue;
      const since = before.stopped.get(id) ?? now();
      // What it has beyond the leader's end it will have to give up.
      (found ??= new Map()).set(id, end !== undefined && since > end ? now() : since);
    }
    const stopped = found ?? ALL_WELL.stopped;
    const tooFew = this.#host.tooFew(partition);
    const waits = tooFew && standsWithFewer ? [before.since ?? now()] : [];
    const since = Math.min(...stopped.values(), ...waits);
    const after: Standing = { stopped, tooFew, since: since < Infinity ? since : undefined };
    if (stopped.size === 0 && !tooFew) this.#standing.delete(partition);
    else this.#standing.set(partition, after);
    if (end !== undefined || !standAlike(before, after)) return "watermark";
    return before.tooFew === after.tooFew ? "nothing" : "acknowledgements";
  }

  /** Where the log of a leader ends that was made one though its copy was incomplete; nothing if it misses nothing. */
  #endOfUnclean(partition: Partition, leader: BrokerId): Instant | undefined {
    if (this.#uncleanly.get(partition) !== leader) return undefined;
    this.#uncleanly.delete(partition);
    const end = this.#incomplete.get(partition)?.get(leader);
    return end === FOLLOWS ? undefined : end;
  }

  /** `stopped`: since when those miss something that counted until now; `end`: where the log of a new leader ends that does. */
  #keepIncomplete(
    partition: Partition,
    leader: BrokerId,
    stopped: ReadonlyMap<BrokerId, Instant>,
    end: Instant | undefined,
  ): void {
    const { replicas, awaited } = partition;
    if (awaited.length === replicas.length) return void this.#incomplete.delete(partition);
    const { follows, now } = this.#host;
    const before = this.#incomplete.get(partition);
    const found = new Map<BrokerId, Instant>();
    for (const id of replicas) {
      if (id === leader || awaited.includes(id)) continue;
      const known = before?.get(id) ?? stopped.get(id) ?? FOLLOWS;
      const until = known === FOLLOWS && !follows(id, partition) ? now() : known;
      found.set(id, end === undefined || until === FOLLOWS ? until : Math.min(until, end));
    }
    this.#incomplete.set(partition, found);
  }
}

/** The leader that was overruled and does not know it, if there is one. */
const overruledIn = ({ serving, known }: Partition): BrokerId | undefined =>
  serving === null || serving === known ? undefined : serving;

const standAlike = (one: Standing, other: Standing): boolean =>
  one.since === other.since &&
  one.stopped.size === other.stopped.size &&
  [...one.stopped.keys()].every((id) => other.stopped.has(id));
