import type { Streams } from "../../engine/random.ts";
import type { Cluster } from "../../kafka/cluster/cluster.ts";
import type { ListOffsets, ListOffsetsReply } from "../../kafka/messages.ts";
import type { Network } from "../../kafka/network/network.ts";
import type { MemberOutput } from "../../kafka/protocols/client/client.ts";
import type { ZooKeeperConsumerOutput } from "../../kafka/protocols/zookeeper/consumer.ts";
import type { BrokerId, TopicName } from "../../names.ts";
import type { Ensemble } from "../ensemble.ts";
import type { Consumer } from "./consumer.ts";

export interface RequestsHost {
  readonly streams: Streams;
  cluster(): Cluster;
  network(): Network;
  ensemble(): Ensemble;
  /** Whom this client takes for the leader of a partition, if anybody. */
  leaderFor(consumer: Consumer, topic: TopicName, partition: number): BrokerId | null;
}

/** Which broker a member's requests go to: its coordinator, any that answers, or the leaders of partitions; or ZooKeeper. */
export class Requests {
  readonly #host: RequestsHost;

  constructor(host: RequestsHost) {
    this.#host = host;
  }

  /** A member sends something, or opens or closes a connection. */
  send(consumer: Consumer, output: MemberOutput | ZooKeeperConsumerOutput): void {
    const network = this.#host.network();
    if ("open" in output) return network.open(consumer.index, output.to);
    if ("close" in output) return this.#close(consumer, output.to);
    if (output.to === "zookeeper") return this.#host.ensemble().ask(consumer, output.request);
    const { to, request } = output;
    if (to !== "any" && to !== "leaders") return network.request(consumer.index, to, request, "coordination");
    const broker = to === "any" ? this.#anyBroker(consumer) : this.#leader(consumer, request as ListOffsets);
    consumer.asked.set(to === "any" ? "FindCoordinator" : "ListOffsets", { broker, id: request.id });
    network.request(consumer.index, broker, request, "lookup");
  }

  #close(consumer: Consumer, to: BrokerId | "any" | "leaders"): void {
    const network = this.#host.network();
    const { index, asked } = consumer;
    if (to !== "any" && to !== "leaders") return network.close(index, to, "coordination");
    const api = to === "any" ? "FindCoordinator" : "ListOffsets";
    const broker = asked.get(api)?.broker;
    if (broker !== undefined) network.close(index, broker, "lookup");
    asked.delete(api);
  }

  /** What the leaders answer: where the logs end now, or begin. Who has none that answers is left out. */
  listOffsets(consumer: Consumer, { id, partitions, query }: ListOffsets): ListOffsetsReply {
    const { consumption } = consumer.group;
    const answered = (topic: TopicName, partition: number): boolean => {
      const leader = this.#host.leaderFor(consumer, topic, partition);
      return leader !== null && this.#answers(consumer.index, leader);
    };
    const led = Object.fromEntries(
      Object.entries(partitions).map(([topic, numbers]) => [
        topic,
        numbers.filter((number) => answered(topic, number)),
      ]),
    );
    return { api: "ListOffsets", id, error: "NONE", offsets: consumption.list(led, query) };
  }

  /**
   * One leader stands for those of all partitions that are asked about: the first that answers, or, if none does, the
   * first that there is.
   */
  #leader(consumer: Consumer, { partitions }: ListOffsets): BrokerId {
    let silent: BrokerId | undefined;
    for (const topic in partitions) {
      for (const partition of partitions[topic]) {
        const leader = this.#host.leaderFor(consumer, topic, partition);
        if (leader === null) continue;
        if (this.#answers(consumer.index, leader)) return leader;
        silent ??= leader;
      }
    }
    return silent ?? this.#anyBroker(consumer); // which does not lead it, and says so
  }

  /**
   * Kafka asks the least loaded node it has no trouble with. Which of those that answer is left to chance here; if none
   * does, it is any that it does not know to be dead.
   */
  #anyBroker({ fate, index }: Consumer): BrokerId {
    const { listening } = this.#host.cluster();
    const answering = listening.filter((broker) => this.#host.network().reachable(index, broker));
    const candidates = answering.length > 0 ? answering : listening;
    if (candidates.length === 0) return 1;
    const stream = this.#host.streams.stream(`${fate}/node`);
    return candidates[Math.floor(stream.uniform() * candidates.length)];
  }

  #answers(index: number, broker: BrokerId): boolean {
    return this.#host.cluster().listens(broker) && this.#host.network().reachable(index, broker);
  }
}
