import type { Partitions, TopicName } from "../../../names.ts";
import { AssignorError, type Subscriber, type Topics } from "../assignor.ts";
import { give, type Hand, of } from "../hand.ts";
import { takesPart } from "../interest.ts";
import { HashOrder } from "../java/hash-order.ts";
import { integerHash } from "../java/hashes.ts";
import { TopicIds } from "./topic-ids.ts";

/** Partitions that nobody has: a queue, in runs of one topic. */
class OpenPartitions {
  readonly #runs: { readonly topic: TopicName; readonly partitions: readonly number[] }[] = [];
  #run = 0;
  #place = 0;

  add(topic: TopicName, partitions: readonly number[]): void {
    if (partitions.length > 0) this.#runs.push({ topic, partitions });
  }

  get empty(): boolean {
    return this.#run === this.#runs.length;
  }

  /** Moves the first `count` partitions, or all there are, into a hand. */
  moveTo(hand: Hand, count: number): void {
    for (let left = count; left > 0 && !this.empty;) {
      const { topic, partitions } = this.#runs[this.#run];
      const taken = partitions.slice(this.#place, this.#place + left);
      left -= taken.length;
      this.#place += taken.length;
      if (this.#place === partitions.length) {
        this.#run += 1;
        this.#place = 0;
      }
      const list = of(hand, topic);
      give(hand, topic, ascending(list === undefined ? taken : [...list, ...taken]));
    }
  }
}

/** The list itself, put in order if it is not. */
function ascending(list: number[]): number[] {
  for (let place = 1; place < list.length; place++) {
    if (list[place] < list[place - 1]) return list.sort((a, b) => a - b);
  }
  return list;
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
  const open = new OpenPartitions();
  let total = 0;
  for (const topic of subscribed) {
    const taken = assigned.get(topic)!;
    total += taken.length;
    const free: number[] = [];
    for (let partition = 0; partition < taken.length; partition++) if (!taken[partition]) free.push(partition);
    open.add(topic, free);
  }

  const quotas = faithful ? quotasInOrder(members.length, total) : quotasByNeed(owned, total);
  const hands = owned.map(({ hand, count }, member) =>
    count <= quotas[member] ? hand : keepFirst(members[member].owned!, hand, quotas[member], ids, open),
  );

  for (let member = 0; member < hands.length && !open.empty; member++) {
    const missing = quotas[member] - owned[member].count;
    if (missing <= 0) continue;
    const hand: Hand = {};
    for (const topic of Object.keys(hands[member])) give(hand, topic, [...hands[member][topic]]);
    open.moveTo(hand, missing);
    hands[member] = hand;
  }
  // Not with claims that make sense: one on a partition that is not there uses up a quota for nothing.
  if (!open.empty) {
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
function keepFirst(record: Partitions, hand: Partitions, quota: number, ids: TopicIds, open: OpenPartitions): Hand {
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
      open.add(topic, partitions.slice(left));
    }
    if (keeps.length > 0) give(kept, topic, [...keeps]);
    left -= keeps.length;
  }
  return kept;
}
