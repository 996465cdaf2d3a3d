import type { Subscriber } from "../assignor.ts";
import { orderOfDistinct } from "./hash-order.ts";
import { stringHash } from "./hashes.ts";

/**
 * Member order: subscribers in the order of a `HashMap` keyed by member id, into which they were put as given. Kafka's
 * group leader and coordinator both hand such a map to the assignor.
 *
 * Returns their places in the list given.
 */
export function memberOrder(subscribers: readonly Subscriber[]): number[] {
  const hashes = new Int32Array(subscribers.length);
  for (let place = 0; place < hashes.length; place++) hashes[place] = stringHash(subscribers[place].id);
  return orderOfDistinct(hashes);
}
