import type { Machine, ReasonOf, StateOf } from "../protocols/machine.ts";

/** The life of a broker: its process, and what the controller thinks of it. */
export const BROKER = {
  Running: {
    crashed: "Crashed", //                    the process is gone, the controller does not know yet
    fenced: "Isolated", //                    it lives, but the controller has not heard of it for a session
    "controlled-shutdown": "ShuttingDown", // leaderships moved away at once
  },
  /** Back, and may lead what nobody else can; its other copies are not complete yet. */
  CatchingUp: {
    "caught-up": "Running",
    crashed: "Crashed",
    fenced: "Isolated",
    "controlled-shutdown": "ShuttingDown",
  },
  Isolated: {
    "heard-again": "CatchingUp",
    crashed: "Fenced",
  },
  ShuttingDown: { exited: "Fenced" },
  Crashed: { fenced: "Fenced" }, // its leaderships move
  Fenced: { restarted: "CatchingUp" },
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
