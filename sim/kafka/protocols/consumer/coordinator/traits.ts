import { compareReleases } from "../../../config.ts";

/** In what the brokers' releases differ, from the preview of 3.7 on. */
export interface ConsumerTraits {
  /** A member may subscribe to nothing. */
  readonly takesEmptySubscriptions: boolean;
  /** What a member was told to give up, and is to have again, it gets at once: it owns it itself. */
  readonly returnsOwn: boolean;
  /** A member that has given up what it had to reaches the next epoch with that, whether a target has it or not. */
  readonly stepsWithRevocation: boolean;
  /** What belongs to topics that a member does not subscribe to any more, it is to give up before a target says so. */
  readonly stripsUnsubscribed: boolean;
  /** A known member may begin anew, at epoch 0 (KAFKA-19233); before, it had to wait until its session ended. */
  readonly readmitsMembers: boolean;
  /** `uniform` lets members keep the one partition more that they have, if somebody is to have it. */
  readonly keepsLargerShares: boolean;
  /** A commit of an older epoch is taken for partitions that the member has had since then (KIP-1251). */
  readonly takesOlderCommits: boolean;
  /** A static member that returns has a seat in a full group. */
  readonly seatsReturningMembers: boolean;
  /** That another assignor is preferred makes another target. */
  readonly followsPreference: boolean;
}

export function consumerTraitsOf(release: string): ConsumerTraits {
  const since = (first: string): boolean => compareReleases(release, first) >= 0;
  return {
    takesEmptySubscriptions: since("4.0"),
    returnsOwn: since("4.0"),
    stepsWithRevocation: !since("4.2"),
    stripsUnsubscribed: since("4.2"),
    readmitsMembers: since("4.2"),
    keepsLargerShares: since("4.2"),
    takesOlderCommits: since("4.3"),
    seatsReturningMembers: since("4.3"),
    followsPreference: since("4.4"),
  };
}
