import type { CoordinatorRequest, GroupReply } from "../../../sim/kafka/messages.ts";
import { MemberIds } from "../../../sim/kafka/protocols/coordination/member-ids.ts";
import type { ClientId, GroupId } from "../../../sim/names.ts";
import { ScriptedConsumer } from "../scripted/consumer-member.ts";
import { MEMBER_SETTINGS, ScriptedMember } from "../scripted/member.ts";
import { Words } from "../scripted/words.ts";

/** A JoinGroup of this version needs no round trip for an id. */
const OLD_JOIN = "version 3";

/** The members of the group that a story is about, who speak one protocol. */
export interface Cast {
  /** What a member sends that does this. */
  request(client: ClientId, verb: string, id: number, words: Words): CoordinatorRequest;
  learn(client: ClientId, reply: GroupReply): void;
  /** All that these have to send, one after the other, to be a stable group. */
  assemble(clients: readonly ClientId[], send: (request: (id: number) => CoordinatorRequest) => void): void;
}

/** Members of a classic group. Whoever leads it gives each a partition. */
export class ClassicCast implements Cast {
  readonly #group: GroupId;
  readonly #members = new Map<ClientId, ScriptedMember>();

  constructor(group: GroupId) {
    this.#group = group;
  }

  request(client: ClientId, verb: string, id: number, words: Words): CoordinatorRequest {
    const member = this.#member(client);
    const nothing = new Words("");
    switch (verb) {
      case "joins":
        return member.joinGroup(id, words);
      case "syncs":
        return member.syncGroup(id, nothing, undefined);
      case "heartbeats":
        return member.heartbeat(id, nothing);
      case "commits":
        return member.offsetCommit(id, nothing, { orders: { 0: words.takeNumber("an offset") } });
      case "fetches":
        return member.offsetFetch(id, { orders: [0] });
      case "leaves":
        return member.leaveGroup(id, nothing);
      default:
        return words.fail("a member asks, joins, syncs, heartbeats, commits, fetches, or leaves");
    }
  }

  learn(client: ClientId, reply: GroupReply): void {
    this.#members.get(client)?.learn(reply);
  }

  assemble(clients: readonly ClientId[], send: (request: (id: number) => CoordinatorRequest) => void): void {
    const members = clients.map((client) => this.#member(client));
    const join = (member: ScriptedMember): void => send((id) => member.joinGroup(id, new Words(OLD_JOIN)));
    for (const member of members) join(member);
    if (members.length > 1) join(members[0]);
    for (const member of members) send((id) => member.syncGroup(id, new Words(""), undefined));
  }

  #member(client: ClientId): ScriptedMember {
    let member = this.#members.get(client);
    if (!member) {
      const settings = { ...MEMBER_SETTINGS, "session.timeout.ms": 45_000, "max.poll.interval.ms": 300_000 };
      this.#members.set(client, (member = new ScriptedMember(client, this.#group, settings, ["orders"])));
    }
    return member;
  }
}

/** Members of a group of the consumer protocol. */
export class ConsumerCast implements Cast {
  readonly #group: GroupId;
  readonly #ids = new MemberIds();
  readonly #members = new Map<ClientId, ScriptedConsumer>();

  constructor(group: GroupId) {
    this.#group = group;
  }

  request(client: ClientId, verb: string, id: number, words: Words): CoordinatorRequest {
    const member = this.#member(client);
    switch (verb) {
      case "joins":
        return member.join(id, words);
      case "heartbeats":
        return member.heartbeat(id, words);
      case "commits": {
        const offset = words.takeNumber("an offset");
        return member.offsetCommit(id, words, { orders: { 0: offset } });
      }
      case "fetches":
        return member.offsetFetch(id, words, { orders: [0] });
      case "leaves":
        return member.leave(id, words);
      default:
        return words.fail("a member asks, joins, heartbeats, commits, fetches, or leaves");
    }
  }

  learn(client: ClientId, reply: GroupReply): void {
    this.#members.get(client)?.learn(reply);
  }

  /** They join, and each gives up what the next ones are to have, who get it then. */
  assemble(clients: readonly ClientId[], send: (request: (id: number) => CoordinatorRequest) => void): void {
    const members = clients.map((client) => this.#member(client));
    for (const member of members) send((id) => member.join(id, new Words("")));
    for (const member of members) {
      send((id) => member.heartbeat(id, new Words("")));
      send((id) => member.acknowledge(id));
    }
    for (const member of members) send((id) => member.heartbeat(id, new Words("")));
  }

  #member(client: ClientId): ScriptedConsumer {
    let member = this.#members.get(client);
    if (!member) {
      member = new ScriptedConsumer(client, this.#group, this.#ids, 1, ["orders"], 300_000);
      this.#members.set(client, member);
    }
    return member;
  }
}
