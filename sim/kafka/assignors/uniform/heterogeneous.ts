import type { Partitions } from "../../../names.ts";
import { AssignorError, type Subscriber, type Topics } from "../assignor.ts";
import { give, type Hand } from "../hand.ts";
import { type Interest, interests, topicSets } from "../interest.ts";
import { compareUuids } from "../java/uuid.ts";
import { Balancer } from "./balancer.ts";
import { TopicIds } from "./topic-ids.ts";

/** Kafka: `MAX_ITERATION_COUNT`. Each pass about halves an imbalance of overlapping subscriptions. */
const PASSES = 16;

/**
 * Subscriptions differ: members keep what they have, unassigned partitions go to the least loaded subscribers, and then
 * the topics are balanced one after the other, again and again until a round changes nothing.
 *
 * Topics go by partitions per subscriber, most first. Perfectly balanced among members with equal subscriptions;
 * nearly so where subscriptions overlap. Kafka: `UniformHeterogeneousAssignmentBuilder`.
 */
export function assignHeterogeneous(members: readonly Subscriber[], topics: Topics): Partitions[] {
  const sorted = inOrder(interests(members, topics), new TopicIds(topics));
  const sizes = new Int32Array(members.length);
  const owners = sorted.map(({ partitions }) => new Int32Array(partitions).fill(-1));
  const doubles = keepOwned(members, sorted, owners, sizes);

  const balancer = new Balancer(sizes);
  sorted.forEach(({ audience }, place) => {
    const owner = owners[place];
    if (!owner.includes(-1)) return;
    balancer.start(audience);
    for (let partition = 0; partition < owner.length; partition++) {
      if (owner[partition] === -1) sizes[(owner[partition] = balancer.least())] += 1;
    }
  });

  balance(sorted, owners, sizes, balancer);
  return write(members.length, sorted, owners, doubles);
}

function inOrder(taking: Interest[], ids: TopicIds): Interest[] {
  return taking.sort(
    (a, b) =>
      b.partitions / b.audience.length - a.partitions / a.audience.length ||
      a.audience.length - b.audience.length ||
      compareUuids(ids.of(a.topic), ids.of(b.topic)),
  );
}

/** A copy of a partition that a later member in member order owns as well. It counts, and nobody takes it away. */
interface Double {
  readonly member: number;
  readonly place: number;
  readonly partition: number;
}

function keepOwned(
  members: readonly Subscriber[],
  sorted: readonly Interest[],
  owners: readonly Int32Array[],
  sizes: Int32Array,
): Double[] {
  const placeOf = new Map(sorted.map(({ topic }, place) => [topic, place]));
  const subscribed = topicSets(members);
  const doubles: Double[] = [];
  members.forEach(({ owned }, member) => {
    if (owned === undefined) return;
    for (const topic of Object.keys(owned)) {
      const place = placeOf.get(topic);
      if (place === undefined || !subscribed[member].has(topic)) continue;
      const owner = owners[place];
      for (const partition of owned[topic]) {
        if (partition >= owner.length) {
          throw new AssignorError("ArrayIndexOutOfBoundsException", `${topic} has no partition ${partition}.`);
        }
        if (owner[partition] === member) continue;
        if (owner[partition] !== -1) doubles.push({ member: owner[partition], place, partition });
        owner[partition] = member;
        sizes[member] += 1;
      }
    }
  });
  return doubles;
}

function balance(
  sorted: readonly Interest[],
  owners: readonly Int32Array[],
  sizes: Int32Array,
  balancer: Balancer,
): void {
  const shared = sorted.map((_, place) => place).filter((place) => sorted[place].audience.length >= 2);
  let last = -1; // the topic that was changed last: back at it, a whole round has changed nothing
  for (let pass = 0; pass < PASSES; pass++) {
    for (const place of shared) {
      if (place === last) return;
      const moved = balanceTopic(sorted[place], owners[place], sizes, balancer);
      if (moved || last === -1) last = place;
    }
  }
}

/** Moves partitions from the most to the least loaded subscribers. Returns whether any was moved. */
function balanceTopic({ audience }: Interest, owner: Int32Array, sizes: Int32Array, balancer: Balancer): boolean {
  if (balancer.spread(audience) <= 1) return false;
  balancer.start(audience);
  const runs = runsByOwner(owner);
  let moved = false;
  while (!balancer.balanced()) {
    let most = balancer.most();
    while (most !== -1 && !(runs.get(most)?.length ?? 0)) {
      balancer.exclude();
      most = balancer.most();
    }
    if (most === -1) break;
    const partition = runs.get(most)!.pop()!;
    const least = balancer.least();
    if (balancer.balanced()) break;
    sizes[owner[partition]] -= 1;
    sizes[least] += 1;
    owner[partition] = least;
    moved = true;
  }
  return moved;
}

/** Each owner's partitions, ascending: what it can give up. What it receives meanwhile is not among them. */
function runsByOwner(owner: Int32Array): Map<number, number[]> {
  const runs = new Map<number, number[]>();
  owner.forEach((member, partition) => {
    const run = runs.get(member);
    if (run === undefined) runs.set(member, [partition]);
    else run.push(partition);
  });
  return runs;
}

function write(
  members: number,
  sorted: readonly Interest[],
  owners: readonly Int32Array[],
  doubles: readonly Double[],
): Hand[] {
  const hands = Array.from({ length: members }, (): Hand => ({}));
  sorted.forEach(({ topic }, place) => {
    const lists = runsByOwner(owners[place]);
    for (const double of doubles) {
      if (double.place !== place) continue;
      const list = lists.get(double.member) ?? [];
      if (!list.includes(double.partition)) list.push(double.partition);
      lists.set(
        double.member,
        list.sort((a, b) => a - b),
      );
    }
    for (const [member, list] of lists) give(hands[member], topic, list);
  });
  return hands;
}
