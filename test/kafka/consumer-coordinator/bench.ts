import { defaultBrokerConfig, defaultGroupConfig } from "../../../sim/kafka/config.ts";
import type { ConsumerOptions } from "../../../sim/kafka/protocols/consumer/coordinator.ts";
import { ConsumerGroupCoordinator } from "../../../sim/kafka/protocols/consumer/coordinator.ts";
import { MemberIds } from "../../../sim/kafka/protocols/coordination/member-ids.ts";
import type { CoordinatorHost } from "../../../sim/kafka/protocols/group-coordinator.ts";
import type { GroupImage } from "../../../sim/kafka/protocols/group-log.ts";
import { copyImage } from "../../../sim/kafka/protocols/group-log.ts";
import type { TopicName } from "../../../sim/names.ts";
import { Bench, GROUP } from "../coordinator-bench.ts";

/** A coordinator of the consumer protocol, and its topics. */
export class ConsumerBench extends Bench<ConsumerGroupCoordinator> {
  readonly topics = new Map<TopicName, number>();
  readonly options: ConsumerOptions;
  coordinator: ConsumerGroupCoordinator;

  constructor(release: string, topics: Readonly<Record<TopicName, number>>) {
    super();
    const config = defaultBrokerConfig(release);
    for (const [topic, partitions] of Object.entries(topics)) this.topics.set(topic, partitions);
    this.options = {
      brokerVersion: release,
      config,
      groupConfig: defaultGroupConfig(config, release),
      ids: new MemberIds(),
      partitionsOf: (topic) => this.topics.get(topic) ?? 0,
    };
    this.coordinator = ConsumerGroupCoordinator.load(GROUP, this.options, this.host(), undefined);
  }

  layOut(topic: TopicName, partitions: number): void {
    this.topics.set(topic, partitions);
    this.coordinator.topicChanged(topic);
  }

  /** What a coordinator that loads the group now would be like. */
  reloaded(): ConsumerGroupCoordinator {
    return this.load(this.#idle, this.image);
  }

  protected load(host: CoordinatorHost, image: GroupImage): ConsumerGroupCoordinator {
    return ConsumerGroupCoordinator.load(GROUP, this.options, host, copyImage(image));
  }

  readonly #idle: CoordinatorHost = {
    now: () => this.now,
    send: () => {},
    after: () => {},
    cancel: () => {},
    refusal: () => undefined,
    draw: () => 0,
    record: () => "",
  };
}
