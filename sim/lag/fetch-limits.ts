import type { Duration } from "../engine/time.ts";

/** What bounds a consumer's fetches and polls. */
export interface FetchLimits {
  /** Records that one poll() hands out. Kafka: `max.poll.records`. */
  readonly records: number;
  /** Bytes of one partition that one fetch brings. Kafka: `max.partition.fetch.bytes`. */
  readonly partitionBytes: number;
  /** Bytes that one fetch brings. Kafka: the lesser of the consumer's and the broker's `fetch.max.bytes`. */
  readonly bytes: number;
  /** A leader answers as soon as it has so many bytes. Kafka: `fetch.min.bytes`. */
  readonly minBytes: number;
  /** … or after so long. Kafka: `fetch.max.wait.ms`. */
  readonly maxWait: Duration;
  /**
   * Whether a broker is asked only when nothing from it waits to be handed out. So it is from 4.0 on (KAFKA-17182:
   * what a request leaves out the broker's fetch session forgets); before, partition by partition.
   */
  readonly drainsBrokers: boolean;
}
