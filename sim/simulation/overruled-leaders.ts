import type { Engine } from "../engine/engine.ts";
import type { Duration, Instant } from "../engine/time.ts";
import { MILLISECOND } from "../engine/time.ts";
import type { Cluster } from "../kafka/cluster/cluster.ts";
import { Tasks } from "../kafka/cluster/tasks.ts";
import type { Network } from "../kafka/network/network.ts";
import { ORDER } from "../kafka/order.ts";
import type { BrokerId, TopicName } from "../names.ts";
import type { TopicSpec } from "../scenario/scenario.ts";
import type { Recorder } from "../trace/recorder.ts";
import type { Consumer, RunningGroup } from "./consumers/consumer.ts";
import { nextOnGrid } from "./metadata.ts";

/** Leaders and their clients, as those see them who tell the one of the other. */
export interface LeadersWorld {
  readonly engine: Engine;
  readonly recorder: Recorder;
  readonly cluster: Cluster;
  readonly network: Network;
  readonly topics: readonly TopicSpec[];
  readonly groups: readonly RunningGroup[];
  /** This client fetches metadata now. */
  refresh(consumer: Consumer): void;
}

export interface OverruledHost extends LeadersWorld {
  /** Since when this client has known, or will know, that it cannot reach that broker; if it cannot. */
  lostBy(consumer: Consumer, broker: BrokerId): Instant | undefined;
  /** When it next asks others, having begun to at that instant, which may be yet to come. */
  nextAttempt(consumer: Consumer, since: Instant): Instant;
  /** The producers of this topic fetch metadata now. */
  producersFetch(topic: TopicName): void;
}

/** Partitions of one topic whose leader was overruled at one instant, and does not know it. */
export interface Overruled {
  readonly topic: TopicName;
  readonly partitions: readonly number[];
  readonly broker: BrokerId;
  readonly since: Instant;
}

const NOBODY: readonly Overruled[] = [];

/**
 * Leaders that the controller has given up and that have not heard of it: they live, and can be reached by clients and
 * other brokers, but not by the controller.
 *
 *     broker 1 is cut off from the controller at 60 s, fenced at 69 s, and heard of again after 2 min
 *       69.1 s   the others follow the new leader: nothing that is written to broker 1 from now on can be read
 *       99.1 s   producers of `acks: all` have waited `request.timeout.ms` for an answer, and hear of the new leader
 *      180.1 s   broker 1 knows it: producers of `acks: 1` hear of it, and what they have written to broker 1 is gone;
 *                so do consumers, whose fetches have brought nothing new
 *
 * Whoever fetches metadata meanwhile hears of it, too, if there is a broker that he reaches and that knows: each client
 * after `metadata.max.age.ms`, and when it has lost any leader, or was told of another. A consumer that has not heard when producers have gets nothing
 * of the partition, which leaves out that it may still have old records to read there.
 *
 * Kafka: `Partition.maybeIncrementLeaderHW`, `DelayedProduce`, `NetworkClient.DefaultMetadataUpdater`.
 */
export class OverruledLeaders {
  readonly #host: OverruledHost;
  readonly #tasks: Tasks;
  /** By partition, the first first: also who overruled somebody may be overruled. */
  readonly #all = new Map<TopicName, Map<number, readonly Overruled[]>>();
  /** Since when the producers wait for an answer whose time-out is in the calendar. */
  readonly #waitsSince = new Map<Overruled, Instant>();
  /** When the producers of a topic have fetched metadata last, as far as that brought news. */
  readonly #fetchedAt = new Map<TopicName, Instant>();

  constructor(host: OverruledHost) {
    this.#host = host;
    this.#tasks = new Tasks(host.engine, "client misses its leader", ORDER.application, host.recorder);
  }

  /** Which broker this client takes for the leader of a partition, if that one can bring it anything. */
  leaderFor(consumer: Consumer, topic: TopicName, partition: number): BrokerId | null {
    const { cluster } = this.#host;
    const believed = this.#misleads(consumer, topic, partition);
    if (!believed) return cluster.leaderOfData(topic, partition);
    return cluster.servingOf(topic, partition) === believed.broker ? believed.broker : null;
  }

  /** Whether this client takes a leader that was overruled for the present one. */
  isMisled(consumer: Consumer, topic: TopicName, partition: number): boolean {
    return this.#misleads(consumer, topic, partition) !== undefined;
  }

  /** Whether this client has taken that one for the leader of one of its partitions until now, which is nobody's mistake any more. */
  believed(consumer: Consumer, overruled: Overruled, partition: number): boolean {
    if (this.#hasHeard(consumer, overruled)) return false;
    const first = this.#misleads(consumer, overruled.topic, partition);
    return first === undefined || first.since > overruled.since;
  }

  /** Whether somebody may still be wrong about the leader of this partition. */
  isUncertain(topic: TopicName, partition: number): boolean {
    return this.#of(topic, partition).length > 0;
  }

  /** … or of any. */
  get isAnyUncertain(): boolean {
    return this.#all.size > 0;
  }

  /** Partitions that are written to at a leader that was overruled, of which whoever asks now is told so. */
  toldOf(topic: TopicName): number[] {
    const { cluster } = this.#host;
    const { listening } = cluster;
    const isTold = (partition: number): boolean =>
      listening.some((broker) => cluster.namesLeader(broker, topic, partition));
    return [...(this.#all.get(topic) ?? [])].flatMap(([partition, all]) => {
      const serving = cluster.servingOf(topic, partition);
      return all.some(({ broker }) => broker === serving) && isTold(partition) ? [partition] : [];
    });
  }

  /** The producers of this topic fetch metadata now. */
  producersFetched(topic: TopicName): void {
    this.#fetchedAt.set(topic, this.#host.engine.now);
  }

  // ── What happens ──────────────────────────────────────────────────────────────────────────────────────────────

  /** The brokers name other leaders of these partitions, or nobody, and this one goes on. */
  overrule(broker: BrokerId, topic: TopicName, partitions: readonly number[]): void {
    const { engine } = this.#host;
    const fresh = partitions.filter((partition) => !this.#of(topic, partition).some((one) => one.broker === broker));
    if (fresh.length === 0) return;
    let known = this.#all.get(topic);
    if (!known) this.#all.set(topic, (known = new Map()));
    const overruled = { topic, partitions: fresh, broker, since: engine.now };
    for (const partition of fresh) known.set(partition, [...this.#of(topic, partition), overruled]);
    this.#consumersAsk(overruled);
    this.#producersAsk(overruled);
  }

  /** This broker leads these partitions by everybody's word. */
  confirm(broker: BrokerId, topic: TopicName, partitions: readonly number[]): void {
    for (const partition of partitions) this.#drop(topic, partition, broker);
  }

  /** These partitions have another story from now on. */
  forget(topic: TopicName, partitions: readonly number[]): void {
    const known = this.#all.get(topic);
    for (const partition of partitions) known?.delete(partition);
    if (known?.size === 0) this.#all.delete(topic);
  }

  /** This broker knows it now, or is dead: what it led is nobody's mistake any more. Returns what that was. */
  endOf(broker: BrokerId): readonly Overruled[] {
    const ended = new Set<Overruled>();
    for (const overruled of this.#standing()) {
      if (overruled.broker !== broker) continue;
      for (const partition of overruled.partitions) this.#drop(overruled.topic, partition, broker);
      ended.add(overruled);
    }
    return [...ended];
  }

  /** What is written to these partitions is answered no longer, or again. */
  answersChanged(topic: TopicName, partitions: readonly number[]): void {
    const concerned = new Set(partitions.flatMap((partition) => this.#of(topic, partition)));
    for (const overruled of concerned) this.#producersWait(overruled);
  }

  /** These clients cannot reach this broker any more, or can again. */
  reachChanged(broker: BrokerId, clients: readonly Consumer[]): void {
    for (const overruled of this.#standing()) {
      if (overruled.broker !== broker) continue;
      for (const client of clients) this.#loses(overruled, client);
    }
  }

  // ── How ───────────────────────────────────────────────────────────────────────────────────────────────────────

  #of(topic: TopicName, partition: number): readonly Overruled[] {
    return this.#all.get(topic)?.get(partition) ?? NOBODY;
  }

  /** Whom this client takes for the leader, if that is not right. */
  #misleads(consumer: Consumer, topic: TopicName, partition: number): Overruled | undefined {
    const all = this.#of(topic, partition);
    return all.length === 0 ? undefined : all.find((overruled) => !this.#hasHeard(consumer, overruled));
  }

  /** Whether this client knows that this leader was overruled. */
  #hasHeard(consumer: Consumer, { since }: Overruled): boolean {
    return consumer.metadata.refreshedAt >= since;
  }

  #drop(topic: TopicName, partition: number, broker: BrokerId): void {
    const left = this.#of(topic, partition).filter((overruled) => overruled.broker !== broker);
    if (left.length > 0) this.#all.get(topic)!.set(partition, left);
    else this.forget(topic, [partition]);
  }

  #standing(): Set<Overruled> {
    return new Set([...this.#all.values()].flatMap((known) => [...known.values()].flat()));
  }

  /** Whether somebody may still take it for a leader. */
  #stands(overruled: Overruled): boolean {
    const { topic, partitions } = overruled;
    return partitions.some((partition) => this.#of(topic, partition).includes(overruled));
  }

  /** Those of its partitions that somebody may still take it for the leader of. */
  #left(overruled: Overruled): number[] {
    const { topic, partitions } = overruled;
    return partitions.filter((partition) => this.#of(topic, partition).includes(overruled));
  }

  #consumersAsk(overruled: Overruled): void {
    const { engine, groups } = this.#host;
    for (const { spec, readers, consumption } of groups) {
      if (!consumption.reads(overruled.topic)) continue;
      const age = spec.config["metadata.max.age.ms"] * MILLISECOND;
      for (const consumer of readers) {
        if (consumer.state !== "Running") continue;
        this.#loses(overruled, consumer);
        this.#fetchesAt(overruled, consumer, nextOnGrid(consumer.metadata.refreshedAt, age, engine.now), age);
      }
    }
  }

  /** A client that cannot reach that broker asks others once it has waited for its answer. */
  #loses(overruled: Overruled, consumer: Consumer): void {
    const { engine, lostBy, nextAttempt } = this.#host;
    const lost = lostBy(consumer, overruled.broker);
    if (lost === undefined) return;
    this.#tasks.after(nextAttempt(consumer, lost) - engine.now, () => {
      if (lostBy(consumer, overruled.broker) === lost && this.#isTold(overruled, consumer)) {
        this.#hears(overruled, consumer);
      }
    });
  }

  /** It fetches metadata in any case, and again and again. */
  #fetchesAt(overruled: Overruled, consumer: Consumer, at: Instant, age: Duration): void {
    const { engine } = this.#host;
    this.#tasks.after(at - engine.now, () => {
      if (this.#hasHeard(consumer, overruled) || consumer.state !== "Running" || !this.#stands(overruled)) return;
      if (this.#isTold(overruled, consumer)) this.#hears(overruled, consumer);
      else if (age > 0) this.#fetchesAt(overruled, consumer, engine.now + age, age);
    });
  }

  /** Whether there is a broker that this client reaches and that names another leader. */
  #isTold({ topic, partitions }: Overruled, consumer: Consumer): boolean {
    const { network, cluster } = this.#host;
    return cluster.listening.some(
      (broker) => network.reachable(consumer.index, broker) && cluster.namesLeader(broker, topic, partitions[0]),
    );
  }

  #hears(overruled: Overruled, consumer: Consumer): void {
    if (consumer.state !== "Running" || this.#hasHeard(consumer, overruled)) return;
    this.#host.refresh(consumer);
  }

  #producersAsk(overruled: Overruled): void {
    const age = this.#settingsOf(overruled.topic)["metadata.max.age.ms"] * MILLISECOND;
    this.#producersAskAt(overruled, nextOnGrid(this.#lastFetch(overruled), age, this.#host.engine.now), age);
    this.#producersWait(overruled);
  }

  /** They fetch metadata in any case, and again and again. */
  #producersAskAt(overruled: Overruled, at: Instant, age: Duration): void {
    const { engine, producersFetch } = this.#host;
    this.#tasks.after(at - engine.now, () => {
      if (!this.#isServed(overruled)) return;
      const next = nextOnGrid(this.#lastFetch(overruled), age, engine.now);
      if (next === engine.now) producersFetch(overruled.topic);
      if (age > 0 && this.#isServed(overruled)) {
        this.#producersAskAt(overruled, next > engine.now ? next : next + age, age);
      }
    });
  }

  #lastFetch({ topic }: Overruled): Instant {
    return this.#fetchedAt.get(topic) ?? 0;
  }

  /**
   * Producers that ask for all copies give a request up that is not answered, and fetch metadata then; and again with the
   * next one. The first such request counts for all that this broker led.
   */
  #producersWait(overruled: Overruled): void {
    const { engine } = this.#host;
    const config = this.#settingsOf(overruled.topic);
    if (config["acks"] !== "all") return;
    const since = this.#unansweredSince(overruled);
    if (since === undefined || this.#waitsSince.get(overruled) === since) return;
    this.#waitsSince.set(overruled, since);
    const timeout = config["request.timeout.ms"] * MILLISECOND;
    this.#timesOutAt(overruled, since, Math.max(since + timeout, nextOnGrid(since, timeout, engine.now)), timeout);
  }

  #timesOutAt(overruled: Overruled, since: Instant, at: Instant, timeout: Duration): void {
    const { engine, producersFetch } = this.#host;
    this.#tasks.after(at - engine.now, () => {
      if (this.#waitsSince.get(overruled) !== since) return; // it has been answered meanwhile
      if (this.#unansweredSince(overruled) !== since) {
        this.#waitsSince.delete(overruled);
        return this.#producersWait(overruled);
      }
      producersFetch(overruled.topic);
      if (timeout > 0) this.#timesOutAt(overruled, since, engine.now + timeout, timeout);
    });
  }

  /** Since when something that is written to this broker is not answered. */
  #unansweredSince(overruled: Overruled): Instant | undefined {
    const { cluster } = this.#host;
    const { topic, broker } = overruled;
    let since = Infinity;
    for (const partition of this.#left(overruled)) {
      if (cluster.servingOf(topic, partition) !== broker) continue;
      since = Math.min(since, cluster.standsSince(topic, partition) ?? Infinity);
    }
    return since < Infinity ? since : undefined;
  }

  /** Whether something is still written to it. */
  #isServed(overruled: Overruled): boolean {
    const { topic, broker } = overruled;
    return this.#left(overruled).some((partition) => this.#host.cluster.servingOf(topic, partition) === broker);
  }

  #settingsOf(topic: TopicName): TopicSpec["producers"]["config"] {
    return this.#host.topics.find(({ name }) => name === topic)!.producers.config;
  }
}
