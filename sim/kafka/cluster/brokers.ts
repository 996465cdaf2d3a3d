import type { BrokerId } from "../../names.ts";
import type { Recorder } from "../../trace/recorder.ts";
import { next } from "../protocols/machine.ts";
import type { BrokerReason, BrokerStateName } from "./broker-states.ts";
import { BROKER } from "./broker-states.ts";

/** All brokers and their states. Kafka: `ClusterControlManager`. */
export class Brokers {
  readonly #states: BrokerStateName[];
  readonly #recorder: Recorder;
  /** Every broker, ascending. */
  readonly all: readonly BrokerId[];

  constructor(count: number, recorder: Recorder) {
    this.#recorder = recorder;
    this.all = Array.from({ length: count }, (_, index) => index + 1);
    this.#states = this.all.map(() => "Running");
  }

  stateOf(id: BrokerId): BrokerStateName {
    return this.#states[id - 1];
  }

  /** Whether its process runs and answers requests. */
  listens(id: BrokerId): boolean {
    const state = this.stateOf(id);
    return state !== "Crashed" && state !== "Fenced";
  }

  /**
   * Whether the controller would let it lead: it is not fenced, and does not shut down. One whose process has died counts
   * until its session ends: of several that die at once one may be made the leader of what another led. Kafka:
   * `ClusterControlManager.isActive`.
   */
  mayLead(id: BrokerId): boolean {
    return this.stateOf(id) === "Crashed" || this.serves(id);
  }

  /** Whether its process runs, and the controller would let it lead. */
  serves(id: BrokerId): boolean {
    const state = this.stateOf(id);
    return state === "Running" || state === "CatchingUp";
  }

  /** The only line that changes a broker's state. */
  move(id: BrokerId, reason: BrokerReason): void {
    const from = this.stateOf(id);
    const to = next(BROKER, from, reason);
    this.#states[id - 1] = to;
    this.#recorder.record(`broker/${id}`, { type: "broker.state", broker: id, from, to, reason });
  }
}
