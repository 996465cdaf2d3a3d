import type { Duration } from "../../../../engine/time.ts";

/** What one client library, of one release, does its own way. */
export interface ClientTraits {
  /** The release of Kafka's Java client whose behaviour counts, for instance "4.0". */
  readonly version: string;
  /** The rebalance timeout it sends, where that is not `max.poll.interval.ms`. */
  readonly rebalanceTimeout?: Duration;
}

/** Kafka's own client, as of this release. */
export const javaClient = (version: string): ClientTraits => ({ version });
