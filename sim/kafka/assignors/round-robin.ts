import type { Assignor } from "./assignor.ts";
import { Dealer, emptyHands } from "./hand.ts";
import { interests } from "./interest.ts";
import { byCodeUnit, inStandingOrder } from "./standing-order.ts";

/**
 * Round robin: all partitions of all topics in one row, dealt to the members like cards. A member that does not
 * subscribe to the topic of the next card is passed over.
 *
 *     orders(3) returns(3), members a b
 *       a: orders-0 orders-2 returns-1
 *       b: orders-1 returns-0 returns-2
 *
 * Even to one partition as long as all subscribe to the same topics; else it can be far from even. Not sticky: one
 * member more or less moves nearly everything.
 * Kafka: `RoundRobinAssignor`.
 */
export const roundRobin: Assignor = (subscribers, topics) => {
  const standing = inStandingOrder(subscribers);
  const { assignment, hands } = emptyHands(subscribers, standing);
  const taking = interests(standing, topics).sort((a, b) => byCodeUnit(a.topic, b.topic));
  const dealer = new Dealer(hands);
  const subscribes = new Uint8Array(standing.length);
  let audience: readonly number[] = [];
  let next = 0;
  for (const interest of taking) {
    if (interest.audience !== audience) {
      for (const member of audience) subscribes[member] = 0;
      audience = interest.audience;
      for (const member of audience) subscribes[member] = 1;
    }
    dealer.begin(interest.topic);
    for (let partition = 0; partition < interest.partitions; partition++) {
      while (!subscribes[next]) next = next + 1 < standing.length ? next + 1 : 0;
      dealer.deal(next, partition);
      next = next + 1 < standing.length ? next + 1 : 0;
    }
  }
  return assignment;
};
