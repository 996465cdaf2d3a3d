import type { Assignor } from "./assignor.ts";
import { emptyHands } from "./hand.ts";
import { interests } from "./interest.ts";
import { dealRuns } from "./runs.ts";
import { inStandingOrder } from "./standing-order.ts";

/**
 * The coordinator's range (KIP-848): topic by topic, a run of consecutive partitions to each subscriber in order.
 *
 *     orders(3) returns(3), members a b
 *       a: orders-0 orders-1 returns-0 returns-1
 *       b: orders-2 returns-2
 *
 * As the client's `range` without racks. What members had before plays no role.
 * Kafka: `org.apache.kafka.coordinator.group.assignor.RangeAssignor`.
 */
export const serverRange: Assignor = (subscribers, topics) => {
  const standing = inStandingOrder(subscribers);
  const { assignment, hands } = emptyHands(subscribers, standing);
  for (const interest of interests(standing, topics)) dealRuns(interest, hands);
  return assignment;
};
