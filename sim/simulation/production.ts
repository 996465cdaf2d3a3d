import type { Engine } from "../engine/engine.ts";
import type { Topics } from "../kafka/assignors/assignor.ts";
import { TopicLog } from "../lag/log.ts";
import type { TopicName } from "../names.ts";
import type { EventSpec, Scenario, TopicSpec } from "../scenario/scenario.ts";
import type { TopicChanged } from "../trace/event.ts";
import type { Recorder } from "../trace/recorder.ts";

/** Who is told what is written: the groups that read it. */
export interface LogReader {
  /** So many records per second are written to the partitions of a topic, from partition 0 on, from now on. */
  written(topic: TopicName, recordsPerSecond: readonly number[]): void;
  /** A topic is gone, and its records with it. */
  deleted(topic: TopicName): void;
}

/** A topic as the cluster has it. */
interface Topic {
  readonly log: TopicLog;
  /** 0: it does not exist, not yet or not any more. */
  partitions: number;
}

/** The topics and what is produced to them: one log for each, whoever reads it. */
export class Production {
  readonly #engine: Engine;
  readonly #recorder: Recorder;
  readonly #specs: ReadonlyMap<TopicName, TopicSpec>;
  readonly #topics: ReadonlyMap<TopicName, Topic>;
  readonly #readers: LogReader[] = [];
  readonly #changed: (topic: TopicName) => void;
  #metadata: Topics;

  /** `changed`: a topic came, grew or went. */
  constructor(
    engine: Engine,
    recorder: Recorder,
    { topics, events }: Pick<Scenario, "topics" | "events">,
    changed: (topic: TopicName) => void,
  ) {
    this.#changed = changed;
    this.#engine = engine;
    this.#recorder = recorder;
    this.#specs = new Map(topics.map((spec) => [spec.name, spec]));
    this.#topics = new Map(
      topics.map((spec) => {
        const partitions = beginsLater(spec.name, events) ? 0 : spec.partitions;
        return [spec.name, { log: new TopicLog(roomFor(spec, events)), partitions }];
      }),
    );
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
    return this.#topics.get(topic)!.log;
  }

  /** Production begins. */
  start(): void {
    for (const [name, { rate, shares }] of this.#specs) {
      const topic = this.#topics.get(name)!;
      topic.log.setRate(this.#engine.now, rate[0].recordsPerSecond);
      if (topic.partitions > 0) this.#share(name, shares);
    }
  }

  /** Production of a whole topic from now on. */
  setRate(name: TopicName, recordsPerSecond: number): void {
    this.log(name).setRate(this.#engine.now, recordsPerSecond);
    this.#tell(name);
  }

  /** A topic comes into being. */
  create(name: TopicName): void {
    const { partitions, shares } = this.#specs.get(name)!;
    this.#change(name, "created", partitions);
    this.#share(name, shares);
  }

  /** A topic gets more partitions, and production spreads over all of them at once. */
  grow(name: TopicName, shares: readonly number[]): void {
    this.#change(name, "grown", shares.length);
    this.#share(name, shares);
  }

  /** A topic is deleted with all that is in it. */
  delete(name: TopicName): void {
    this.#share(
      name,
      Array.from({ length: this.#topics.get(name)!.partitions }, () => 0),
    );
    for (const reader of this.#readers) reader.deleted(name);
    this.#change(name, "deleted", 0);
  }

  exists(name: TopicName): boolean {
    return this.#topics.get(name)!.partitions > 0;
  }

  #share(name: TopicName, shares: readonly number[]): void {
    const { log } = this.#topics.get(name)!;
    shares.forEach((share, partition) => log.setShare(this.#engine.now, partition, share));
    this.#tell(name);
  }

  #tell(name: TopicName): void {
    const { log, partitions } = this.#topics.get(name)!;
    if (partitions === 0) return;
    const rates = Array.from({ length: partitions }, (_, partition) => log.rateOf(partition));
    for (const reader of this.#readers) reader.written(name, rates);
  }

  #change(name: TopicName, change: TopicChanged["change"], partitions: number): void {
    const topic = this.#topics.get(name)!;
    const before = topic.partitions;
    topic.partitions = partitions;
    this.#metadata = this.#picture();
    this.#recorder.record(`topic/${name}`, { type: "topic.changed", topic: name, change, before, partitions });
    this.#changed(name);
  }

  #picture(): Topics {
    const existing = [...this.#topics].filter(([, { partitions }]) => partitions > 0);
    return new Map(existing.map(([name, { partitions }]) => [name, { partitions }]));
  }
}

/** A topic that an event creates is not there before. */
export function beginsLater(topic: TopicName, events: readonly EventSpec[]): boolean {
  return events.some((event) => event.what === "create" && event.topic === topic);
}

/** The most partitions a topic ever has. */
function roomFor({ name, partitions }: TopicSpec, events: readonly EventSpec[]): number {
  return events.reduce(
    (most, event) => (event.what === "grow" && event.topic === name ? Math.max(most, event.shares.length) : most),
    partitions,
  );
}
