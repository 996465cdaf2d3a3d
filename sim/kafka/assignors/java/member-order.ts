import type { Subscriber } from "../assignor.ts";
import { HashOrder } from "./hash-order.ts";
import { stringHash } from "./hashes.ts";

/**
 * Member order: subscribers in the order of a `HashMap` keyed by member id, into which they were put as given. Kafka's
 * group leader and coordinator both hand such a map to the assignor.
 */
export function memberOrder(subscribers: readonly Subscriber[]): Subscriber[] {
  const byId = new Map(subscribers.map((subscriber) => [subscriber.id, subscriber]));
  const order = new HashOrder(stringHash);
  for (const { id } of subscribers) order.put(id);
  return order.keys().map((id) => byId.get(id)!);
}
