import type { Streams } from "../engine/random.ts";
import type { Instant } from "../engine/time.ts";
import { MILLISECOND, wholeMicroseconds } from "../engine/time.ts";
import type { LeadersMoved } from "../kafka/cluster/partition.ts";
import { Tasks } from "../kafka/cluster/tasks.ts";
import { ORDER } from "../kafka/order.ts";
import { waitAfter } from "../kafka/network/connection.ts";
import { Reconnection } from "../kafka/network/reconnection.ts";
import { exponentialBackoff } from "../kafka/protocols/backoff.ts";
import type { BrokerId, TopicName } from "../names.ts";
import type { TopicSpec } from "../scenario/scenario.ts";
import type { Consumer } from "./consumers/consumer.ts";
import type { Consumption } from "./consumption.ts";
import { type LeadersWorld, type Overruled, OverruledLeaders } from "./overruled-leaders.ts";
import type { Production } from "./production.ts";

export interface LeadersHost extends LeadersWorld {
  readonly streams: Streams;
  readonly production: Production;
  consumer(index: number): Consumer;
}

/** How a client waits between attempts, in milliseconds as in Kafka. */
type Waits = Readonly<Record<"retry.backoff.ms" | "retry.backoff.max.ms" | "request.timeout.ms", number>>;

/** A time in which a client cannot reach a broker; without end as yet, it still cannot. */
interface Cut {
  readonly from: Instant;
  to: Instant | undefined;
}

/**
 * What the leaders of partitions mean to those who write and read them. A partition can be written and read while its
 * leader's process runs and can be reached. A client that lost it asks for metadata again and again, with growing waits,
 * and goes on at its first attempt after the brokers have heard of another leader.
 *
 *     broker 1 dies at 0, is fenced at 9 s, and the others know of it at 9.1 s; jitter left out
 *       a consumer asks at 0, 0.1, 0.3, 0.7, 1.5, 2.5 … 8.5, 9.5: it reads again after 9.5 s
 *
 * - A process that died is noticed at once, by the broken connection; one that cannot be reached when a request has
 *   waited for `request.timeout.ms`.
 * - What a client sent into a cut gets through once TCP tries again, so a cut outlasts itself by up to its length; if the
 *   client has given up by then, it goes on with its first attempt to connect that is answered.
 * - An orderly move costs a few round trips, which are left out, as is, in the fluid, the one of the fetch that follows.
 * - Producers of a topic notice together, and are in no zone: no cut concerns them.
 * - A leader that was overruled and does not know it misleads those who ask it: see `overruled-leaders.ts`.
 * - Where a copy that counts does not follow, the leader takes what its producers send, but nobody can read it; with
 *   `acks: all` it is not answered, and they wait for it as for a leader.
 *
 * Kafka: `AbstractFetch`, `Sender`, `Metadata`; the broker's side is in `kafka/cluster/`.
 */
export class Leaders {
  readonly #host: LeadersHost;
  readonly #tasks: Tasks;
  readonly #overruled: OverruledLeaders;
  /** When a broker's process died last. */
  readonly #diedAt = new Map<BrokerId, Instant>();
  readonly #silent = new Set<BrokerId>();
  /** The last time without connection between a client and a broker. */
  readonly #cuts = new Map<Consumer, Map<BrokerId, Cut>>();
  /** Partitions whose leader the producers have lost, and have not found another yet. */
  readonly #lost = new Map<TopicName, Set<number>>();
  /** Partitions that a client cannot get at yet, though they have a leader, and until when. */
  readonly #unheard = new Map<Consumer, Map<TopicName, Map<number, Instant>>>();

  /** The last attempt that was asked for, by whom it is made. */
  readonly #attempts = new Map<
    string,
    { readonly asked: Instant; readonly since: Instant | undefined; readonly at: Instant }
  >();

  constructor(host: LeadersHost) {
    this.#host = host;
    this.#tasks = new Tasks(host.engine, "client hears of leaders", ORDER.application, host.recorder);
    this.#overruled = new OverruledLeaders({
      ...host,
      lostBy: (consumer, broker) => this.#lostBy(consumer, broker, false),
      nextAttempt: (consumer, since) => this.#readersAttempt(consumer, since),
      producersFetch: (topic) => this.#producersFetch(topic),
    });
  }

  /** Whether a partition has a leader that answers, to what producers of its topic send. */
  writable(topic: TopicName, partition: number): boolean {
    const { cluster } = this.#host;
    return this.#led(topic, partition) && (!this.#waitsForAll(topic) || cluster.acknowledgesAll(topic, partition));
  }

  /** Whether this client gets anything of a partition: it knows its leader, and that one answers. */
  readable(consumer: Consumer, topic: TopicName, partition: number): boolean {
    const { cluster, network } = this.#host;
    const leader = this.leaderFor(consumer, topic, partition);
    return (
      leader !== null &&
      cluster.leads(leader, topic, partition) &&
      network.reachable(consumer.index, leader) &&
      this.#unheard.get(consumer)?.get(topic)?.has(partition) !== true
    );
  }

  /** The broker from which this client reads a partition, if there is one. */
  leaderFor(consumer: Consumer, topic: TopicName, partition: number): BrokerId | null {
    return this.#overruled.leaderFor(consumer, topic, partition);
  }

  /** The same of whoever reads it for this group. */
  leaderForReader(
    consumption: Consumption,
    readers: readonly Consumer[],
    topic: TopicName,
    partition: number,
  ): BrokerId | null {
    if (!this.#overruled.isUncertain(topic, partition)) return this.#host.cluster.servingOf(topic, partition);
    const [client] = consumption.readersOf(topic, partition);
    return client === undefined ? null : this.leaderFor(readers[client], topic, partition);
  }

  // ── What happens ──────────────────────────────────────────────────────────────────────────────────────────────

  /** A broker's process is gone. */
  brokerDied(broker: BrokerId): void {
    const { engine, network, topics } = this.#host;
    this.#diedAt.set(broker, engine.now);
    if (network.isSilent(broker)) this.#silent.add(broker);
    else this.#silent.delete(broker);
    const gone = topics.map(({ name }) => [name, this.#ledBy(broker, name)] as const);
    for (const [topic, led] of gone) {
      if (led.length > 0) this.#lose(topic, led, true);
      this.#regate(topic, this.#ledOrNamed(broker, topic));
    }
    // Who took it for the leader asks others, which know better.
    for (const overruled of this.#overruled.endOf(broker)) {
      const { topic, partitions } = overruled;
      const misled = this.#stillServedBy(broker, overruled);
      this.#turnFrom(topic, misled);
      if (misled.length > 0) this.#producersFind(topic, misled, broker);
      this.#tellReaders(topic, partitions, broker, true, (reader, partition) =>
        this.#overruled.believed(reader, overruled, partition),
      );
    }
    if (this.#silent.has(broker)) return;
    for (const [topic, led] of gone) if (led.length > 0) this.#lostConnection(topic, led);
  }

  /** It hears now who leads, what it leads no more, and what it leads. */
  brokerHears(broker: BrokerId): void {
    const { network, refresh, topics } = this.#host;
    for (const overruled of this.#overruled.endOf(broker)) {
      const { topic, partitions } = overruled;
      this.#turnFrom(topic, this.#stillServedBy(broker, overruled));
      const asked = (reader: Consumer, partition: number): boolean =>
        this.#overruled.believed(reader, overruled, partition);
      this.#tellReaders(topic, partitions, broker, false, asked);
      for (const [reader, read] of this.#readersOf(topic, partitions)) {
        const isTold = network.reachable(reader.index, broker) && read.some((partition) => asked(reader, partition));
        if (isTold) refresh(reader); // and knows all there is to know
      }
      this.#regate(topic, partitions);
    }
    for (const { name } of topics) {
      const lost = this.#lost.get(name);
      const begun = this.#ledBy(broker, name).filter((partition) => lost?.has(partition) && this.#led(name, partition));
      if (begun.length > 0) this.#announce(name, begun, null, true);
      this.#regate(name, begun);
    }
  }

  /** A client has fetched metadata: it may have been wrong about some leaders. */
  metadataFetched({ member: { reading }, group: { consumption } }: Consumer): void {
    if (!this.#overruled.isAnyUncertain) return;
    for (const topic in reading) {
      const own = reading[topic].filter((partition) => this.#overruled.isUncertain(topic, partition));
      if (own.length > 0) consumption.regate(topic, own);
    }
  }

  /** It is there again, and leads what nobody took over. */
  brokerReturned(broker: BrokerId): void {
    for (const { name } of this.#host.topics) {
      const led = this.#ledBy(broker, name);
      if (led.length > 0) this.#announce(name, led, broker, true);
    }
  }

  /** The brokers have heard of other leaders. */
  leadersMoved({ topic, partitions, from, to, reason }: LeadersMoved): void {
    const { cluster, production } = this.#host;
    if (reason === "created") {
      // what there was of that name before is gone
      this.#overruled.forget(topic, partitions);
      for (const partition of partitions) this.#lost.get(topic)?.delete(partition);
    }
    const moved: number[] = [];
    const goingOn = new Map<BrokerId, number[]>();
    for (const partition of partitions) {
      const serving = cluster.servingOf(topic, partition);
      if (serving === to) moved.push(partition);
      for (const broker of new Set([serving, from])) {
        if (broker === null || broker === to || !cluster.leads(broker, topic, partition)) continue;
        listIn(goingOn, broker).push(partition);
      }
    }
    for (const [broker, led] of goingOn) this.#overruled.overrule(broker, topic, led);
    if (to !== null) this.#overruled.confirm(to, topic, moved);
    this.#loseLeaderless(topic, moved);
    if (reason === "created") production.release(topic, this.#writable(topic, moved));
    else if (to !== null) this.#announce(topic, moved, from, from === null || !cluster.listens(from));
    this.#regate(topic, partitions);
  }

  /** Another part of these partitions can be read, or their leaders began or ceased to answer what must be safe. */
  watermarksChanged(topic: TopicName, partitions: readonly number[]): void {
    const { cluster, production } = this.#host;
    const lost = this.#lost.get(topic);
    if (this.#waitsForAll(topic)) {
      const waiting = partitions.filter((partition) => !cluster.acknowledgesAll(topic, partition));
      production.block(topic, waiting, false);
    }
    for (const partition of partitions) {
      production.standStill(topic, partition, cluster.standsSince(topic, partition));
    }
    production.release(
      topic,
      this.#writable(topic, partitions).filter((partition) => lost?.has(partition) !== true),
    );
    this.#overruled.answersChanged(topic, partitions);
  }

  /** These clients can reach this broker from now on, or cannot any more. */
  reachChanged(broker: BrokerId, clients: readonly number[]): void {
    const { engine, network, consumer, topics } = this.#host;
    const led = topics.map(({ name }) => [name, this.#ledOrNamed(broker, name)] as const);
    for (const index of clients) {
      const client = consumer(index);
      let cuts = this.#cuts.get(client);
      if (!cuts) this.#cuts.set(client, (cuts = new Map()));
      const cut = cuts.get(broker);
      if (!network.reachable(index, broker)) cuts.set(broker, { from: engine.now, to: undefined });
      else if (cut) {
        cut.to = engine.now;
        const { reading } = client.member;
        const at = this.#throughAgain(client, cut.from);
        const asksOthers = at > this.#givesUpAfter(client, cut.from);
        for (const [topic, partitions] of led) {
          const own = partitions.filter((partition) => reading[topic]?.includes(partition));
          if (own.length > 0) this.#hearsAt(client, topic, own, at, asksOthers);
        }
      }
    }
    this.#overruled.reachChanged(broker, clients.map(consumer));
    for (const [topic, partitions] of led) this.#regate(topic, partitions);
  }

  // ── How ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whether a partition has a leader that answers. */
  #led(topic: TopicName, partition: number): boolean {
    const { cluster } = this.#host;
    const leader = cluster.servingOf(topic, partition);
    return leader !== null && cluster.leads(leader, topic, partition);
  }

  #writable(topic: TopicName, partitions: readonly number[]): number[] {
    return partitions.filter((partition) => this.writable(topic, partition));
  }

  #waitsForAll(topic: TopicName): boolean {
    return this.#specOf(topic).producers.config["acks"] === "all";
  }

  #specOf(topic: TopicName): TopicSpec {
    return this.#host.topics.find(({ name }) => name === topic)!;
  }

  /** Nobody answers the producers of these partitions any more. `died`: their leader has. */
  #lose(topic: TopicName, partitions: readonly number[], died: boolean): void {
    let lost = this.#lost.get(topic);
    if (!lost) this.#lost.set(topic, (lost = new Set()));
    for (const partition of partitions) lost.add(partition);
    this.#host.production.block(topic, partitions, died);
  }

  /** Nobody answers for those of them whose leader is dead, or does not know that it is the leader. */
  #loseLeaderless(topic: TopicName, partitions: readonly number[]): void {
    const leaderless = partitions.filter((partition) => !this.#led(topic, partition));
    if (leaderless.length > 0) this.#lose(topic, leaderless, false);
  }

  /** The producers hear who leads these partitions. */
  #find(topic: TopicName, partitions: readonly number[]): void {
    this.#producersFetch(topic);
    const lost = this.#lost.get(topic);
    for (const partition of partitions) if (this.#led(topic, partition)) lost?.delete(partition);
    this.#host.production.release(topic, this.#writable(topic, partitions));
  }

  /** Partitions of a topic that producers write to at this broker. */
  #ledBy(broker: BrokerId, topic: TopicName): number[] {
    const { cluster } = this.#host;
    return this.#ledOrNamed(broker, topic).filter((partition) => cluster.servingOf(topic, partition) === broker);
  }

  /** … or that brokers tell clients it leads. */
  #ledOrNamed(broker: BrokerId, topic: TopicName): number[] {
    const { cluster, production } = this.#host;
    const led: number[] = [];
    for (let partition = 0; partition < production.partitionsOf(topic); partition++) {
      const leaders = [cluster.servingOf(topic, partition), cluster.leaderOfData(topic, partition)];
      if (leaders.includes(broker)) led.push(partition);
    }
    return led;
  }

  #stillServedBy(broker: BrokerId, { topic, partitions }: Overruled): number[] {
    return partitions.filter((partition) => this.#host.cluster.servingOf(topic, partition) === broker);
  }

  /** Whoever writes to these partitions turns to the leader that brokers name, if there is one. */
  #turnFrom(topic: TopicName, partitions: readonly number[]): void {
    if (partitions.length === 0) return;
    this.#host.cluster.handOver(topic, partitions);
    this.#loseLeaderless(topic, partitions);
    this.#regate(topic, partitions);
  }

  /** The producers of a topic fetch metadata, and hear of all leaders at once. */
  #producersFetch(topic: TopicName): void {
    this.#overruled.producersFetched(topic);
    this.#turnFrom(topic, this.#overruled.toldOf(topic));
  }

  /** A leader of these is gone, or has said that it leads them no more: who asked it fetches metadata. */
  #lostConnection(topic: TopicName, partitions: readonly number[]): void {
    this.#producersFetch(topic);
    if (!this.#overruled.isAnyUncertain) return; // nothing else would come of it
    for (const reader of this.#readersOf(topic, partitions).keys()) this.#host.refresh(reader);
  }

  /**
   * Brokers name a leader for these partitions. `from` led them before, and has died since, or has not; who knows that
   * it lost that one hears of the new one at its next attempt.
   */
  #announce(topic: TopicName, partitions: readonly number[], from: BrokerId | null, died: boolean): void {
    if (partitions.length === 0) return;
    if (died) this.#producersFind(topic, partitions, from);
    else this.#lostConnection(topic, partitions);
    const asks = (reader: Consumer, partition: number): boolean => !this.#overruled.isMisled(reader, topic, partition);
    this.#tellReaders(topic, partitions, from, died, asks);
  }

  /** The producers hear of these partitions' leader at their next attempt, if they have lost the one before. */
  #producersFind(topic: TopicName, partitions: readonly number[], from: BrokerId | null): void {
    const { config } = this.#specOf(topic).producers;
    const at = this.#nextAttempt(`topic/${topic}/metadata`, config, this.#lostByProducers(from, config));
    this.#tasks.after(at - this.#host.engine.now, () => this.#find(topic, partitions));
  }

  /** Those of their readers that are concerned hear of the leader that follows `from`. */
  #tellReaders(
    topic: TopicName,
    partitions: readonly number[],
    from: BrokerId | null,
    died: boolean,
    concerns: (reader: Consumer, partition: number) => boolean,
  ): void {
    for (const [reader, read] of this.#readersOf(topic, partitions)) {
      const own = read.filter((partition) => concerns(reader, partition));
      if (own.length > 0) this.#tellReader(reader, topic, own, from, died);
    }
  }

  /** Who reads which of these partitions. */
  #readersOf(topic: TopicName, partitions: readonly number[]): Map<Consumer, number[]> {
    const found = new Map<Consumer, number[]>();
    for (const { consumption, readers } of this.#host.groups) {
      for (const partition of partitions) {
        for (const client of consumption.readersOf(topic, partition)) listIn(found, readers[client]).push(partition);
      }
    }
    return found;
  }

  #tellReader(
    reader: Consumer,
    topic: TopicName,
    partitions: readonly number[],
    from: BrokerId | null,
    died: boolean,
  ): void {
    const lost = this.#lostBy(reader, from, died);
    if (lost === undefined && from !== null) return; // it has not lost it: the old leader names the new one
    this.#hearsAt(reader, topic, partitions, this.#readersAttempt(reader, lost));
  }

  #readersAttempt(reader: Consumer, since: Instant | undefined): Instant {
    return this.#nextAttempt(`${reader.fate}/metadata`, reader.group.spec.config, since);
  }

  /** Until then this client gets nothing of these partitions, though they have a leader. */
  #hearsAt(reader: Consumer, topic: TopicName, partitions: readonly number[], at: Instant, asksOthers = true): void {
    const { engine, refresh } = this.#host;
    let unheard = this.#unheard.get(reader);
    if (!unheard) this.#unheard.set(reader, (unheard = new Map()));
    let until = unheard.get(topic);
    if (!until) unheard.set(topic, (until = new Map()));
    for (const partition of partitions) until.set(partition, at);
    this.#tasks.after(at - engine.now, () => {
      for (const partition of partitions) if (until.get(partition) === at) until.delete(partition);
      if (reader.state !== "Running") return;
      this.#regate(topic, partitions);
      if (asksOthers) refresh(reader);
    });
  }

  /**
   * When something of this client's gets through to a broker it could not reach since `cut`, and can now: what it had sent
   * is tried again with growing waits until it gives up, then it tries to connect again and again.
   */
  #throughAgain(reader: Consumer, cut: Instant): Instant {
    const { now } = this.#host.engine;
    const { config } = reader.group.spec;
    const uniform = (): number => this.#host.streams.stream(`${reader.fate}/metadata`).uniform();
    const givesUp = this.#givesUpAfter(reader, cut);
    const sent = retry(cut, now, true);
    if (sent <= givesUp) return sent;
    const reconnection = new Reconnection(config, uniform);
    reconnection.disconnected(givesUp, false);
    for (let begin = givesUp; ;) {
      const ends = begin + reconnection.setupTimeout();
      const answered = retry(begin, now, false);
      if (answered <= ends) return answered;
      reconnection.disconnected(ends, true);
      begin = reconnection.nextAttempt(ends);
    }
  }

  #givesUpAfter({ group }: Consumer, cut: Instant): Instant {
    return cut + group.spec.config["request.timeout.ms"] * MILLISECOND;
  }

  /** Since when this client has known that it lost a broker, if it has. */
  #lostBy(reader: Consumer, broker: BrokerId | null, died: boolean): Instant | undefined {
    if (broker === null) return undefined;
    const cut = this.#cuts.get(reader)?.get(broker);
    const diedAt = died ? this.#diedAt.get(broker) : undefined;
    const cutOff =
      cut && (cut.to === undefined || (diedAt !== undefined && cut.from <= diedAt && diedAt < cut.to))
        ? cut
        : undefined;
    return cutOff ? this.#givesUpAfter(reader, cutOff.from) : diedAt;
  }

  #lostByProducers(broker: BrokerId | null, config: Waits): Instant | undefined {
    const died = broker === null ? undefined : this.#diedAt.get(broker);
    if (died === undefined) return undefined;
    return this.#silent.has(broker!) ? died + config["request.timeout.ms"] * MILLISECOND : died;
  }

  /**
   * When a client next asks for metadata that began to ask at `since` and has asked in vain until now. If nobody knows
   * since when, it has been asking for long.
   */
  #nextAttempt(stream: string, config: Waits, since: Instant | undefined): Instant {
    const { engine, streams } = this.#host;
    const { now } = engine;
    const last = this.#attempts.get(stream);
    if (last?.asked === now && last.since === since) return last.at; // one answer tells of all that has moved
    const at = this.#drawAttempt(() => streams.stream(stream).uniform(), config, since);
    this.#attempts.set(stream, { asked: now, since, at });
    return at;
  }

  #drawAttempt(uniform: () => number, config: Waits, since: Instant | undefined): Instant {
    const { now } = this.#host.engine;
    const least = config["retry.backoff.ms"];
    const most = config["retry.backoff.max.ms"];
    if (since === undefined) return now + wholeMicroseconds(uniform() * Math.max(least, most) * MILLISECOND);
    let at = since;
    for (let attempts = 0; at < now; attempts++) {
      at += Math.max(MILLISECOND, exponentialBackoff(attempts, least, most, uniform()));
    }
    return at;
  }

  /** What readers get of these partitions may have changed. */
  #regate(topic: TopicName, partitions: readonly number[]): void {
    for (const { consumption } of this.#host.groups) consumption.regate(topic, partitions);
  }
}

/** The first try that is not before `now`, of what TCP has sent at `begin` and tries again with growing waits. */
function retry(begin: Instant, now: Instant, accepted: boolean): Instant {
  let at = begin;
  for (let tries = 1; at < now; tries++) at += waitAfter(tries, { accepted });
  return at;
}

/** The list of a key, begun if there is none yet. */
function listIn<Key, Item>(lists: Map<Key, Item[]>, key: Key): Item[] {
  let list = lists.get(key);
  if (!list) lists.set(key, (list = []));
  return list;
}
