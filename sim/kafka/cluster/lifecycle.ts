import { type Duration, type Instant, MILLISECOND } from "../../engine/time.ts";
import type { BrokerId } from "../../names.ts";
import type { BrokerConfig } from "../config.ts";
import type { Brokers } from "./brokers.ts";
import type { KraftController } from "./kraft.ts";
import type { Leaderships } from "./leaderships.ts";
import type { Metadata } from "./metadata.ts";
import type { Tasks } from "./tasks.ts";

/** What the lives of brokers need of the cluster around them. */
export interface LifecycleHost {
  readonly brokers: Brokers;
  readonly controller: KraftController;
  readonly leaderships: Leaderships;
  readonly metadata: Metadata;
  readonly tasks: Tasks;
  now(): Instant;
  /** The process is gone. */
  processGone(broker: BrokerId): void;
  /** It is there again, and listens. */
  processBack(broker: BrokerId): void;
}

/** A restarting broker asks the controller this soon whether it may exit, then at every heartbeat. */
const FIRST_SHUTDOWN_ASK: Duration = 50 * MILLISECOND;

/** How brokers die, stop in order, and come back. Kafka: `BrokerLifecycleManager`, `BrokerHeartbeatManager`. */
export class Lifecycle {
  readonly #config: BrokerConfig;
  readonly #host: LifecycleHost;
  /** Crashed brokers whose next process waits to be registered. */
  readonly #waiting = new Set<BrokerId>();

  constructor(config: BrokerConfig, host: LifecycleHost) {
    this.#config = config;
    this.#host = host;
  }

  /** The process dies without a word. The controller notices when its session ends. Returns false if it is down already. */
  crash(id: BrokerId): boolean {
    const { brokers, controller, processGone } = this.#host;
    if (!brokers.listens(id)) return false;
    if (brokers.at(id).state === "ShuttingDown") this.#exit(id);
    else {
      brokers.move(id, "crashed");
      processGone(id);
      controller.lost(id, () => {
        if (this.#waiting.delete(id)) this.#comeBack(id);
      });
    }
    return true;
  }

  /**
   * An orderly restart: leaderships move away at once, the process exits as soon as the controller allows it, and is
   * back after `downtime`. Returns false if it is on its way out already.
   */
  restart(id: BrokerId, downtime: Duration): boolean {
    const { brokers, controller, leaderships, tasks } = this.#host;
    const { state } = brokers.at(id);
    if (state === "ShuttingDown") return false;
    if (state !== "Running") {
      this.#comeBackAfter(downtime, id);
      return true;
    }
    if (!this.#config["controlled.shutdown.enable"]) {
      this.crash(id);
      this.#comeBackAfter(downtime, id);
      return true;
    }
    brokers.move(id, "controlled-shutdown");
    leaderships.dismiss(id, "controlled-shutdown");
    controller.balance();
    tasks.after(this.#untilExit(), () => {
      if (brokers.at(id).state === "ShuttingDown") this.#exit(id);
      this.#comeBackAfter(downtime, id);
    });
    return true;
  }

  /** It may exit at the first question after every broker has applied the move. */
  #untilExit(): Duration {
    const { metadata, now } = this.#host;
    const spread = metadata.allApplied - now();
    const heartbeat = this.#config["broker.heartbeat.interval.ms"] * MILLISECOND;
    const asks = spread <= FIRST_SHUTDOWN_ASK ? 0 : Math.ceil((spread - FIRST_SHUTDOWN_ASK) / heartbeat);
    return FIRST_SHUTDOWN_ASK + asks * heartbeat;
  }

  #exit(id: BrokerId): void {
    this.#host.brokers.move(id, "exited");
    this.#host.processGone(id);
  }

  /** Unless it is back already by then. */
  #comeBackAfter(downtime: Duration, id: BrokerId): void {
    const { brokers, tasks } = this.#host;
    const { lives } = brokers.at(id);
    tasks.after(downtime, () => {
      if (brokers.at(id).lives === lives) this.#comeBack(id);
    });
  }

  #comeBack(id: BrokerId): void {
    const { brokers, controller, leaderships } = this.#host;
    const { state } = brokers.at(id);
    // while its former process still has a session, the new one is refused: DuplicateBrokerRegistrationException
    if (state === "Crashed") this.#waiting.add(id);
    if (state !== "Fenced") return;
    brokers.move(id, "restarted");
    this.#host.processBack(id);
    leaderships.elect("returned");
    leaderships.caughtUp(id);
    controller.balance();
  }
}
