import type { ErrorCode } from "../../../messages.ts";
import type { Participation } from "./participation.ts";

/** From the next poll() on this consumer tries to join again; the reason given last is the one it will tell. */
export function askRejoin({ rejoin }: Participation, reason: string): void {
  rejoin.why = reason;
}

/** The answer to a request says that the group has gone on without us. An id survives a generation that is over. */
export function resetMembership(on: Participation, error: ErrorCode): void {
  const id = error === "ILLEGAL_GENERATION" ? "keep-id" : "forget-id";
  forgetMembership(
    on,
    id,
    error
      .toLowerCase()
      .replaceAll("_", "-")
      .replace(/-(id|instance-id)$/, ""),
  );
}

/** What was owned is lost, which the application hears of in the next poll(). Kafka: `resetStateAndRejoin`. */
export function forgetMembership(on: Participation, id: "keep-id" | "forget-id", reason: string): void {
  on.membership.forget(id, reason);
  askRejoin(on, reason);
  on.rejoin.prepareNeeded = true;
  stopHeartbeats(on);
}

/** Out of the group, or on the way into its next generation: nothing is sent until JoinGroup is answered. */
export function stopHeartbeats({ host }: Participation): void {
  host.cancel("heartbeat", "");
  host.cancel("session", "");
}
