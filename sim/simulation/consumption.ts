import type { Engine, Kind, Timers } from "../engine/engine.ts";
import type { Instant } from "../engine/time.ts";
import { ORDER } from "../kafka/order.ts";
import type { Recorder } from "../trace/recorder.ts";
import { FluidLag } from "../lag/fluid.ts";
import type { TopicLog } from "../lag/log.ts";
import type { GroupId, Partitions, TopicName } from "../names.ts";
import type { LogReader } from "./production.ts";

/** A topic that a group reads, now or some day. */
export interface ReadTopic {
  readonly name: TopicName;
  readonly log: TopicLog;
}

/** How one group reads its topics: the fluid lag, driven by the engine's clock and told to the trace. */
export class Consumption implements LogReader {
  readonly #topics: readonly ReadTopic[];
  readonly #places: ReadonlyMap<TopicName, number>;
  readonly #lag: FluidLag;
  readonly #wakes: Timers;
  readonly #engine: Engine;
  /** Whether a client can get at a partition: it has a leader, and the client knows and reaches it. */
  readonly #readable: (client: number, topic: TopicName, partition: number) => boolean;
  /** `auto.offset.reset`. */
  readonly #reset: string;
  /** Topics it has subscribed to so far: what comes into the others is no business of this group. */
  readonly #followed = new Set<number>();
  /** The log's offset at which a topic's partitions began for this group, where that is not 0. */
  readonly #origins = new Map<number, readonly number[]>();
  /** The first disagreement with a log. */
  #untrue: string | undefined;

  constructor(
    group: GroupId,
    topics: readonly ReadTopic[],
    engine: Engine,
    recorder: Recorder,
    saturationChanged: (client: number) => void,
    reset: string,
    readable: (client: number, topic: TopicName, partition: number) => boolean,
  ) {
    this.#reset = reset;
    this.#readable = readable;
    this.#topics = topics;
    this.#engine = engine;
    this.#places = new Map(topics.map(({ name }, place) => [name, place]));
    const flush: Kind = engine.on(`lag of ${group}`, ORDER.lag, () => {
      recorder.cause = null;
      this.#lag.flush();
    });
    this.#wakes = engine.timers(`dry partitions of ${group}`, ORDER.lag, (client) => this.#lag.wake(client));
    this.#lag = new FluidLag(
      topics.map(({ log }) => log.partitions),
      {
        now: () => engine.now,
        wake: (client, at) => {
          if (at === undefined) this.#wakes.cancel(client);
          else this.#wakes.armAt(client, at);
        },
        saturationChanged,
        changed: () => engine.schedule(0, flush, 0),
        emit: ({ topic, ...slopes }) => {
          for (const partition of slopes.partitions) this.#compare(topic, partition);
          recorder.recordLag({ group, topic: topics[topic].name, ...slopes });
        },
      },
    );
  }

  written(topic: TopicName, partition: number, recordsPerSecond: number): void {
    const place = this.#places.get(topic);
    if (place === undefined || !this.#followed.has(place)) return;
    this.#lag.setRate(this.#lag.indexOf(place, partition), recordsPerSecond);
  }

  /**
   * The group subscribes to these topics. One that it has not read before begins for it at the log's start, with all
   * that is in it, if `reset` is `earliest`; otherwise at the log's end.
   */
  follow(topics: readonly TopicName[], reset = this.#reset): void {
    const now = this.#engine.now;
    for (const name of topics) {
      const place = this.#places.get(name)!;
      if (this.#followed.has(place)) continue;
      this.#followed.add(place);
      const { log } = this.#topics[place];
      const partitions = Array.from({ length: log.partitions }, (_, partition) => partition);
      const ends = partitions.map((partition) => log.end(partition, now));
      const origins = reset === "earliest" ? partitions.map((partition) => log.start(partition)) : ends;
      if (origins.some((origin) => origin > 0)) this.#origins.set(place, origins);
      for (const partition of partitions) {
        const index = this.#lag.indexOf(place, partition);
        this.#lag.arrive(index, ends[partition] - origins[partition]);
        this.#lag.setRate(index, log.rateOf(partition));
      }
    }
  }

  deleted(topic: TopicName): void {
    const place = this.#places.get(topic);
    if (place === undefined || !this.#followed.has(place)) return;
    const { log } = this.#topics[place];
    for (let partition = 0; partition < log.partitions; partition++) {
      const end = log.end(partition, this.#engine.now) - this.#origin(place, partition);
      this.#lag.skip(this.#lag.indexOf(place, partition), end, "topic-deleted");
    }
  }

  isBehind(topic: TopicName, partition: number, offset: number): boolean {
    const place = this.#places.get(topic);
    if (place === undefined || !this.#followed.has(place)) return false;
    return this.#position(place, partition) < offset;
  }

  overtaken(topic: TopicName, partitions: readonly number[]): void {
    for (const partition of partitions) this.#resetIfDeleted(topic, partition);
  }

  /**
   * What a reader would read next is deleted: it is told so, and goes on where the reset policy says. Whoever takes over
   * a partition that nobody reads now finds out then.
   */
  #resetIfDeleted(topic: TopicName, partition: number): void {
    const place = this.#places.get(topic);
    if (place === undefined) return;
    const { log } = this.#topics[place];
    const index = this.#lag.indexOf(place, partition);
    const start = log.start(partition);
    if (this.#lag.readerOf(index) === undefined || this.#position(place, partition) >= start) return;
    const to = this.#reset === "earliest" ? start : log.end(partition, this.#engine.now);
    this.#lag.skip(index, to - this.#origin(place, partition), "out-of-range");
  }

  /** The offset of the next record to be read. */
  #position(place: number, partition: number): number {
    const index = this.#lag.indexOf(place, partition);
    return this.#lag.position(index, this.#engine.now) + this.#origin(place, partition);
  }

  /** The first offset of a partition that is this group's business; the fluid counts from it. */
  #origin(place: number, partition: number): number {
    return this.#origins.get(place)?.[partition] ?? 0;
  }

  /** A client that can process so many records per second; the number it goes by from now on. */
  addClient(recordsPerSecond: number): number {
    return this.#lag.addClient(recordsPerSecond);
  }

  setCapacity(client: number, recordsPerSecond: number): void {
    this.#lag.setCapacity(client, recordsPerSecond);
  }

  read(client: number, partitions: Partitions): void {
    this.#lag.read(client, this.#indices(partitions));
    for (const topic in partitions) {
      for (const partition of partitions[topic]) this.#resetIfDeleted(topic, partition);
      this.regate(topic, partitions[topic]);
    }
  }

  /** Whether readers can get at these partitions may have changed. */
  regate(topic: TopicName, partitions: readonly number[]): void {
    const place = this.#places.get(topic);
    if (place === undefined) return;
    for (const partition of partitions) {
      const index = this.#lag.indexOf(place, partition);
      const reader = this.#lag.readerOf(index);
      if (reader !== undefined) this.#lag.hold(index, !this.#readable(reader, topic, partition));
    }
  }

  /** Who reads a partition. */
  readerOf(topic: TopicName, partition: number): number | undefined {
    const place = this.#places.get(topic);
    return place === undefined ? undefined : this.#lag.readerOf(this.#lag.indexOf(place, partition));
  }

  stop(client: number, partitions: Partitions): void {
    this.#lag.stop(client, this.#indices(partitions));
  }

  /** Whether the group reads this topic, now or some day. */
  reads(topic: TopicName): boolean {
    return this.#places.has(topic);
  }

  /** How many records wait in each partition of a topic, and how many a second come in. */
  picture(topic: TopicName, partitions: number): { readonly lag: readonly number[]; readonly rate: readonly number[] } {
    const place = this.#places.get(topic)!;
    const now = this.#engine.now;
    const indices = Array.from({ length: partitions }, (_, number) => this.#lag.indexOf(place, number));
    return {
      lag: indices.map((index) => this.#lag.lagAt(index, now)),
      rate: indices.map((index) => this.#lag.inflowOf(index)),
    };
  }

  backlogged(client: number): boolean {
    return this.#lag.backlogged(client);
  }

  hasWork(client: number): boolean {
    return this.#lag.hasWork(client);
  }

  /** What is wrong with the books since the last look, or nothing. */
  audit(): string | undefined {
    return this.#lag.audit() ?? this.#untrue;
  }

  /** The same of all partitions, once it is over. */
  finalAudit(): string | undefined {
    this.#topics.forEach(({ log }, topic) => {
      for (let partition = 0; partition < log.partitions; partition++) this.#compare(topic, partition);
    });
    return this.audit();
  }

  totals(t: Instant): ReturnType<FluidLag["totals"]> {
    return this.#lag.totals(t);
  }

  /** What the group has seen come in is what the log says was written. */
  #compare(topic: number, partition: number): void {
    if (!this.#followed.has(topic)) return;
    const { name, log } = this.#topics[topic];
    const now = this.#engine.now;
    const written = log.end(partition, now) - this.#origin(topic, partition);
    const produced = this.#lag.produced(this.#lag.indexOf(topic, partition), now);
    if (Math.abs(written - produced) <= 1e-6 * Math.max(1, written)) return;
    this.#untrue ??= `${name}-${partition}: ${written} written, but ${produced} came in`;
  }

  #indices(partitions: Partitions): number[] {
    const indices: number[] = [];
    for (const topic in partitions) {
      const place = this.#places.get(topic)!;
      for (const number of partitions[topic]) indices.push(this.#lag.indexOf(place, number));
    }
    return indices;
  }
}
