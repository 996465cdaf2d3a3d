import type { Instant } from "../../../../engine/time.ts";
import type { Generation, InstanceId, MemberId, Partitions, TopicName } from "../../../../names.ts";
import { byCodeUnit } from "../../../assignors/standing-order.ts";
import type { ConsumerGroupState } from "../group-states.ts";
import { each } from "./holdings.ts";
import type { ConsumerGroupMember } from "./member.ts";
import { isReconciledTo } from "./member.ts";

/** How many partitions each topic has that exists and somebody of the group subscribes to. */
export type SubscribedTopics = ReadonlyMap<TopicName, number>;

/** One thing that changes about a group. Kafka: its records `ConsumerGroup…Value`, and their tombstones. */
export type ConsumerGroupChange =
  | { readonly what: "member"; readonly member: ConsumerGroupMember }
  /** With its target. */
  | { readonly what: "removed"; readonly id: MemberId }
  | { readonly what: "epoch"; readonly epoch: Generation }
  | { readonly what: "topics"; readonly topics: SubscribedTopics }
  | { readonly what: "target"; readonly id: MemberId; readonly target: Partitions }
  /** Of everybody, and when they were computed. */
  | {
      readonly what: "targets";
      readonly epoch: Generation;
      readonly at: Instant | undefined;
      readonly targets: ReadonlyMap<MemberId, Partitions>;
    };

/** All that one request or timer changes: it is in the log as a whole or not at all. */
export interface ConsumerGroupRecord {
  readonly type: "consumer-group";
  readonly changes: readonly ConsumerGroupChange[];
}

/**
 * A group of the consumer protocol: who is in it, what each is to have, and how far each is. The same for a coordinator and
 * for the log, which says as much. Changes only by `apply`. Kafka: `ConsumerGroup`.
 *
 * Members are kept in the order in which they were added.
 */
export class ConsumerGroup {
  readonly type = "consumer-group";
  #epoch: Generation = 0;
  #targetEpoch: Generation = 0;
  #targetAt: Instant | undefined;
  #topics: SubscribedTopics = new Map();
  readonly #members = new Map<MemberId, ConsumerGroupMember>();
  #targets = new Map<MemberId, Partitions>();

  // What follows from these, kept so that a heartbeat costs what it changes:
  readonly #instances = new Map<InstanceId, MemberId>();
  readonly #subscribers = new Map<TopicName, number>();
  readonly #preferences = new Map<string, number>();
  readonly #owners = new Map<TopicName, Map<number, MemberId>>();
  #unreconciled = 0;

  /** Counts the group's changes; 0: nobody has ever been in it. */
  get epoch(): Generation {
    return this.#epoch;
  }

  /** The epoch of the target assignment: behind the group's while it is out of date. */
  get targetEpoch(): Generation {
    return this.#targetEpoch;
  }

  /** When it was computed. */
  get targetAt(): Instant | undefined {
    return this.#targetAt;
  }

  /** As the group's epoch has them. */
  get topics(): SubscribedTopics {
    return this.#topics;
  }

  get size(): number {
    return this.#members.size;
  }

  /** Whether it is a group, and not only a name under which offsets may be stored. */
  get exists(): boolean {
    return this.#epoch > 0 || this.#members.size > 0;
  }

  /** Kafka: `ConsumerGroup.maybeUpdateGroupState`. */
  get state(): ConsumerGroupState {
    if (!this.exists) return "Absent";
    if (this.#members.size === 0) return "Empty";
    if (this.#epoch > this.#targetEpoch) return "Assigning";
    return this.#unreconciled > 0 ? "Reconciling" : "Stable";
  }

  members(): Iterable<ConsumerGroupMember> {
    return this.#members.values();
  }

  member(id: MemberId): ConsumerGroupMember | undefined {
    return this.#members.get(id);
  }

  memberOfInstance(instance: InstanceId): ConsumerGroupMember | undefined {
    const id = this.#instances.get(instance);
    return id === undefined ? undefined : this.#members.get(id);
  }

  targetOf(id: MemberId): Partitions {
    return this.#targets.get(id) ?? {};
  }

  /** Who owns a partition, until it gives it up. */
  ownerOf(topic: TopicName, partition: number): MemberId | undefined {
    return this.#owners.get(topic)?.get(partition);
  }

  /** Whether anybody subscribes to this topic, existing or not. */
  subscribes(topic: TopicName): boolean {
    return this.#subscribers.has(topic);
  }

  /** The topics somebody subscribes to, if this member were that one (or gone, or new). */
  subscribedWith(before: ConsumerGroupMember | undefined, after: ConsumerGroupMember | undefined): TopicName[] {
    const counts = new Map(this.#subscribers);
    for (const topic of before?.topics ?? []) count(counts, topic, -1);
    for (const topic of after?.topics ?? []) count(counts, topic, 1);
    return [...counts.keys()].sort(byCodeUnit);
  }

  /** How many prefer each assignor, likewise. */
  preferencesWith(
    before: ConsumerGroupMember | undefined,
    after: ConsumerGroupMember | undefined,
  ): ReadonlyMap<string, number> {
    if (before?.assignor === after?.assignor) return this.#preferences;
    const counts = new Map(this.#preferences);
    if (before?.assignor !== undefined) count(counts, before.assignor, -1);
    if (after?.assignor !== undefined) count(counts, after.assignor, 1);
    return counts;
  }

  apply(change: ConsumerGroupChange): void {
    switch (change.what) {
      case "member":
        return this.#put(change.member);
      case "removed":
        return this.#remove(change.id);
      case "epoch":
        this.#epoch = change.epoch;
        break;
      case "topics":
        this.#topics = change.topics;
        break;
      case "target":
        this.#targets.set(change.id, change.target);
        break;
      case "targets":
        this.#targetEpoch = change.epoch;
        this.#targetAt = change.at;
        this.#targets = new Map(change.targets);
        this.#unreconciled = 0;
        for (const member of this.#members.values()) this.#countReconciled(member, 1);
    }
  }

  /** Nobody has ever been in it: the group was removed. Only of an empty one. */
  clear(): void {
    this.#epoch = 0;
    this.#targetEpoch = 0;
    this.#targetAt = undefined;
    this.#topics = new Map();
    this.#targets.clear();
  }

  /** The same, unmoved by what happens to the other. */
  copy(): ConsumerGroup {
    const copy = new ConsumerGroup();
    for (const member of this.#members.values()) copy.apply({ what: "member", member });
    copy.apply({ what: "epoch", epoch: this.#epoch });
    copy.apply({ what: "topics", topics: this.#topics });
    copy.apply({ what: "targets", epoch: this.#targetEpoch, at: this.#targetAt, targets: this.#targets });
    return copy;
  }

  #put(member: ConsumerGroupMember): void {
    const { id } = member;
    const before = this.#members.get(id);
    if (before) this.#forget(before);
    this.#members.set(id, member);
    if (member.instance !== undefined) this.#instances.set(member.instance, id);
    for (const topic of member.topics) count(this.#subscribers, topic, 1);
    if (member.assignor !== undefined) count(this.#preferences, member.assignor, 1);
    this.#own(member);
    this.#countReconciled(member, 1);
  }

  #remove(id: MemberId): void {
    this.#forget(this.#members.get(id)!);
    this.#members.delete(id);
    this.#targets.delete(id);
  }

  #forget(member: ConsumerGroupMember): void {
    if (member.instance !== undefined) this.#instances.delete(member.instance);
    for (const topic of member.topics) count(this.#subscribers, topic, -1);
    if (member.assignor !== undefined) count(this.#preferences, member.assignor, -1);
    for (const holdings of [member.assigned, member.pending]) {
      for (const [topic, partition] of each(holdings)) this.#owners.get(topic)!.delete(partition);
    }
    this.#countReconciled(member, -1);
  }

  /** Nobody is given what somebody else has not given up. Kafka: `addPartitionEpochs`. */
  #own({ id, assigned, pending }: ConsumerGroupMember): void {
    for (const holdings of [assigned, pending]) {
      for (const [topic, partition] of each(holdings)) {
        let owners = this.#owners.get(topic);
        if (!owners) this.#owners.set(topic, (owners = new Map()));
        const other = owners.get(partition);
        if (other !== undefined) throw new Error(`${topic}-${partition} is ${other}'s, and cannot be ${id}'s`);
        owners.set(partition, id);
      }
    }
  }

  #countReconciled(member: ConsumerGroupMember, by: 1 | -1): void {
    if (!isReconciledTo(member, this.#targetEpoch)) this.#unreconciled += by;
  }
}

function count<K>(counts: Map<K, number>, key: K, by: 1 | -1): void {
  const sum = (counts.get(key) ?? 0) + by;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
}
