import { type Duration, type Instant, MILLISECOND, SECOND } from "../../engine/time.ts";
import type { Law } from "../../engine/variates.ts";
import type { BrokerId } from "../../names.ts";
import { compareReleases } from "../config.ts";
import type { Brokers } from "./brokers.ts";
import type { Leaderships } from "./leaderships.ts";
import type { ClusterOptions } from "./options.ts";
import type { Tasks } from "./tasks.ts";

/** What the controller needs of the cluster around it. */
export interface ControllerHost {
  readonly brokers: Brokers;
  readonly leaderships: Leaderships;
  readonly tasks: Tasks;
  now(): Instant;
  draw(stream: string, law: Law): Duration;
}

/** From this release on the controller looks for silent brokers periodically, eight times a session. KAFKA-17793. */
const PERIODIC_CHECKS = "4.0";

/** The controller of a KRaft cluster: notices silent brokers, and gives leadership back. Kafka: `QuorumController`. */
export class KraftController {
  readonly #options: Pick<ClusterOptions, "config" | "brokerVersion">;
  readonly #host: ControllerHost;
  #preferredElection = false; // one is due
  #phase: Duration | undefined; // of the periodic checks

  constructor(options: Pick<ClusterOptions, "config" | "brokerVersion">, host: ControllerHost) {
    this.#options = options;
    this.#host = host;
  }

  /** A broker's process has died: the controller will notice, and calls `fenced` when it has. */
  lost(id: BrokerId, fenced: () => void): void {
    const { brokers, leaderships, tasks } = this.#host;
    tasks.after(this.#silenceUntilFenced(id), () => {
      brokers.move(id, "fenced");
      leaderships.dismiss(id, "fenced");
      this.balance();
      fenced();
    });
  }

  /** From the crash until the controller fences: a broker session after its last heartbeat, and the check after that. */
  #silenceUntilFenced(id: BrokerId): Duration {
    const { config } = this.#options;
    const { draw } = this.#host;
    const session = config["broker.session.timeout.ms"] * MILLISECOND;
    const heartbeat = config["broker.heartbeat.interval.ms"] * MILLISECOND;
    const age = draw(`broker/${id}/heartbeat`, { uniform: [0, Math.min(heartbeat, session)] });
    if (!this.#periodic) return session - age;
    return session - age + draw("controller/fencing", { uniform: [0, Math.floor(session / 8)] });
  }

  /**
   * Some partition may be led by another than its first replica: the controller gives it back in time. Before 4.0 the
   * clock starts with the imbalance, later it ticks by itself from the controller's own start.
   */
  balance(): void {
    const { leaderships, tasks, now, draw } = this.#host;
    const { config } = this.#options;
    if (this.#preferredElection || !config["auto.leader.rebalance.enable"] || !leaderships.unbalanced) return;
    this.#preferredElection = true;
    const interval = config["leader.imbalance.check.interval.seconds"] * SECOND;
    let wait = interval;
    if (this.#periodic) {
      this.#phase ??= draw("controller/activation", { uniform: [0, interval] });
      wait = interval - ((now() - this.#phase + interval) % interval);
    }
    tasks.after(wait, () => {
      this.#preferredElection = false;
      leaderships.prefer();
      this.balance();
    });
  }

  get #periodic(): boolean {
    return compareReleases(this.#options.brokerVersion, PERIODIC_CHECKS) >= 0;
  }
}
