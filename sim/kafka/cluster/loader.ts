import type { Duration, Instant } from "../../engine/time.ts";
import type { BrokerId } from "../../names.ts";

/**
 * Each broker's one thread that reads the logs of `__consumer_offsets` partitions it got: first come first served, in
 * every release up to 4.4. Kafka: `CoordinatorLoaderImpl`, whose scheduler has a size of 1.
 */
export class Loaders {
  readonly #freeAt = new Map<BrokerId, Instant>();

  /** Queues a log that takes so long to read; returns how long it will be until it has been read. */
  queue(broker: BrokerId, now: Instant, reading: Duration): Duration {
    const done = Math.max(now, this.#freeAt.get(broker) ?? 0) + reading;
    this.#freeAt.set(broker, done);
    return done - now;
  }

  /** The broker's process is gone, and its queue with it. */
  died(broker: BrokerId): void {
    this.#freeAt.delete(broker);
  }
}
