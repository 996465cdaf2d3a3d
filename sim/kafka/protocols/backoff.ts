import type { Duration, Instant } from "../../engine/time.ts";
import { MILLISECOND } from "../../engine/time.ts";

/**
 * The least from one request to the next of its kind, where no setting makes a client wait. Kafka's threads ask again as soon as
 * their own round and the round trip are over, and the one takes some time even where the other takes none; how long is up to
 * the machine, so here it is what a client's clock counts in. Round trips of more than that leave nothing to wait for.
 */
const ROUND: Duration = MILLISECOND;

/** The first instant at which a client that sent a request at `sentAt` has come round to send it again. */
export const nextRound = (sentAt: Instant): Instant => sentAt + ROUND;

/** Kafka's `CommonClientConfigs.RETRY_BACKOFF_JITTER`: each wait is spread over ± 20 %. */
export const JITTER = 0.2;

/**
 * How long a client waits before attempt `attempts + 1`: `least` doubling up to `most`, with jitter, in whole
 * milliseconds as in Kafka. `uniform` is a variate in [0, 1). Without doubling room (`least ≥ most`) it is the constant
 * `most`. Kafka: `ExponentialBackoff`.
 *
 *     least 100 ms, most 1000 ms: 80–120, 160–240, 320–480, 640–960, 800–1000, 800–1000 …
 */
export function exponentialBackoff(
  attempts: number,
  leastMs: number,
  mostMs: number,
  uniform: number,
  jitter: number = JITTER,
): Duration {
  if (leastMs >= mostMs) return mostMs * MILLISECOND;
  let termMs = leastMs;
  for (let n = 0; n < attempts && termMs < mostMs; n++) termMs *= 2;
  const spread = 1 - jitter + 2 * jitter * uniform; // below 0 with a jitter above 1: then there is no wait
  return Math.max(0, Math.min(Math.floor(Math.min(termMs, mostMs) * spread), mostMs)) * MILLISECOND;
}
