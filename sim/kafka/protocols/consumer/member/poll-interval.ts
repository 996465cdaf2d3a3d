import type { Duration } from "../../../../engine/time.ts";
import { setting } from "../../client/client.ts";
import { join } from "./fencing.ts";
import type { Participation } from "./participation.ts";

/** The application is stuck in a batch that takes so long; some of it may be over already. */
export function batchStarted(
  { beats, departure, host, options }: Participation,
  lasts: Duration,
  over: Duration,
): void {
  const interval = setting({ options }, "max.poll.interval.ms");
  if (departure.phase || lasts <= interval || !options.traits.enforcesPollInterval) return;
  beats.stuck = true;
  if (over < interval) host.after(interval - over, "poll", "");
}

/** The application polls: its time for processing starts anew. */
export function polled({ beats, host }: Participation): void {
  host.cancel("poll", "");
  beats.stuck = false;
  beats.pollOver = false;
}

/** It polls, and has let go of what it owned: a member that left in its place joins anew. Kafka: `maybeRejoinStaleMember`. */
export function rejoinIfStale(on: Participation): void {
  if (on.membership.state === "STALE" && !on.losses.pending) join(on, "polled");
}
