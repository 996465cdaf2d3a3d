import { SECOND } from "../../../../engine/time.ts";
import type { Duration } from "../../../../engine/time.ts";
import type { CommitResult } from "./commits.ts";
import { mayCommit, sendCommit } from "./commits.ts";
import { lookForCoordinator } from "./coordinator-search.ts";
import { leaveGroup } from "./leave-group.ts";
import type { Participation } from "./participation.ts";
import { backoff, setting } from "./participation.ts";

/** How far the application's close() has got. */
export interface Departure {
  phase: "committing" | "leaving" | "closed" | undefined;
  /** Commits that failed so far. */
  failures: number;
  /** Waits before the next attempt to commit. */
  waiting: boolean;
}

export const newDeparture = (): Departure => ({ phase: undefined, failures: 0, waiting: false });

/** How long `close()` waits by default. Kafka: `ConsumerConfig.DEFAULT_CLOSE_TIMEOUT_MS`. */
const CLOSE_TIMEOUT: Duration = 30 * SECOND;

/** The application closes the consumer: commit, callbacks, LeaveGroup (dynamic members), end. */
export function close(on: Participation): void {
  const { departure, host } = on;
  if (departure.phase) return;
  departure.phase = "committing";
  host.after(Math.min(CLOSE_TIMEOUT, setting(on, "request.timeout.ms")), "close", "");
  commitBeforeClose(on);
}

/** Positions are committed, and that is waited for, for as long as close() has. */
export function commitBeforeClose(on: Participation): void {
  const { departure, options, search } = on;
  if (departure.phase !== "committing" || departure.waiting) return;
  if (options.commits !== "auto" || !mayCommit(on)) return leave(on);
  if (search.coordinator === undefined) return lookForCoordinator(on); // comes back here when it is found
  if (sendCommit(on, "closing") !== "sent") leave(on);
}

export function closingCommitAnswered(on: Participation, result: CommitResult): void {
  const { departure, host } = on;
  if (departure.phase !== "committing") return;
  if (result !== "retriable") return leave(on);
  departure.waiting = true;
  host.after(backoff(on, departure.failures++), "commit", "");
}

/** Its time is up: whatever is still under way is not waited for. */
export function closeTimeOver(on: Participation): void {
  const { departure } = on;
  if (departure.phase === "committing") leave(on);
  departure.phase = "closed";
}

/** A reply less to wait for. */
export function endIfSettled({ departure, search, requests }: Participation): void {
  if (departure.phase !== "leaving") return;
  if (search.coordinator === undefined || requests.toCoordinator().length === 0) departure.phase = "closed";
}

/** Callbacks, LeaveGroup, and then only replies are waited for. Kafka: `onLeavePrepare`, `AbstractCoordinator.close`. */
function leave(on: Participation): void {
  const { departure, holdings, membership } = on;
  departure.phase = "leaving";
  const how = membership.expelled || membership.rebalancing ? "lost" : "revoked";
  holdings.giveUp(holdings.owned, how, "closed");
  leaveGroup(on, "closed");
  endIfSettled(on);
}
