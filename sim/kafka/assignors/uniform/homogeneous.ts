import type { Partitions, TopicName } from "../../../names.ts";
import { AssignorError, type Subscriber, type Topics } from "../assignor.ts";
import { give, type Hand, isAscending, listOf, of } from "../hand.ts";
import { takesPart } from "../interest.ts";
import { HashOrder } from "../java/hash-order.ts";
import { integerHash } from "../java/hashes.ts";
import { TopicIds } from "./topic-ids.ts";

/** Partitions of one topic that nobody has: a queue. */
interface Run {
  readonly topic: TopicName;
  /** How many are left. */
  readonly left: number;
  /** Takes so many out, of those that are left. */
  take(count: number): number[];
}

/** What no member owns, lowest first. */
class UnownedRun implements Run {
  readonly topic: TopicName;
  left: number;
  /** Where its partitions stand among those of all topics, in one row, and 1 there for those that are owned. */
  readonly #first: number;
  readonly #end: number;
  readonly #owned: Uint8Array;
  #next: number;

  constructor(topic: TopicName, first: number, partitions: number, owned: Uint8Array) {
    this.topic = topic;
    this.left = partitions;
    this.#first = this.#next = first;
    this.#end = first + partitions;
    this.#owned = owned;
  }

  /** Leaves out what a member says it owns, in so far as it exists. Returns whether that came in ascending order. */
  own(partitions: readonly number[]): boolean {
    const owned = this.#owned;
    const first = this.#first;
    const end = this.#end;
    let last = -1;
    let ascends = true;
    for (let place = 0; place < partitions.length; place++) {
      const partition = partitions[place];
      if (partition <= last) ascends = false;
      last = partition;
      const at = first + partition;
      if (at >= end || owned[at] !== 0) continue;
      owned[at] = 1;
      this.left -= 1;
    }
    return ascends;
  }

  take(count: number): number[] {
    const owned = this.#owned;
    const taken = listOf(count);
    let next = this.#next;
    for (let place = 0; place < count; next++) if (owned[next] === 0) taken[place++] = next - this.#first;
    this.#next = next;
    this.left -= count;
    return taken;
  }
}

/** What a member had to give up. */
class GivenUpRun implements Run {
  readonly topic: TopicName;
  readonly #partitions: readonly number[];
  #next = 0;

  constructor(topic: TopicName, partitions: readonly number[]) {
    this.topic = topic;
    this.#partitions = partitions;
  }

  get left(): number {
    return this.#partitions.length - this.#next;
  }

  take(count: number): number[] {
    this.#next += count;
    return this.#partitions.slice(this.#next - count, this.#next);
  }
}

/** Partitions that nobody has: a queue, in runs of one topic. */
class OpenPartitions {
  readonly #runs: Run[] = [];
  #run = 0;

  add(run: Run): void {
    if (run.left > 0) this.#runs.push(run);
  }

  get empty(): boolean {
    return this.#run === this.#runs.length;
  }

  /** Moves the first `count` partitions, or all there are, into a hand. */
  moveTo(hand: Record<TopicName, readonly number[]>, count: number): void {
    for (let left = count; left > 0 && !this.empty;) {
      const run = this.#runs[this.#run];
      const taken = run.take(Math.min(left, run.left));
      left -= taken.length;
      if (run.left === 0) this.#run += 1;
      const list = of(hand, run.topic);
      give(hand, run.topic, list === undefined ? ascending(taken) : ascending(list.concat(taken)));
    }
  }
}

/** The list itself, put in order if it is not. */
const ascending = (list: number[]): number[] => (isAscending(list) ? list : list.sort((a, b) => a - b));

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

  const total = subscribed.reduce((sum, topic) => sum + topics.get(topic)!.partitions, 0);
  const marks = new Uint8Array(total);
  const unowned = new Map<TopicName, UnownedRun>();
  let first = 0;
  for (const topic of subscribed) {
    const { partitions } = topics.get(topic)!;
    unowned.set(topic, new UnownedRun(topic, first, partitions, marks));
    first += partitions;
  }
  const owned = members.map((member) => ownedBy(member, unowned));
  const open = new OpenPartitions();
  for (const run of unowned.values()) open.add(run);

  const quotas = faithful ? quotasInOrder(members.length, total) : quotasByNeed(owned, total);
  const hands = owned.map(({ hand, count }, member) =>
    count <= quotas[member] ? hand : keepFirst(members[member].owned!, hand, quotas[member], ids, open),
  );

  for (let member = 0; member < hands.length && !open.empty; member++) {
    const missing = quotas[member] - owned[member].count;
    if (missing <= 0) continue;
    const hand = { ...hands[member] };
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
 * What a member owns of topics that take part; it is taken out of what is unowned. Most records are in order, and so are
 * used as they are, not copied.
 */
function ownedBy({ owned = {} }: Subscriber, unowned: ReadonlyMap<TopicName, UnownedRun>): Owned {
  let count = 0;
  let inOrder = true;
  for (const topic in owned) {
    const list = owned[topic];
    const run = list.length === 0 ? undefined : unowned.get(topic);
    if (run === undefined || !run.own(list)) inOrder = false;
    count += list.length;
  }
  if (inOrder) return { hand: owned, count };

  const hand: Hand = {};
  count = 0;
  for (const topic of Object.keys(owned)) {
    if (!unowned.has(topic) || owned[topic].length === 0) continue;
    const list = [...new Set(owned[topic])].sort((a, b) => a - b);
    give(hand, topic, list);
    count += list.length;
  }
  return { hand, count };
}

function quotasInOrder(members: number, total: number): Int32Array {
  const least = Math.floor(total / members);
  const extra = total % members;
  return new Int32Array(members).fill(least + 1, 0, extra).fill(least, extra);
}

/** The larger quotas to those first that would have to give one up without; among equals in member order. */
function quotasByNeed(owned: readonly Owned[], total: number): Int32Array {
  const quotas = quotasInOrder(owned.length, total);
  const least = Math.floor(total / owned.length);
  const inNeed = owned.map((_, member) => member).filter((member) => owned[member].count > least);
  const others = owned.map((_, member) => member).filter((member) => owned[member].count <= least);
  const byNeed = new Int32Array(owned.length);
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
      open.add(new GivenUpRun(topic, partitions.slice(left)));
    }
    if (keeps.length > 0) give(kept, topic, [...keeps]);
    left -= keeps.length;
  }
  return kept;
}
