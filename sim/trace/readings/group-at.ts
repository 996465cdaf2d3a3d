import type { Instant } from "../../engine/time.ts";
import { SECOND } from "../../engine/time.ts";
import type { BrokerId, ClientId, GroupId, InstanceId, MemberId, TopicName } from "../../names.ts";
import type { LagSlopes, Sink, TraceEvent } from "../event.ts";

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
  /** The log end offset of every partition of its topics: whole records. */
  readonly ends: ReadonlyMap<TopicName, readonly number[]>;
}

/** Reads how all groups stood at an instant, everything of it included, or in the end; ask when the trace was seen. */
export function groupsAt(instant?: Instant): Sink & { readonly groups: () => readonly GroupAt[] } {
  let t = instant ?? Infinity;
  const groups = new Map<GroupId, Group>();
  const produced = new Produced();
  return {
    begin(header) {
      for (const { id, topics } of header.groups) groups.set(id, new Group(id, topics));
      for (const { name, partitions } of header.topics) produced.expect(name, partitions);
    },
    see(event) {
      if (event.t > t) return;
      if (event.type === "lag") return produced.see(event);
      if (event.type === "topic.changed") return produced.expect(event.topic, event.partitions);
      if ("group" in event) groups.get(event.group)?.see(event);
    },
    end(end) {
      t = Math.min(t, end);
    },
    groups: () => [...groups.values()].map((group) => group.at((topic) => produced.ends(topic, t))),
  };
}

type Seen = Exclude<Extract<TraceEvent, { group: GroupId }>, LagSlopes>;

class Group {
  readonly #id: GroupId;
  #topics: readonly TopicName[];
  readonly #members = new Map<MemberId, { readonly client: ClientId; readonly instance?: InstanceId }>();
  /** What each client was assigned: kept while it is dead, as its coordinator keeps it. */
  readonly #assigned = new Map<ClientId, Map<TopicName, Set<number>>>();
  #state = "Dead";
  #assignor: string | null = null;
  #coordinator: BrokerId | null = null;

  constructor(id: GroupId, topics: readonly TopicName[]) {
    this.#id = id;
    this.#topics = topics;
  }

  see(event: Seen): void {
    switch (event.type) {
      case "group.state":
        this.#state = event.to === "Absent" ? "Dead" : event.to;
        if (event.to === "Dead" || event.to === "Absent") this.#members.clear();
        return;
      case "group.subscribed":
        this.#topics = event.topics;
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

  at(ends: (topic: TopicName) => readonly number[]): GroupAt {
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
      ends: new Map(this.#topics.map((topic) => [topic, ends(topic)])),
    };
  }
}

function sorted(assigned: ReadonlyMap<TopicName, ReadonlySet<number>> = new Map()): Record<TopicName, number[]> {
  const owned = [...assigned].filter(([, numbers]) => numbers.size > 0);
  return Object.fromEntries(owned.map(([topic, numbers]) => [topic, [...numbers].sort((a, b) => a - b)]));
}

/** What was produced of each partition: the same whichever group's lines tell it, so the first that speaks of it counts. */
class Produced {
  readonly #topics = new Map<TopicName, { teller?: GroupId; readonly lines: Line[] }>();

  expect(topic: TopicName, partitions: number): void {
    const lines = this.#topics.get(topic)?.lines ?? [];
    while (lines.length < partitions) lines.push({ since: 0, produced: 0, rate: 0 });
    this.#topics.set(topic, { ...this.#topics.get(topic), lines: lines.slice(0, partitions) });
  }

  see({ t, group, topic, partitions, in: inflow, arrived = 0 }: LagSlopes): void {
    const of = this.#topics.get(topic);
    if (!of) return;
    of.teller ??= group;
    if (of.teller !== group) return;
    partitions.forEach((number, i) => {
      const line = of.lines[number];
      if (!line) return;
      line.produced = reckoned(line, t) + (typeof arrived === "number" ? arrived : arrived[i]);
      line.since = t;
      line.rate = typeof inflow === "number" ? inflow : inflow[i];
    });
  }

  ends(topic: TopicName, t: Instant): readonly number[] {
    return (this.#topics.get(topic)?.lines ?? []).map((line) => whole(reckoned(line, t)));
  }
}

interface Line {
  since: Instant;
  produced: number;
  rate: number;
}

const reckoned = ({ since, produced, rate }: Line, t: Instant): number => produced + (rate * (t - since)) / SECOND;

/** Offsets are whole records; a millionth is what sums of floats may lack. */
export const whole = (records: number): number => Math.floor(records + 1e-6);
