import type { Machine, ReasonOf, StateOf } from "../protocols/machine.ts";

/** The life of a broker, as the controller and the network see it. */
export const BROKER = {
  Running: {
    crashed: "Crashed", //                    the process is gone, the controller does not know yet
    "controlled-shutdown": "ShuttingDown", // leaderships moved away at once
  },
  Crashed: {
    fenced: "Fenced", // silent for broker.session.timeout.ms: its leaderships move
  },
  ShuttingDown: { exited: "Fenced" },
  Fenced: { restarted: "Running" },
} as const satisfies Machine;

export type BrokerStateName = StateOf<typeof BROKER>;
export type BrokerReason = ReasonOf<typeof BROKER>;

/** The coordinator of one `__consumer_offsets` partition on one broker. Kafka: `CoordinatorRuntime.CoordinatorState`. */
export const COORDINATOR = {
  Initial: { elected: "Loading" },
  Loading: { loaded: "Active", resigned: "Closed", "broker-died": "Closed" },
  Active: { resigned: "Closed", "broker-died": "Closed" },
  Closed: { elected: "Loading" },
} as const satisfies Machine;

export type CoordinatorStateName = StateOf<typeof COORDINATOR>;
export type CoordinatorReason = ReasonOf<typeof COORDINATOR>;
