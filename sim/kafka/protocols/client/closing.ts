import type { Duration } from "../../../engine/time.ts";
import { SECOND } from "../../../engine/time.ts";
import type { CommitResult } from "./commits.ts";
import { mayCommit, sendCommit, tell, waitsForCommits } from "./commits.ts";
import { lookForCoordinator } from "./coordinator-search.ts";
import type { Client } from "./client.ts";
import { backoff } from "./client.ts";
import { abandonCommit, commitTimeout } from "./waiting-commit.ts";

/** How far the application's close() has got. */
export interface Departure {
  phase: "committing" | "leaving" | "closed" | undefined;
  /** Commits that failed so far. */
  failures: number;
  /** Waits before the next attempt to commit. */
  waiting: boolean;
  /** The commit is a last `commitSync()` of the application's own, before it calls close(). */
  own: boolean;
}

export const newDeparture = (): Departure => ({ phase: undefined, failures: 0, waiting: false, own: false });

/** How long `close()` waits by default. Kafka: `ConsumerConfig.DEFAULT_CLOSE_TIMEOUT_MS`. */
export const CLOSE_TIMEOUT: Duration = 30 * SECOND;

/**
 * The application closes the consumer: commit, callbacks, a word to the group, end. One that commits by itself
 * first commits what it has done `unsaved`, and waits for that if it waits for its other commits. A `commitSync()` that it
 * is inside of is broken off.
 */
export function close(on: Client, unsaved: boolean): void {
  const { departure, host, ways, options } = on;
  if (departure.phase) return;
  abandonCommit(on);
  departure.own = unsaved && waitsForCommits(options.commits);
  if (unsaved && options.commits === "async") sendCommit(on, "application");
  departure.phase = "committing";
  const longest = departure.own ? commitTimeout(on) : ways.closesWithin;
  if (longest !== undefined) host.after(longest, "close", "");
  commitBeforeClose(on);
}

/** Positions are committed, and that is waited for, for as long as close() has, or the application's own last call. */
export function commitBeforeClose(on: Client): void {
  const { departure, options, search } = on;
  if (departure.phase !== "committing" || departure.waiting) return;
  if (!(options.commits === "auto" || departure.own) || !mayCommit(on)) return leave(on);
  if (search.coordinator === undefined) return lookForCoordinator(on); // comes back here when it is found
  if (sendCommit(on, "closing") !== "sent") leave(on);
}

export function closingCommitAnswered(on: Client, result: CommitResult): void {
  const { departure, host } = on;
  if (departure.phase !== "committing") return;
  if (result !== "retriable") return leave(on);
  departure.waiting = true;
  host.after(backoff(on, departure.failures++, "OffsetCommit"), "commit", "");
}

/** Its time is up: whatever is still under way is not waited for. After the application's own commit close() has its own. */
export function closeTimeOver(on: Client): void {
  const { departure } = on;
  const { own, phase } = departure;
  if (phase === "committing") {
    if (own) tell(on, "closing", "timed-out");
    leave(on);
  }
  if (!own) departure.phase = "closed";
}

/** A reply less to wait for. */
export function endIfSettled({ departure, search, requests }: Client): void {
  if (departure.phase !== "leaving") return;
  if (search.coordinator === undefined || requests.toCoordinator().length === 0) departure.phase = "closed";
}

/** Callbacks, leaving, and then only replies are waited for. Kafka: `AbstractCoordinator.close`, `AsyncKafkaConsumer.close`. */
function leave(on: Client): void {
  const { departure, ways, host } = on;
  departure.phase = "leaving";
  if (departure.own) host.after(ways.closesWithin, "close", "");
  departure.own = false;
  ways.leave();
  endIfSettled(on);
}
