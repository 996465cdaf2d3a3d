import type { Instant } from "../../engine/time.ts";
import type { BrokerId, ClientId, GroupId, InstanceId, MemberId, TopicName } from "../../names.ts";
import type { Sink, TraceEvent } from "../event.ts";

/** A member as its coordinator has it. */
export interface MemberAt {
  readonly member: MemberId;
  readonly client: ClientId;
  readonly instance?: InstanceId;
  /** Partition numbers by topic, ascending. */
  readonly assigned: Readonly<Record<TopicName, readonly number[]>>;
}

/** One group at one instant, as an admin client would find it. */
export interface GroupAt {
  readonly group: GroupId;
  /** `Dead`: there is no such group. */
  readonly state: string;
  /** The broker that coordinates it, as far as its members know. */
  readonly coordinator: BrokerId | null;
  /** Of the present generation. */
  readonly assignor: string | null;
  /** In the order in which they came. */
  readonly members: readonly MemberAt[];
}

/** Reads how all groups stood at an instant, everything of it included, or in the end; ask when the trace was seen. */
export function groupsAt(instant: Instant = Infinity): Sink & { readonly groups: () => readonly GroupAt[] } {
  const groups = new Map<GroupId, Group>();
  return {
    begin(header) {
      for (const { id } of header.groups) groups.set(id, new Group(id));
    },
    see(event) {
      if (event.t <= instant && "group" in event) groups.get(event.group)?.see(event);
    },
    end() {},
    groups: () => [...groups.values()].map((group) => group.now()),
  };
}

type Seen = Extract<TraceEvent, { group: GroupId }>;

class Group {
  readonly #id: GroupId;
  readonly #members = new Map<MemberId, { readonly client: ClientId; readonly instance?: InstanceId }>();
  /** What each client was assigned: kept while it is dead, as its coordinator keeps it. */
  readonly #assigned = new Map<ClientId, Map<TopicName, Set<number>>>();
  #state = "Dead";
  #assignor: string | null = null;
  #coordinator: BrokerId | null = null;

  constructor(id: GroupId) {
    this.#id = id;
  }

  see(event: Seen): void {
    switch (event.type) {
      case "group.state":
        this.#state = event.to === "Absent" ? "Dead" : event.to;
        if (event.to === "Dead" || event.to === "Absent") this.#members.clear();
        return;
      case "group.join-complete":
        this.#assignor = event.protocolName ?? null;
        return;
      case "client.coordinator":
        if (event.broker !== null) this.#coordinator = event.broker;
        return;
      case "group.member":
        return this.#member(event);
      case "partition.owner": {
        const { client, partitions, how } = event;
        for (const [topic, numbers] of Object.entries(partitions)) {
          const owned = this.#of(client, topic);
          for (const number of numbers) {
            if (how === "assigned") owned.add(number);
            else owned.delete(number);
          }
        }
      }
    }
  }

  #member({ change, member, client, instance }: Extract<Seen, { type: "group.member" }>): void {
    if (change === "pending") return;
    if (change === "removed") {
      this.#members.delete(member);
      return;
    }
    if (instance !== undefined) {
      for (const [id, seat] of this.#members) {
        if (seat.instance !== instance || id === member) continue;
        this.#members.delete(id);
        const successor = this.#assigned.get(seat.client);
        if (successor && seat.client !== client && change === "replaced") this.#assigned.set(client, successor);
      }
    }
    this.#members.set(member, { client, ...(instance !== undefined && { instance }) });
  }

  #of(client: ClientId, topic: TopicName): Set<number> {
    let topics = this.#assigned.get(client);
    if (!topics) this.#assigned.set(client, (topics = new Map()));
    let numbers = topics.get(topic);
    if (!numbers) topics.set(topic, (numbers = new Set()));
    return numbers;
  }

  now(): GroupAt {
    const stable = this.#state === "Stable"; // a coordinator tells assignments of stable groups only
    return {
      group: this.#id,
      state: this.#state,
      coordinator: this.#coordinator,
      assignor: this.#state === "Empty" ? null : this.#assignor,
      members: [...this.#members].map(([member, seat]) => ({
        member,
        ...seat,
        assigned: stable ? sorted(this.#assigned.get(seat.client)) : {},
      })),
    };
  }
}

function sorted(assigned: ReadonlyMap<TopicName, ReadonlySet<number>> = new Map()): Record<TopicName, number[]> {
  const owned = [...assigned].filter(([, numbers]) => numbers.size > 0);
  return Object.fromEntries(owned.map(([topic, numbers]) => [topic, [...numbers].sort((a, b) => a - b)]));
}
