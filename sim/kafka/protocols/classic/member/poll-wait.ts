import type { PollWait } from "../../group-member.ts";
import type { Participation } from "./participation.ts";

/**
 * A Java consumer of the classic protocol looks for its coordinator inside poll(). As long as there is none it uses up
 * the timeout; while it is sent to a broker that refuses connections, poll() returns whenever a connection may be tried
 * again: the attempt fails in a round trip, which is not counted. Where nobody answers, poll() waits for nothing while it
 * is connecting, which takes seconds. Nor is the round trip of a search counted that succeeds at once. Kafka:
 * `ConsumerCoordinator.poll`, `checkAndGetCoordinator`.
 */
export function pollWaitsFor({ search, membership, options }: Participation): PollWait {
  const { coordinator, refusedBy, refusedAtOnce, connected } = search;
  if (!options.traits.searchesInPoll || membership.state === "UNJOINED") return "nothing";
  if (coordinator !== undefined && (connected || coordinator !== refusedBy || !refusedAtOnce)) return "nothing";
  if (refusedBy !== undefined) return "reconnection";
  return search.failures > 0 ? "coordinator" : "nothing";
}
