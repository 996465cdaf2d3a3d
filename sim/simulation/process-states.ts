import type { Machine, ReasonOf, StateOf } from "../kafka/protocols/machine.ts";

/** The life of a consumer's process. */
export const PROCESS = {
  Absent: { starts: "Starting" },
  Starting: { polls: "Running", closes: "Stopped", crashes: "Crashed" },
  Running: { closes: "Closing", crashes: "Crashed" },
  Closing: { closed: "Stopped", crashes: "Crashed" },
  Stopped: {},
  Crashed: {},
} as const satisfies Machine;

export type ProcessStateName = StateOf<typeof PROCESS>;
export type ProcessReason = ReasonOf<typeof PROCESS>;
