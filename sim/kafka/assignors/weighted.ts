import type { Assignor } from "./assignor.ts";
import { capacityOf, pickiestFirst } from "./capacity.ts";
import { emptyHands, give, of } from "./hand.ts";
import { interests } from "./interest.ts";
import { inStandingOrder } from "./standing-order.ts";

/**
 * Weighted: partitions in proportion to the members' capacities. Members keep what they own as far as their share goes.
 *
 *     orders(6), a can do 2000/s, b 1000/s
 *       a: orders-0 orders-1 orders-3 orders-4
 *       b: orders-2 orders-5
 *
 * Good for groups of unequal machines whose partitions are about equally busy; it knows nothing of lag or rates. A
 * partition goes to whoever would have least for its capacity with it: the rule of highest averages by D'Hondt (1878),
 * for seats in parliaments. Where all subscribe to the same, nobody gets less than its exact share rounded down, and
 * the largest load per capacity is as small as it can be.
 */
export const weighted: Assignor = (subscribers, topics) => {
  const standing = inStandingOrder(subscribers);
  const { assignment, hands } = emptyHands(subscribers, standing);
  const capacities = standing.map(capacityOf);
  const counts = standing.map(() => 0);
  /** Whether `a`, with one more, would have less for its capacity than `b`. Without capacity: last. */
  const before = (a: number, b: number): boolean =>
    (counts[a] + 1) * capacities[b] < (counts[b] + 1) * capacities[a] ||
    (capacities[a] === 0 && capacities[b] === 0 && counts[a] < counts[b]);

  for (const { topic, partitions, audience } of pickiestFirst(interests(standing, topics))) {
    const seats = new Map<number, number>();
    const dealt: number[] = [];
    for (let partition = 0; partition < partitions; partition++) {
      const next = audience.reduce((best, member) => (before(member, best) ? member : best));
      counts[next] += 1;
      seats.set(next, (seats.get(next) ?? 0) + 1);
      dealt.push(next);
    }
    const lists = new Map([...seats.keys()].map((member): [number, number[]] => [member, []]));
    const taken = new Uint8Array(partitions);
    for (const [member, list] of lists) {
      for (const partition of of(standing[member].owned ?? {}, topic) ?? []) {
        if (partition >= partitions || taken[partition] || list.length === seats.get(member)) continue;
        taken[partition] = 1;
        list.push(partition);
      }
    }
    // The rest in the order in which the seats were won, so that neighbours are spread.
    const missing = new Map([...seats].map(([member, count]) => [member, count - lists.get(member)!.length]));
    const open = dealt.filter((member) => {
      const left = missing.get(member)!;
      missing.set(member, left - 1);
      return left > 0;
    });
    let place = 0;
    for (let partition = 0; partition < partitions; partition++) {
      if (!taken[partition]) lists.get(open[place++])!.push(partition);
    }
    for (const [member, list] of lists) give(hands[member], topic, list.sort((a, b) => a - b)); // prettier-ignore
  }
  return assignment;
};
