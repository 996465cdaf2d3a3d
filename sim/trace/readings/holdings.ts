/**
 * Who holds each partition, for any meaning of "hold": owning it, reading it.
 *
 * One holder at a time is the rule, but a member that was expelled may go on for a while without knowing it; then the
 * latest taker counts, and when it lets go, the one that still holds on counts again. And a client may hold on to no avail,
 * stopped or stuck: then it is as if nobody held what it holds.
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
  /** Whatever this client holds, and takes, is as if nobody held it, for this reason from now on, until it resumes. */
  suspend(group: GroupId, client: ClientId, change: Change): void;
  resume(group: GroupId, client: ClientId, change: Change): void;
  end(t: Instant): void;
}

/** What one client of a group holds. */
interface Hands {
  readonly client: ClientId;
  readonly slots: Set<Slot>;
  /** Why it is to no avail at present. */
  suspended: Change | null;
}

interface Slot {
  readonly group: GroupId;
  readonly topic: TopicName;
  readonly partition: number;
  /** In order of taking; the last one counts. */
  readonly holders: { readonly hands: Hands; readonly change: Change }[];
  from: Instant;
  since: Change | null;
  /** Out of sight: the topic is deleted, or the group is through with it. */
  over: boolean;
}

/** A partition came into hands or out of them. */
export interface Turn {
  readonly group: GroupId;
  readonly t: Instant;
  /** Why nobody held it before, and since; `null` while somebody does. */
  readonly before: string | null;
  readonly after: string | null;
  /** Since when it was as before. */
  readonly since: Instant;
  /** Whether the same client holds on to it, to avail or not. */
  readonly kept: boolean;
}

/**
 * Tells every stretch, each when it is over, those of no length left out; and, if asked to, each turn as it happens,
 * beginning with one from `null` for each partition that comes into sight.
 */
export function holdings(tell: (span: Holding) => void, turned?: (turn: Turn) => void): Holdings {
  const groups = new Map<GroupId, Map<TopicName, Slot[]>>();
  const subscribed = new Map<GroupId, ReadonlySet<TopicName>>();
  const sizes = new Map<TopicName, number>();
  const held = new Map<GroupId, Map<ClientId, Hands>>();

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
    turned?.({ group: of.group, t, before: null, after: "begin", since: t, kept: false });
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
    turned?.({ group: slot.group, t, before: null, after: "begin", since: t, kept: false });
  };
  const hide = (slot: Slot, t: Instant): void => {
    if (slot.over || slot.holders.length > 0) return;
    const before = whyFree(slot);
    const since = slot.from;
    close(slot, t);
    slot.over = true;
    turned?.({ group: slot.group, t, before, after: null, since, kept: false });
  };
  const handsOf = (group: GroupId, client: ClientId): Hands => {
    let clients = held.get(group);
    if (!clients) held.set(group, (clients = new Map()));
    let hands = clients.get(client);
    if (!hands) clients.set(client, (hands = { client, slots: new Set(), suspended: null }));
    return hands;
  };
  const latest = ({ holders }: Slot) => holders.at(-1);
  /** The one that counts; `undefined`: nobody, or one that holds on to no avail. */
  const holderOf = (slot: Slot) => {
    const holder = latest(slot);
    return holder && !holder.hands.suspended ? holder : undefined;
  };

  const close = (slot: Slot, t: Instant) => {
    if (t <= slot.from || slot.over) return;
    const { group, topic, partition, from } = slot;
    const holder = holderOf(slot);
    tell({
      group,
      topic,
      partition,
      client: holder?.hands.client ?? null,
      from,
      to: t,
      reason: slot.since?.reason ?? "begin",
      ...(holder?.change.generation !== undefined && { generation: holder.change.generation }),
      event: slot.since?.id ?? null,
    });
    slot.from = t;
  };

  const remove = ({ holders }: Slot, hands: Hands) => {
    const index = holders.findIndex((holder) => holder.hands === hands);
    if (index >= 0) holders.splice(index, 1);
  };
  const whyFree = (slot: Slot) => (holderOf(slot) ? null : (slot.since?.reason ?? "begin"));
  /** The stretches of these slots end, something is done to their holders, and the next ones begin with that change. */
  const turn = (slots: readonly Slot[], t: Instant, since: Change, act: () => void) => {
    const was = slots.map((slot) => ({ why: whyFree(slot), since: slot.from, hands: latest(slot)?.hands }));
    for (const slot of slots) close(slot, t);
    act();
    slots.forEach((slot, i) => {
      slot.since = since;
      const { why: before, since: begun, hands } = was[i];
      const after = whyFree(slot);
      if (after === before) return;
      turned?.({
        group: slot.group,
        t,
        before,
        after,
        since: begun,
        kept: hands !== undefined && hands === latest(slot)?.hands,
      });
    });
  };
  const put = (slot: Slot, hands: Hands, change: Change) => {
    reopen(slot, change.t);
    turn([slot], change.t, hands.suspended ?? change, () => {
      remove(slot, hands);
      slot.holders.push({ hands, change });
    });
  };
  const letGo = (slot: Slot, hands: Hands, change: Change) => {
    if (latest(slot)?.hands === hands) turn([slot], change.t, change, () => remove(slot, hands));
    else remove(slot, hands);
    if (slot.holders.length === 0 && !concerned(slot.group, slot.topic)) hide(slot, change.t);
  };
  /** Nobody's still, but for another reason from now on. */
  const stayFree = (slot: Slot, change: Change) => {
    if (whyFree(slot) !== change.reason) turn([slot], change.t, change, () => undefined);
  };
  const setSuspended = (hands: Hands, suspended: Change | null, change: Change) => {
    const concerned = [...hands.slots].filter((slot) => latest(slot)?.hands === hands);
    turn(concerned, change.t, change, () => {
      hands.suspended = suspended;
    });
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
      const hands = handsOf(group, client);
      for (const [topic, numbers] of Object.entries(partitions))
        for (const partition of numbers) {
          const slot = slotOf(group, topic, partition, change.t);
          put(slot, hands, change);
          hands.slots.add(slot);
        }
    },
    give(group, client, partitions, change) {
      const hands = handsOf(group, client);
      for (const [topic, numbers] of Object.entries(partitions))
        for (const partition of numbers) {
          const slot = slotOf(group, topic, partition, change.t);
          if (hands.slots.delete(slot)) letGo(slot, hands, change);
          else if (slot.holders.length === 0 && !slot.over) stayFree(slot, change);
        }
    },
    drop(group, client, change) {
      const hands = held.get(group)?.get(client);
      if (!hands) return;
      for (const slot of hands.slots) letGo(slot, hands, change);
      held.get(group)!.delete(client);
    },
    suspend: (group, client, change) => setSuspended(handsOf(group, client), change, change),
    resume: (group, client, change) => setSuspended(handsOf(group, client), null, change),
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
