import type { Duration } from "../../engine/time.ts";
import { MILLISECOND } from "../../engine/time.ts";

/** Kafka's `CommonClientConfigs.RETRY_BACKOFF_JITTER`: each wait is spread over ± 20 %. */
const JITTER = 0.2;

/**
 * How long a client waits before attempt `attempts + 1`: `least` doubling up to `most`, with jitter, in whole
 * milliseconds as in Kafka. `uniform` is a variate in [0, 1). Without doubling room (`least ≥ most`) it is the constant
 * `most`. Kafka: `ExponentialBackoff`.
 *
 *     least 100 ms, most 1000 ms: 80–120, 160–240, 320–480, 640–960, 800–1000, 800–1000 …
 */
export function exponentialBackoff(attempts: number, leastMs: number, mostMs: number, uniform: number): Duration {
  if (leastMs >= mostMs) return mostMs * MILLISECOND;
  let termMs = leastMs;
  for (let n = 0; n < attempts && termMs < mostMs; n++) termMs *= 2;
  const spread = 1 - JITTER + 2 * JITTER * uniform;
  return Math.min(Math.floor(Math.min(termMs, mostMs) * spread), mostMs) * MILLISECOND;
}
