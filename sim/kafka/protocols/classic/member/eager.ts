import { giveUp } from "../../client/positions.ts";
import type { RebalanceStyle } from "./rebalance-style.ts";

/**
 * Eager: a member gives up everything before it joins again, and gets its whole assignment afterwards. Nobody owns
 * anything between the first JoinGroup and the last SyncGroup, so one barrier is enough to move a partition.
 */
export const eager: RebalanceStyle = {
  protocol: "EAGER",

  /** Nothing may be read any more that the commit would not cover. Kafka: `markPendingRevocation`. */
  afterCommit: ({ holdings }) => holdings.stopReading(holdings.owned, "revocation-pending"),

  prepare: (on) => giveUp(on, on.holdings.owned, "revoked"),

  complete: ({ holdings }, assignment) => holdings.assign(assignment),
};
