import type { Instant } from "../../engine/time.ts";
import type {
  BrokerId,
  ClientId,
  Generation,
  GroupId,
  InstanceId,
  MemberEpoch,
  MemberId,
  Partitions,
  TopicName,
} from "../../names.ts";
import { AWAY } from "../../names.ts";
import type { Sink, TraceEvent } from "../event.ts";
import { isDeposedWord } from "./whose-word.ts";

/** A member as its coordinator has it, or ZooKeeper. */
export interface MemberAt {
  readonly member: MemberId;
  readonly client: ClientId;
  readonly instance?: InstanceId;
  /** Partition numbers by topic, ascending; of a classic group as the member has heard. */
  readonly assigned: Readonly<Record<TopicName, readonly number[]>>;
  /** Of a member of the consumer protocol; −2: it is away, and keeps its seat. */
  readonly epoch?: MemberEpoch;
  /** What the coordinator's target assignment has for it, with the consumer protocol. */
  readonly target?: MemberAt["assigned"];
}

/** One group at one instant, as an admin client would find it. */
export interface GroupAt {
  readonly group: GroupId;
  /**
   * `Dead`: there is no such group. `Unknown` (Kafka: `GroupState.UNKNOWN`): nobody can tell, as `error` says. `null`: nobody
   * coordinates it, its members register in ZooKeeper.
   */
  readonly state: string | null;
  /** The broker that coordinates it or loads it, as the brokers have heard from the controller; `null`: none does. */
  readonly coordinator: BrokerId | null;
  /** What an admin client is told instead of all the rest. */
  readonly error?: "COORDINATOR_LOAD_IN_PROGRESS" | "COORDINATOR_NOT_AVAILABLE";
  /**
   * What its coordinator names: that of the present generation while a classic group is stable, and nothing while it is not
   * (Kafka: `GroupMetadata.summary`); that of the last target of a group of the consumer protocol, and nothing while nobody
   * is in it to prefer one.
   */
  readonly assignor: string | null;
  /** Of a group of the consumer protocol: its epoch, and that of its target assignment. */
  readonly epochs?: { readonly group: Generation; readonly target: Generation };
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
      if (event.t > instant) return;
      if (event.type === "coordinator.state") for (const id of event.groups) groups.get(id)?.coordinated(event);
      else if ("group" in event && !isDeposedWord(event)) groups.get(event.group)?.see(event);
    },
    end() {},
    groups: () => [...groups.values()].map((group) => group.now()),
  };
}

type Seen = Extract<TraceEvent, { group: GroupId }>;

/** Partitions of some topics. */
type Numbers = Map<TopicName, Set<number>>;

class Group {
  readonly #id: GroupId;
  readonly #members = new Map<MemberId, { readonly client: ClientId; readonly instance?: InstanceId }>();
  /** What each client was assigned: kept while it is dead, as its coordinator keeps it. */
  readonly #assigned = new Map<ClientId, Numbers>();
  /** Of the consumer protocol: what each member may use, as its coordinator says. */
  readonly #reconciled = new Map<MemberId, { epoch: MemberEpoch; readonly assigned: Numbers }>();
  /** And what each is to have. */
  readonly #targets = new Map<MemberId, Numbers>();
  #epochs: { group: Generation; target: Generation } | undefined;
  #state: string | null = "Dead";
  #assignor: string | null = null;
  #coordinator: BrokerId | null = null;
  #error: GroupAt["error"];

  constructor(id: GroupId) {
    this.#id = id;
  }

  /** Whoever was elected last coordinates it, be there others that have not heard of that. */
  coordinated({ broker, to }: Extract<TraceEvent, { type: "coordinator.state" }>): void {
    if (to === "Loading") this.#coordinator = broker;
    if (broker !== this.#coordinator) return;
    if (to === "Closed") this.#coordinator = null;
    this.#error =
      to === "Active" ? undefined : to === "Loading" ? "COORDINATOR_LOAD_IN_PROGRESS" : "COORDINATOR_NOT_AVAILABLE";
    if (to !== "Active") return;
    this.#state = "Dead"; // unless it is in the log that was read
    this.#members.clear();
  }

  see(event: Seen): void {
    switch (event.type) {
      case "group.state":
        this.#state = event.to === "Absent" ? "Dead" : event.to;
        if (event.to === "Dead" || event.to === "Absent") this.#members.clear();
        if (this.#epochs) this.#epochs.group = event.generation;
        return;
      case "group.epoch":
        this.#epochs = { group: event.generation, target: this.#epochs?.target ?? 0 };
        return;
      case "group.assignment":
        if (!this.#epochs) return;
        this.#epochs.target = event.generation;
        this.#assignor = event.assignor;
        this.#aim(event.gains, (numbers, number) => numbers.add(number));
        this.#aim(event.losses, (numbers, number) => numbers.delete(number));
        return;
      case "group.reconciled":
        return this.#reconcile(event);
      case "group.join-complete":
        this.#assignor = event.protocolName ?? null;
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

  #aim(
    changes: Readonly<Record<MemberId, Partitions>> = {},
    how: (numbers: Set<number>, number: number) => void,
  ): void {
    for (const [member, partitions] of Object.entries(changes)) {
      let target = this.#targets.get(member);
      if (!target) this.#targets.set(member, (target = new Map()));
      change(target, partitions, how);
    }
  }

  #reconcile({ member, generation, granted, revoking }: Extract<Seen, { type: "group.reconciled" }>): void {
    const assigned = this.#reconciled.get(member)?.assigned ?? new Map();
    change(assigned, granted, (numbers, number) => numbers.add(number));
    change(assigned, revoking, (numbers, number) => numbers.delete(number));
    this.#reconciled.set(member, { epoch: generation, assigned });
  }

  #member({ change, reason, member, client, instance }: Extract<Seen, { type: "group.member" }>): void {
    if (change === "pending") return;
    if (reason === "registered") this.#state = null; // in ZooKeeper, as no others are
    if (change === "removed") {
      if (this.#state === null) this.#assigned.delete(client); // what it claimed went with its session
      this.#members.delete(member);
      this.#reconciled.delete(member);
      this.#targets.delete(member);
      return;
    }
    if (change === "away") {
      const away = this.#reconciled.get(member);
      if (away) away.epoch = AWAY;
      return;
    }
    if (instance !== undefined) {
      for (const [id, seat] of this.#members) {
        if (seat.instance !== instance || id === member) continue;
        this.#members.delete(id);
        handOver(this.#reconciled, id, member);
        handOver(this.#targets, id, member);
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
    if (this.#error && this.#state !== null) {
      const [group, coordinator, error] = [this.#id, this.#coordinator, this.#error];
      return { group, state: "Unknown", coordinator, error, assignor: null, members: [] };
    }
    // Of classic groups a coordinator tells assignments, and the assignor, while they are stable; ZooKeeper has what its consumers have claimed.
    const told = this.#state === "Stable" || this.#state === null;
    const epochs = this.#epochs && this.#state !== "Dead" ? { ...this.#epochs } : undefined;
    const chosen = epochs ? this.#state !== "Empty" : told;
    return {
      group: this.#id,
      state: this.#state,
      coordinator: this.#state === null ? null : this.#coordinator,
      assignor: chosen ? this.#assignor : null,
      ...(epochs && { epochs }),
      members: [...this.#members].map(([member, seat]) => {
        if (!epochs) return { member, ...seat, assigned: told ? sorted(this.#assigned.get(seat.client)) : {} };
        const { epoch = 0, assigned } = this.#reconciled.get(member) ?? {};
        return { member, ...seat, assigned: sorted(assigned), epoch, target: sorted(this.#targets.get(member)) };
      }),
    };
  }
}

/** A static successor takes its seat's place. */
function handOver<T>(of: Map<MemberId, T>, from: MemberId, to: MemberId): void {
  const had = of.get(from);
  if (had !== undefined) of.set(to, had);
  of.delete(from);
}

function change(of: Numbers, partitions: Partitions, how: (numbers: Set<number>, number: number) => void): void {
  for (const topic in partitions) {
    let numbers = of.get(topic);
    if (!numbers) of.set(topic, (numbers = new Set()));
    for (const number of partitions[topic]) how(numbers, number);
  }
}

function sorted(assigned: ReadonlyMap<TopicName, ReadonlySet<number>> = new Map()): Record<TopicName, number[]> {
  const owned = [...assigned].filter(([, numbers]) => numbers.size > 0);
  return Object.fromEntries(owned.map(([topic, numbers]) => [topic, [...numbers].sort((a, b) => a - b)]));
}
