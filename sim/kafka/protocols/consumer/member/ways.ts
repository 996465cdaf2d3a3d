import { NO_GENERATION } from "../../client/client.ts";
import type { ProtocolWays } from "../../client/client.ts";
import { CLOSE_TIMEOUT } from "../../client/closing.ts";
import { leave } from "./leaving.ts";
import type { Participation } from "./participation.ts";

/** What the parts that know no protocol have to know of this one. */
export function consumerWays(on: () => Participation): ProtocolWays {
  return {
    hangsUp: false,
    spacesSearches: true,
    closesWithin: CLOSE_TIMEOUT,
    isAwake: () => true,
    looksUpLater: () => false,
    commitsLater: () => commitsAutomatically(on()),
    spell: () => 0, // what is given up is taken out of what was asked, so the rest counts
    fetchesAs: () => {
      const { inGroup, member, generation } = on().membership;
      return inGroup ? { member, epoch: generation } : {};
    },
    // Outside of the group as anybody would: the coordinator refuses it, unless the group is empty.
    commitsAs: () => {
      const { inGroup, member, generation } = on().membership;
      return inGroup ? { member, generation } : { member: "", generation: NO_GENERATION };
    },
    mayCommit: () => on().membership.inGroup,
    commitRefused: () => undefined,
    // A commit before a revocation is sent again with the epoch that the member has come to meanwhile.
    commitFailed: (error, { purpose }) =>
      error === "STALE_MEMBER_EPOCH" && purpose === "before-rebalance" && on().membership.inGroup
        ? "retriable"
        : "commit-failed",
    leave: () => leave(on()),
  };
}

/** One at a time: a regular commit waits for the one before, and for that of a reconciliation. Kafka: `hasInflightCommit`. */
function commitsAutomatically({ requests, reconciliation }: Participation): boolean {
  return reconciliation.run?.commit !== undefined || requests.isCommitting("interval");
}
