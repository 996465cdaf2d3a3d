import { sendCommit, startCommitClock } from "./commits.ts";
import { isRejoining } from "./join.ts";
import type { Participation } from "./participation.ts";

/** Whether a poll() would commit because it is time. Not in the midst of a rebalance, nor without a coordinator. */
export function wantsCommit(on: Participation): boolean {
  return on.commitClock.due && on.search.coordinator !== undefined && !isRejoining(on);
}

/** Commits if it is time. The next time is counted from this poll(), not from when it was due. Kafka: `maybeAutoCommitOffsetsAsync`. */
export function commitIfDue(on: Participation): void {
  if (!wantsCommit(on)) return;
  startCommitClock(on);
  sendCommit(on, "interval");
}
