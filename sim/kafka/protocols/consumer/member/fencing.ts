import type { ErrorCode } from "../../../messages.ts";
import { giveUp } from "../../client/positions.ts";
import { isEmpty } from "../../partitions.ts";
import { JOIN } from "../member-epochs.ts";
import type { Participation } from "./participation.ts";

/** Partitions that are gone, of which the application has still to hear. */
export interface Losses {
  /** onPartitionsLost waits for poll(). */
  pending: boolean;
}

export const newLosses = (): Losses => ({ pending: false });

/**
 * The group has gone on without it. It says nothing until it has let everything go, and then joins anew. Kafka:
 * `transitionToFenced`.
 */
export function fence(on: Participation, error: ErrorCode): void {
  const { membership } = on;
  membership.move("fenced", words(error));
  membership.restart(JOIN);
  loseAssignment(on);
}

/** An error that no retry mends: poll() throws it. Kafka: `transitionToFatal`. */
export function fail(on: Participation, error: ErrorCode): void {
  const { membership } = on;
  membership.move("failed", words(error));
  membership.restart(JOIN);
  on.fatal = error;
  loseAssignment(on);
}

/** Everything it owns is lost, as soon as its listener, if it has one, has heard of that inside poll(). */
export function loseAssignment(on: Participation): void {
  const { losses, holdings, options } = on;
  losses.pending = true;
  if (!options.listens || isEmpty(holdings.owned)) finishLosing(on);
}

/** onPartitionsLost, and what waited for it. */
export function finishLosing(on: Participation): void {
  const { losses, holdings, membership } = on;
  losses.pending = false;
  giveUp(on, holdings.owned, "lost");
  membership.forgetAssignment();
  if (membership.state === "FENCED") join(on, "partitions-lost");
}

/** It joins, or joins anew. What it was about to reconcile belongs to the past. Kafka: `transitionToJoining`. */
export function join({ membership, reconciliation }: Participation, reason: "polled" | "partitions-lost"): void {
  if (reconciliation.run) reconciliation.run.outdated = true;
  membership.restart(JOIN);
  membership.move(reason);
  membership.forgetAssignment();
}

/** `UNKNOWN_MEMBER_ID` as a reason: unknown-member. */
const words = (error: ErrorCode): string => error.toLowerCase().replaceAll("_", "-").replace(/-id$/, "");
