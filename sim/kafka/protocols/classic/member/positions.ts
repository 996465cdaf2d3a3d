import type { Generation, Partitions } from "../../../../names.ts";
import type { OffsetFetchReply } from "../../../messages.ts";
import { isEmpty } from "../partitions.ts";
import { loseCoordinator, nextId } from "./coordinator-search.ts";
import { isRejoining } from "./join.ts";
import type { Participation } from "./participation.ts";
import { backoff, COORDINATOR_LOST } from "./participation.ts";
import { sendToCoordinator } from "./requests.ts";

/** The search for where to start reading. Kafka: `initWithCommittedOffsetsIfNeeded`. */
export interface PositionLookup {
  /** What was asked for, in which generation. */
  asked: { readonly partitions: Partitions; readonly generation: Generation; found: boolean } | undefined;
  failures: number;
  /** Waits before the next attempt. */
  waiting: boolean;
}

export const newLookup = (): PositionLookup => ({ asked: undefined, failures: 0, waiting: false });

/*
 * Partitions without a position are looked up by the first poll() after the join is done, the follow-up of a cooperative
 * one included, and are read from the next poll() after the answer on. Two things are simpler than in Kafka: partitions
 * that already have a position go on being read meanwhile (Kafka's poll() waits for the answer first, one round trip),
 * and a partition without any committed offset costs no ListOffsets on top.
 */

/** Whether a poll() would look positions up, or begin to read what was found. */
export function wantsPositions(on: Participation): boolean {
  const { lookup, holdings, requests } = on;
  if (isRejoining(on)) return false;
  if (lookup.asked?.found) return true;
  return !isEmpty(holdings.unpositioned) && !lookup.waiting && !requests.has("OffsetFetch");
}

export function advancePositions(on: Participation): void {
  const { lookup, holdings, membership, search } = on;
  if (search.coordinator === undefined || !wantsPositions(on)) return;
  const { asked } = lookup;
  lookup.asked = undefined;
  if (asked?.found && asked.generation === membership.generation) holdings.startReading(asked.partitions);
  if (!wantsPositions(on)) return;
  const partitions = holdings.unpositioned;
  lookup.asked = { partitions, generation: membership.generation, found: false };
  sendToCoordinator(on, { api: "OffsetFetch", id: nextId(on), partitions });
}

export function positionsAnswered(on: Participation, { error }: OffsetFetchReply): void {
  const { lookup, host } = on;
  if (error === "NONE") {
    lookup.failures = 0;
    if (lookup.asked) lookup.asked.found = true;
    return;
  }
  lookup.asked = undefined;
  if (COORDINATOR_LOST.has(error)) loseCoordinator(on, error);
  lookup.waiting = true;
  host.after(backoff(on, lookup.failures++), "offsets", "");
}
