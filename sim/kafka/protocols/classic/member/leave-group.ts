import { nextId } from "../../client/coordinator-search.ts";
import type { Participation } from "./participation.ts";
import { sendToCoordinator } from "../../client/requests.ts";
import { forgetMembership } from "./reset.ts";

/**
 * Leaves, as far as that goes without waiting: a static member says nothing, so that its seat is kept for its return,
 * and a request that gets lost is not repeated. Kafka: `maybeLeaveGroup`.
 */
export function leaveGroup(on: Participation, reason: string): void {
  const { membership, options, search } = on;
  const { member, state } = membership;
  if (!options.instance && search.coordinator !== undefined && state !== "UNJOINED" && member !== "") {
    sendToCoordinator(on, { api: "LeaveGroup", id: nextId(on), members: [{ member }] });
  }
  forgetMembership(on, "forget-id", reason);
}
