import type { Client } from "./client.ts";
import { newDeparture } from "./closing.ts";
import { newCommitClock } from "./commits.ts";
import { newSearch } from "./coordinator-search.ts";
import { Holdings } from "./holdings.ts";
import { newLookup } from "./positions.ts";
import { Requests } from "./requests.ts";
import { newWaitingCommit } from "./waiting-commit.ts";

/** The parts of a consumer that know no protocol, as its process begins. */
export const newParts = (
  hands: Pick<Client, "options" | "host" | "membership">,
): Pick<
  Client,
  "requests" | "search" | "holdings" | "lookup" | "commitClock" | "waitingCommit" | "departure" | "fatal"
> => ({
  requests: new Requests(hands.host),
  search: newSearch(),
  holdings: new Holdings(hands),
  lookup: newLookup(),
  commitClock: newCommitClock(),
  waitingCommit: newWaitingCommit(),
  departure: newDeparture(),
  fatal: undefined,
});
