import type { Instant } from "../../../sim/engine/time.ts";
import type { CoordinatorRequest, GroupReply, LeaveGroup } from "../../../sim/kafka/messages.ts";
import type { ClassicOptions } from "../../../sim/kafka/protocols/classic/coordinator.ts";
import { ClassicGroupCoordinator, offsetExpiryOf } from "../../../sim/kafka/protocols/classic/coordinator.ts";
import { MemberIds } from "../../../sim/kafka/protocols/coordination/member-ids.ts";
import type { CoordinatorHost } from "../../../sim/kafka/protocols/group-coordinator.ts";
import type { GroupImage, GroupRecord } from "../../../sim/kafka/protocols/group-log.ts";
import type { ClientId, MemberId, Partitions } from "../../../sim/names.ts";
import { partitionNames } from "../../../sim/trace/text.ts";
import type { Company, Line, StageConfig } from "./company.ts";
import { GROUP, TOPICS } from "./company.ts";
import type { MemberSettings } from "./member.ts";
import { MEMBER_SETTINGS, readMemberSetting, ScriptedMember } from "./member.ts";
import { readOffsets, readPartitions } from "./offsets.ts";
import { Words } from "./words.ts";

/** A coordinator of classic groups, and members of one. */
export class ClassicCompany implements Company {
  readonly #options: ClassicOptions & { readonly ids: MemberIds };
  readonly #members = new Map<ClientId, ScriptedMember>();
  readonly #settings: MemberSettings = { ...MEMBER_SETTINGS };
  #coordinator: ClassicGroupCoordinator | undefined;

  constructor(flavour: "java" | "scala", release: string, config: StageConfig) {
    this.#options = { flavour, offsetExpiry: offsetExpiryOf(release), config, ids: new MemberIds() };
  }

  load(host: CoordinatorHost, image: GroupImage | undefined): ClassicGroupCoordinator {
    this.#coordinator = ClassicGroupCoordinator.load(GROUP, this.#options, host, image);
    return this.#coordinator;
  }

  perform(command: string, words: Words): boolean {
    return readMemberSetting(this.#settings, command, words);
  }

  request(client: ClientId, id: number, words: Words, text: string): CoordinatorRequest | undefined {
    const member = this.#member(client);
    switch (words.take("what the member does")) {
      case "has":
        member.configure(words);
        return undefined;
      case "joins":
        return member.joinGroup(id, words);
      case "syncs": {
        const braces = /\{(?<assignments>.*)\}/.exec(text);
        const assignments = braces ? this.#readAssignments(braces.groups!.assignments) : undefined;
        const request = member.syncGroup(id, braces ? afterBraces(text) : words, assignments);
        if (braces) while (words.left) words.take("the rest");
        return request;
      }
      case "heartbeats":
        return member.heartbeat(id, words);
      case "commits": {
        const offsets = readOffsets(words);
        return member.offsetCommit(id, words, offsets);
      }
      case "fetches":
        return member.offsetFetch(id, readPartitions(words));
      case "leaves":
        return member.leaveGroup(id, words);
      case "removes":
        return member.removal(id, this.#readIdentities(words));
      default:
        return words.fail(
          "a member joins, syncs, heartbeats, commits, fetches, leaves, removes others, or has options",
        );
    }
  }

  learn(client: ClientId, reply: GroupReply): void {
    this.#members.get(client)?.learn(reply);
  }

  /**
   * `given a stable group of a, b as i2 in generation 7`: the group as a coordinator finds it in its log, with one
   * partition for each member and every session as fresh as after a load.
   */
  given(words: Words, now: Instant): GroupRecord {
    const members: ScriptedMember[] = [];
    while (words.left && words.peek() !== "in") {
      const member = this.#member(words.take("a client"));
      if (words.accept("as")) member.instance = words.take("an instance id");
      members.push(member);
    }
    words.expect("in", "generation");
    const generation = words.takeNumber("a generation");
    const recorded = members.map((member, index) => {
      const { sessionTimeout, rebalanceTimeout, protocols } = member.joinGroup(0, new Words(""));
      member.id = this.#options.ids.next(member.instance ?? member.client);
      member.generation = generation;
      return {
        id: member.id,
        instance: member.instance,
        client: member.client,
        sessionTimeout,
        rebalanceTimeout,
        protocols,
        assignment: { [TOPICS[0]]: [index] },
      };
    });
    return {
      type: "group",
      generation,
      protocolType: "consumer",
      protocolName: this.#settings["partition.assignment.strategy"][0],
      leader: recorded[0].id,
      since: now,
      members: recorded,
    };
  }

  show(): readonly Line[] {
    const { state, generation, leader, protocolName, members, pendingMembers } = this.#coordinator!;
    const details = [`generation ${generation}`];
    if (protocolName !== undefined) details.push(protocolName);
    if (leader !== undefined) details.push(`leader ${leader}`);
    return [
      ["group", state, details.join(", ")],
      ...members.map(({ id, client, instance, assignment, awaitsJoin, awaitsSync }): Line => {
        const states = [
          instance,
          assignment && partitionNames(assignment),
          awaitsJoin && "in JoinGroup",
          awaitsSync && "in SyncGroup",
        ];
        return [client, `member ${id}`, states.filter(Boolean).join(", ")];
      }),
      ...pendingMembers.map((id): Line => ["", `pending ${id}`, ""]),
    ];
  }

  #member(client: ClientId): ScriptedMember {
    let member = this.#members.get(client);
    if (!member) this.#members.set(client, (member = new ScriptedMember(client, GROUP, this.#settings, TOPICS)));
    return member;
  }

  /** A client's name stands for the member id it has; anything else is a member id. */
  #idOf(name: string): MemberId {
    return this.#members.get(name)?.id ?? name;
  }

  /** `a: orders-0 orders-1, b: orders-2` */
  #readAssignments(text: string): Record<MemberId, Partitions> {
    const entries = text.split(",").filter((entry) => entry.trim() !== "");
    return Object.fromEntries(
      entries.map((entry) => {
        const [name, partitions] = entry.split(":");
        return [this.#idOf(name.trim()), readPartitions(new Words(partitions))];
      }),
    );
  }

  /** `instance i1, c, b instance i2` */
  #readIdentities(words: Words): LeaveGroup["members"] {
    const identities: { member: MemberId; instance?: string }[] = [];
    while (words.left) {
      if (words.accept("instance")) {
        identities.push({ member: "", instance: words.take("an instance id") });
        continue;
      }
      const member = this.#idOf(words.take("a client"));
      identities.push({ member, ...(words.accept("with", "instance") && { instance: words.take("an instance id") }) });
    }
    return identities;
  }
}

const afterBraces = (text: string): Words => new Words(text.slice(text.indexOf("}") + 1));
