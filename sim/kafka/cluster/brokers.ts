import type { BrokerId } from "../../names.ts";
import type { Recorder } from "../../trace/recorder.ts";
import { next } from "../protocols/machine.ts";
import type { BrokerReason, BrokerStateName } from "./broker-states.ts";
import { BROKER } from "./broker-states.ts";

export interface Broker {
  readonly id: BrokerId;
  readonly state: BrokerStateName;
  /** How often its process has begun. */
  readonly lives: number;
}

interface Mutable {
  readonly id: BrokerId;
  state: BrokerStateName;
  lives: number;
}

/** All brokers and their states. Kafka: `ClusterControlManager`. */
export class Brokers {
  readonly #all: readonly Mutable[];
  readonly #recorder: Recorder;

  constructor(count: number, recorder: Recorder) {
    this.#recorder = recorder;
    this.#all = Array.from({ length: count }, (_, index) => ({ id: index + 1, state: "Running" as const, lives: 1 }));
  }

  get all(): readonly Broker[] {
    return this.#all;
  }

  at(id: BrokerId): Broker {
    return this.#all[id - 1];
  }

  /** Whether its process answers requests. */
  listens(id: BrokerId): boolean {
    const { state } = this.at(id);
    return state === "Running" || state === "ShuttingDown";
  }

  /** The only line that changes a broker's state. */
  move(id: BrokerId, reason: BrokerReason): void {
    const broker = this.#all[id - 1];
    const from = broker.state;
    broker.state = next(BROKER, from, reason);
    if (reason === "restarted") broker.lives++;
    this.#recorder.record(`broker/${id}`, { type: "broker.state", broker: id, from, to: broker.state, reason });
  }
}
