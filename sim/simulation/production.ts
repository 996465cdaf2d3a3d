import type { Engine, Kind, Timers } from "../engine/engine.ts";
import type { Streams } from "../engine/random.ts";
import type { Duration, Instant } from "../engine/time.ts";
import { MILLISECOND } from "../engine/time.ts";
import type { Topics } from "../kafka/assignors/assignor.ts";
import { ORDER } from "../kafka/order.ts";
import { TopicLog } from "../lag/log.ts";
import type { RetentionLaws } from "../lag/retention.ts";
import { startAfterCheck } from "../lag/retention.ts";
import type { TopicName } from "../names.ts";
import type { EventSpec, Scenario, TopicSpec } from "../scenario/scenario.ts";
import { beginsLater } from "../scenario/topic-checks.ts";
import type { TopicChanged } from "../trace/event.ts";
import type { Recorder } from "../trace/recorder.ts";
import { Producers } from "./producers.ts";
import type { Flush } from "./blocked.ts";
import { Supply } from "./supply.ts";

/** Who is told what is written: the groups that read it. */
export interface LogReader {
  /** So many records per second are written to a partition from now on. */
  written(topic: TopicName, partition: number, recordsPerSecond: number): void;
  /**
   * The high watermark of a partition stands still: what is written after `since` cannot be read yet; `undefined`: it moves.
   * Of what could not be read, `readable` records can be now.
   */
  standsStill(topic: TopicName, partition: number, since: Instant | undefined, readable: number): void;
  /** What was written to a partition after `to` is gone: its leader's copy lacks it. */
  cutBack(topic: TopicName, partition: number, to: Instant): void;
  /** A topic is gone, and its records with it. */
  deleted(topic: TopicName): void;
  /** A topic is there, and its logs are empty. */
  created(topic: TopicName): void;
  /** What is before this offset of a partition is deleted. */
  deletedBefore(topic: TopicName, partition: number, offset: number): void;
  /** Whether records from this offset of a partition on, and maybe some before, are still to be read. */
  isBehind(topic: TopicName, partition: number, offset: number): boolean;
  /** Records of these partitions have been deleted that were still to be read: they begin at other offsets now. */
  overtaken(topic: TopicName, partitions: readonly number[]): void;
}

/** A topic as the cluster has it. */
interface Topic {
  readonly name: TopicName;
  readonly spec: TopicSpec;
  readonly supply: Supply;
  readonly producers: Producers;
  /** Records per second that are asked for, and in a burst besides. */
  rate: number;
  extra: number;
  /** Absent: nothing will be deleted in this run. */
  readonly retention: RetentionLaws | undefined;
  /** 0: it does not exist, not yet or not any more. */
  partitions: number;
}

export interface ProductionHost {
  readonly engine: Engine;
  readonly recorder: Recorder;
  readonly streams: Streams;
  /** A topic came, grew or went. */
  changed(topic: TopicName): void;
  /** Whether a partition has a leader that answers, and takes what its producers send. */
  writable(topic: TopicName, partition: number): boolean;
}

/** The topics and what is produced to them: one log for each, whoever reads it. */
export class Production {
  readonly #host: ProductionHost;
  readonly #topics: ReadonlyMap<TopicName, Topic>;
  readonly #readers: LogReader[] = [];
  readonly #bursts: Kind;
  readonly #buffers: Timers;
  readonly #checks: Kind;
  readonly #checkInterval: Duration;
  #metadata: Topics;

  constructor(scenario: Pick<Scenario, "topics" | "events" | "cluster" | "duration">, host: ProductionHost) {
    const { topics, events, cluster, duration } = scenario;
    const { engine, recorder } = host;
    this.#host = host;
    const all: Topic[] = topics.map((spec, subject) => {
      const { name } = spec;
      const supply = new Supply(new TopicLog(roomFor(spec, events)), {
        now: () => engine.now,
        changed: (partitions) => this.#tell(name, partitions),
        flushed: (flushes) => this.#tellFlushes(name, flushes),
        burstOverAt: (instant, partition) => engine.scheduleAt(instant, this.#bursts, subject, partition),
        buffersFullAt: (instant) => {
          if (instant === undefined) this.#buffers.cancel(subject);
          else this.#buffers.armAt(subject, instant);
        },
      });
      const producers = new Producers(spec, supply, { engine, recorder, streams: host.streams, cluster });
      const rate = spec.rate[0].recordsPerSecond;
      const retention = retentionLaws(spec, duration);
      return {
        name,
        spec,
        supply,
        producers,
        rate,
        extra: 0,
        retention,
        partitions: beginsLater(name, events) ? 0 : spec.partitions,
      };
    });
    this.#bursts = engine.on("burst over", ORDER.scenario, (subject, partition) => {
      all[subject].supply.burstOver(partition);
    });
    this.#buffers = engine.timers("buffers full", ORDER.scenario, (subject) => {
      recorder.cause = null;
      all[subject].supply.lookAtBuffers();
    });
    this.#checkInterval = cluster.config["log.retention.check.interval.ms"] * MILLISECOND;
    this.#checks = engine.on("retention check", ORDER.cluster, () => {
      recorder.cause = null;
      for (const topic of this.#topics.values()) this.#trim(topic);
      engine.schedule(this.#checkInterval, this.#checks, 0);
    });
    this.#topics = new Map(all.map((topic) => [topic.name, topic]));
    this.#metadata = this.#picture();
  }

  /** These will be told. */
  readBy(reader: LogReader): void {
    this.#readers.push(reader);
  }

  /** The topics that exist, as brokers tell clients. Another object after each change. */
  get metadata(): Topics {
    return this.#metadata;
  }

  log(topic: TopicName): TopicLog {
    return this.#topics.get(topic)!.supply.log;
  }

  /** Production begins. */
  start(): void {
    for (const { supply, producers, spec, rate, partitions } of this.#topics.values()) {
      this.#host.recorder.cause = null;
      supply.setDemand(partitions > 0 ? rate : 0);
      if (partitions > 0) supply.spread(spec.shares);
      producers.start();
    }
    const deletes = [...this.#topics.values()].some(({ retention }) => retention !== undefined);
    if (deletes) this.#host.engine.schedule(this.#checkInterval, this.#checks, 0);
  }

  /** Production of a whole topic from now on. */
  setRate(name: TopicName, recordsPerSecond: number): void {
    const topic = this.#topics.get(name)!;
    topic.rate = recordsPerSecond;
    this.#ask(topic);
  }

  /** At what rate it is produced, bursts aside. */
  rateOf(name: TopicName): number {
    return this.#topics.get(name)!.rate;
  }

  /** How many instances are there to produce it. */
  producing(name: TopicName): number {
    return this.#topics.get(name)!.producers.size;
  }

  /** So much more is produced from now on, while a burst lasts. */
  setExtraRate(name: TopicName, recordsPerSecond: number): void {
    const topic = this.#topics.get(name)!;
    topic.extra = recordsPerSecond;
    this.#ask(topic);
  }

  /** A topic comes into being; if there was one of that name before, it has nothing to do with that. */
  create(name: TopicName): void {
    const { spec, supply } = this.#topics.get(name)!;
    supply.beginAnew();
    for (const reader of this.#readers) reader.created(name);
    this.#change(name, "created", spec.partitions);
    this.#spread(name, spec.shares);
    this.#ask(this.#topics.get(name)!);
  }

  /** A topic gets more partitions, and production spreads over all of them at once. */
  grow(name: TopicName, shares: readonly number[]): void {
    this.#change(name, "grown", shares.length);
    this.#spread(name, shares);
  }

  /** A topic is deleted with all that is in it. */
  delete(name: TopicName): void {
    const { supply, partitions } = this.#topics.get(name)!;
    const all = Array.from({ length: partitions }, (_, partition) => partition);
    supply.spread(all.map(() => 0));
    supply.forget(all);
    for (const reader of this.#readers) reader.deleted(name);
    this.#change(name, "deleted", 0);
    this.#ask(this.#topics.get(name)!);
  }

  /** So many producers of a topic come, close or crash. */
  producers(name: TopicName, how: "join" | "leave" | "crash", count: number): void {
    const { producers } = this.#topics.get(name)!;
    if (how === "join") producers.join(count);
    else producers.depart(count, how === "leave" ? "close" : "crash");
  }

  /** Nobody can write to these partitions from now on. `died`: their leader has. */
  block(name: TopicName, partitions: readonly number[], died: boolean): void {
    this.#topics.get(name)!.supply.block(partitions, died);
  }

  /** Nothing can be read that was written to this partition after `since`; `undefined`: all that is written can be. */
  standStill(name: TopicName, partition: number, since: Instant | undefined): void {
    const { log } = this.#topics.get(name)!.supply;
    const { now } = this.#host.engine;
    const before = log.watermark(partition, now);
    log.standStill(partition, since);
    const readable = Math.max(0, log.watermark(partition, now) - before);
    for (const reader of this.#readers) reader.standsStill(name, partition, since, readable);
  }

  /** The leader of a partition has what was written up to then, and lacks the rest. */
  cutBack(name: TopicName, partition: number, to: Instant): void {
    const { recorder } = this.#host;
    const { cause } = recorder;
    const records = this.#topics.get(name)!.supply.cutBack(partition, to);
    const told = Math.round(records * 1e6) / 1e6;
    if (told > 0) {
      recorder.record(`topic/${name}`, { type: "partition.truncated", topic: name, partition, records: told });
    }
    const truncated = recorder.cause;
    for (const reader of this.#readers) {
      recorder.cause = truncated;
      reader.cutBack(name, partition, to);
    }
    recorder.cause = cause;
  }

  /** The run is over: what became of all that was asked for. */
  end(): void {
    const { recorder } = this.#host;
    for (const { name, spec, supply } of this.#topics.values()) {
      recorder.cause = null;
      const isUnacknowledged = spec.producers.config["acks"] === "0";
      const { written, expired, unsent, repeated, truncated, waiting } = supply.balance();
      const rounded = (records: number): number => Math.round(records * 1e6) / 1e6;
      recorder.record(`topic/${name}`, {
        type: "topic.produced",
        topic: name,
        written: rounded(written),
        expired: rounded(expired),
        unsent: rounded(unsent),
        repeated: rounded(repeated),
        ...(rounded(truncated) > 0 && {
          truncated: rounded(truncated),
          ...(isUnacknowledged && { unacknowledged: true as const }),
        }),
        ...(rounded(waiting) > 0 && { waiting: rounded(waiting) }),
      });
    }
  }

  /** These partitions can be written to again, and the producers have heard of it. */
  release(name: TopicName, partitions: readonly number[]): void {
    this.#topics.get(name)!.supply.release(partitions);
  }

  /** Partitions that exist. */
  partitionsOf(name: TopicName): number {
    return this.#topics.get(name)!.partitions;
  }

  /** Nobody is asked for records of a topic that does not exist. */
  #ask({ supply, producers, rate, extra, partitions }: Topic): void {
    supply.setDemand(partitions > 0 ? rate + extra : 0);
    producers.changed();
  }

  #spread(name: TopicName, shares: readonly number[]): void {
    const { supply } = this.#topics.get(name)!;
    const leaderless = shares.flatMap((_, partition) => (this.#host.writable(name, partition) ? [] : [partition]));
    supply.block(leaderless, false);
    supply.spread(shares);
  }

  /** The brokers look for what is too old, or too much. */
  #trim({ name, supply: { log }, retention, partitions }: Topic): void {
    if (!retention) return;
    const { engine, recorder } = this.#host;
    const overtaken: number[] = [];
    for (let partition = 0; partition < partitions; partition++) {
      const start = startAfterCheck(log, partition, engine.now, retention);
      if (start === log.start(partition)) continue;
      log.deleteBefore(partition, start);
      for (const reader of this.#readers) reader.deletedBefore(name, partition, start);
      if (this.#readers.some((reader) => reader.isBehind(name, partition, start))) overtaken.push(partition);
    }
    if (overtaken.length === 0) return;
    const start = overtaken.map((partition) => Math.round(log.start(partition) * 1e6) / 1e6);
    recorder.record(`topic/${name}`, { type: "topic.trimmed", topic: name, partitions: overtaken, start });
    const { cause } = recorder;
    for (const reader of this.#readers) {
      recorder.cause = cause;
      reader.overtaken(name, overtaken);
    }
    recorder.cause = null;
  }

  #tell(name: TopicName, partitions: readonly number[]): void {
    const { supply } = this.#topics.get(name)!;
    for (const partition of partitions) {
      const recordsPerSecond = supply.log.rateOf(partition);
      for (const reader of this.#readers) reader.written(name, partition, recordsPerSecond);
    }
  }

  /** What waited is being sent: told once for all partitions for which it is alike. */
  #tellFlushes(name: TopicName, flushes: ReadonlyMap<number, Flush>): void {
    const { recorder } = this.#host;
    const { cause } = recorder;
    const alike = new Map<string, { readonly flush: Flush; readonly partitions: number[] }>();
    for (const [partition, flush] of flushes) {
      const key = `${flush.after.join()} ${flush.waited.join()}`;
      const found = alike.get(key);
      if (found) found.partitions.push(partition);
      else alike.set(key, { flush, partitions: [partition] });
    }
    for (const { flush, partitions } of alike.values()) {
      recorder.cause = cause;
      recorder.record(`topic/${name}`, { type: "topic.flushed", topic: name, partitions, ...flush });
    }
    recorder.cause = cause;
  }

  #change(name: TopicName, change: TopicChanged["change"], partitions: number): void {
    const { recorder, changed } = this.#host;
    const topic = this.#topics.get(name)!;
    const before = topic.partitions;
    topic.partitions = partitions;
    this.#metadata = this.#picture();
    recorder.record(`topic/${name}`, { type: "topic.changed", topic: name, change, before, partitions });
    changed(name);
  }

  #picture(): Topics {
    const existing = [...this.#topics.values()].filter(({ partitions }) => partitions > 0);
    return new Map(existing.map(({ name, partitions }) => [name, { partitions }]));
  }
}

/** The most partitions a topic ever has. */
function roomFor({ name, partitions }: TopicSpec, events: readonly EventSpec[]): number {
  return events.reduce(
    (most, event) => (event.what === "grow" && event.topic === name ? Math.max(most, event.shares.length) : most),
    partitions,
  );
}

/** What a topic's settings come to; nothing, where no record can be deleted before the run is over. */
function retentionLaws({ config, recordSize }: TopicSpec, duration: Duration): RetentionLaws | undefined {
  const age = config["retention.ms"] * MILLISECOND;
  const bytes = config["retention.bytes"];
  const byAge = age >= 0 && age < duration;
  if (!byAge && bytes < 0) return undefined;
  return {
    ...(byAge && { age }),
    ...(bytes >= 0 && { records: bytes / recordSize }),
    segmentRecords: Math.max(1, config["segment.bytes"] / recordSize),
    segmentAge: config["segment.ms"] * MILLISECOND,
  };
}
