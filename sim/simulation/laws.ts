import type { Duration, Instant } from "../engine/time.ts";
import { formatInstant, SECOND } from "../engine/time.ts";
import type { ClientId, Generation, GroupId, InstanceId, MemberId, TopicName } from "../names.ts";
import type { EventId, Fold, TraceEvent } from "../trace/event.ts";
import { isDeposedWord } from "../trace/readings/whose-word.ts";

/** Something that must never happen has happened: a defect of ours, told with what is needed to see it again. */
export class LawBroken extends Error {
  readonly law: string;
  /** When it was found: a run that is as long finds it again. */
  readonly at: Instant;
  readonly event: EventId | null;

  constructor(law: string, what: string, at: Instant, event: EventId | null) {
    super(`${law}: ${what} (at ${formatInstant(at).trim()}${event ? `, event ${event}` : ""})`);
    this.name = "LawBroken";
    this.law = law;
    this.at = at;
    this.event = event;
  }
}

const idOf = (event: TraceEvent): EventId | null => ("id" in event ? event.id : null);

/** Clocks never go back. */
function clockLaw(): Fold {
  let last: Instant = 0;
  return {
    see(event) {
      if (event.t < last) throw new LawBroken("clocks never go back", `${event.t} after ${last}`, event.t, idOf(event));
      last = event.t;
    },
    end: () => {},
  };
}

interface Owner {
  readonly client: ClientId;
  readonly generation: Generation;
}

/**
 * In one generation a partition belongs to one client at most. A static successor takes over a seat within the generation:
 * from a process that has ended, or from one that lives on and has not heard of it. A group that was removed and is created
 * again, or whose last generations its coordinator's log has lost (an unclean leader of `__consumer_offsets`), gives their
 * numbers out again: those are others, and whoever has not heard of it owns nothing in them.
 */
function ownershipLaw(): Fold {
  const groups = new Map<GroupId, Map<TopicName, (Owner | undefined)[]>>();
  /** Whose seat an instance id of a group is. */
  const seats = new Map<GroupId, Map<InstanceId, ClientId>>();
  /** The number of each group's last generation. */
  const generations = new Map<GroupId, Generation>();
  const ownersOf = (group: GroupId, topic: TopicName): (Owner | undefined)[] => {
    let topics = groups.get(group);
    if (!topics) groups.set(group, (topics = new Map()));
    let owners = topics.get(topic);
    if (!owners) topics.set(topic, (owners = []));
    return owners;
  };
  const forget = (group: GroupId, client: ClientId): void => {
    for (const owners of groups.get(group)?.values() ?? []) {
      owners.forEach((owner, number) => {
        if (owner?.client === client) owners[number] = undefined;
      });
    }
  };
  return {
    see(event) {
      if (event.type === "client.process" && (event.to === "Crashed" || event.to === "Stopped")) {
        forget(event.group, event.client);
      }
      if (event.type === "group.join-complete" || event.type === "group.epoch") {
        const { group, generation } = event;
        if (generation <= (generations.get(group) ?? 0)) groups.delete(group);
        generations.set(group, generation);
      }
      if (event.type === "group.member" && event.instance !== undefined) {
        const { group, instance, client } = event;
        let ofGroup = seats.get(group);
        if (!ofGroup) seats.set(group, (ofGroup = new Map()));
        const before = ofGroup.get(instance);
        if (before !== undefined && before !== client) forget(group, before);
        ofGroup.set(instance, client);
      }
      if (event.type !== "partition.owner") return;
      const { client, group, generation, how, partitions } = event;
      const owner: Owner = { client, generation };
      for (const topic in partitions) {
        const owners = ownersOf(group, topic);
        for (const number of partitions[topic]) {
          const before = owners[number];
          if (how !== "assigned") {
            if (before?.client === client) owners[number] = undefined;
          } else if (before && before.client !== client && before.generation === generation) {
            const what = `${topic}-${number} belongs to ${before.client} and ${client} in generation ${generation}`;
            throw new LawBroken("one owner in a generation", what, event.t, event.id);
          } else {
            owners[number] = owner;
          }
        }
      }
    },
    end: () => {},
  };
}

/**
 * With the consumer protocol nobody may use a partition, at the coordinator, before whoever had it has given it up or is a
 * member no more; a static successor takes over what its seat has. What a coordinator knew and its log does not, nobody
 * was told: the next one begins from what that says. One that has not heard of the next grants on out of its own copy.
 */
function grantLaw(): Fold {
  const groups = new Map<GroupId, Grants>();
  const grantsOf = (group: GroupId): Grants => {
    let grants = groups.get(group);
    if (!grants) groups.set(group, (grants = new Grants()));
    return grants;
  };
  return {
    see(event) {
      if (isDeposedWord(event)) return;
      if (event.type === "group.state") {
        // Unloaded, or, without a word of that, loaded by the next one.
        if (event.to === "Absent" || event.to === "Dead" || event.from === "Absent") groups.delete(event.group);
      } else if (event.type === "group.member") grantsOf(event.group).member(event);
      else if (event.type === "group.reconciled") grantsOf(event.group).reconciled(event);
    },
    end: () => {},
  };
}

/** Who has which partitions of one group, at its coordinator. */
class Grants {
  readonly #holders = new Map<TopicName, (MemberId | undefined)[]>();
  readonly #seats = new Map<InstanceId, MemberId>();

  member({ change, member, instance }: Extract<TraceEvent, { type: "group.member" }>): void {
    if (change === "removed") this.#pass(member, undefined);
    if (instance === undefined || change === "pending") return;
    const before = this.#seats.get(instance);
    if (change === "replaced" && before !== undefined) this.#pass(before, member);
    this.#seats.set(instance, member);
  }

  reconciled({ granted, released, member, t, id }: Extract<TraceEvent, { type: "group.reconciled" }>): void {
    for (const topic in released) {
      const holders = this.#of(topic);
      for (const number of released[topic]) holders[number] = undefined;
    }
    for (const topic in granted) {
      const holders = this.#of(topic);
      for (const number of granted[topic]) {
        const holder = holders[number];
        if (holder !== undefined && holder !== member) {
          const what = `${topic}-${number} is granted to ${member} while ${holder} has it`;
          throw new LawBroken("granted only when released", what, t, id);
        }
        holders[number] = member;
      }
    }
  }

  #pass(from: MemberId, to: MemberId | undefined): void {
    for (const numbers of this.#holders.values()) {
      numbers.forEach((holder, number) => {
        if (holder === from) numbers[number] = to;
      });
    }
  }

  #of(topic: TopicName): (MemberId | undefined)[] {
    let numbers = this.#holders.get(topic);
    if (!numbers) this.#holders.set(topic, (numbers = []));
    return numbers;
  }
}

/** How much later than it must a client may notice that a request has timed out. */
const SLACK: Duration = SECOND;

interface OpenRequest {
  readonly sent: Extract<TraceEvent, { type: "request.sent" }>;
  /** By then it has ended. */
  due: Instant;
}

/**
 * Every request is answered, fails with its connection, times out, or ends with its process. A process that is stopped
 * notices none of that; its clock goes on meanwhile, so what is over by then it notices as soon as it goes on.
 */
function requestLaw(longest: (group: GroupId, api: string) => Duration): Fold {
  const open = new Map<ClientId, Map<number, OpenRequest>>();
  const stopped = new Set<ClientId>();
  return {
    see(event) {
      if (event.type === "request.sent") {
        let requests = open.get(event.client);
        if (!requests) open.set(event.client, (requests = new Map()));
        requests.set(event.request, { sent: event, due: event.t + longest(event.group, event.api) + SLACK });
      } else if (event.type === "request.answered") {
        open.get(event.client)?.delete(event.request);
      } else if (event.type === "client.frozen") {
        if (event.frozen) stopped.add(event.client);
        else {
          stopped.delete(event.client);
          for (const request of open.get(event.client)?.values() ?? []) {
            request.due = Math.max(request.due, event.t + SLACK);
          }
        }
      } else if (event.type === "client.process" && (event.to === "Crashed" || event.to === "Stopped")) {
        open.delete(event.client);
        stopped.delete(event.client);
      }
    },
    end(t) {
      for (const [client, requests] of open) {
        if (stopped.has(client)) continue;
        for (const { sent, due } of requests.values()) {
          if (due >= t) continue;
          const what = `${client} still waits for its ${sent.api}, sent at ${formatInstant(sent.t)}`;
          throw new LawBroken("every request ends", what, t, sent.id);
        }
      }
    },
  };
}

/** The laws that a trace can be held against as it is written. */
export function laws(longestRequest: (group: GroupId, api: string) => Duration): Fold {
  const all = [clockLaw(), ownershipLaw(), grantLaw(), requestLaw(longestRequest)];
  return {
    see: (event) => all.forEach((law) => law.see(event)),
    end: (t) => all.forEach((law) => law.end(t)),
  };
}
