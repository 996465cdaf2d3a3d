import { without } from "../../partitions.ts";
import { commitBeforeRevocation } from "../../client/commits.ts";
import { giveUp } from "../../client/positions.ts";
import { ofTopics } from "../../client/subscription.ts";
import type { RebalanceStyle } from "./rebalance-style.ts";
import { askRejoin } from "./reset.ts";

/**
 * Incremental cooperative (KIP-429): a member keeps, and reads, what it owns while it joins. Only when the assignment
 * says so does it give partitions up, and then joins again at once, so that a second barrier can give them to others.
 *
 * What it reads between the commit before the rejoin and the revocation is not committed, so the next owner reads it
 * again.
 */
export const cooperative: RebalanceStyle = {
  protocol: "COOPERATIVE",

  afterCommit: () => {},

  /** Only what it is not subscribed to any more. */
  prepare: (on) => {
    const { owned } = on.holdings;
    giveUp(on, without(owned, ofTopics(owned, on.watch.topics)), "revoked");
  },

  complete: (on, assignment) => {
    const { holdings } = on;
    const revoked = without(holdings.owned, assignment);
    if (Object.keys(revoked).length > 0) {
      commitBeforeRevocation(on);
      giveUp(on, revoked, "revoked");
      askRejoin(on, "partitions-revoked");
    }
    holdings.assign(assignment);
  },
};
