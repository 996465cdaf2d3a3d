import type { Generation, Partitions } from "../../../../names.ts";
import { record } from "../../client/client.ts";
import { common, isEmpty, NO_PARTITIONS, union, without } from "../../partitions.ts";
import type { Parts } from "./parts.ts";

/**
 * What a consumer takes for its own, and what it reads. The two part when its session is over: it knows that it owns
 * nothing, and its fetchers go on until the next rebalance stops them. Kafka: `topicRegistry`, `ConsumerFetcherManager`.
 */
export class Holdings {
  readonly #on: Pick<Parts, "host" | "options">;
  #owned: Partitions = NO_PARTITIONS;
  #reading: Partitions = NO_PARTITIONS;
  #generation: Generation = -1;

  constructor(on: Pick<Parts, "host" | "options">) {
    this.#on = on;
  }

  get owned(): Partitions {
    return this.#owned;
  }

  get reading(): Partitions {
    return this.#reading;
  }

  /** The transaction in which it claimed the last of what it owns. */
  get generation(): Generation {
    return this.#generation;
  }

  own(partitions: Partitions, generation: Generation): void {
    this.#owned = partitions;
    this.#generation = generation;
    record(this.#on, "partition.owner", { how: "assigned", partitions, generation });
  }

  giveUp(how: "revoked" | "lost"): void {
    if (isEmpty(this.#owned)) return;
    const partitions = this.#owned;
    this.#owned = NO_PARTITIONS;
    record(this.#on, "partition.owner", { how, partitions, generation: this.#generation });
  }

  startReading(found: Partitions): void {
    const partitions = common(this.#owned, found);
    if (isEmpty(partitions)) return;
    this.#reading = union(this.#reading, partitions);
    record(this.#on, "partition.reading", { reading: true, partitions, reason: "resumed" });
  }

  /** The fetchers of these partitions stop, and what they have fetched is thrown away. */
  stopReading(stopped = this.#reading, reason?: string): void {
    const partitions = common(this.#reading, stopped);
    if (isEmpty(partitions)) return;
    this.#reading = without(this.#reading, partitions);
    const why = reason ?? (isEmpty(common(partitions, this.#owned)) ? "lost" : "revoked");
    record(this.#on, "partition.reading", { reading: false, partitions, reason: why });
  }
}
