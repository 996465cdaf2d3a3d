import { compareReleases } from "../../../config.ts";
import { JITTER } from "../../backoff.ts";

/** What one release of Kafka's client does its own way in this protocol. */
export interface ReleaseTraits {
  /** It makes its own member id, which lasts as long as the process (KIP-1082, 4.0). */
  readonly makesItsId: boolean;
  /**
   * Whether a reconciliation begins as soon as the target is known, or the next time that the application polls. A commit
   * is only safe while no batch is being processed (4.0); what is revoked is not to vanish in the midst of one (4.2,
   * KAFKA-20332).
   */
  beginsInBackground(of: { readonly commits: boolean; readonly revokes: boolean }): boolean;
  /** Partitions that are to be revoked are read no more from the begin of a reconciliation on, or from its commit on. */
  readonly stopsReadingFirst: boolean;
  /** The new assignment takes effect inside poll(), even if there is no listener to be told (4.3, KAFKA-20106). */
  readonly assignsInPoll: boolean;
  /** Its heartbeats say in which rack it is (4.1). */
  readonly sendsRack: boolean;
  /**
   * By how much the wait after a failed heartbeat is spread. Before 4.2 it is `max.poll.interval.ms`, by mistake: half of
   * these waits come to nothing, half to the longest one (KAFKA-19813).
   */
  jitter(maxPollIntervalMs: number): number;
}

export function releaseTraits(version: string): ReleaseTraits {
  const since = (release: string): boolean => compareReleases(version, release) >= 0;
  return {
    makesItsId: since("4.0"),
    beginsInBackground: ({ commits, revokes }) => !since("4.0") || (!commits && (!revokes || !since("4.2"))),
    stopsReadingFirst: since("4.0"),
    assignsInPoll: since("4.3"),
    sendsRack: since("4.1"),
    jitter: (maxPollIntervalMs) => (since("4.2") ? JITTER : maxPollIntervalMs),
  };
}
