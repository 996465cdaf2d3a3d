import type { GroupConfig } from "../../../sim/kafka/config.ts";
import { compareReleases, defaultGroupConfig } from "../../../sim/kafka/config.ts";
import type { CoordinatorRequest, GroupReply } from "../../../sim/kafka/messages.ts";
import type { ConsumerOptions } from "../../../sim/kafka/protocols/consumer/coordinator.ts";
import { ConsumerGroupCoordinator } from "../../../sim/kafka/protocols/consumer/coordinator.ts";
import { MemberIds } from "../../../sim/kafka/protocols/coordination/member-ids.ts";
import type { CoordinatorHost } from "../../../sim/kafka/protocols/group-coordinator.ts";
import type { GroupImage } from "../../../sim/kafka/protocols/group-log.ts";
import type { ClientId, Partitions, TopicName } from "../../../sim/names.ts";
import { partitionNames } from "../../../sim/trace/text.ts";
import type { Company, Line, StageConfig } from "./company.ts";
import { GROUP, TOPICS } from "./company.ts";
import { ScriptedConsumer } from "./consumer-member.ts";
import { readOffsets, readPartitions } from "./offsets.ts";
import type { Words } from "./words.ts";

/** Of `orders`, until the script says otherwise. */
const PARTITIONS = 3;
const MAX_POLL_INTERVAL_MS = 300_000;

/** A coordinator of groups of the consumer protocol (KIP-848), and members of one. */
export class ConsumerCompany implements Company {
  readonly #groupConfig: { -readonly [K in keyof GroupConfig]: GroupConfig[K] };
  readonly #options: ConsumerOptions & { readonly ids: MemberIds };
  readonly #members = new Map<ClientId, ScriptedConsumer>();
  readonly #topics = new Map<TopicName, number>([[TOPICS[0], PARTITIONS]]);
  readonly #gone = new Set<TopicName>();
  #maxPollIntervalMs = MAX_POLL_INTERVAL_MS;
  #coordinator: ConsumerGroupCoordinator | undefined;

  constructor(release: string, config: StageConfig) {
    this.#groupConfig = { ...defaultGroupConfig(config, release) };
    this.#options = {
      brokerVersion: release,
      config,
      groupConfig: this.#groupConfig,
      ids: new MemberIds(),
      gone: this.#gone,
      partitionsOf: (topic) => this.#topics.get(topic) ?? 0,
    };
  }

  load(host: CoordinatorHost, image: GroupImage | undefined): ConsumerGroupCoordinator {
    this.#coordinator = ConsumerGroupCoordinator.load(GROUP, this.#options, host, image);
    return this.#coordinator;
  }

  perform(command: string, words: Words): boolean {
    switch (command) {
      case "max.poll.interval.ms":
        this.#maxPollIntervalMs = words.takeNumber(command);
        return true;
      case "topic":
        this.#layOut(words);
        return true;
      default:
        if (!(command in this.#groupConfig)) return false;
        this.#groupConfig[command as keyof GroupConfig] = words.takeNumber(command);
        return true;
    }
  }

  /** `topic orders has 4 partitions`, `topic orders is deleted`: as the coordinator's broker hears. */
  #layOut(words: Words): void {
    const topic = words.take("a topic");
    if (words.accept("is", "deleted")) {
      this.#topics.delete(topic);
      this.#gone.add(topic);
      this.#coordinator?.offsets.dropTopic(topic);
    } else {
      words.expect("has");
      this.#topics.set(topic, words.takeNumber("a number of partitions"));
      words.expect("partitions");
    }
    this.#coordinator?.topicChanged(topic);
  }

  request(client: ClientId, id: number, words: Words): CoordinatorRequest | undefined {
    const member = this.#member(client);
    switch (words.take("what the member does")) {
      case "has":
        member.configure(words);
        return undefined;
      case "joins":
        return member.join(id, words);
      case "heartbeats":
        return member.heartbeat(id, words);
      case "leaves":
        return member.leave(id, words);
      case "commits": {
        const offsets = readOffsets(words);
        return member.offsetCommit(id, words, offsets);
      }
      case "fetches": {
        const partitions = readPartitions(words);
        return member.offsetFetch(id, words, partitions);
      }
      default:
        return words.fail("a member joins, heartbeats, commits, fetches, leaves, or has options");
    }
  }

  learn(client: ClientId, reply: GroupReply): void {
    this.#members.get(client)?.learn(reply);
  }

  show(): readonly Line[] {
    const { state, generation, targetEpoch, members } = this.#coordinator!;
    const some = (what: string, partitions: Partitions): string | undefined =>
      Object.keys(partitions).length > 0 ? `${what} ${partitionNames(partitions)}` : undefined;
    return [
      ["group", state, `epoch ${generation}, target of epoch ${targetEpoch}`],
      ...members.map((member): Line => {
        const { id, client, instance, epoch, assignment, pending, target } = member;
        const states = [
          `epoch ${epoch}`,
          instance,
          some("owns", assignment),
          some("is to give up", pending),
          some("is to have", target),
        ];
        return [client, `member ${id} ${member.state}`, states.filter(Boolean).join(", ")];
      }),
    ];
  }

  #member(client: ClientId): ScriptedConsumer {
    let member = this.#members.get(client);
    if (!member) {
      const { ids, brokerVersion } = this.#options;
      const version = compareReleases(brokerVersion, "4.0") < 0 ? 0 : 1;
      member = new ScriptedConsumer(client, GROUP, ids, version, TOPICS, this.#maxPollIntervalMs);
      this.#members.set(client, member);
    }
    return member;
  }
}
