import type { Duration } from "../engine/time.ts";
import { SECOND } from "../engine/time.ts";

/** How a producer gathers records into batches, one for each partition. */
export interface Batching {
  /** Records that fill a batch: `batch.size` over the size of a record. */
  readonly records: number;
  /** How long a batch that is not full waits: `linger.ms`. */
  readonly linger: Duration;
}

/**
 * How long a record waits in its batch until that is sent, on average over records that come one after the other by
 * chance (Poisson) at this rate. The first record opens the batch. Then either
 *
 * - the linger `L` ends: on average λL more have come, each in the middle of it, so the mean is L (1 + λL/2) / (1 + λL):
 *   all of L where records are rare, half of it where they are many;
 * - or the batch is full before: of its n records the first waits (n − 1)/λ, the last not at all: (n − 1) / 2λ.
 *
 * Kafka: `RecordAccumulator`.
 */
export function gatheringTime({ records, linger }: Batching, recordsPerSecond: number): Duration {
  const more = (recordsPerSecond * linger) / SECOND;
  if (1 + more <= records) return (linger * (1 + more / 2)) / (1 + more);
  return (Math.max(0, records - 1) * SECOND) / (2 * recordsPerSecond);
}
