import { fromMs } from "../../../sim/engine/time.ts";
import type {
  ConsumerGroupHeartbeat,
  CoordinatorRequest,
  GroupReply,
  OffsetCommit,
  OffsetFetch,
  Offsets,
} from "../../../sim/kafka/messages.ts";
import type { MemberIds } from "../../../sim/kafka/protocols/coordination/member-ids.ts";
import type {
  ClientId,
  GroupId,
  InstanceId,
  MemberEpoch,
  MemberId,
  Partitions,
  TopicName,
} from "../../../sim/names.ts";
import { readPartitions } from "./offsets.ts";
import type { Words } from "./words.ts";

const OPTIONS = ["again", "anew", "as", "at", "id", "in", "owning", "preferring", "subscribed", "version"];

/** What one request says instead of what its member believes. */
interface Claim {
  member?: MemberId;
  epoch?: MemberEpoch;
  owned?: Partitions;
  version?: number;
  /** Whether it says all of itself, as a client does when it joins and after every failure. */
  full?: boolean;
  /** What it says of itself although it does not have to. */
  topics?: readonly TopicName[];
  assignor?: string;
  rebalanceTimeoutMs?: number;
}

/** A member of the consumer protocol with no will of its own: it remembers what it was told, and sends what the script says. */
export class ScriptedConsumer {
  readonly client: ClientId;
  readonly #group: GroupId;
  readonly #ids: MemberIds;
  /** Of its requests; from 1 on it makes its own id. */
  readonly #version: number;
  id: MemberId = "";
  #instance: InstanceId | undefined;
  #epoch: MemberEpoch = 0;
  #assigned: Partitions = {};
  #topics: readonly TopicName[];
  #rebalanceTimeoutMs: number;

  constructor(
    client: ClientId,
    group: GroupId,
    ids: MemberIds,
    version: number,
    topics: readonly TopicName[],
    rebalanceTimeoutMs: number,
  ) {
    this.client = client;
    this.#group = group;
    this.#ids = ids;
    this.#version = version;
    this.#topics = topics;
    this.#rebalanceTimeoutMs = rebalanceTimeoutMs;
  }

  learn(reply: GroupReply): void {
    if (reply.api !== "ConsumerGroupHeartbeat" || reply.error !== "NONE") return;
    this.id = reply.member;
    this.#epoch = Math.max(reply.epoch, 0); // who has left begins anew
    if (reply.assignment) this.#assigned = reply.assignment;
  }

  /** A heartbeat that says that it owns what it was told that it may use. */
  acknowledge(request: number): ConsumerGroupHeartbeat {
    return this.#heartbeat(request, { owned: this.#assigned });
  }

  /** Joins, in full and owning nothing. */
  join(request: number, words: Words): ConsumerGroupHeartbeat {
    return this.#heartbeat(request, { epoch: 0, owned: {}, ...this.#read(words) });
  }

  heartbeat(request: number, words: Words): ConsumerGroupHeartbeat {
    return this.#heartbeat(request, this.#read(words));
  }

  leave(request: number, words: Words): ConsumerGroupHeartbeat {
    const epoch = words.accept("for", "a", "while") ? -2 : -1;
    return this.#heartbeat(request, { ...this.#read(words), epoch });
  }

  offsetCommit(request: number, words: Words, offsets: Offsets): OffsetCommit {
    const { epoch = this.#epoch, member = this.id, version } = this.#read(words);
    return {
      api: "OffsetCommit",
      ...this.#envelope(request),
      member,
      ...(version !== undefined && { version }),
      generation: epoch,
      offsets,
    };
  }

  offsetFetch(request: number, words: Words, partitions: Partitions): OffsetFetch {
    const { epoch = this.#epoch, member = this.id } = this.#read(words);
    return { api: "OffsetFetch", ...this.#envelope(request), partitions, member, epoch };
  }

  configure(words: Words): void {
    this.#read(words);
  }

  #heartbeat(request: number, claim: Claim): ConsumerGroupHeartbeat {
    const { epoch = this.#epoch, version = this.#version, owned } = claim;
    const isFull = claim.full ?? epoch === 0;
    if (this.id === "" && version > 0) this.id = this.#ids.next(this.#instance ?? this.client);
    const rebalanceTimeoutMs = claim.rebalanceTimeoutMs ?? (isFull ? this.#rebalanceTimeoutMs : undefined);
    const topics = claim.topics ?? (isFull ? this.#topics : undefined);
    return {
      api: "ConsumerGroupHeartbeat",
      ...this.#envelope(request),
      version,
      member: claim.member ?? this.id,
      ...(this.#instance !== undefined && { instance: this.#instance }),
      epoch,
      ...(rebalanceTimeoutMs !== undefined && { rebalanceTimeout: fromMs(rebalanceTimeoutMs) }),
      ...(topics && { topics }),
      ...(claim.assignor !== undefined && { assignor: claim.assignor }),
      ...(owned && { owned }),
    };
  }

  /** Takes options off the line: some change this member, others only the request at hand. */
  #read(words: Words): Claim {
    const claim: Claim = {};
    while (words.left) {
      const option = words.take("an option");
      switch (option) {
        case "again":
          break;
        case "anew":
          this.id = "";
          this.#epoch = 0;
          break;
        case "as":
          this.#instance = words.take("an instance id");
          break;
        case "at":
          claim.epoch = words.takeNumber("an epoch");
          break;
        case "id": {
          const id = words.take("a member id");
          claim.member = id === "none" ? "" : id;
          break;
        }
        case "in":
          words.expect("full");
          claim.full = true;
          break;
        case "owning":
          claim.owned = words.accept("nothing") ? {} : readPartitions(words);
          break;
        case "preferring":
          claim.assignor = words.take("an assignor");
          break;
        case "subscribed":
          words.expect("to");
          this.#topics = claim.topics = words.takeUntil([...OPTIONS, "max.poll.interval.ms"], "a topic").sort();
          break;
        case "version":
          claim.version = words.takeNumber("a version");
          break;
        case "max.poll.interval.ms":
          this.#rebalanceTimeoutMs = claim.rebalanceTimeoutMs = words.takeNumber(option);
          break;
        default:
          words.fail(`"${option}" is no option of a member of the consumer protocol`);
      }
    }
    return claim;
  }

  #envelope(id: number): Pick<CoordinatorRequest, "id" | "client" | "group"> {
    return { id, client: this.client, group: this.#group };
  }
}
