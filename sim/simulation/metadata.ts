import type { Engine, Timers } from "../engine/engine.ts";
import type { Streams } from "../engine/random.ts";
import type { Duration, Instant } from "../engine/time.ts";
import { MILLISECOND, wholeMicroseconds } from "../engine/time.ts";
import type { Topics } from "../kafka/assignors/assignor.ts";
import { ORDER } from "../kafka/order.ts";
import { exponentialBackoff } from "../kafka/protocols/backoff.ts";
import type { Offsets } from "../kafka/messages.ts";
import type { TopicName } from "../names.ts";
import type { EventId } from "../trace/event.ts";
import type { Recorder } from "../trace/recorder.ts";
import type { Consumer } from "./consumers/consumer.ts";

/** What one client knows of the topics, and since when. */
export interface MetadataView {
  topics: Topics;
  refreshedAt: Instant;
  /** The change of a topic that it has not heard of yet. */
  news: EventId | null;
}

export interface MetadataHost {
  readonly engine: Engine;
  readonly streams: Streams;
  readonly recorder: Recorder;
  consumers(): readonly Consumer[];
  /** The topics as brokers tell them now. */
  current(): Topics;
  /** This client has fetched metadata. */
  fetched(consumer: Consumer): void;
  /** … and there are other topics in it, or partitions, than it knew. */
  refreshed(consumer: Consumer): void;
}

/**
 * When clients hear of topics that came, grew or went. Each fetches metadata on its own clock: at its start, when its
 * subscription changes, and every `metadata.max.age.ms` from the last time on; sooner where it misses something. A fetch
 * that brings no news changes nothing, so only those are events that come after a change.
 *
 * Kafka: `Metadata`, `NetworkClient.DefaultMetadataUpdater`. The round trip to the broker is left out.
 */
export class Metadata {
  readonly #host: MetadataHost;
  readonly #timers: Timers;

  constructor(host: MetadataHost) {
    this.#host = host;
    this.#timers = host.engine.timers("metadata refresh", ORDER.application, (index) => {
      const consumer = host.consumers()[index];
      if (consumer.state !== "Running") return;
      host.recorder.cause = consumer.metadata.news;
      this.refresh(consumer);
    });
  }

  /** What a client begins with. */
  view(): MetadataView {
    return { topics: this.#host.current(), refreshedAt: this.#host.engine.now, news: null };
  }

  /** This client fetches metadata now. */
  refresh(consumer: Consumer): void {
    const { metadata } = consumer;
    this.#timers.cancel(consumer.index);
    metadata.refreshedAt = this.#host.engine.now;
    metadata.news = null;
    this.#host.fetched(consumer);
    const current = this.#host.current();
    if (metadata.topics === current) return;
    metadata.topics = current;
    this.#host.refreshed(consumer);
  }

  /** A topic has changed: every client that lives will hear of it. */
  changed(topic: TopicName): void {
    const { recorder } = this.#host;
    for (const consumer of this.#host.consumers()) {
      if (consumer.state !== "Running") continue;
      consumer.metadata.news = recorder.cause;
      const at = this.#nextFetch(consumer, topic);
      this.#timers.armAt(consumer.index, Math.min(at, this.#timers.deadline(consumer.index) ?? at));
    }
  }

  /**
   * This client is to read from these positions: what it knows no leader of it asks for at once. So every owner of new
   * partitions knows of them, too, and not only the leader that has given them out. Kafka: `AbstractFetch`.
   */
  missesLeadersOf(consumer: Consumer, positions: Offsets): void {
    const { topics } = consumer.metadata;
    const isKnown = (topic: TopicName): boolean =>
      Object.keys(positions[topic]).every((number) => Number(number) < (topics.get(topic)?.partitions ?? 0));
    if (!Object.keys(positions).every(isKnown)) this.#timers.armAt(consumer.index, this.#host.engine.now);
  }

  #nextFetch(consumer: Consumer, topic: TopicName): Instant {
    const { engine, streams } = this.#host;
    const { metadata, group, member, fate } = consumer;
    const { config } = group.spec;
    const least = config["retry.backoff.ms"];
    const most = config["retry.backoff.max.ms"];
    const uniform = (): number => streams.stream(`${fate}/metadata`).uniform();
    // The name of a topic that is not there keeps a client asking, at the longest of its waits.
    const misses = !metadata.topics.has(topic) && group.subscription.includes(topic);
    if (misses) return engine.now + wholeMicroseconds(uniform() * Math.max(least, most) * MILLISECOND);
    // Whoever reads from a topic that is gone is told so by the next fetch, and asks.
    const readsWhatIsGone = !this.#host.current().has(topic) && member.reading[topic] !== undefined;
    if (readsWhatIsGone) return engine.now + exponentialBackoff(0, least, most, uniform());
    return nextOnGrid(metadata.refreshedAt, config["metadata.max.age.ms"] * MILLISECOND, engine.now);
  }
}

/** The first of `start`, `start + step`, `start + 2 · step` … that is not before `t`. */
export function nextOnGrid(start: Instant, step: Duration, t: Instant): Instant {
  return step > 0 ? start + Math.ceil((t - start) / step) * step : t;
}
