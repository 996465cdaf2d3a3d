import type { TopicName } from "../../names.ts";
import type { Assignor, Subscriber, Topics } from "./assignor.ts";
import { give, type Hand, inGivenOrder } from "./hand.ts";
import { takesPart } from "./interest.ts";
import { memberOrder } from "./java/member-order.ts";
import { assignHeterogeneous } from "./uniform/heterogeneous.ts";
import { assignHomogeneous } from "./uniform/homogeneous.ts";

/** The choice that Kafka does not give. */
export interface UniformOptions {
  /**
   * Whether Kafka's weak points are reproduced; default true. Switched off: in a homogeneous group the larger quotas go
   * to those first that own so much, so that nothing moves without need; and claims on partitions that are not there,
   * or that another member has already, are dropped.
   */
  readonly faithful?: boolean;
}

/** `uniform`, with the choice that Kafka does not give. */
export const uniformWith =
  ({ faithful = true }: UniformOptions): Assignor =>
  (subscribers, topics) => {
    if (subscribers.length === 0) return new Map();
    const places = memberOrder(subscribers);
    const inOrder = places.map((place) => subscribers[place]);
    const members = faithful ? inOrder : withSoundClaims(inOrder, topics);
    const assign = sameNames(members) ? assignHomogeneous : assignHeterogeneous;
    return inGivenOrder(subscribers, places, assign(members, topics, faithful));
  };

/**
 * Uniform: the coordinator's sticky assignor and the default of the new protocol (KIP-848). Balanced first, then
 * sticky; racks are not regarded.
 *
 *     orders(4), a had 0 1 2 3 and b comes new
 *       a: orders-0 orders-1
 *       b: orders-2 orders-3
 *
 * Who gets one more than another goes by the hash order of member ids, and what an overloaded member gives up by the
 * hash order of its partitions: a group of members with random ids gets a result that looks random, though balanced.
 * Kafka: `UniformAssignor`.
 */
export const uniform: Assignor = uniformWith({});

/**
 * Whether all subscribe to the same names, existing or not (or nobody to any): Kafka's `SubscriptionType.HOMOGENEOUS`.
 */
function sameNames(members: readonly Subscriber[]): boolean {
  let seen = members[0].topics;
  const names = new Set(seen);
  for (const { topics } of members) {
    if (topics === seen) continue;
    const own = new Set(topics);
    if (own.size !== names.size || !topics.every((topic) => names.has(topic))) return false;
    seen = topics;
  }
  return true;
}

function withSoundClaims(members: readonly Subscriber[], topics: Topics): Subscriber[] {
  const taken = new Set<string>();
  return members.map((member) => {
    if (member.owned === undefined) return member;
    const owned: Hand = {};
    for (const [topic, claimed] of Object.entries<readonly number[]>(member.owned)) {
      const sound = claimed.filter(
        (partition) => isThere(topics, topic, partition) && !taken.has(`${topic} ${partition}`),
      );
      if (!member.topics.includes(topic) || sound.length === 0) continue;
      for (const partition of sound) taken.add(`${topic} ${partition}`);
      give(owned, topic, [...new Set(sound)]);
    }
    return { ...member, owned };
  });
}

function isThere(topics: Topics, topic: TopicName, partition: number): boolean {
  const metadata = topics.get(topic);
  return takesPart(metadata) && partition < metadata.partitions;
}
