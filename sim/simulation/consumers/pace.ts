import { type Duration, MILLISECOND, SECOND } from "../../engine/time.ts";
import { waitsForCommits } from "../../kafka/protocols/client/commits.ts";
import { fullBatch } from "../../workload/service.ts";
import type { Consumer } from "./consumer.ts";

/**
 * Records per second that come out of poll(). While that looks for the coordinator first, it returns one batch in its
 * timeout, or whenever it may connect again, at last every `reconnect.backoff.max.ms`.
 */
export function paceOf(consumer: Consumer): number {
  const { capacity } = consumer.group.spec.members;
  const search = searchInPoll(consumer);
  if (search === undefined) return capacity;
  const records = consumer.group.spec.config["max.poll.records"];
  return (records * SECOND) / (search + fullBatch(records, capacity));
}

/** How long poll() looks for the coordinator before it returns a batch; absent: it does not have to. */
export function searchInPoll({ member, group: { spec } }: Consumer): Duration | undefined {
  const waitsFor = member.pollWaitsFor;
  if (waitsFor === "nothing") return undefined;
  const longest = waitsFor === "coordinator" ? Infinity : spec.config["reconnect.backoff.max.ms"] * MILLISECOND;
  return Math.min(spec.members.pollTimeout, longest);
}

/** Whether the application commits every batch by itself. */
export function commitsEachBatch({ group }: Consumer): boolean {
  const { commit } = group.spec.members;
  return commit === "sync" || commit === "async" || commit === "before-processing";
}

/** Whether it commits what it is about to process. */
export const commitsAhead = ({ group }: Consumer): boolean => group.spec.members.commit === "before-processing";

/** Whether it waits until they are answered. */
export function awaitsCommits({ group }: Consumer): boolean {
  return waitsForCommits(group.spec.members.commit);
}
