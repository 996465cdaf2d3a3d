import type { Partitions, TopicName } from "../../../names.ts";
import { AssignorError, type Subscriber, type Topics } from "../assignor.ts";
import { give, type Hand, of } from "../hand.ts";
import { takesPart } from "../interest.ts";
import { HashOrder } from "../java/hash-order.ts";
import { integerHash } from "../java/hashes.ts";
import { TopicIds } from "./topic-ids.ts";

/** A list of partitions that grows at the end. */
class PartitionList {
  readonly topics: TopicName[] = [];
  readonly partitions: number[] = [];

  push(topic: TopicName, partition: number): void {
    this.topics.push(topic);
    this.partitions.push(partition);
  }
}

/**
 * All subscribe to the same: a quota for each, equal to one; who has more gives up, who has less is filled up from what
 * nobody has.
 *
 * The first P mod N members in member order have the larger quota, whatever they own. So a join or leave can take a
 * partition from one member and give one to another without need; `faithful: false` gives the larger quotas to those
 * first that already own so much. Kafka: `UniformHomogeneousAssignmentBuilder`.
 */
export function assignHomogeneous(members: readonly Subscriber[], topics: Topics, faithful: boolean): Partitions[] {
  const ids = new TopicIds(topics);
  const subscribed = ids.subscribed(members[0].topics, (topic) => takesPart(topics.get(topic)));
  if (subscribed.length === 0) return members.map(() => ({}));

  const assigned = new Map(subscribed.map((topic) => [topic, new Uint8Array(topics.get(topic)!.partitions)]));
  const owned = members.map((member) => ownedBy(member, assigned));
  const open = new PartitionList();
  let total = 0;
  for (const topic of subscribed) {
    const taken = assigned.get(topic)!;
    total += taken.length;
    for (let partition = 0; partition < taken.length; partition++) if (!taken[partition]) open.push(topic, partition);
  }

  const quotas = faithful ? quotasInOrder(members.length, total) : quotasByNeed(owned, total);
  const hands = owned.map(({ hand, count }, member) =>
    count <= quotas[member] ? hand : keepFirst(members[member].owned!, hand, quotas[member], ids, open),
  );

  let next = 0;
  for (let member = 0; member < hands.length && next < open.topics.length; member++) {
    const missing = quotas[member] - owned[member].count;
    if (missing <= 0) continue;
    const end = Math.min(next + missing, open.topics.length);
    hands[member] = withMore(hands[member], open, next, end);
    next = end;
  }
  // Not with claims that make sense: one on a partition that is not there uses up a quota for nothing.
  if (next < open.topics.length) {
    throw new AssignorError("PartitionAssignorException", "Partitions were left unassigned");
  }
  return hands;
}

interface Owned {
  /** What the member owns of subscribed topics, lists ascending. */
  readonly hand: Partitions;
  readonly count: number;
}

/**
 * What a member owns of topics that take part; and marks it as assigned. Most records are in order, and so are used as
 * they are, not copied.
 */
function ownedBy({ owned = {} }: Subscriber, assigned: ReadonlyMap<TopicName, Uint8Array>): Owned {
  let count = 0;
  let inOrder = true;
  for (const topic of Object.keys(owned)) {
    const taken = assigned.get(topic);
    const list = owned[topic];
    if (taken === undefined || list.length === 0) {
      inOrder = false;
      continue;
    }
    let last = -1;
    for (let place = 0; place < list.length; place++) {
      const partition = list[place];
      if (partition <= last) inOrder = false;
      if (partition < taken.length) taken[partition] = 1;
      last = partition;
    }
    count += list.length;
  }
  if (inOrder) return { hand: owned, count };

  const hand: Hand = {};
  count = 0;
  for (const topic of Object.keys(owned)) {
    if (!assigned.has(topic) || owned[topic].length === 0) continue;
    const list = [...new Set(owned[topic])].sort((a, b) => a - b);
    give(hand, topic, list);
    count += list.length;
  }
  return { hand, count };
}

function quotasInOrder(members: number, total: number): number[] {
  const least = Math.floor(total / members);
  const extra = total % members;
  const quotas: number[] = [];
  for (let member = 0; member < members; member++) quotas.push(least + (member < extra ? 1 : 0));
  return quotas;
}

/** The larger quotas to those first that would have to give one up without; among equals in member order. */
function quotasByNeed(owned: readonly Owned[], total: number): number[] {
  const quotas = quotasInOrder(owned.length, total);
  const least = Math.floor(total / owned.length);
  const inNeed = owned.map((_, member) => member).filter((member) => owned[member].count > least);
  const others = owned.map((_, member) => member).filter((member) => owned[member].count <= least);
  const byNeed: number[] = [];
  [...inNeed, ...others].forEach((member, place) => (byNeed[member] = quotas[place]));
  return byNeed;
}

/**
 * Keeps as many partitions as the quota says, in the order of Java's maps and sets: this is where a member with too
 * much is cut. The rest goes to the end of the `open` list.
 */
function keepFirst(record: Partitions, hand: Partitions, quota: number, ids: TopicIds, open: PartitionList): Hand {
  const inOrder = new HashOrder(ids.hash);
  for (const topic of Object.keys(record)) inOrder.put(topic);
  const kept: Hand = {};
  let left = quota;
  for (const topic of inOrder.keys()) {
    const list = of(hand, topic);
    if (list === undefined) continue; // not subscribed any more
    let keeps = list;
    if (list.length > left) {
      const partitions = HashOrder.from(integerHash, record[topic]).keys();
      keeps = partitions.slice(0, left).sort((a, b) => a - b);
      for (const partition of partitions.slice(left)) open.push(topic, partition);
    }
    if (keeps.length > 0) give(kept, topic, [...keeps]);
    left -= keeps.length;
  }
  return kept;
}

function withMore(hand: Partitions, open: PartitionList, from: number, to: number): Hand {
  const more: Hand = {};
  for (const topic of Object.keys(hand)) give(more, topic, [...hand[topic]]);
  for (let place = from; place < to;) {
    const topic = open.topics[place];
    const list = (of(more, topic) as number[] | undefined) ?? [];
    if (list.length === 0) give(more, topic, list);
    let inOrder = true;
    for (; place < to && open.topics[place] === topic; place++) {
      const partition = open.partitions[place];
      if (list.length > 0 && partition < list[list.length - 1]) inOrder = false;
      list.push(partition);
    }
    if (!inOrder) list.sort((a, b) => a - b);
  }
  return more;
}
