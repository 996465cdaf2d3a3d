import type { Partitions } from "../../../names.ts";
import { common, isEmpty, NO_PARTITIONS, union, without } from "../partitions.ts";
import type { Client } from "./client.ts";
import { record } from "./client.ts";

/**
 * What a consumer owns, what of it it reads, and where it does not know yet from which record on. Kafka:
 * `SubscriptionState`.
 */
export class Holdings {
  readonly #on: Pick<Client, "host" | "options" | "membership">;
  #owned: Partitions = NO_PARTITIONS;
  #reading: Partitions = NO_PARTITIONS;
  #unpositioned: Partitions = NO_PARTITIONS;

  constructor(on: Pick<Client, "host" | "options" | "membership">) {
    this.#on = on;
  }

  get owned(): Partitions {
    return this.#owned;
  }

  get reading(): Partitions {
    return this.#reading;
  }

  /** Owned, but where to start is not known. */
  get unpositioned(): Partitions {
    return this.#unpositioned;
  }

  /** Owned, and the application has got records of them: what a commit is about. */
  get positioned(): Partitions {
    return without(this.#owned, this.#unpositioned);
  }

  /** The callback `onPartitionsAssigned`: told even if nothing is new. What was owned before keeps its position. */
  assign(assigned: Partitions): void {
    const added = without(assigned, this.#owned);
    this.#owned = assigned;
    this.#unpositioned = union(common(this.#unpositioned, assigned), added);
    const { generation } = this.#on.membership;
    record(this.#on, "partition.owner", { how: "assigned", partitions: added, generation });
  }

  /** The callbacks `onPartitionsRevoked` and `onPartitionsLost`. */
  giveUp(partitions: Partitions, how: "revoked" | "lost", stops: string = how): void {
    if (isEmpty(partitions)) return;
    this.stopReading(partitions, stops);
    this.#owned = without(this.#owned, partitions);
    this.#unpositioned = without(this.#unpositioned, partitions);
    const { generation } = this.#on.membership;
    record(this.#on, "partition.owner", { how, partitions, generation });
  }

  startReading(found: Partitions): void {
    const partitions = common(this.#unpositioned, found);
    if (isEmpty(partitions)) return;
    this.#unpositioned = without(this.#unpositioned, partitions);
    this.#reading = union(this.#reading, partitions);
    record(this.#on, "partition.reading", { reading: true, partitions, reason: "resumed" });
  }

  /** They are still owned, but where to read on is not known any more. */
  forgetPosition(partitions: Partitions, reason: string): void {
    this.stopReading(partitions, reason);
    this.#unpositioned = union(this.#unpositioned, common(this.#owned, partitions));
  }

  stopReading(stopped: Partitions, reason: string): void {
    const partitions = common(this.#reading, stopped);
    if (isEmpty(partitions)) return;
    this.#reading = without(this.#reading, partitions);
    record(this.#on, "partition.reading", { reading: false, partitions, reason });
  }
}
