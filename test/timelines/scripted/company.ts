import type { Instant } from "../../../sim/engine/time.ts";
import type { BrokerConfig } from "../../../sim/kafka/config.ts";
import type { CoordinatorRequest, GroupReply } from "../../../sim/kafka/messages.ts";
import type { CoordinatorHost, GroupCoordinator } from "../../../sim/kafka/protocols/group-coordinator.ts";
import type { GroupImage, GroupRecord } from "../../../sim/kafka/protocols/group-log.ts";
import type { ClientId, GroupId, TopicName } from "../../../sim/names.ts";
import type { Words } from "./words.ts";

export const GROUP: GroupId = "g";
export const TOPICS: readonly TopicName[] = ["orders"];

/** The brokers' settings, which the script may change. */
export type StageConfig = { -readonly [K in keyof BrokerConfig]: BrokerConfig[K] };

/** Who, what, what else. */
export type Line = readonly [who: string, what: string, detail: string];

/** Who plays on the scripted stage: the coordinator of one protocol, and members who speak it. */
export interface Company {
  /** The coordinator that a broker makes when it has read the log. */
  load(host: CoordinatorHost, image: GroupImage | undefined): GroupCoordinator;
  /** A command of this company's own; false if it is none. */
  perform(command: string, words: Words): boolean;
  /** What a member is told to send; nothing if it was told something for later. */
  request(client: ClientId, id: number, words: Words, text: string): CoordinatorRequest | undefined;
  /** Takes in what a reply says to a member. */
  learn(client: ClientId, reply: GroupReply): void;
  /** The group as it is described after "given a stable group of". */
  given?(words: Words, now: Instant): GroupRecord;
  /** The group as its coordinator sees it. */
  show(): readonly Line[];
}
