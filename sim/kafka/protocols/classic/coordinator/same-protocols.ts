import type { Partitions } from "../../../../names.ts";
import type { Protocol, Subscription } from "../../../messages.ts";

/**
 * Whether two JoinGroups say the same: the ordered list of assignors and, in Kafka, every byte of their metadata.
 * Kafka: `ClassicGroupMember.matches`.
 *
 * The generation is compared first. Since 3.4 it is part of the bytes, so most rejoins differ there, and a comparison
 * costs nothing however much the member owns.
 */
export function sameProtocols(a: readonly Protocol[], b: readonly Protocol[]): boolean {
  if (a === b) return true;
  return (
    a.length === b.length &&
    a.every(({ name, metadata }, index) => name === b[index].name && sameSubscription(metadata, b[index].metadata))
  );
}

function sameSubscription(a: Subscription, b: Subscription): boolean {
  return (
    a === b ||
    (a.generation === b.generation &&
      a.rack === b.rack &&
      a.userData === b.userData &&
      sameList(a.topics, b.topics) &&
      samePartitions(a.owned, b.owned))
  );
}

function samePartitions(a: Partitions, b: Partitions): boolean {
  if (a === b) return true;
  const topics = Object.keys(a);
  return (
    topics.length === Object.keys(b).length &&
    topics.every((topic) => Object.hasOwn(b, topic) && sameList(a[topic], b[topic]))
  );
}

function sameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((item, index) => item === b[index]));
}
