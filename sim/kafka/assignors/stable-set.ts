import type { Assignor, Subscriber } from "./assignor.ts";
import { add, emptyHands } from "./hand.ts";
import { interests } from "./interest.ts";
import { stringHash } from "./java/hashes.ts";
import { loadsOf } from "./loads.ts";
import { byCodeUnit, inStandingOrder } from "./standing-order.ts";

/**
 * Stable set: consumers and partitions as the two sides of a graph, joined where they belong together; every consumer
 * takes the partitions joined to it, and nobody else's fate has a say in that.
 *
 *     orders(5), members a b c      a: orders-3
 *                                   b: orders-1 orders-4
 *                                   c: orders-0 orders-2    by the hashes of their names
 *     b leaves                      c: orders-1 orders-4 besides; nothing else moves
 *
 * A partition is joined to the subscribers in a rack of its replicas; where no rack is given, to all. Of several the one
 * whose name, hashed together with the partition's, gives the largest number takes it: rendezvous hashing (Thaler and
 * Ravishankar, "Using name-based mappings to increase hit rates", 1998). What is joined to nobody stays with its owner,
 * or goes to the member with the fewest partitions. So a join moves partitions only to the newcomer, and a leave only
 * those of the member that left.
 *
 * Good for members with much local state. The price is a weak balance: sizes scatter like those of a random throw,
 * so with m partitions a member in the mean the largest has about m + 3√m; `regroup assign --explain` shows it.
 */
export const stableSet: Assignor = (subscribers, topics) => {
  const standing = inStandingOrder(subscribers);
  const { assignment, hands } = emptyHands(subscribers, standing);
  const hashes = standing.map(({ id, instanceId }) => stringHash(instanceId ?? id));
  const taking = interests(standing, topics).sort((a, b) => byCodeUnit(a.topic, b.topic));
  const counts = standing.map(() => 0);
  const left: ReturnType<typeof loadsOf> = [];
  const take = (member: number, topic: string, partition: number): void => {
    counts[member] += 1;
    add(hands[member], topic, partition);
  };

  for (const load of loadsOf(taking, standing, () => 1)) {
    const { topic, partition, audience } = load;
    const joined = nearby(audience, standing, topics.get(topic)!.racks?.[partition]);
    if (joined.length === 0) left.push(load);
    else take(highest(joined, hashes, stringHash(`${topic}-${partition}`)), topic, partition);
  }
  for (const { topic, partition, audience, owner } of left) {
    take(owner !== -1 ? owner : audience.reduce((best, member) => (counts[member] < counts[best] ? member : best)), topic, partition); // prettier-ignore
  }
  for (const hand of hands) for (const topic of Object.keys(hand)) hand[topic].sort((a, b) => a - b);
  return assignment;
};

/** Who is in one of the racks; everybody, if no rack is known on either side. */
function nearby(
  audience: readonly number[],
  members: readonly Subscriber[],
  racks: readonly string[] = [],
): readonly number[] {
  if (racks.length === 0 || audience.every((member) => !members[member].rack)) return audience;
  return audience.filter((member) => racks.includes(members[member].rack ?? ""));
}

/** The member with the largest number for this partition; of equals the first. */
function highest(members: readonly number[], hashes: readonly number[], partition: number): number {
  let best = members[0];
  let most = -1;
  for (const member of members) {
    const number = mixed(hashes[member], partition);
    if (number > most) {
      most = number;
      best = member;
    }
  }
  return best;
}

/** Two hashes to one number that depends on every bit of both: the finaliser of MurmurHash3 (Appleby), twice. */
function mixed(a: number, b: number): number {
  return finalised(finalised(a) ^ b);
}

function finalised(hash: number): number {
  let mixing = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  mixing = Math.imul(mixing ^ (mixing >>> 13), 0xc2b2ae35);
  return (mixing ^ (mixing >>> 16)) >>> 0;
}
