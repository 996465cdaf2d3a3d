import type { Assignor } from "./assignor.ts";
import { add, emptyHands } from "./hand.ts";
import { interests } from "./interest.ts";
import { heaviestFirst, lagIn, loadsOf } from "./loads.ts";
import { byCodeUnit, inStandingOrder } from "./standing-order.ts";

/**
 * Lag-aware: the partition with the largest lag first, each to the subscriber with the least lag so far; partitions
 * without lag to the subscriber with the fewest partitions.
 *
 *     orders(4) with lags 90 10 50 40, members a b
 *       a: orders-0 orders-1      100 records
 *       b: orders-2 orders-3       90 records
 *
 * Good for catching up after an outage: all members are done at about the same time, if they are equally fast. It moves
 * whatever it likes. Greedy by largest first: Graham, "Bounds on Multiprocessing Timing Anomalies" (1969). Where all
 * subscribe to the same, nobody has more than the mean and (1 − 1/members) of the largest single lag.
 */
export const lagAware: Assignor = (subscribers, topics) => {
  const standing = inStandingOrder(subscribers);
  const { assignment, hands } = emptyHands(subscribers, standing);
  const lags = standing.map(() => 0);
  const counts = standing.map(() => 0);
  const byLag = (a: number, b: number): number => lags[a] - lags[b] || counts[a] - counts[b];
  const byCount = (a: number, b: number): number => counts[a] - counts[b] || lags[a] - lags[b];

  const taking = interests(standing, topics).sort((a, b) => byCodeUnit(a.topic, b.topic));
  for (const { topic, partition, weight, audience } of heaviestFirst(loadsOf(taking, standing, lagIn(topics)))) {
    const order = weight > 0 ? byLag : byCount;
    const next = audience.reduce((best, member) => (order(member, best) < 0 ? member : best));
    lags[next] += weight;
    counts[next] += 1;
    add(hands[next], topic, partition);
  }
  for (const hand of hands) for (const topic of Object.keys(hand)) hand[topic].sort((a, b) => a - b);
  return assignment;
};
