import type { Engine } from "../../engine/engine.ts";
import { type Duration, type Instant, MILLISECOND, SECOND } from "../../engine/time.ts";
import type { Keyed } from "../../engine/keyed.ts";
import { keyed } from "../../engine/keyed.ts";
import type { Stream } from "../../engine/random.ts";
import type { Law } from "../../engine/variates.ts";
import { durationOf, reachOf } from "../../engine/variates.ts";
import type { BrokerId, ClientId, Generation, GroupId, MemberId, TopicName } from "../../names.ts";
import type { EventId } from "../../trace/event.ts";
import type { Recorder } from "../../trace/recorder.ts";
import type { CoordinatorRequest, GroupReply, OffsetCommit, Offsets } from "../messages.ts";
import { ORDER } from "../order.ts";
import type { ClassicOptions } from "../protocols/classic/coordinator.ts";
import { ClassicGroupCoordinator, offsetExpiryOf } from "../protocols/classic/coordinator.ts";
import type { OffsetsRecord } from "../protocols/coordination/committed-offsets.ts";
import { MemberIds } from "../protocols/coordination/member-ids.ts";
import { errorReply } from "../protocols/coordination/replies.ts";
import type { ConsumerOptions } from "../protocols/consumer/coordinator.ts";
import { ConsumerGroupCoordinator } from "../protocols/consumer/coordinator.ts";
import type { CoordinatorHost, GroupCoordinator } from "../protocols/group-coordinator.ts";
import type { GroupImage } from "../protocols/group-log.ts";
import { copyImage, emptyImage, replay } from "../protocols/group-log.ts";
import { TimerTable } from "../timer-table.ts";
import { coordinatorPartition } from "./coordinator-partition.ts";
import type { Load } from "./loader.ts";
import { Loaders } from "./loader.ts";
import { LostCommits } from "./lost-commits.ts";
import type { ClusterOptions } from "./options.ts";
import type { GroupLog, RegularWrite } from "./shard.ts";
import { Shard } from "./shard.ts";
import type { Tasks } from "./tasks.ts";

/** What coordinators need of the cluster around them. */
export interface CoordinatorsHost {
  readonly engine: Engine;
  readonly recorder: Recorder;
  readonly tasks: Tasks;
  draw(stream: string, law: Law): Duration;
  reply(broker: BrokerId, client: ClientId, reply: GroupReply): void;
  touched(group: GroupId): void;
  disturbed(group: GroupId): void;
  silenced(client: ClientId): EventId | undefined;
  /** This client's member is in its group no longer. */
  removed(client: ClientId): void;
  /** Whether what this broker, as leader, writes to this partition of `__consumer_offsets` gets to all who must have it. */
  commits(broker: BrokerId, partition: number): boolean;
  /** Whether what it writes gets there sooner or later. */
  keeps(broker: BrokerId, partition: number): boolean;
  /** Whether fewer of its copies are in sync than `min.insync.replicas` asks for. */
  tooFew(partition: number): boolean;
  /** This broker has written so many offsets. */
  wroteOffsets(broker: BrokerId, offsets: number): void;
  /** A client's number, and what names its streams. */
  known(client: ClientId): { readonly index: number; readonly fate: string };
  stream(name: string): Stream;
}

/** One `__consumer_offsets` partition that some group lives on: its log, and its coordinators on the brokers. */
interface Home {
  readonly partition: number;
  readonly groups: readonly GroupId[];
  readonly log: GroupLog;
  readonly shards: Map<BrokerId, Shard>;
  /** Who was elected last, as the brokers have heard. */
  elected: BrokerId | null;
  /**
   * Whose word about these groups counts: of all that were elected, the one that has loaded them last. Whoever was it before
   * and lives on has not heard of it, and answers for its own copy only.
   */
  speaks: BrokerId | null;
  /** What is in copies that are not in sync any more. */
  readonly outdated: Map<BrokerId, GroupLog>;
}

/**
 * The group coordinators of all brokers, for the partitions of `__consumer_offsets` on which some group lives: who loads,
 * who is active, who answers what meanwhile. Kafka: `CoordinatorRuntime`, `GroupCoordinatorService`.
 */
export class Coordinators {
  readonly #options: ClusterOptions;
  readonly #host: CoordinatorsHost;
  readonly #homes: ReadonlyMap<number, Home>; // by partition, ascending
  readonly #homeOf = new Map<GroupId, Home>();
  readonly #loaders: Loaders;
  /** What shards that load wait for. */
  readonly #loads = new WeakMap<Shard, Load>();
  readonly #timers: TimerTable;
  readonly #ids = new MemberIds();
  /** How many partitions each topic has, and which topics have been deleted, as the brokers know. */
  readonly #topics = new Map<TopicName, number>();
  readonly #gone = new Set<TopicName>();
  readonly #lost = new LostCommits();
  readonly #classic: ClassicOptions;
  readonly #appends = new Map<ClientId, Keyed>(); // of regular commits

  constructor(options: ClusterOptions, host: CoordinatorsHost) {
    this.#options = options;
    this.#host = host;
    this.#loaders = new Loaders(host.tasks, host.recorder);
    this.#timers = new TimerTable(host.engine, "group timer", ORDER.brokerTimer, host.recorder);
    const { config, coordinator, brokerVersion } = options;
    this.#classic = {
      flavour: coordinator,
      offsetExpiry: offsetExpiryOf(brokerVersion),
      config,
      ids: this.#ids,
      gone: this.#gone,
    };
    const partitionOf = (group: GroupId): number => coordinatorPartition(group, config["offsets.topic.num.partitions"]);
    const ids = options.groups.map(({ id }) => id);
    const partitions = [...new Set(ids.map(partitionOf))].sort((a, b) => a - b);
    this.#homes = new Map(
      partitions.map((partition) => [
        partition,
        newHome(
          partition,
          ids.filter((group) => partitionOf(group) === partition),
        ),
      ]),
    );
    for (const group of ids) this.#homeOf.set(group, this.#homes.get(partitionOf(group))!);
  }

  /** The `__consumer_offsets` partition this group lives on. */
  partitionOf(group: GroupId): number {
    return this.#homeOf.get(group)!.partition;
  }

  /** What a group had committed when all began. */
  committedBefore(group: GroupId, offsets: Offsets): void {
    const image = replay(emptyImage(), { type: "offsets", at: this.#host.engine.now, offsets });
    this.#homeOf.get(group)!.log.set(group, image);
  }

  handle(broker: BrokerId, request: CoordinatorRequest): void {
    const shard = this.#homeOf.get(request.group)!.shards.get(broker);
    if (shard) shard.handle(request);
    else this.#host.reply(broker, request.client, errorReply(request, "NOT_COORDINATOR"));
  }

  /** As `Shard.commitUnseen`. */
  commitUnseen(broker: BrokerId, request: OffsetCommit): boolean {
    return this.#homeOf.get(request.group)!.shards.get(broker)?.commitUnseen(request) ?? false;
  }

  /** As `Shard.takesCommits`, at the broker that a member takes for its coordinator. */
  takesCommits(broker: BrokerId, group: GroupId): boolean {
    return this.#homeOf.get(group)!.shards.get(broker)?.takesCommits ?? false;
  }

  /** As `Shard.refusesCommits`, at the broker that a member takes for its coordinator. */
  refusesCommits(broker: BrokerId, group: GroupId): boolean {
    return this.#homeOf.get(group)!.shards.get(broker)?.refusesCommits ?? false;
  }

  /** The active coordinator that speaks for a group, if there is one. */
  coordinatorOf(group: GroupId): GroupCoordinator | undefined {
    const { shards, speaks } = this.#homeOf.get(group)!;
    const shard = speaks === null ? undefined : shards.get(speaks);
    if (shard?.state !== "Active") return undefined;
    for (const coordinator of shard.coordinators()) if (coordinator.group === group) return coordinator;
    return undefined;
  }

  /** Every coordinator in memory anywhere. */
  *all(): Iterable<GroupCoordinator> {
    for (const { shards } of this.#homes.values()) for (const shard of shards.values()) yield* shard.coordinators();
  }

  /** As `Shard.rest`, at the broker that this member takes for its coordinator. */
  rest(broker: BrokerId, group: GroupId, member: MemberId, generation: Generation): ReturnType<Shard["rest"]> {
    return this.#homeOf.get(group)!.shards.get(broker)?.rest(group, member, generation);
  }

  /** As `Shard.rouse`. */
  rouse(broker: BrokerId, group: GroupId, member: MemberId, sessionEnds: Instant): void {
    this.#homeOf.get(group)!.shards.get(broker)?.rouse(group, member, sessionEnds);
  }

  /** As `Shard.keepRegular`. */
  keepRegular(broker: BrokerId, group: GroupId, record: OffsetsRecord): void {
    this.#homeOf.get(group)!.shards.get(broker)?.keepRegular(group, record);
  }

  /** As `Shard.resumeRegular`. */
  resumeRegular(broker: BrokerId, write: RegularWrite, longer: Duration): void {
    this.#homeOf.get(write.regular.group)!.shards.get(broker)?.resumeRegular(write, longer);
  }

  /** How long this client's regular commit of this number takes to be written. */
  regularAppendDuration(client: ClientId, commit: number): Duration {
    return this.#linger + this.#regularAppend(client, commit);
  }

  /** Between what durations that lies. */
  regularAppendReach(): { readonly least: Duration; readonly most: Duration } {
    const { least, most } = reachOf(this.#options.appendDelay);
    return { least: this.#linger + least, most: this.#linger + most };
  }

  get #linger(): Duration {
    const { config, coordinator } = this.#options;
    return coordinator === "java" ? Math.max(0, config["group.coordinator.append.linger.ms"]) * MILLISECOND : 0;
  }

  /** The first leader's coordinators are there from the start. */
  begin(partition: number, leader: BrokerId): void {
    const home = this.#homes.get(partition);
    if (!home) return;
    const shard = this.#shard(home, leader);
    this.#elect(home, shard);
    this.#loaded(home, shard);
  }

  #elect(home: Home, shard: Shard): void {
    home.elected = shard.broker;
    shard.elected();
  }

  #loaded(home: Home, shard: Shard): void {
    // Of two that load, one may be cut off and not know that it was replaced meanwhile.
    if (shard.state === "Loading" && home.elected === shard.broker) home.speaks = shard.broker;
    shard.loaded();
  }

  /** A broker hears who leads a partition now: it unloads what it had, or, if it is itself, begins to load. */
  follow(broker: BrokerId, partition: number, leader: BrokerId | null): void {
    const home = this.#homes.get(partition);
    if (!home) return;
    if (broker !== leader) return this.#resign(home, broker);
    const shard = this.#shard(home, broker);
    if (shard.state === "Loading" || shard.state === "Active") return;
    this.#elect(home, shard);
    this.#loads.set(
      shard,
      this.#loaders.queue(broker, this.#readingTime(home), () => this.#loaded(home, shard)),
    );
  }

  #resign({ shards }: Home, broker: BrokerId): void {
    const shard = shards.get(broker);
    if (!shard) return;
    const load = this.#loads.get(shard);
    if (load && shard.state === "Loading") this.#loaders.abort(broker, load);
    shard.resigned();
  }

  /** Brokers came or went, or copies, or the ways between them: writes may be committed that were not, or the reverse. */
  proceed(): void {
    for (const { shards } of this.#homes.values()) for (const shard of shards.values()) shard.proceed();
  }

  /**
   * The brokers hear that a topic was deleted: what groups have committed of it is, too, by coordinators that are active
   * (where none is it stays until it expires), and no commit of it counts any more. Kafka:
   * `GroupCoordinatorService.onPartitionsDeleted`.
   */
  topicDeleted(topic: TopicName): void {
    for (const home of this.#homes.values()) this.#complete(home);
    this.#gone.add(topic);
    this.#topics.delete(topic);
    this.#topicChanged(topic);
  }

  /** The brokers know of so many partitions of a topic from now on, as far as that is more than before. */
  partitionsKnown(topic: TopicName, partitions: number): void {
    if (partitions <= (this.#topics.get(topic) ?? 0)) return;
    this.#gone.delete(topic);
    this.#topics.set(topic, partitions);
    this.#topicChanged(topic);
  }

  #topicChanged(topic: TopicName): void {
    for (const { shards } of this.#homes.values()) for (const shard of shards.values()) shard.topicChanged(topic);
  }

  /** What is written from now on will be missing in this broker's copy. */
  fallsBehind(partition: number, broker: BrokerId): void {
    const home = this.#homes.get(partition);
    if (!home) return;
    this.#complete(home);
    home.outdated.set(broker, copyOf(home.log));
  }

  /** An incomplete copy is all there is from now on. */
  fallBack(partition: number, broker: BrokerId): void {
    const home = this.#homes.get(partition);
    const copy = home?.outdated.get(broker);
    if (!home || !copy) return;
    this.#complete(home);
    for (const [group, { offsets }] of home.log) this.#lost.lose(group, offsets, copy.get(group)?.offsets);
    home.log.clear();
    for (const [group, image] of copyOf(copy)) home.log.set(group, image);
    for (const [id, shard] of home.shards) if (id !== broker) shard.overruled();
  }

  /** When what a group has committed last of a partition came to its coordinator; 0 if that was before the run. */
  committedAt(group: GroupId, topic: TopicName, partition: number): Instant {
    const home = this.#homes.get(this.partitionOf(group));
    return home?.log.get(group)?.offsets.get(topic)?.get(partition)?.at ?? 0;
  }

  /** As `LostCommits.take`. */
  takeLost(group: GroupId, topic: TopicName, partition: number, from: number): number | undefined {
    return this.#lost.take(group, topic, partition, from);
  }

  /** Some log is about to lose something, or a copy, or its leader: what is in it by now and was only worked out is put there. */
  complete(): void {
    for (const home of this.#homes.values()) this.#complete(home);
  }

  #complete({ groups }: Home): void {
    for (const group of groups) this.#host.touched(group);
  }

  /** The broker's process is gone, with all that its coordinators had in memory. */
  brokerDied(broker: BrokerId): void {
    this.#loaders.died(broker);
    for (const { shards } of this.#homes.values()) {
      shards.get(broker)?.died();
      shards.delete(broker);
    }
  }

  #regularAppend(client: ClientId, commit: number): Duration {
    const { appendDelay } = this.#options;
    if ("constant" in appendDelay) return appendDelay.constant;
    let chance = this.#appends.get(client);
    if (!chance) {
      chance = keyed(this.#host.stream(`${this.#host.known(client).fate}/commit-appends`));
      this.#appends.set(client, chance);
    }
    return durationOf(appendDelay, chance.uniform(commit));
  }

  /** Live data, superseded records, tombstones: all that is in the log is read. */
  #readingTime({ groups }: Home): Duration {
    const { base, bytes, bytesOf, bytesPerSecond } = this.#options.loading;
    const stated = groups.flatMap((group) => bytesOf[group] ?? []);
    const all = stated.length > 0 ? stated.reduce((sum, one) => sum + one, 0) : bytes;
    return base + Math.round((all / bytesPerSecond) * SECOND);
  }

  /** A coordinator of the protocol that this group speaks. */
  #load(id: GroupId, host: CoordinatorHost, image: GroupImage | undefined): GroupCoordinator {
    const group = this.#options.groups.find((one) => one.id === id)!;
    if (group.protocol === "classic") return ClassicGroupCoordinator.load(id, this.#classic, host, image);
    const { brokerVersion, config } = this.#options;
    const options: ConsumerOptions = {
      brokerVersion,
      config,
      groupConfig: group.config,
      ids: this.#ids,
      gone: this.#gone,
      partitionsOf: (topic) => this.#topics.get(topic) ?? 0,
    };
    return ConsumerGroupCoordinator.load(id, options, host, image);
  }

  #shard(home: Home, broker: BrokerId): Shard {
    const { partition, groups, log, shards } = home;
    let shard = shards.get(broker);
    if (!shard) {
      const { recorder, engine, tasks, draw, reply, known, commits, keeps, tooFew, wroteOffsets } = this.#host;
      const { touched, disturbed, silenced, removed } = this.#host;
      const { config, coordinator, appendDelay } = this.#options;
      shard = new Shard(broker, partition, groups, log, {
        engine,
        recorder,
        timers: this.#timers,
        config,
        flavour: coordinator,
        gone: this.#gone,
        load: (group, host, image) => this.#load(group, host, image),
        reply: (client, message) => reply(broker, client, message),
        appendDuration: (group) => this.#linger + draw(`group/${group}/append`, appendDelay),
        regularAppendDuration: (client, commit) => this.regularAppendDuration(client, commit),
        later: (delay, then, client) => tasks.after(delay, then, client === undefined ? 0 : 1 + known(client).index),
        refusal: () => (tooFew(partition) ? "NOT_ENOUGH_REPLICAS" : undefined),
        commits: () => commits(broker, partition),
        keeps: () => keeps(broker, partition),
        wroteOffsets: (offsets) => wroteOffsets(broker, offsets),
        committed: (group, offsets) => this.#lost.committed(group, offsets),
        deposed: () => home.speaks !== broker,
        writeTimeout: config["offsets.commit.timeout.ms"] * MILLISECOND,
        touched,
        disturbed,
        silenced,
        removed,
      });
      shards.set(broker, shard);
    }
    return shard;
  }
}

const newHome = (partition: number, groups: readonly GroupId[]): Home => ({
  partition,
  groups,
  log: new Map(),
  shards: new Map(),
  elected: null,
  speaks: null,
  outdated: new Map(),
});

const copyOf = (log: GroupLog): GroupLog => new Map([...log].map(([group, image]) => [group, copyImage(image)]));
