import type { Duration, Instant } from "../../engine/time.ts";
import type { ClientConfig } from "../config.ts";
import { exponentialBackoff } from "../protocols/backoff.ts";

type NetworkConfig = Pick<
  ClientConfig,
  | "reconnect.backoff.ms"
  | "reconnect.backoff.max.ms"
  | "socket.connection.setup.timeout.ms"
  | "socket.connection.setup.timeout.max.ms"
>;

/**
 * What a client remembers of its attempts to reach one broker: when it may try again, and for how long the next attempt
 * is waited for. Both double from failure to failure, with jitter. Kafka: `ClusterConnectionStates`.
 */
export class Reconnection {
  readonly #config: NetworkConfig;
  /** A variate in [0, 1), for the jitter. */
  readonly #uniform: () => number;
  #failures = 0;
  #failedSetups = 0;
  #mayConnectFrom: Instant = 0;

  constructor(config: NetworkConfig, uniform: () => number) {
    this.#config = config;
    this.#uniform = uniform;
  }

  mayConnect(now: Instant): boolean {
    return now >= this.#mayConnectFrom;
  }

  /** The first moment from `now` on at which it may. */
  nextAttempt(now: Instant): Instant {
    return Math.max(now, this.#mayConnectFrom);
  }

  /** How long the attempt that begins now may take. */
  setupTimeout(): Duration {
    const { "socket.connection.setup.timeout.ms": least, "socket.connection.setup.timeout.max.ms": most } =
      this.#config;
    return exponentialBackoff(this.#failedSetups, least, most, this.#uniform());
  }

  /** The broker has accepted the connection. */
  connected(): void {
    this.#failures = 0;
  }

  /** The connection is gone: broken, refused, timed out, or closed by the client itself. */
  disconnected(now: Instant, whileConnecting: boolean): void {
    const { "reconnect.backoff.ms": least, "reconnect.backoff.max.ms": most } = this.#config;
    this.#mayConnectFrom = now + exponentialBackoff(this.#failures++, least, most, this.#uniform());
    this.#failedSetups = whileConnecting ? this.#failedSetups + 1 : 0;
  }
}
