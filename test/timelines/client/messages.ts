import { SECOND } from "../../../sim/engine/time.ts";
import type { ErrorCode, GroupReply, GroupRequest, Offsets } from "../../../sim/kafka/messages.ts";
import type { BrokerId, Partitions, TopicName } from "../../../sim/names.ts";
import { partitionNames, time } from "../../../sim/trace/text.ts";
import type { Words } from "../scripted/words.ts";
import { readOffsets, readPartitions, split } from "./partitions.ts";

/** What the scripted coordinator says unless the script says otherwise. */
export interface Answer {
  readonly broker: BrokerId;
  readonly assignor: string;
  readonly topics: readonly TopicName[];
}

/** How often a member of the consumer protocol is told to send heartbeats: `group.consumer.heartbeat.interval.ms`. */
const INTERVAL = 5 * SECOND;

const OPTIONS = ["generation", "id", "leader", "members", "protocol", "skipping"];

/**
 * The reply to `request` that the script gives as `NONE`, an error's name, and what belongs to it:
 * `NONE generation 2 id a-1 leader a-1 members a-1 b-1`, `MEMBER_ID_REQUIRED id a-1`, `NONE orders-0 orders-1`.
 */
export function readReply(request: GroupRequest, words: Words, usual: Answer): GroupReply {
  const { id, api } = request;
  const error = words.take("an error") as ErrorCode;
  const reply = { id, api, error };
  switch (request.api) {
    case "FindCoordinator":
      return { ...reply, ...(error === "NONE" ? { broker: usual.broker } : {}) } as GroupReply;
    case "JoinGroup":
      return { ...reply, ...readJoin(request, words, usual) } as GroupReply;
    case "SyncGroup": {
      if (error !== "NONE" || words.accept("empty", "bytes")) return reply as GroupReply;
      return { ...reply, assignment: readPartitions(words) } as GroupReply;
    }
    case "LeaveGroup":
      return { ...reply, members: [] } as unknown as GroupReply;
    case "ConsumerGroupHeartbeat":
      return { ...reply, ...readHeartbeat(request, words, error) } as GroupReply;
    case "OffsetFetch":
    case "ListOffsets": {
      if (words.accept("nothing")) return { ...reply, offsets: {} } as unknown as GroupReply;
      const offsets = words.left ? fetched(words) : everywhere(request.partitions, 0);
      return { ...reply, offsets } as unknown as GroupReply;
    }
    case "OffsetCommit":
      return { ...reply, ...(request.regular && { regular: request.regular }) } as GroupReply;
    default:
      return reply as GroupReply;
  }
}

function readJoin(request: Extract<GroupRequest, { api: "JoinGroup" }>, words: Words, usual: Answer): object {
  let { member } = request;
  let [generation, leader, protocolName, skipAssignment] = [-1, "", usual.assignor, false];
  let members: string[] = [];
  while (words.left) {
    switch (words.take("an option")) {
      case "generation":
        generation = words.takeNumber("a generation");
        break;
      case "id":
        member = words.take("a member id");
        break;
      case "leader":
        leader = words.take("a member id");
        break;
      case "members":
        members = words.takeUntil(OPTIONS, "a member id");
        break;
      case "protocol":
        protocolName = words.take("an assignor");
        break;
      case "skipping":
        words.expect("assignment");
        skipAssignment = true;
        break;
      default:
        words.fail(`JoinGroup is answered with ${OPTIONS.join(", ")}`);
    }
  }
  const own = request.protocols.find(({ name }) => name === protocolName)!.metadata;
  const stranger = { topics: usual.topics, owned: {}, generation: -1 };
  return {
    generation,
    member,
    leader,
    protocolName,
    skipAssignment,
    members: (leader === member && members.length === 0 && leader !== "" ? [member] : members).map((id) => ({
      id,
      metadata: id === member ? own : stranger,
    })),
  };
}

/** `NONE epoch 2 with orders-0 orders-1`, `NONE with nothing`, `NONE id a-1 every 10s epoch 2`. */
function readHeartbeat(
  request: Extract<GroupRequest, { api: "ConsumerGroupHeartbeat" }>,
  words: Words,
  error: ErrorCode,
): object {
  let { member, epoch } = request;
  let heartbeatInterval = error === "NONE" ? INTERVAL : 0;
  while (words.left) {
    switch (words.take("an option")) {
      case "epoch":
        epoch = words.takeNumber("an epoch");
        break;
      case "id":
        member = words.take("a member id");
        break;
      case "every":
        heartbeatInterval = words.takeDuration();
        break;
      case "with":
        return {
          member,
          epoch,
          heartbeatInterval,
          assignment: words.accept("nothing") ? {} : readPartitions(words),
        };
      default:
        words.fail("ConsumerGroupHeartbeat is answered with epoch, id, every, and at last with what it may use");
    }
  }
  return { member, epoch, heartbeatInterval };
}

/** The same offset for each of them. */
function everywhere(partitions: Partitions, offset: number): Offsets {
  return Object.fromEntries(
    Object.entries(partitions).map(([topic, numbers]) => [
      topic,
      Object.fromEntries(numbers.map((number) => [number, offset])),
    ]),
  );
}

function fetched(words: Words): Offsets {
  const offsets: Record<TopicName, Record<number, number>> = {};
  for (const [partition, offset] of readOffsets(words)) {
    const { topic, number } = split(partition, words);
    (offsets[topic] ??= {})[number] = offset;
  }
  return offsets;
}

/** What a request says. */
export function detailsOfRequest(request: GroupRequest): string {
  return details(request).filter(Boolean).join(", ");
}

function details(request: GroupRequest): readonly (string | false | undefined)[] {
  const instance = "instance" in request && request.instance;
  const who = "member" in request && [request.member || "no id", instance].filter(Boolean).join(" as ");
  switch (request.api) {
    case "FindCoordinator":
      return [];
    case "JoinGroup": {
      const { owned, generation, topics } = request.protocols[0].metadata;
      return [
        who,
        `owns ${partitionNames(owned)}`,
        generation >= 0 && `since generation ${generation}`,
        topics.join() !== "orders" && `wants ${topics.join(" ")}`,
      ];
    }
    case "SyncGroup": {
      const assigned = Object.entries(request.assignments).map(([id, given]) => `${id}: ${partitionNames(given)}`);
      return [who, `generation ${request.generation}`, ...assigned];
    }
    case "Heartbeat":
      return [who, `generation ${request.generation}`];
    case "ConsumerGroupHeartbeat":
      return [
        who,
        `epoch ${request.epoch}`,
        request.topics && `wants ${request.topics.join(" ")}`,
        request.owned && `owns ${partitionNames(request.owned)}`,
      ];
    case "LeaveGroup":
      return request.members.map(({ member }) => member);
    case "OffsetCommit":
      return [who, `generation ${request.generation}`, ...named(request.offsets)];
    case "OffsetFetch":
      return [request.member && `${request.member}, epoch ${request.epoch}`, partitionNames(request.partitions)];
    case "ListOffsets": {
      const { partitions, query } = request;
      return [partitionNames(partitions), typeof query === "string" ? query : `not older than ${time(query.ago)}`];
    }
  }
}

/** What a reply says besides its error. */
export function contentOf(reply: GroupReply): readonly string[] {
  switch (reply.api) {
    case "JoinGroup":
      if (reply.error === "MEMBER_ID_REQUIRED") return [`id ${reply.member}`];
      if (reply.error !== "NONE") return [];
      return [`generation ${reply.generation}`, `leader ${reply.leader}`];
    case "SyncGroup":
      if (reply.error !== "NONE") return [];
      return [reply.assignment ? partitionNames(reply.assignment) : "empty bytes"];
    case "ConsumerGroupHeartbeat":
      if (reply.error !== "NONE") return [];
      return [`epoch ${reply.epoch}`, ...(reply.assignment ? [partitionNames(reply.assignment)] : [])];
    case "OffsetFetch":
    case "ListOffsets":
      return named(reply.offsets);
    default:
      return [];
  }
}

function named(offsets: Offsets): string[] {
  return Object.entries(offsets).flatMap(([topic, found]) =>
    Object.entries(found).map(([number, offset]) => `${topic}-${number}=${offset}`),
  );
}
