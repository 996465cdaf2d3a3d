/**
 * Who holds each partition, for any meaning of "hold": owning it, reading it.
 *
 * One holder at a time is the rule, but a member that was expelled may go on for a while without knowing it; then the
 * latest taker counts, and when it lets go, the one that still holds on counts again.
 */
import type { Instant } from "../../engine/time.ts";
import type { ClientId, Generation, GroupId, Partitions, TopicName } from "../../names.ts";
import type { EventId, TraceEvent, TraceHeader } from "../event.ts";

/** A stretch of time in which one client, or nobody, held a partition. */
export interface Holding {
  readonly group: GroupId;
  readonly topic: TopicName;
  readonly partition: number;
  /** `null`: nobody. */
  readonly client: ClientId | null;
  readonly from: Instant;
  readonly to: Instant;
  /** Why it began: a word of the event that began it, `begin` for the start of the run. */
  readonly reason: string;
  /** Of the assignment that gave it to the client, if that is known. */
  readonly generation?: Generation;
  /** The event that began it. */
  readonly event: EventId | null;
}

/** What made a partition change hands. */
export interface Change {
  readonly t: Instant;
  readonly id: EventId;
  readonly reason: string;
  readonly generation?: Generation;
}

export interface Holdings {
  /** From the beginning on, nobody holds the partitions a group is subscribed to. */
  begin(header: TraceHeader): void;
  /**
   * Follows which partitions there are for a group: topics come, grow and go, and groups subscribe to others. A
   * partition that a group does not subscribe to any more goes out of sight when nobody of it holds it.
   */
  see(event: TraceEvent): void;
  take(group: GroupId, client: ClientId, partitions: Partitions, change: Change): void;
  give(group: GroupId, client: ClientId, partitions: Partitions, change: Change): void;
  /** The client lets go of all it still holds in this group. */
  drop(group: GroupId, client: ClientId, change: Change): void;
  end(t: Instant): void;
}

interface Slot {
  readonly group: GroupId;
  readonly topic: TopicName;
  readonly partition: number;
  /** In order of taking; the last one counts. */
  readonly holders: { readonly client: ClientId; readonly change: Change }[];
  from: Instant;
  since: Change | null;
  /** Out of sight: the topic is deleted, or the group is through with it. */
  over: boolean;
}

/** A partition came into hands or out of them: why nobody held it before, and since; `null` while somebody does. */
type Turn = (group: GroupId, t: Instant, before: string | null, after: string | null) => void;

/**
 * Tells every stretch, each when it is over, those of no length left out; and, if asked to, each turn as it happens,
 * beginning with one from `null` for each partition that comes into sight.
 */
export function holdings(tell: (span: Holding) => void, turned?: Turn): Holdings {
  const groups = new Map<GroupId, Map<TopicName, Slot[]>>();
  const subscribed = new Map<GroupId, ReadonlySet<TopicName>>();
  const sizes = new Map<TopicName, number>();
  const held = new Map<GroupId, Map<ClientId, Set<Slot>>>();

  const topicOf = (group: GroupId, topic: TopicName): Slot[] => {
    let topics = groups.get(group);
    if (!topics) groups.set(group, (topics = new Map()));
    let slots = topics.get(topic);
    if (!slots) topics.set(topic, (slots = []));
    return slots;
  };
  const slotOf = (group: GroupId, topic: TopicName, partition: number, t: Instant): Slot => {
    const slots = topicOf(group, topic);
    // Partitions may be new: a recording need not begin at the beginning.
    for (let p = slots.length; p <= partition; p++) addSlot(slots, { group, topic, partition: p }, 0, t);
    return slots[partition];
  };
  const addSlot = (slots: Slot[], of: Pick<Slot, "group" | "topic" | "partition">, from: Instant, t: Instant): void => {
    slots.push({ ...of, holders: [], from, since: null, over: false });
    turned?.(of.group, t, null, "begin");
  };
  /** Whether this group is still concerned with a topic. */
  const concerned = (group: GroupId, topic: TopicName): boolean =>
    sizes.get(topic) !== 0 && (subscribed.get(group)?.has(topic) ?? true);
  /** These partitions come into sight, those that are there already excepted. */
  const show = (group: GroupId, topic: TopicName, partitions: number, t: Instant): void => {
    const slots = topicOf(group, topic);
    for (const slot of slots) reopen(slot, t);
    for (let p = slots.length; p < partitions; p++) addSlot(slots, { group, topic, partition: p }, t, t);
  };
  const reopen = (slot: Slot, t: Instant): void => {
    if (!slot.over) return;
    slot.over = false;
    slot.from = t;
    slot.since = null;
    turned?.(slot.group, t, null, "begin");
  };
  const hide = (slot: Slot, t: Instant): void => {
    if (slot.over || slot.holders.length > 0) return;
    const reason = whyFree(slot);
    close(slot, t);
    slot.over = true;
    turned?.(slot.group, t, reason, null);
  };
  const heldBy = (group: GroupId, client: ClientId): Set<Slot> => {
    let clients = held.get(group);
    if (!clients) held.set(group, (clients = new Map()));
    let slots = clients.get(client);
    if (!slots) clients.set(client, (slots = new Set()));
    return slots;
  };

  const close = (slot: Slot, t: Instant) => {
    if (t <= slot.from || slot.over) return;
    const { group, topic, partition, from } = slot;
    const holder = slot.holders.at(-1);
    tell({
      group,
      topic,
      partition,
      client: holder?.client ?? null,
      from,
      to: t,
      reason: slot.since?.reason ?? "begin",
      ...(holder?.change.generation !== undefined && { generation: holder.change.generation }),
      event: slot.since?.id ?? null,
    });
    slot.from = t;
  };

  const remove = ({ holders }: Slot, client: ClientId) => {
    const index = holders.findIndex((holder) => holder.client === client);
    if (index >= 0) holders.splice(index, 1);
  };
  const whyFree = (slot: Slot) => (slot.holders.length > 0 ? null : (slot.since?.reason ?? "begin"));
  const put = (slot: Slot, client: ClientId, change: Change) => {
    reopen(slot, change.t);
    const before = whyFree(slot);
    close(slot, change.t);
    remove(slot, client);
    slot.holders.push({ client, change });
    slot.since = change;
    if (before !== null) turned?.(slot.group, change.t, before, null);
  };
  const letGo = (slot: Slot, client: ClientId, change: Change) => {
    const counts = slot.holders.at(-1)?.client === client;
    if (counts) close(slot, change.t);
    remove(slot, client);
    if (counts) slot.since = change;
    if (slot.holders.length > 0) return;
    turned?.(slot.group, change.t, null, change.reason);
    if (!concerned(slot.group, slot.topic)) hide(slot, change.t);
  };
  /** Nobody's still, but for another reason from now on. */
  const stayFree = (slot: Slot, change: Change) => {
    const before = whyFree(slot);
    if (before === change.reason) return;
    close(slot, change.t);
    slot.since = change;
    turned?.(slot.group, change.t, before, change.reason);
  };

  return {
    begin(header) {
      for (const { name, partitions } of header.topics) sizes.set(name, partitions);
      for (const { id, topics } of header.groups) {
        subscribed.set(id, new Set(topics));
        for (const topic of topics) show(id, topic, sizes.get(topic) ?? 0, 0);
      }
    },
    see(event) {
      if (event.type === "topic.changed") {
        const { topic, partitions, t } = event;
        sizes.set(topic, partitions);
        for (const [group, topics] of subscribed) {
          if (!topics.has(topic)) continue;
          if (partitions > 0) show(group, topic, partitions, t);
          else for (const slot of topicOf(group, topic)) hide(slot, t);
        }
      } else if (event.type === "group.subscribed") {
        const { group, topics, t } = event;
        const before = subscribed.get(group) ?? [];
        subscribed.set(group, new Set(topics));
        for (const topic of topics) show(group, topic, sizes.get(topic) ?? 0, t);
        for (const topic of before) {
          if (!topics.includes(topic)) for (const slot of topicOf(group, topic)) hide(slot, t);
        }
      }
    },
    take(group, client, partitions, change) {
      const mine = heldBy(group, client);
      for (const [topic, numbers] of Object.entries(partitions))
        for (const partition of numbers) {
          const slot = slotOf(group, topic, partition, change.t);
          put(slot, client, change);
          mine.add(slot);
        }
    },
    give(group, client, partitions, change) {
      const mine = heldBy(group, client);
      for (const [topic, numbers] of Object.entries(partitions))
        for (const partition of numbers) {
          const slot = slotOf(group, topic, partition, change.t);
          if (mine.delete(slot)) letGo(slot, client, change);
          else if (slot.holders.length === 0 && !slot.over) stayFree(slot, change);
        }
    },
    drop(group, client, change) {
      const mine = held.get(group)?.get(client);
      if (!mine) return;
      for (const slot of mine) letGo(slot, client, change);
      held.get(group)!.delete(client);
    },
    end(t) {
      for (const topics of groups.values())
        for (const slots of topics.values()) for (const slot of slots) close(slot, t);
      groups.clear();
      held.clear();
      subscribed.clear();
      sizes.clear();
    },
  };
}
