import type { Engine } from "../../engine/engine.ts";
import type { Streams } from "../../engine/random.ts";
import type { Duration, Instant } from "../../engine/time.ts";
import type { Law } from "../../engine/variates.ts";
import { drawDuration } from "../../engine/variates.ts";
import type { BrokerId, ClientId, Generation, GroupId, MemberId, TopicName } from "../../names.ts";
import type { EventId, Happening } from "../../trace/event.ts";
import type { Recorder } from "../../trace/recorder.ts";
import { byCodeUnit } from "../assignors/standing-order.ts";
import { compareReleases } from "../config.ts";
import type {
  Api,
  FindCoordinator,
  GroupReply,
  GroupRequest,
  ListOffsets,
  OffsetCommit,
  Offsets,
} from "../messages.ts";
import { ORDER } from "../order.ts";
import type { GroupCoordinator } from "../protocols/group-coordinator.ts";
import { Brokers } from "./brokers.ts";
import type { Controller, ControllerHost, ControllerId } from "./controller/controller.ts";
import { KraftController } from "./controller/kraft.ts";
import { ZooKeeperController } from "./controller/zookeeper.ts";
import { Coordinators } from "./coordinators.ts";
import { Leaderships } from "./leaderships.ts";
import { Lifecycle, type Rolling, type RollWatcher } from "./lifecycle.ts";
import { Metadata } from "./metadata.ts";
import type { ClusterOptions } from "./options.ts";
import type { LeadersMoved, Partition } from "./partition.ts";
import type { Shard } from "./shard.ts";
import { Tasks } from "./tasks.ts";
import { Watermarks } from "./watermarks.ts";

/** What the cluster asks of the world around it. */
export interface ClusterHost {
  readonly engine: Engine;
  readonly streams: Streams;
  readonly recorder: Recorder;
  reply(broker: BrokerId, client: ClientId, reply: GroupReply): void;
  /** The process is gone; unless its host is too, its connections are broken. */
  brokerDied(broker: BrokerId): void;
  /** Another process of it begins, and does not listen yet. */
  brokerStarts(broker: BrokerId): void;
  /** The process is back and listens. What it led and nobody took over, it leads again. */
  brokerReturned(broker: BrokerId): void;
  /**
   * The brokers have just heard that partitions of a topic have another leader; the cause is set to the controller's word.
   * Where the old one has not, those who write to it do so until `handOver`.
   */
  dataLeadersMoved(move: LeadersMoved): void;
  /** This broker has just heard who leads topics' partitions, some of which it may have led before. */
  brokerHears(broker: BrokerId): void;
  /** Another part of these partitions can be read than before, or they began or ceased to acknowledge what must be safe. */
  watermarksChanged(topic: TopicName, partitions: readonly number[]): void;
  /** This partition has a leader whose log ends with what was written up to that instant. */
  logCutBack(topic: TopicName, partition: number, to: Instant): void;
  /** Whether messages get through both ways between two brokers; between a broker and the controller. */
  brokersReach(one: BrokerId, other: BrokerId): boolean;
  hearsController(broker: BrokerId): boolean;
  /** Something is about to happen to this group: its members' heartbeats matter again. */
  touched(group: GroupId): void;
  /** From now on this group's commits are not answered as usual. */
  disturbed(group: GroupId): void;
  /** What silenced this client, if the world knows. */
  silenced(client: ClientId): EventId | undefined;
  /** This client's member is in its group no longer. */
  removed(client: ClientId): void;
  /** A client's number, and what names its streams. */
  known(client: ClientId): { readonly index: number; readonly fate: string };
}

/** What a broker has done as coordinator. */
type Served = Omit<Extract<Happening, { readonly type: "broker.served" }>, "type">;

/** Requests of one member that were not simulated. */
export interface UnseenRequests {
  readonly heartbeats: number;
  /** What these are. */
  readonly heartbeat: Api;
  /** Regular commits, and the partitions that each was about. */
  readonly commits: number;
  readonly partitions: number;
}

/** How a process does that may be told to end, or to begin. */
export interface Process {
  readonly runs: boolean;
  /** It has been told to stop, and has not ended yet. */
  readonly shutsDown: boolean;
  /** When the next one begins, which has been told to or has begun; `Infinity` if none has. */
  readonly comesBy: Instant;
}

/** Where groups keep their state. */
const OFFSETS: TopicName = "__consumer_offsets";

/**
 * Brokers, the controller that watches them, who leads which partition, and the group coordinators on the partitions of
 * `__consumer_offsets`. The parts are in files beside this one.
 */
export class Cluster {
  readonly #options: ClusterOptions;
  readonly #host: ClusterHost;
  readonly #tasks: Tasks;
  readonly #brokers: Brokers;
  readonly #controller: Controller;
  readonly #metadata: Metadata;
  readonly #leaderships: Leaderships;
  readonly #watermarks: Watermarks;
  /** From 3.7 on, how many copies count decides too how far a log is safe (KAFKA-15583). */
  readonly #strict: boolean;
  readonly #coordinators: Coordinators;
  readonly #lifecycle: Lifecycle;
  readonly #served = new Map<BrokerId, { readonly requests: Map<string, number>; offsets: number }>();
  #begun = false;
  /** Whether watermarks are about to be reviewed. */
  #reviews = false;

  constructor(options: ClusterOptions, host: ClusterHost) {
    this.#options = options;
    this.#host = host;
    const { engine, recorder, hearsController } = host;
    const now = (): Instant => engine.now;
    const draw = (stream: string, law: Law): Duration =>
      "constant" in law ? law.constant : drawDuration(law, host.streams.stream(stream));
    const tasks = new Tasks(engine, "cluster", ORDER.cluster, recorder);
    const brokers = new Brokers(options.brokers, recorder);
    const metadata = new Metadata({
      tasks,
      recorder,
      brokers: brokers.all,
      now,
      propagation: () => draw("controller/propagation", options.metadataPropagation),
      hearsController: (id) => this.#isTold(id),
      partition: (topic, number) => leaderships.of(topic, number),
      applies: ({ topic }) => {
        if (this.#begun && topic === OFFSETS) this.#coordinators.complete();
      },
      applied: (move) => this.#applied(move),
      fewerAwaited: () => this.#reviewCopies(),
      goesOn: (partition) => partition.topic !== OFFSETS && this.#isLed(partition),
      caughtUp: (broker, partitions) => this.#caughtUp(broker, partitions),
    });
    const leaderships = new Leaderships({
      zones: brokers.all.map((id) => options.zones?.[(id - 1) % options.zones.length]),
      unclean: options.config["unclean.leader.election.enable"],
      mayLead: (id) => brokers.mayLead(id),
      copies: (leader, id) => brokers.listens(leader) && hearsController(leader) && host.brokersReach(leader, id),
      fewerCount: (partition) => metadata.awaitFewer(partition),
      decided: (moves, fewer) => (this.#begun ? metadata.publish(moves, fewer) : metadata.begin(moves)),
      fallsBehind: ({ topic, number }, id) => topic === OFFSETS && this.#coordinators.fallsBehind(number, id),
      leadsUnclean: (partition, id) => {
        if (partition.topic === OFFSETS) this.#coordinators.fallBack(partition.number, id);
        else this.#watermarks.leadsUnclean(partition, id);
      },
    });
    const controllerHost: ControllerHost = {
      leaderships,
      tasks,
      recorder,
      now,
      draw,
      brokers: brokers.all,
      partitions: () => leaderships.count,
      fence: (id) => this.#lifecycle.fence(id),
      heard: (id) => this.#lifecycle.heard(id),
    };
    const { controller, config, brokerVersion } = options;
    this.#controller =
      controller.kind === "kraft"
        ? new KraftController(controller, config, brokerVersion, controllerHost)
        : new ZooKeeperController(controller, config, controllerHost);
    this.#tasks = tasks;
    this.#brokers = brokers;
    this.#metadata = metadata;
    this.#leaderships = leaderships;
    this.#strict = compareReleases(brokerVersion, "3.7") >= 0;
    this.#watermarks = new Watermarks({
      recorder,
      tooFew: (partition) => this.#tooFew(partition),
      standsWithFewer: this.#strict,
      now,
      *partitions() {
        for (const partition of leaderships.all()) if (partition.topic !== OFFSETS) yield partition;
      },
      isLed: (partition) => this.#isLed(partition),
      follows: (id, partition) => this.#follows(id, partition.serving!, partition),
      changed: (topic, partitions) => host.watermarksChanged(topic, partitions),
      cutBack: (topic, partition, to) => host.logCutBack(topic, partition, to),
    });
    this.#coordinators = new Coordinators(options, {
      ...host,
      tasks,
      draw,
      stream: (name) => host.streams.stream(name),
      commits: (broker, partition) => this.#commits(broker, leaderships.of(OFFSETS, partition)!),
      keeps: (broker, partition) => this.#keeps(broker, leaderships.of(OFFSETS, partition)!),
      tooFew: (partition) => this.#tooFew(leaderships.of(OFFSETS, partition)!),
      wroteOffsets: (broker, offsets) => this.#countOffsets(broker, offsets),
    });
    this.#lifecycle = new Lifecycle(config, options.catchUp, {
      brokers,
      leaderships,
      metadata,
      tasks,
      controller: this.#controller,
      now,
      draw,
      hearsController,
      brokersReach: (one, other) => host.brokersReach(one, other),
      processStarts: (id) => host.brokerStarts(id),
      processGoes: () => this.#coordinators.complete(),
      processGone: (id) => {
        this.#coordinators.brokerDied(id);
        host.brokerDied(id);
        this.#reviewCopies();
      },
      processBack: (id) => {
        metadata.forget(id);
        this.#reviewWatermarks();
        host.brokerReturned(id);
      },
      copiesChanged: () => this.#reviewCopies(),
    });
  }

  /** What a group had committed when all began; said before the start. */
  committedBefore(group: GroupId, offsets: Offsets): void {
    this.#coordinators.committedBefore(group, offsets);
  }

  /** Elects the first leaders, whose coordinators are there from the start. */
  start(): void {
    const { config, topics } = this.#options;
    const copies = config["offsets.topic.replication.factor"];
    this.#leaderships.place(OFFSETS, config["offsets.topic.num.partitions"], copies);
    for (const { name, partitions } of topics) this.#place(name, partitions);
    this.#leaderships.elect("initial");
    this.#begun = true;
    this.#reviewWatermarks(); // of some there may be too few copies
  }

  /** A topic has so many partitions from now on: it was created, grew, or, with none, was deleted. */
  layOut(topic: TopicName, partitions: number): void {
    this.#place(topic, partitions);
    this.#controller.whenActive(() => {
      if (partitions > 0) this.#leaderships.elect("created");
      else this.#metadata.announce(() => this.#coordinators.topicDeleted(topic));
    });
  }

  #place(topic: TopicName, partitions: number): void {
    const { replicationFactor } = this.#options.topics.find(({ name }) => name === topic)!;
    this.#leaderships.place(topic, partitions, replicationFactor);
  }

  // ---------------------------------------------------------------- requests

  listens(broker: BrokerId): boolean {
    return this.#brokers.listens(broker);
  }

  /** The brokers a client can reach, ascending. */
  get listening(): readonly BrokerId[] {
    return this.#brokers.all.filter((id) => this.listens(id));
  }

  /** A request has arrived at a broker that listens. */
  handle(broker: BrokerId, request: Exclude<GroupRequest, ListOffsets>): void {
    this.#count(broker, request.api, 1);
    if (request.api === "FindCoordinator") {
      this.#host.reply(broker, request.client, this.#findCoordinator(broker, request));
    } else {
      this.#coordinators.handle(broker, request);
    }
  }

  /** As `Shard.commitUnseen`, at the broker that the member takes for its coordinator. */
  commitUnseen(broker: BrokerId, request: OffsetCommit): boolean {
    return this.#coordinators.commitUnseen(broker, request);
  }

  /** As `Shard.refusesCommits`, at the broker that a member takes for its coordinator. */
  refusesCommits(broker: BrokerId, group: GroupId): boolean {
    return this.#coordinators.refusesCommits(broker, group);
  }

  /** As `Shard.takesCommits`, at the broker that a member takes for its coordinator. */
  takesCommits(broker: BrokerId, group: GroupId): boolean {
    return this.#coordinators.takesCommits(broker, group);
  }

  /** From the broker's own copy of the metadata, without asking whether that leader lives. Kafka: `KafkaApis.getCoordinator`. */
  #findCoordinator(broker: BrokerId, { id, group }: FindCoordinator): GroupReply {
    const leader = this.#metadata.leaderFor(broker, this.#homeOf(group));
    return leader === null
      ? { id, api: "FindCoordinator", error: "COORDINATOR_NOT_AVAILABLE" }
      : { id, api: "FindCoordinator", error: "NONE", broker: leader };
  }

  /** The active coordinator of a group, if there is one. */
  coordinatorOf(group: GroupId): GroupCoordinator | undefined {
    return this.#coordinators.coordinatorOf(group);
  }

  /** Every coordinator in memory anywhere, for the laws. */
  coordinators(): Iterable<GroupCoordinator> {
    return this.#coordinators.all();
  }

  /** As `LostCommits.take`. */
  takeLostCommit(group: GroupId, topic: TopicName, partition: number, from: number): number | undefined {
    return this.#coordinators.takeLost(group, topic, partition, from);
  }

  /** As `Coordinators.committedAt`. */
  committedAt(group: GroupId, topic: TopicName, partition: number): Instant {
    return this.#coordinators.committedAt(group, topic, partition);
  }

  /** The broker that leads this group's partition by the controller's word, or the last that did. */
  leaderOf(group: GroupId): BrokerId {
    const { leader, known, replicas } = this.#homeOf(group);
    return leader ?? known ?? replicas[0];
  }

  /** Who leads a topic's partition, as the brokers tell their clients; `null` while nobody does, or there is none. */
  leaderOfData(topic: TopicName, partition: number): BrokerId | null {
    return this.#leaderships.of(topic, partition)?.known ?? null;
  }

  /** The leader that is written to: mostly the one that brokers name, or one that was overruled and does not know it. */
  servingOf(topic: TopicName, partition: number): BrokerId | null {
    return this.#leaderships.of(topic, partition)?.serving ?? null;
  }

  /** Whether this broker lives and takes itself for the leader of a partition. */
  leads(broker: BrokerId, topic: TopicName, partition: number): boolean {
    const found = this.#leaderships.of(topic, partition);
    return found !== undefined && this.#leads(broker, found);
  }

  /** Whether this broker names the leader of a partition that the others name. */
  namesLeader(broker: BrokerId, topic: TopicName, partition: number): boolean {
    const found = this.#leaderships.of(topic, partition);
    return found !== undefined && this.listens(broker) && this.#metadata.leaderFor(broker, found) === found.known;
  }

  /** Those who write to these partitions have heard who leads them. */
  handOver(topic: TopicName, partitions: readonly number[]): void {
    for (const number of partitions) {
      const partition = this.#leaderships.of(topic, number);
      if (!partition) continue;
      partition.serving = partition.known;
      partition.awaited = partition.inSync;
    }
    this.#reviewWatermarks();
  }

  /** As `Watermarks.standsSince`. */
  standsSince(topic: TopicName, partition: number): Instant | undefined {
    const found = this.#leaderships.of(topic, partition);
    return found && this.#watermarks.standsSince(found);
  }

  /** As `Watermarks.acknowledgesAll`, where a partition exists. */
  acknowledgesAll(topic: TopicName, partition: number): boolean {
    const found = this.#leaderships.of(topic, partition);
    return found !== undefined && this.#watermarks.acknowledgesAll(found);
  }

  #homeOf(group: GroupId): Partition {
    return this.#leaderships.of(OFFSETS, this.#coordinators.partitionOf(group))!;
  }

  /** Requests that have come by API, and offsets written, of each broker that any have come to. */
  served(): readonly Served[] {
    return [...this.#served]
      .sort(([a], [b]) => a - b)
      .map(([broker, { requests, offsets }]) => ({
        broker,
        requests: Object.fromEntries([...requests].sort(([a], [b]) => byCodeUnit(a, b))),
        offsets,
      }));
  }

  /** As `Shard.rest`, at the broker that this member takes for its coordinator. */
  rest(broker: BrokerId, group: GroupId, member: MemberId, generation: Generation): ReturnType<Shard["rest"]> {
    return this.#coordinators.rest(broker, group, member, generation);
  }

  /** As `Shard.rouse`; what has come to the broker meanwhile. */
  rouse(broker: BrokerId, group: GroupId, member: MemberId, sessionEnds: Instant, unseen: UnseenRequests): void {
    const { heartbeat, heartbeats, commits, partitions } = unseen;
    if (heartbeats > 0) this.#count(broker, heartbeat, heartbeats);
    if (commits > 0) {
      this.#count(broker, "OffsetCommit", commits);
      this.#countOffsets(broker, commits * partitions);
    }
    this.#coordinators.rouse(broker, group, member, sessionEnds);
  }

  /** The coordinators, for what is worked out and not simulated. */
  get coordination(): Coordinators {
    return this.#coordinators;
  }

  #count(broker: BrokerId, api: string, number: number): void {
    let served = this.#served.get(broker);
    if (!served) this.#served.set(broker, (served = { requests: new Map(), offsets: 0 }));
    served.requests.set(api, (served.requests.get(api) ?? 0) + number);
  }

  /** Whoever writes offsets was asked to. */
  #countOffsets(broker: BrokerId, offsets: number): void {
    this.#served.get(broker)!.offsets += offsets;
  }

  // ---------------------------------------------------------------- brokers that fail and come back

  /** As `Lifecycle.crash`. */
  crash(id: BrokerId): boolean {
    return this.#lifecycle.crash(id);
  }

  /** As `Lifecycle.restart`. */
  restart(id: BrokerId, downtime: Duration): boolean {
    return this.#lifecycle.restart(id, downtime);
  }

  /** How a broker's process does. */
  process(id: BrokerId): Process {
    const lifecycle = this.#lifecycle;
    return { runs: this.listens(id), shutsDown: lifecycle.shutsDown(id), comesBy: lifecycle.comesBy(id) };
  }

  /** As `Lifecycle.roll`. */
  roll(downtime: Duration, pause: Duration, watcher: RollWatcher): void {
    this.#lifecycle.roll(downtime, pause, watcher);
  }

  /** As `Lifecycle.rolling`. */
  get rolling(): Rolling | undefined {
    return this.#lifecycle.rolling;
  }

  /** The active controller, or null. With ZooKeeper, and in combined mode, it is the process of the broker of that id. */
  get controller(): ControllerId | null {
    return this.#controller.active;
  }

  /** How this process does, which is or may be the controller. A node that is none of a broker ends at once. */
  controllerProcess(id: ControllerId): Process {
    const { nodes } = this.#controller;
    return nodes ? { runs: nodes.runs(id), shutsDown: false, comesBy: nodes.comesBy(id) } : this.process(id);
  }

  /** The brokers that stand in a zone, ascending. */
  brokersIn(zone: string): readonly BrokerId[] {
    const { zones } = this.#options;
    return this.#brokers.all.filter((id) => zones?.[(id - 1) % zones.length] === zone);
  }

  /** Kills a process that is or may be the controller; returns false if it is down already. */
  crashController(id: ControllerId): boolean {
    return this.#controller.nodes ? this.#controller.nodes.crash(id) : this.crash(id);
  }

  /** Ends such a process in order, if it runs, and starts it again after `downtime`. */
  restartController(id: ControllerId, downtime: Duration): void {
    const { nodes } = this.#controller;
    if (nodes) nodes.restart(id, downtime);
    else this.restart(id, downtime);
  }

  /** Brokers, or brokers and the controller, may reach each other now, or not any more. */
  reachChanged(): void {
    this.#lifecycle.reachChanged();
    for (const id of this.#brokers.all) if (this.#isTold(id)) this.#metadata.heardAgain(id);
    this.#reviewCopies();
  }

  // ---------------------------------------------------------------- what brokers hear and write

  /**
   * Whether the controller's decisions reach this broker. That of the ZooKeeper era sends nothing to one that it has given up,
   * until that has registered again.
   */
  #isTold(id: BrokerId): boolean {
    const isForgotten = !this.#controller.lastSignOf && this.#brokers.stateOf(id) === "Isolated";
    return this.#host.hearsController(id) && !isForgotten;
  }

  /** Copies follow that did not, or the reverse, or others count: what waits for them may be safe now, or not. */
  #reviewCopies(): void {
    this.#coordinators.proceed();
    this.#reviewWatermarks();
  }

  /** Once, when all has happened that happens at this instant: a host that is lost cuts its process off before that dies. */
  #reviewWatermarks(): void {
    if (this.#reviews) return;
    this.#reviews = true;
    this.#tasks.after(0, () => {
      this.#reviews = false;
      this.#watermarks.review();
    });
  }

  /** The brokers that hear the controller hear of new leaders. */
  #applied(move: LeadersMoved): void {
    const { topic, partitions, to } = move;
    if (to !== null) this.#lifecycle.leads(to);
    if (topic !== OFFSETS) {
      const there = partitions.filter((number) => this.#leaderships.of(topic, number)); // it may have been deleted
      this.#coordinators.partitionsKnown(
        topic,
        there.reduce((most, number) => Math.max(most, number + 1), 0),
      );
      if (!this.#begun) return;
      this.#reviewWatermarks();
      this.#host.dataLeadersMoved(move);
    } else if (!this.#begun) {
      for (const number of partitions) this.#coordinators.begin(number, to!);
    } else {
      for (const number of partitions) {
        const partition = this.#leaderships.of(topic, number)!;
        for (const id of this.#brokers.all) if (this.#host.hearsController(id)) this.#follow(id, partition);
      }
      this.#coordinators.proceed();
    }
  }

  /** Whether the leader that is written to lives, and takes itself for that. */
  #isLed(partition: Partition): boolean {
    return partition.serving !== null && this.#leads(partition.serving, partition);
  }

  #leads(broker: BrokerId, partition: Partition): boolean {
    return this.listens(broker) && this.#metadata.leaderFor(broker, partition) === broker;
  }

  #caughtUp(broker: BrokerId, partitions: Iterable<Partition>): void {
    let ofTopics = false; // and not only of __consumer_offsets
    for (const partition of partitions) {
      this.#follow(broker, partition);
      if (partition.topic !== OFFSETS) ofTopics = true;
    }
    if (ofTopics) this.#host.brokerHears(broker);
    this.#reviewCopies();
  }

  #follow(broker: BrokerId, { topic, number, known }: Partition): void {
    if (topic === OFFSETS && this.listens(broker)) this.#coordinators.follow(broker, number, known);
  }

  /** The others follow the leader they know of; it waits for all whose copies count as complete. */
  #commits(leader: BrokerId, partition: Partition): boolean {
    const { known, awaited } = partition;
    if (this.#strict && this.#tooFew(partition)) return false;
    return known === leader && this.#following(leader, partition) === awaited.length;
  }

  /** Or, if it waits, the controller takes out those that do not follow, and enough are left. */
  #keeps(leader: BrokerId, partition: Partition): boolean {
    if (this.#commits(leader, partition)) return true;
    const { known } = partition;
    if (known !== leader || !this.#host.hearsController(leader)) return false;
    return this.#following(leader, partition) >= this.#leastInSync(partition);
  }

  /** Whether fewer copies are in sync than a write asks for that must be on all of them. */
  #tooFew(partition: Partition): boolean {
    return partition.awaited.length < this.#leastInSync(partition);
  }

  /**
   * How many must be. Before 3.7 that may be more than there are: then nothing is ever taken. Kafka:
   * `Partition.effectiveMinIsr`.
   */
  #leastInSync({ replicas }: Partition): number {
    const least = this.#options.config["min.insync.replicas"];
    return this.#strict ? Math.min(least, replicas.length) : least;
  }

  /** Whether a broker gets what this leader writes: it reaches it, and has heard of no other. */
  #follows(id: BrokerId, leader: BrokerId, partition: Partition): boolean {
    if (!this.listens(id) || !this.#host.brokersReach(leader, id)) return false;
    return this.#metadata.leaderFor(id, partition) === leader;
  }

  /** How many of the complete copies get what their leader writes, its own included. */
  #following(leader: BrokerId, partition: Partition): number {
    const { awaited } = partition;
    return awaited.filter((id) => id === leader || this.#follows(id, leader, partition)).length;
  }
}
