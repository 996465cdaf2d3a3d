import { MILLISECOND } from "../../../../engine/time.ts";
import type { MemberId } from "../../../../names.ts";
import type { Coordination } from "./coordination.ts";
import { sessionTimeoutOf } from "./coordination.ts";
import { removeMember } from "./removal.ts";

/** A timer whose deed the log refuses tries again after so long. Kafka: `CoordinatorRuntime.EventBasedCoordinatorTimer`. */
const RETRY = 500 * MILLISECOND;

/** Nothing was heard of this member for too long. It may be gone by now, with another in its seat. */
export function sessionOver(on: Coordination, id: MemberId): void {
  const member = on.group.member(id);
  if (!member) return;
  removeMember(on, member, "session-expired", {
    silentFor: sessionTimeoutOf(on.options),
    takenBack: () => on.host.after(RETRY, "session", id),
  });
}

/** It has not given up what it was told to in time; unless it has, and the epoch it was in is past. */
export function revocationOver(on: Coordination, id: MemberId): void {
  const since = on.revokingSince.get(id);
  const member = on.group.member(id);
  if (since === undefined || member?.epoch !== since) return;
  removeMember(on, member, "rebalance-timeout", {
    takenBack() {
      on.revokingSince.set(id, since);
      on.host.after(RETRY, "rebalance", id);
    },
  });
}
