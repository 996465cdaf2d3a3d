import { MILLISECOND } from "../../../../engine/time.ts";
import type { MemberId } from "../../../../names.ts";
import type { Coordination } from "./coordination.ts";
import { sessionTimeoutOf } from "./coordination.ts";
import { removeMember } from "./removal.ts";

/** A timer whose deed the log refuses tries again after so long. Kafka: `CoordinatorRuntime.EventBasedCoordinatorTimer`. */
const RETRY = 500 * MILLISECOND;

/** Nothing was heard of this member for too long. It may be gone by now, with another in its seat. */
export function sessionOver(on: Coordination, id: MemberId): void {
  const { group, host, journal, options } = on;
  const member = group.member(id);
  if (!member) return;
  if (journal.refusal) host.after(RETRY, "session", id);
  else removeMember(on, member, "session-expired", { silentFor: sessionTimeoutOf(options) });
}

/** It has not given up what it was told to in time; unless it has, and the epoch it was in is past. */
export function revocationOver(on: Coordination, id: MemberId): void {
  const { group, host, journal, revokingSince } = on;
  const member = group.member(id);
  if (!member || member.epoch !== revokingSince.get(id)) return;
  if (journal.refusal) host.after(RETRY, "rebalance", id);
  else removeMember(on, member, "rebalance-timeout", {});
}
