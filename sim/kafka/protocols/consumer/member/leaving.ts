import { AWAY } from "../../../../names.ts";
import { giveUp } from "../../client/positions.ts";
import { LEAVE } from "../member-epochs.ts";
import type { ConsumerMemberState } from "../member-states.ts";
import { loseAssignment } from "./fencing.ts";
import { sayGoodbye } from "./beats.ts";
import type { Participation } from "./participation.ts";

/** Kafka: `isNotInGroup`. */
const OUTSIDE: ReadonlySet<ConsumerMemberState> = new Set(["UNSUBSCRIBED", "FENCED", "FATAL", "STALE"]);

/**
 * The application closes the consumer: callbacks, and a last heartbeat, which is not repeated. A static member keeps its
 * seat by it. Kafka: `leaveGroup`.
 */
export function leave(on: Participation): void {
  const { membership, holdings, reconciliation, losses, host } = on;
  const outside = OUTSIDE.has(membership.state);
  reconciliation.run = undefined;
  losses.pending = false;
  host.cancel("poll", "");
  if (!outside) membership.move("leaves", "closed");
  giveUp(on, holdings.owned, membership.inGroup ? "revoked" : "lost", "closed");
  membership.forgetAssignment();
  if (membership.state === "FENCED") membership.move("leaves", "closed");
  if (outside) return;
  prepareToSay(on);
  if (on.search.coordinator !== undefined) sayGoodbye(on);
  membership.move("left");
}

/**
 * No poll() for `max.poll.interval.ms`: it leaves in the application's place, and stays away until that polls. Kafka:
 * `AbstractHeartbeatRequestManager.poll`, `transitionToStale`.
 */
export function leaveForPollInterval(on: Participation): void {
  const { membership } = on;
  membership.move("leaves", "poll-interval-exceeded");
  prepareToSay(on);
  sayGoodbye(on);
  membership.move("poll-interval-exceeded");
  loseAssignment(on);
}

/** What it leaves with says that it owns nothing. Kafka: `transitionToSendingLeaveGroup`. */
function prepareToSay({ membership, options }: Participation): void {
  membership.forgetAssignment();
  membership.restart(options.instance === undefined ? LEAVE : AWAY);
  membership.move("callbacks-done");
}
