import type { Subscriber } from "./assignor.ts";

/** By UTF-16 code unit, shorter prefix first: `String.compareTo`. (`localeCompare` is another order.) */
export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Members with an instance id first, by that; then the others by member id. Static members so keep their place in the
 * order, and with it their partitions, over a restart that gives them a new member id.
 * Kafka: `AbstractPartitionAssignor.MemberInfo.compareTo`, and the same rule in the server's `RangeAssignor`.
 */
function byStandingName(a: Subscriber, b: Subscriber): number {
  if (a.instanceId !== undefined && b.instanceId !== undefined) return byCodeUnit(a.instanceId, b.instanceId);
  if (a.instanceId !== undefined) return -1;
  if (b.instanceId !== undefined) return 1;
  return byCodeUnit(a.id, b.id);
}

/** The subscribers in that order; the same list if they stand in it already, as they often do. */
export function inStandingOrder(subscribers: readonly Subscriber[]): readonly Subscriber[] {
  for (let place = 1; place < subscribers.length; place++) {
    if (byStandingName(subscribers[place - 1], subscribers[place]) > 0) return [...subscribers].sort(byStandingName);
  }
  return subscribers;
}
