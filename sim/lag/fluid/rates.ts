import type { Duration } from "../../engine/time.ts";
import { SECOND } from "../../engine/time.ts";

/** Records that pass in a time, multiplied before divided, so that round figures stay round. */
export function flow(recordsPerSecond: number, duration: Duration): number {
  return (recordsPerSecond * duration) / SECOND;
}

export function assertRate(what: string, recordsPerSecond: number): void {
  if (!(recordsPerSecond >= 0 && Number.isFinite(recordsPerSecond))) {
    throw new Error(`a ${what} is finite and not negative, in records per second: ${recordsPerSecond}`);
  }
}
