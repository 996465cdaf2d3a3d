import { type Duration, type Instant, SECOND } from "../../../engine/time.ts";
import type { BrokerConfig } from "../../config.ts";
import type { Leaderships } from "../leaderships.ts";
import type { Tasks } from "../tasks.ts";

/** When somebody looks whether leaderships are where they should be. */
export interface BalanceRules {
  readonly leaderships: Leaderships;
  readonly tasks: Tasks;
  now(): Instant;
  /** The active controller's first periodic look, from which the others are counted; `undefined`: an imbalance begins them. */
  firstLook(): Instant | undefined;
  /** Whether there is an active controller. */
  active(): boolean;
  /** How many of a broker's partitions in a hundred others may lead before they are given back. */
  readonly tolerance: number;
}

/**
 * Gives leadership back to first replicas, in time: the second move of every restart. Kafka:
 * `QuorumController.maybeScheduleNextBalancePartitionLeaders`, later `registerElectPreferred`; with ZooKeeper
 * `KafkaController.checkAndTriggerAutoLeaderRebalance`.
 */
export class Balance {
  readonly #rules: BalanceRules;
  readonly #enabled: boolean;
  readonly #interval: Duration;
  #due: Instant | undefined;

  constructor(config: BrokerConfig, rules: BalanceRules) {
    this.#rules = rules;
    this.#enabled = config["auto.leader.rebalance.enable"];
    this.#interval = config["leader.imbalance.check.interval.seconds"] * SECOND;
  }

  /** Some partition may be led by another than its first replica. */
  watch(): void {
    const { leaderships, active } = this.#rules;
    if (this.#enabled && this.#due === undefined && active() && leaderships.unbalanced) this.#expect();
  }

  /** Another controller is active: what the former one had in mind is forgotten. */
  restart(): void {
    this.#due = undefined;
    this.watch();
  }

  #expect(): void {
    const { tasks, now, leaderships, tolerance, firstLook, active } = this.#rules;
    const first = firstLook();
    const due = first === undefined ? now() + this.#interval : this.#lookAfter(now(), first);
    this.#due = due;
    tasks.after(due - now(), () => {
      if (this.#due !== due) return;
      this.#due = undefined;
      if (!active()) return; // the next controller begins anew
      leaderships.prefer(tolerance);
      this.watch();
    });
  }

  /** Looks come at even distances; one that is due at this instant has been made. */
  #lookAfter(instant: Instant, first: Instant): Instant {
    if (instant < first) return first;
    return first + (Math.floor((instant - first) / this.#interval) + 1) * this.#interval;
  }
}
