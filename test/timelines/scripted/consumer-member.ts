import { fromMs } from "../../../sim/engine/time.ts";
import type {
  ConsumerGroupHeartbeat,
  GroupReply,
  OffsetCommit,
  OffsetFetch,
  Offsets,
} from "../../../sim/kafka/messages.ts";
import type { MemberIds } from "../../../sim/kafka/protocols/coordination/member-ids.ts";
import type { ClientId, GroupId, MemberEpoch, Partitions, TopicName } from "../../../sim/names.ts";
import { readPartitions } from "./offsets.ts";
import type { Claim as WhoClaim } from "./scripted.ts";
import { Scripted, WHO } from "./scripted.ts";
import type { Words } from "./words.ts";

const OPTIONS = [...WHO, "at", "in", "owning", "preferring", "subscribed"];

/** What one request says instead of what its member believes. */
interface Claim extends WhoClaim {
  epoch?: MemberEpoch;
  owned?: Partitions;
  /** Whether it says all of itself, as a client does when it joins and after every failure. */
  full?: boolean;
  /** What it says of itself although it does not have to. */
  topics?: readonly TopicName[];
  assignor?: string;
  rebalanceTimeoutMs?: number;
}

/** A member of the consumer protocol with no will of its own: it remembers what it was told, and sends what the script says. */
export class ScriptedConsumer extends Scripted {
  readonly #ids: MemberIds;
  /** Of its requests; from 1 on it makes its own id. */
  readonly #version: number;
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
    super(client, group);
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
      ...this.envelope(request),
      member,
      ...(version !== undefined && { version }),
      generation: epoch,
      offsets,
    };
  }

  offsetFetch(request: number, words: Words, partitions: Partitions): OffsetFetch {
    const { epoch = this.#epoch, member = this.id } = this.#read(words);
    return { api: "OffsetFetch", ...this.envelope(request), partitions, member, epoch };
  }

  configure(words: Words): void {
    this.#read(words);
  }

  #heartbeat(request: number, claim: Claim): ConsumerGroupHeartbeat {
    const { epoch = this.#epoch, version = this.#version, owned } = claim;
    const isFull = claim.full ?? epoch === 0;
    if (this.id === "" && version > 0) this.id = this.#ids.next(this.instance ?? this.client);
    const rebalanceTimeoutMs = claim.rebalanceTimeoutMs ?? (isFull ? this.#rebalanceTimeoutMs : undefined);
    const topics = claim.topics ?? (isFull ? this.#topics : undefined);
    return {
      api: "ConsumerGroupHeartbeat",
      ...this.envelope(request),
      version,
      member: claim.member ?? this.id,
      ...(this.instance !== undefined && { instance: this.instance }),
      epoch,
      ...(rebalanceTimeoutMs !== undefined && { rebalanceTimeout: fromMs(rebalanceTimeoutMs) }),
      ...(topics && { topics }),
      ...(claim.assignor !== undefined && { assignor: claim.assignor }),
      ...(owned && { owned }),
    };
  }

  protected beginAnew(): void {
    this.#epoch = 0;
  }

  /** Takes options off the line: some change this member, others only the request at hand. */
  #read(words: Words): Claim {
    const claim: Claim = {};
    while (words.left) {
      const option = words.take("an option");
      if (this.readWho(option, words, claim)) continue;
      switch (option) {
        case "at":
          claim.epoch = words.takeNumber("an epoch");
          break;
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
        case "max.poll.interval.ms":
          this.#rebalanceTimeoutMs = claim.rebalanceTimeoutMs = words.takeNumber(option);
          break;
        default:
          words.fail(`"${option}" is no option of a member of the consumer protocol`);
      }
    }
    return claim;
  }
}
