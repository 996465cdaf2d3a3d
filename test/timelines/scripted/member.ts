import { fromMs } from "../../../sim/engine/time.ts";
import type { ClientId, Generation, GroupId, InstanceId, MemberId, Partitions, TopicName } from "../../../sim/names.ts";
import type {
  GroupReply,
  Heartbeat,
  JoinGroup,
  LeaveGroup,
  OffsetCommit,
  OffsetFetch,
  Offsets,
  SyncGroup,
} from "../../../sim/kafka/messages.ts";
import type { Claim as WhoClaim } from "./scripted.ts";
import { Scripted, WHO } from "./scripted.ts";
import type { Words } from "./words.ts";

/** What a member sends with its JoinGroup, until it is told otherwise. */
export interface MemberSettings {
  "session.timeout.ms": number;
  "max.poll.interval.ms": number;
  "partition.assignment.strategy": readonly string[];
}

export const MEMBER_SETTINGS: MemberSettings = {
  "session.timeout.ms": 5_000,
  "max.poll.interval.ms": 10_000,
  "partition.assignment.strategy": ["range"],
};

/** Reads the value of a member's setting, if this is the name of one. */
export function readMemberSetting(settings: MemberSettings, name: string, words: Words): boolean {
  switch (name) {
    case "session.timeout.ms":
    case "max.poll.interval.ms":
      settings[name] = words.takeNumber(name);
      return true;
    case "partition.assignment.strategy":
      settings[name] = words.takeUntil(OPTIONS, "an assignor");
      return true;
    default:
      return false;
  }
}

const OPTIONS = [
  ...WHO,
  "generation",
  "instance",
  "metadata",
  "protocol",
  "protocolType",
  "session.timeout.ms",
  "max.poll.interval.ms",
  "partition.assignment.strategy",
  "subscribed",
];

/** What one request says instead of what its member believes. */
interface Claim extends WhoClaim {
  instance?: InstanceId | "none";
  generation?: Generation;
  protocolName?: string;
  protocolType?: string;
}

/**
 * A member with no will of its own: it remembers what it was told (its id, its generation, whom it leads) and sends
 * what the script says.
 */
export class ScriptedMember extends Scripted {
  readonly settings: MemberSettings;
  generation: Generation = -1;
  #topics: readonly TopicName[];
  #metadata: string | undefined;
  #led: readonly MemberId[] = [];

  constructor(client: ClientId, group: GroupId, settings: MemberSettings, topics: readonly TopicName[]) {
    super(client, group);
    this.settings = { ...settings };
    this.#topics = topics;
  }

  /** Takes in what a reply says about this member. */
  learn(reply: GroupReply): void {
    if (reply.api !== "JoinGroup") return;
    if (reply.error === "MEMBER_ID_REQUIRED") this.id = reply.member;
    if (reply.error !== "NONE") return;
    this.id = reply.member;
    this.generation = reply.generation;
    this.#led = reply.members.map(({ id }) => id);
  }

  protected beginAnew(): void {
    this.generation = -1;
  }

  /** Takes options off the line: some change this member, others only the request at hand. */
  #readOptions(words: Words): Claim {
    const claim: Claim = {};
    while (words.left) {
      const option = words.take("an option");
      if (this.readWho(option, words, claim)) continue;
      switch (option) {
        case "instance":
          claim.instance = words.take("an instance id");
          break;
        case "generation":
          claim.generation = words.takeNumber("a generation");
          break;
        case "metadata":
          this.#metadata = words.take("a word for it");
          break;
        case "subscribed":
          words.expect("to");
          this.#topics = words.takeUntil(OPTIONS, "a topic").sort();
          break;
        case "protocol":
          claim.protocolName = words.take("an assignor");
          break;
        case "protocolType":
          claim.protocolType = words.take("a protocol type");
          break;
        default:
          if (!readMemberSetting(this.settings, option, words)) words.fail(`"${option}" is no option of a member`);
      }
    }
    return claim;
  }

  configure(words: Words): void {
    this.#readOptions(words);
  }

  joinGroup(id: number, words: Words): JoinGroup {
    const claim = this.#readOptions(words);
    const { settings } = this;
    const metadata = {
      topics: this.#topics,
      owned: {},
      generation: -1,
      ...(this.#metadata !== undefined && { userData: this.#metadata }),
    };
    return {
      api: "JoinGroup",
      ...this.envelope(id),
      ...this.#identity(claim),
      version: claim.version ?? 9,
      sessionTimeout: fromMs(settings["session.timeout.ms"]),
      rebalanceTimeout: fromMs(settings["max.poll.interval.ms"]),
      protocolType: claim.protocolType ?? "consumer",
      protocols: settings["partition.assignment.strategy"].map((name) => ({ name, metadata })),
    };
  }

  /** A leader that is not told what to assign deals partitions out one by one, in member order. */
  syncGroup(id: number, words: Words, assignments: Readonly<Record<MemberId, Partitions>> | undefined): SyncGroup {
    const claim = this.#readOptions(words);
    const dealt = this.#led.map((id, index): [MemberId, Partitions] => [id, { [this.#topics[0]]: [index] }]);
    return {
      api: "SyncGroup",
      ...this.envelope(id),
      ...this.#identity(claim),
      generation: claim.generation ?? this.generation,
      ...(claim.protocolName !== undefined && { protocolName: claim.protocolName }),
      ...(claim.protocolType !== undefined && { protocolType: claim.protocolType }),
      assignments: assignments ?? Object.fromEntries(dealt),
    };
  }

  heartbeat(id: number, words: Words): Heartbeat {
    const claim = this.#readOptions(words);
    return {
      api: "Heartbeat",
      ...this.envelope(id),
      ...this.#identity(claim),
      generation: claim.generation ?? this.generation,
    };
  }

  leaveGroup(id: number, words: Words): LeaveGroup {
    const claim = this.#readOptions(words);
    return { api: "LeaveGroup", ...this.envelope(id), members: [this.#identity(claim)] };
  }

  removal(id: number, members: LeaveGroup["members"]): LeaveGroup {
    return { api: "LeaveGroup", ...this.envelope(id), members };
  }

  offsetCommit(id: number, words: Words, offsets: Offsets): OffsetCommit {
    const claim = this.#readOptions(words);
    return {
      api: "OffsetCommit",
      ...this.envelope(id),
      ...this.#identity(claim),
      ...(claim.version !== undefined && { version: claim.version }),
      generation: claim.generation ?? this.generation,
      offsets,
    };
  }

  offsetFetch(id: number, partitions: Partitions): OffsetFetch {
    return { api: "OffsetFetch", ...this.envelope(id), partitions };
  }

  #identity(claim: Claim): { member: MemberId; instance?: InstanceId } {
    const instance = claim.instance ?? this.instance;
    return {
      member: claim.member ?? this.id,
      ...(instance !== undefined && instance !== "none" && { instance }),
    };
  }
}
