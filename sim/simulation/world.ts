import { Engine } from "../engine/engine.ts";
import { Streams } from "../engine/random.ts";
import { MILLISECOND, SECOND, wholeMicroseconds } from "../engine/time.ts";
import type { Duration } from "../engine/time.ts";
import { drawDuration } from "../engine/variates.ts";
import { Cluster } from "../kafka/cluster/cluster.ts";
import type { LeadersMoved } from "../kafka/cluster/partition.ts";
import { compareReleases } from "../kafka/config.ts";
import { Network } from "../kafka/network/network.ts";
import { clientOf, isClient } from "../kafka/network/parties.ts";
import type { FetchLimits } from "../lag/fetch-limits.ts";
import { Arrivals } from "../lag/records/arrivals.ts";
import type { BrokerId, GroupId, MemberId, Partitions, TopicName } from "../names.ts";
import type { GroupSpec, Scenario, TopicSpec } from "../scenario/scenario.ts";
import type { Offsets } from "../kafka/messages.ts";
import { ORDER } from "../kafka/order.ts";
import { resetPolicy } from "../kafka/reset-policy.ts";
import type { Fold, TraceEvent } from "../trace/event.ts";
import { Recorder } from "../trace/recorder.ts";
import type { Consumer, RunningGroup } from "./consumers/consumer.ts";
import { assignorsOf, type OwnAssignors } from "./assignors.ts";
import { Consumers } from "./consumers.ts";
import { Consumption, type ConsumptionHost } from "./consumption.ts";
import { Ensemble } from "./ensemble.ts";
import { fetchLimits, FetchRoutes } from "./fetch-routes.ts";
import type { HeartbeatMode } from "./heartbeats.ts";
import { Heartbeats } from "./heartbeats.ts";
import { LawBroken, laws } from "./laws.ts";
import { Leaders } from "./leaders.ts";
import { Metadata } from "./metadata.ts";
import { Production } from "./production.ts";
import type { RecordLaws } from "./single-records.ts";
import { Troubles } from "./troubles.ts";

/** Log end offsets by topic, in order of partition; `null`: unknown. */
export type LogEnds = Readonly<Record<TopicName, readonly (number | null)[]>>;

/**
 * The simulated world: one engine, and on it the cluster, the network, the consumers and what they read. It wires the
 * rooms together and knows no script: what happens to the world is `Script`'s and `Populations`' part.
 */
export class World {
  readonly scenario: Scenario;
  readonly engine = new Engine();
  readonly streams: Streams;
  readonly recorder: Recorder;
  readonly cluster: Cluster;
  readonly production: Production;
  readonly consumers: Consumers;
  readonly groups: ReadonlyMap<GroupId, RunningGroup>;
  readonly network: Network;
  readonly troubles: Troubles;
  /** Who wants to know that these clients (by number) can reach a broker from now on, or cannot any more. */
  readonly onReachChanged: ((broker: BrokerId, clients: readonly number[]) => void)[] = [];
  /** Who wants to know that a process which closed has ended. */
  readonly onStopped: ((consumer: Consumer) => void)[] = [];
  /** Who wants to know that an application cannot go on. */
  readonly onFailed: ((consumer: Consumer) => void)[] = [];
  /** Who wants to know that a broker's process has died, that it is back, that partitions have other leaders. */
  readonly onBrokerDied: ((broker: BrokerId) => void)[] = [];
  readonly onBrokerReturned: ((broker: BrokerId) => void)[] = [];
  readonly onLeadersMoved: ((move: LeadersMoved) => void)[] = [];
  readonly #seed: string;
  readonly #heartbeats: Heartbeats;
  readonly #metadata: Metadata;
  readonly #leaders: Leaders;
  readonly #ensemble: Ensemble;
  readonly #laws: Fold;

  constructor(
    scenario: Scenario,
    seed: string,
    heartbeats: HeartbeatMode,
    tell: (event: TraceEvent) => void,
    own: OwnAssignors = new Map(),
  ) {
    const { engine } = this;
    this.scenario = scenario;
    this.#seed = seed;
    this.streams = new Streams(seed);
    this.#laws = laws((group, api) => this.#longestRequest(group, api));
    this.recorder = new Recorder(
      () => engine.now,
      (event) => {
        this.#laws.see(event);
        tell(event);
      },
    );
    const { recorder, streams } = this;
    this.production = new Production(scenario, {
      engine,
      recorder,
      streams,
      changed: (topic) => {
        this.cluster.layOut(topic, this.production.partitionsOf(topic));
        this.#ensemble.topic(topic, this.production.partitionsOf(topic));
        this.#metadata.changed(topic);
      },
      writable: (topic, partition) => this.#leaders.writable(topic, partition),
    });
    this.groups = new Map(scenario.groups.map((spec) => [spec.id, this.#group(spec.id, own)]));
    this.consumers = new Consumers({
      engine,
      streams,
      recorder,
      cluster: () => this.cluster,
      network: () => this.network,
      metadata: () => this.#metadata,
      ensemble: () => this.#ensemble,
      leaderFor: (consumer, topic, partition) => this.#leaders.leaderFor(consumer, topic, partition),
      stopped: (consumer) => this.onStopped.forEach((tell) => tell(consumer)),
      failed: (consumer) => this.onFailed.forEach((tell) => tell(consumer)),
      touched: (consumer) => this.#heartbeats.rouse(consumer),
      heartbeatAnswered: (consumer) => {
        if (heartbeats === "explicit") recorder.recordHeartbeat(consumer.name, consumer.group.spec.id);
        this.#heartbeats.answered(consumer);
      },
      commitAnswered: (consumer) => this.#heartbeats.answered(consumer),
    });
    const { consumers } = this;
    this.#metadata = new Metadata({
      engine,
      streams,
      recorder,
      consumers: () => consumers.all,
      current: () => this.production.metadata,
      fetched: (consumer) => this.#leaders.metadataFetched(consumer),
      refreshed: (consumer) => consumers.metadataChanged(consumer),
    });
    const coordinated = scenario.groups.filter(({ zookeeperConfig }) => zookeeperConfig === undefined);
    this.cluster = new Cluster(
      {
        ...scenario.cluster,
        topics: scenario.topics.map(({ name, replicationFactor }) => ({
          name,
          partitions: this.production.partitionsOf(name),
          replicationFactor,
        })),
        groups: coordinated.map(({ id, groupConfig }) =>
          groupConfig ? { id, protocol: "consumer", config: groupConfig } : { id, protocol: "classic" },
        ),
      },
      {
        engine,
        streams,
        recorder,
        reply: (broker, client, reply) => this.network.reply(broker, consumers.named(client)!.index, reply),
        brokerDied: (broker) => {
          this.network.brokerDied(broker);
          this.onBrokerDied.forEach((tell) => tell(broker));
        },
        brokerStarts: (broker) => this.network.hostBack(broker),
        brokerReturned: (broker) => this.onBrokerReturned.forEach((tell) => tell(broker)),
        brokersReach: (one, other) => this.network.brokersReach(one, other),
        hearsController: (broker) => this.network.brokersReach(broker, "controller"),
        dataLeadersMoved: (move) => this.onLeadersMoved.forEach((tell) => tell(move)),
        brokerHears: (broker) => this.#leaders.brokerHears(broker),
        watermarksChanged: (topic, partitions) => this.#leaders.watermarksChanged(topic, partitions),
        logCutBack: (topic, partition, to) => this.production.cutBack(topic, partition, to),
        touched: (group) => this.#touched(group),
        disturbed: (group) => consumers.applications.coordinatorDisturbed(this.groups.get(group)!.readers),
        known: (client) => consumers.named(client)!,
        silenced: (client) => {
          const consumer = consumers.named(client);
          return consumer && (consumer.silencedBy ?? this.network.cutOff(consumer.index));
        },
        removed: (client) => consumers.removed(client),
      },
    );
    const { cluster } = this;
    const { zones } = scenario.cluster;
    this.network = new Network(engine, streams, scenario.cluster, {
      zoneOf: (party) =>
        isClient(party)
          ? consumers.at(clientOf(party)).zone
          : party > 0
            ? zones?.[(party - 1) % zones.length]
            : undefined,
      groupOf: (client) => consumers.at(client).group.spec.id,
      brokers: scenario.cluster.brokers,
      clients: () => consumers.all.length,
      clientConfig: (client) => consumers.at(client).group.spec.config,
      changing: () => {
        this.#heartbeats.rouseAll();
        for (const consumer of consumers.all) consumers.commits.commitContinuously(consumer);
      },
      changed: () => {
        for (const { consumption } of this.groups.values()) consumption.linksChanged();
        this.#ensemble.linksChanged();
        consumers.applications.coordinatorDisturbed(consumers.all);
      },
      reachChanged: (broker, clients) => this.onReachChanged.forEach((tell) => tell(broker, clients)),
      brokersReachChanged: () => cluster.reachChanged(),
      cause: () => recorder.cause,
      resume: (cause) => {
        recorder.cause = cause;
      },
      clientFate: (client) => consumers.at(client).fate,
      clientAlive: (client) => consumers.alive(client),
      brokerListens: (broker) => cluster.listens(broker),
      atBroker: (broker, client, request) => {
        const consumer = consumers.at(client);
        this.#heartbeats.rouse(consumer); // it may be late, of a connection given up since
        if (request.api === "ListOffsets") {
          this.network.reply(broker, client, consumers.requests.listOffsets(consumer, request));
        } else if (request.api === "ConsumerGroupHeartbeat") {
          consumers.applications.heartbeatArrives(consumer, () => cluster.handle(broker, request));
        } else cluster.handle(broker, request);
      },
      atClient: (client, reply) => consumers.receive(client, reply),
      disconnected: (client, broker, role) => consumers.disconnected(client, broker, role),
    });
    const { controller } = scenario.cluster;
    this.#ensemble = new Ensemble({
      engine,
      streams,
      recorder,
      tick: controller.kind === "zookeeper" ? controller.tick : SECOND, // without ZooKeeper nobody registers
      network: () => this.network,
      consumer: (name) => consumers.named(name)!,
      arrived: (consumer, message) => consumers.told(consumer, message),
      removed: (client) => consumers.removed(client),
    });
    this.troubles = new Troubles(this);
    this.#heartbeats = new Heartbeats(heartbeats, {
      engine,
      recorder,
      cluster: () => cluster,
      network: () => this.network,
      positionsAt: ({ group, member }, instant) => group.consumption.positionsAt(member.positioned, instant),
      commitAtNextPoll: (consumer, cause) => consumers.applications.commitAtNextPoll(consumer, cause),
    });
    this.#leaders = new Leaders({
      engine,
      streams,
      recorder,
      cluster,
      network: this.network,
      production: this.production,
      topics: scenario.topics,
      groups: [...this.groups.values()],
      consumer: (index) => consumers.at(index),
      refresh: (consumer) => this.#metadata.refresh(consumer),
    });
    const leaders = this.#leaders;
    this.onBrokerDied.push((broker) => leaders.brokerDied(broker));
    this.onBrokerReturned.push((broker) => leaders.brokerReturned(broker));
    this.onLeadersMoved.push((move) => leaders.leadersMoved(move));
    this.onReachChanged.push((broker, clients) => leaders.reachChanged(broker, clients));
    const warm = engine.on("end of the warm-up", ORDER.arrivalAtBroker, () => this.#begin());
    if (scenario.warmUp > 0) engine.schedule(scenario.warmUp, warm, 0);
    engine.afterEach(() => this.#audit(soFar));
  }

  /** From now on counts what is counted only where it is measured. */
  #begin(): void {
    this.recorder.cause = null;
    this.#heartbeats.rouseAll();
    for (const { member } of this.consumers.all) member.takeAnsweredCommits();
  }

  /** Production begins and the first leaders are elected. */
  start(): void {
    for (const { spec } of this.groups.values()) {
      if (spec.committed === "none") continue;
      if (spec.zookeeperConfig) this.#ensemble.committedBefore(spec.id, this.#beginnings(spec));
      else this.cluster.committedBefore(spec.id, this.#beginnings(spec));
    }
    this.#ensemble.begin(this.scenario.cluster.brokers, this.production.metadata);
    this.cluster.start();
    this.recorder.cause = null;
    this.production.start();
  }

  /** The members of a group subscribe to these topics from now on. */
  subscribe(id: GroupId, topics: readonly TopicName[]): void {
    const group = this.groups.get(id)!;
    const begins = group.consumption.follow(topics);
    const later = Object.keys(begins).length > 0;
    this.recorder.record(`group/${id}`, { type: "group.subscribed", group: id, topics, ...(later && { begins }) });
    group.subscription = topics;
    this.consumers.resubscribe(group);
  }

  /** A broker's process dies; if that is `silent`, with its host. False if it is down already. */
  crashBroker(broker: BrokerId, silent: boolean): boolean {
    if (silent && this.cluster.listens(broker)) this.network.hostLost(broker);
    return this.cluster.crash(broker);
  }

  /** What a group has committed, as its coordinator would tell an admin client; `undefined` if there is none. */
  committed(group: GroupId): Offsets | undefined {
    if (this.groups.get(group)!.spec.zookeeperConfig) return this.#ensemble.committed(group);
    this.#heartbeats.rouseAll();
    for (const reader of this.groups.get(group)!.readers) this.consumers.commits.commitContinuously(reader);
    return this.cluster.coordinatorOf(group)?.committed;
  }

  /** What a group's coordinator has assigned to each member, as it would tell an admin client; `undefined` if there is none. */
  assigned(group: GroupId): ReadonlyMap<MemberId, Partitions> | undefined {
    const members = this.cluster.coordinatorOf(group)?.members;
    return members && new Map(members.map(({ id, assignment = {} }) => [id, assignment]));
  }

  /**
   * Where the logs end, for who may read them, of all partitions there are of the topics that a group subscribes to or has
   * committed; `null` where nobody leads, so that nobody can be asked.
   */
  ends(group: GroupId): LogEnds {
    const { subscription, consumption } = this.groups.get(group)!;
    const ends: Record<TopicName, (number | null)[]> = {};
    for (const topic of [...subscription, ...Object.keys(this.committed(group) ?? {})]) {
      const count = this.production.partitionsOf(topic);
      if (count === 0) continue;
      const partitions = Array.from({ length: count }, (_, partition) => partition);
      const offsets = consumption.list({ [topic]: partitions }, "latest")[topic];
      ends[topic] = partitions.map((partition) =>
        this.cluster.leaderOfData(topic, partition) === null ? null : offsets[partition],
      );
    }
    return ends;
  }

  /** Those partitions of a topic whose leader, as the brokers name it, has died or has not come up again: it answers nobody. */
  silent(topic: TopicName): readonly number[] {
    const partitions = Array.from({ length: this.production.partitionsOf(topic) }, (_, partition) => partition);
    return partitions.filter((partition) => {
      const leader = this.cluster.leaderOfData(topic, partition);
      return leader !== null && !this.cluster.listens(leader);
    });
  }

  /** The run is over: last words, and the laws that only an end can judge. */
  end(): void {
    this.#heartbeats.rouseAll();
    for (const { name, group, member } of this.consumers.all) {
      const { count: answered, timed, took, longest } = member.takeAnsweredCommits();
      this.recorder.cause = null;
      if (answered > 0) {
        const commits = { client: name, group: group.spec.id, answered, timed, took, longest };
        this.recorder.record(`client/${name}`, { type: "client.commits", ...commits });
      }
    }
    for (const served of this.cluster.served()) {
      this.recorder.cause = null;
      this.recorder.record(`broker/${served.broker}`, { type: "broker.served", ...served });
    }
    this.recorder.cause = null;
    for (const { consumption } of this.groups.values()) consumption.end();
    this.production.end();
    this.#audit(inTheEnd);
    this.#laws.end(this.engine.now);
  }

  #group(id: GroupId, own: OwnAssignors): RunningGroup {
    const spec = this.scenario.groups.find((group) => group.id === id)!;
    const topics = this.#everRead(spec).map((name) => ({ name, log: this.production.log(name) }));
    const readers: Consumer[] = [];
    const limits = fetchLimits(spec, this.scenario.cluster.config);
    const routes = new FetchRoutes(limits, () => this.network);
    const sizes = new Map(this.scenario.topics.map(({ name, recordSize }) => [name, recordSize]));
    const host: ConsumptionHost = {
      engine: this.engine,
      recorder: this.recorder,
      saturationChanged: (client) => this.consumers.applications.loadChanged(readers[client]),
      readable: (client, topic, partition) => this.#leaders.readable(readers[client], topic, partition),
      settle: () => this.#touched(id),
      commitsOf: (client) => this.consumers.applications.commitsOf(readers[client]),
      route: (client, topic, partition) => {
        const leader = this.#leaders.leaderFor(readers[client], topic, partition);
        return leader === null ? undefined : routes.between(readers[client].index, leader);
      },
      recordSize: (topic) => sizes.get(topic)!,
      readAside: (client, moved) => this.consumers.readers.tell(readers[client], moved),
      outOfRange: (client, partitions) => this.consumers.fellOutOfRange(readers[client], partitions),
    };
    const reset = resetPolicy(spec.config["auto.offset.reset"])!;
    const records = this.scenario.flow === "records" ? this.#recordLaws(spec, readers, limits) : undefined;
    const validates = [spec.clientVersion, this.scenario.cluster.brokerVersion].every(
      (release) => compareReleases(release, "2.3") >= 0,
    );
    const byThemselves = spec.config["group.protocol"] === "consumer";
    const consumption = new Consumption(id, topics, { reset, validates, byThemselves }, host, records);
    consumption.follow(spec.topics, "earliest"); // there is nothing in them yet
    this.production.readBy(consumption);
    return {
      spec,
      readers,
      subscription: spec.topics,
      assignors: assignorsOf(spec, own, consumption),
      consumption,
    };
  }

  /** Something is about to happen to this group: what is only worked out of it is put down. */
  #touched(group: GroupId): void {
    this.#heartbeats.rouseGroup(group);
    for (const consumer of this.groups.get(group)!.readers) this.consumers.commits.commitContinuously(consumer);
  }

  /** Each group draws the arrivals for itself, from streams of the same names: so all meet the same records. */
  #recordLaws({ id, members }: GroupSpec, readers: readonly Consumer[], limits: FetchLimits): RecordLaws {
    const arrivals = new Streams(this.#seed);
    const specs = new Map(this.scenario.topics.map((spec) => [spec.name, spec]));
    const specOf = (topic: TopicName): TopicSpec => specs.get(topic)!;
    return {
      limits,
      leaderOf: (topic, partition) => {
        const { consumption } = this.groups.get(id)!;
        return this.#leaders.leaderForReader(consumption, readers, topic, partition) ?? undefined;
      },
      answers: (client, broker) =>
        this.cluster.listens(broker) && this.network.reachable(readers[client].index, broker),
      fetchDelay: (client, broker, towards) => this.network.fetchDelay(readers[client].index, broker, towards),
      arrivals: (topic, partition) =>
        new Arrivals(specOf(topic).arrivals, arrivals.stream(`topic/${topic}/${partition}/records`)),
      service: (client) =>
        members.service
          ? drawDuration(members.service, this.streams.stream(`group/${id}/reader/${client}/service`))
          : wholeMicroseconds(SECOND / members.capacity),
      nameOf: (client) => readers[client].name,
    };
  }

  /** Offset 0 of every partition that there is when all begins. */
  #beginnings({ topics }: GroupSpec): Offsets {
    const offsets: Record<TopicName, Record<number, number>> = {};
    for (const name of topics) {
      const partitions = this.production.metadata.get(name)?.partitions ?? 0;
      if (partitions > 0) offsets[name] = Object.fromEntries(Array.from({ length: partitions }, (_, i) => [i, 0]));
    }
    return offsets;
  }

  /** Topics that a group reads at the begin or some day. */
  #everRead({ id, topics }: GroupSpec): readonly TopicName[] {
    const later = this.scenario.events.flatMap((event) =>
      event.what === "subscribe" && event.group === id ? event.topics : [],
    );
    return [...new Set([...topics, ...later])];
  }

  /** Written = produced = consumed + lag + lost, wherever anything moved in this event. */
  #audit(ask: (consumption: Consumption) => string | undefined): void {
    for (const { consumption, spec } of this.groups.values()) {
      const wrong = ask(consumption);
      if (wrong)
        throw new LawBroken(
          "written = produced = consumed + lag + lost",
          `${spec.id}: ${wrong}`,
          this.engine.now,
          this.recorder.cause,
        );
    }
  }

  #longestRequest(group: GroupId, api: string): Duration {
    const { config } = this.groups.get(group)!.spec;
    const request = config["request.timeout.ms"];
    const join = Math.max(request, config["max.poll.interval.ms"] + 5000);
    return (api === "JoinGroup" ? join : request) * MILLISECOND + SECOND;
  }
}

const soFar = (consumption: Consumption): string | undefined => consumption.audit();
const inTheEnd = (consumption: Consumption): string | undefined => consumption.finalAudit();
