import type { MemberId } from "../../../../names.ts";
import type { Coordination } from "./coordination.ts";
import { sessionTimeoutOf } from "./coordination.ts";
import type { ConsumerGroupMember } from "./member.ts";

/** From now on this member has its whole session to be heard of again. */
export function renewSession({ host, options }: Coordination, { id }: ConsumerGroupMember): void {
  host.after(sessionTimeoutOf(options), "session", id);
}

/** It has its rebalance timeout to say that it has given up what it was told to. */
export function awaitRevocation({ host, revokingSince }: Coordination, member: ConsumerGroupMember): void {
  revokingSince.set(member.id, member.epoch);
  host.after(member.rebalanceTimeout, "rebalance", member.id);
}

export function cancelTimers(on: Coordination, { id }: ConsumerGroupMember): void {
  on.host.cancel("session", id);
  endRevocation(on, id);
}

export function endRevocation({ host, revokingSince }: Coordination, id: MemberId): void {
  if (revokingSince.delete(id)) host.cancel("rebalance", id);
}
