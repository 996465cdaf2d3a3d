import type { Engine } from "../../engine/engine.ts";
import type { Streams } from "../../engine/random.ts";
import type { Duration, Instant } from "../../engine/time.ts";
import { MILLISECOND, SECOND } from "../../engine/time.ts";
import type { Law } from "../../engine/variates.ts";
import { drawDuration } from "../../engine/variates.ts";
import type { BrokerId, ClientId, Generation, GroupId, MemberId } from "../../names.ts";
import type { EventId } from "../../trace/event.ts";
import type { Recorder } from "../../trace/recorder.ts";
import { compareReleases } from "../config.ts";
import type { CoordinatorRequest, GroupReply, GroupRequest } from "../messages.ts";
import { MemberIds } from "../protocols/classic/coordinator.ts";
import type { ClassicGroupCoordinator } from "../protocols/classic/coordinator.ts";
import { errorReply } from "../protocols/classic/coordinator/replies.ts";
import { next } from "../protocols/machine.ts";
import { ORDER } from "../order.ts";
import { TimerTable } from "../timer-table.ts";
import type { BrokerReason, BrokerStateName } from "./broker-states.ts";
import { BROKER } from "./broker-states.ts";
import { coordinatorPartition } from "./coordinator-partition.ts";
import type { ClusterOptions } from "./options.ts";
import type { GroupLog } from "./shard.ts";
import { Shard } from "./shard.ts";
import { Tasks } from "./tasks.ts";

/** What the cluster asks of the world around it. */
export interface ClusterHost {
  readonly engine: Engine;
  readonly streams: Streams;
  readonly recorder: Recorder;
  reply(broker: BrokerId, client: ClientId, reply: GroupReply): void;
  /** The process is gone; its connections are broken. */
  brokerDied(broker: BrokerId): void;
  /** Something is about to happen to this group: its members' heartbeats matter again. */
  touched(group: GroupId): void;
  /** What silenced this client, if the world knows. */
  silenced(client: ClientId): EventId | undefined;
}

interface Broker {
  readonly id: BrokerId;
  state: BrokerStateName;
  /** How often its process has begun. */
  lives: number;
  /** When its one loader thread has read all it was given so far. */
  loaderFreeAt: number;
  readonly served: Map<string, number>;
}

/** One `__consumer_offsets` partition that some group lives on. */
interface OffsetsPartition {
  readonly number: number;
  /** In order of preference. */
  readonly replicas: readonly BrokerId[];
  readonly log: GroupLog;
  readonly shards: Map<BrokerId, Shard>;
  /** As the controller decided, and as the brokers believe a metadata propagation later. */
  leader: BrokerId | null;
  visibleLeader: BrokerId | null;
}

/** A restarting broker asks the controller this soon whether it may exit, then at every heartbeat. */
const FIRST_SHUTDOWN_ASK: Duration = 50 * MILLISECOND;

/** From this release on the controller looks for silent brokers periodically, eight times a session. KAFKA-17793. */
const PERIODIC_FENCING = "4.0";

/**
 * Brokers, the controller that watches them, and the `__consumer_offsets` partitions with the coordinators on them:
 * who leads, who loads, who answers what meanwhile. KRaft. Kafka: `QuorumController`, `ReplicationControlManager`,
 * `BrokerMetadataPublisher`, `CoordinatorRuntime`.
 */
export class Cluster {
  readonly #options: ClusterOptions;
  readonly #host: ClusterHost;
  readonly #brokers: readonly Broker[];
  readonly #partitions = new Map<number, OffsetsPartition>();
  readonly #partitionOf = new Map<GroupId, OffsetsPartition>();
  readonly #timers: TimerTable;
  readonly #tasks: Tasks;
  readonly #ids = new MemberIds();
  #preferredElection = false; // one is due

  constructor(options: ClusterOptions, host: ClusterHost) {
    this.#options = options;
    this.#host = host;
    this.#timers = new TimerTable(host.engine, "group timer", ORDER.brokerTimer, host.recorder);
    this.#tasks = new Tasks(host.engine, "cluster", ORDER.cluster, host.recorder);
    this.#brokers = Array.from({ length: options.brokers }, (_, index) => ({
      id: index + 1,
      state: "Running" as const,
      lives: 1,
      loaderFreeAt: 0,
      served: new Map<string, number>(),
    }));
    for (const group of options.groups) this.#partitionOf.set(group, this.#place(group));
  }

  /** Elects the first leaders, whose coordinators are there from the start. */
  start(): void {
    for (const partition of this.#inOrder()) {
      this.#lead(partition, partition.replicas[0], "initial");
      partition.visibleLeader = partition.leader;
      const shard = this.#shard(partition, partition.replicas[0]);
      shard.elected();
      shard.loaded();
    }
  }

  #place(group: GroupId): OffsetsPartition {
    const { config, brokers } = this.#options;
    const number = coordinatorPartition(group, config["offsets.topic.num.partitions"]);
    let partition = this.#partitions.get(number);
    if (!partition) {
      const copies = Math.min(config["offsets.topic.replication.factor"], brokers);
      const replicas = Array.from({ length: copies }, (_, index) => ((number + index) % brokers) + 1);
      partition = { number, replicas, log: new Map(), shards: new Map(), leader: null, visibleLeader: null };
      this.#partitions.set(number, partition);
    }
    return partition;
  }

  // ---------------------------------------------------------------- requests

  listens(broker: BrokerId): boolean {
    const { state } = this.#brokers[broker - 1];
    return state === "Running" || state === "ShuttingDown";
  }

  /** Whether it is on its way out, in order. */
  shutsDown(broker: BrokerId): boolean {
    return this.#brokers[broker - 1].state === "ShuttingDown";
  }

  /** The brokers a client can reach, ascending. */
  get listening(): readonly BrokerId[] {
    return this.#brokers.filter(({ id }) => this.listens(id)).map(({ id }) => id);
  }

  /** A request has arrived at a broker that listens. */
  handle(broker: BrokerId, request: GroupRequest): void {
    const { served } = this.#brokers[broker - 1];
    served.set(request.api, (served.get(request.api) ?? 0) + 1);
    if (request.api === "FindCoordinator")
      return this.#host.reply(broker, request.client, this.#findCoordinator(request));
    const partition = this.#partitionOf.get(request.group)!;
    const shard = partition.shards.get(broker);
    if (shard) shard.handle(request as CoordinatorRequest);
    else this.#host.reply(broker, request.client, errorReply(request as CoordinatorRequest, "NOT_COORDINATOR"));
  }

  /** From the broker's own copy of the metadata, without asking whether that leader lives. Kafka: `KafkaApis.getCoordinator`. */
  #findCoordinator({ id, group }: GroupRequest): GroupReply {
    const leader = this.#partitionOf.get(group)!.visibleLeader;
    const known = leader !== null && this.#brokers[leader - 1].state !== "Fenced";
    return known
      ? { id, api: "FindCoordinator", error: "NONE", broker: leader }
      : { id, api: "FindCoordinator", error: "COORDINATOR_NOT_AVAILABLE" };
  }

  /** The active coordinator of a group, if there is one. */
  coordinatorOf(group: GroupId): ClassicGroupCoordinator | undefined {
    const partition = this.#partitionOf.get(group)!;
    for (const shard of partition.shards.values()) {
      if (shard.state !== "Active") continue;
      const found = [...shard.coordinators()].find((coordinator) => coordinator.group === group);
      if (found) return found;
    }
    return undefined;
  }

  /** Every coordinator in memory anywhere, for the laws. */
  *coordinators(): Iterable<ClassicGroupCoordinator> {
    for (const partition of this.#partitions.values()) {
      for (const shard of partition.shards.values()) yield* shard.coordinators();
    }
  }

  /** The broker that leads this group's partition by the controller's word, or the last that did. */
  leaderOf(group: GroupId): BrokerId {
    const partition = this.#partitionOf.get(group)!;
    return partition.leader ?? partition.visibleLeader ?? partition.replicas[0];
  }

  /** Requests answered by API, of each broker that answered any. */
  served(): readonly { readonly broker: BrokerId; readonly requests: Readonly<Record<string, number>> }[] {
    return this.#brokers
      .filter(({ served }) => served.size > 0)
      .map(({ id, served }) => ({
        broker: id,
        requests: Object.fromEntries([...served].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))),
      }));
  }

  /** As `Shard.rest`, at the broker that this member takes for its coordinator. */
  rest(broker: BrokerId, group: GroupId, member: MemberId, generation: Generation): ReturnType<Shard["rest"]> {
    return this.#partitionOf.get(group)!.shards.get(broker)?.rest(group, member, generation);
  }

  /** As `Shard.rouse`; the broker has answered so many heartbeats meanwhile. */
  rouse(broker: BrokerId, group: GroupId, member: MemberId, sessionEnds: Instant, heartbeats: number): void {
    const { served } = this.#brokers[broker - 1];
    if (heartbeats > 0) served.set("Heartbeat", (served.get("Heartbeat") ?? 0) + heartbeats);
    this.#partitionOf.get(group)!.shards.get(broker)?.rouse(group, member, sessionEnds);
  }

  // ---------------------------------------------------------------- brokers that fail and come back

  /** The process dies without a word. The controller notices when its session ends. Returns false if it is down already. */
  crash(id: BrokerId): boolean {
    const broker = this.#brokers[id - 1];
    if (!this.listens(id)) return false;
    if (broker.state === "ShuttingDown") this.#exit(broker);
    else {
      this.#move(broker, "crashed");
      this.#processGone(broker);
      const { lives } = broker;
      this.#tasks.after(this.#silenceUntilFenced(id), () => {
        if (broker.state === "Crashed" && broker.lives === lives) this.#fence(broker);
      });
    }
    return true;
  }

  /**
   * An orderly restart: leaderships move away at once, the process exits as soon as the controller allows it, and is
   * back after `downtime`. Kafka: `BrokerLifecycleManager`, `BrokerHeartbeatManager.calculateNextBrokerState`.
   */
  restart(id: BrokerId, downtime: Duration): boolean {
    const broker = this.#brokers[id - 1];
    if (broker.state === "ShuttingDown") return false;
    if (broker.state !== "Running") {
      this.#comeBackAfter(downtime, broker);
      return true;
    }
    if (!this.#options.config["controlled.shutdown.enable"]) {
      this.crash(id);
      this.#comeBackAfter(downtime, broker);
      return true;
    }
    this.#move(broker, "controlled-shutdown");
    const spread = this.#moveAway(broker, "controlled-shutdown");
    const heartbeat = this.#options.config["broker.heartbeat.interval.ms"] * MILLISECOND;
    const asks = spread <= FIRST_SHUTDOWN_ASK ? 0 : Math.ceil((spread - FIRST_SHUTDOWN_ASK) / heartbeat);
    this.#tasks.after(FIRST_SHUTDOWN_ASK + asks * heartbeat, () => {
      if (broker.state === "ShuttingDown") this.#exit(broker);
      this.#comeBackAfter(downtime, broker);
    });
    return true;
  }

  #exit(broker: Broker): void {
    this.#move(broker, "exited");
    this.#processGone(broker);
  }

  #processGone({ id }: Broker): void {
    for (const partition of this.#inOrder()) {
      const shard = partition.shards.get(id);
      if (!shard) continue;
      shard.died();
      partition.shards.delete(id);
    }
    this.#host.brokerDied(id);
  }

  /** Unless it is back already by then. */
  #comeBackAfter(downtime: Duration, broker: Broker): void {
    const { lives } = broker;
    this.#tasks.after(downtime, () => {
      if (broker.lives === lives) this.#comeBack(broker);
    });
  }

  #comeBack(broker: Broker): void {
    if (broker.state !== "Crashed" && broker.state !== "Fenced") return;
    broker.lives++;
    const unnoticed = broker.state === "Crashed";
    this.#move(broker, "restarted");
    broker.loaderFreeAt = 0;
    for (const partition of this.#inOrder()) {
      if (partition.leader === null && partition.replicas.includes(broker.id)) this.#elect(partition, "returned");
      else if (unnoticed && partition.leader === broker.id) this.#apply(partition); // still its leader, with an empty memory
    }
    this.#awaitPreferredElection();
  }

  /** From the crash until the controller fences: a broker session after its last heartbeat, and the check after that. */
  #silenceUntilFenced(id: BrokerId): Duration {
    const { config, brokerVersion } = this.#options;
    const session = config["broker.session.timeout.ms"] * MILLISECOND;
    const heartbeat = config["broker.heartbeat.interval.ms"] * MILLISECOND;
    const age = this.#draw(`broker/${id}/heartbeat`, { uniform: [0, Math.min(heartbeat, session)] });
    if (compareReleases(brokerVersion, PERIODIC_FENCING) < 0) return session - age;
    return session - age + this.#draw("controller/fencing", { uniform: [0, Math.floor(session / 8)] });
  }

  #fence(broker: Broker): void {
    this.#move(broker, "fenced");
    this.#moveAway(broker, "fenced");
  }

  // ---------------------------------------------------------------- leaderships

  /** Gives every partition of this broker to another; returns how long the brokers take to hear of it. */
  #moveAway(broker: Broker, reason: string): Duration {
    let longest = 0;
    for (const partition of this.#inOrder()) {
      if (partition.leader === broker.id) longest = Math.max(longest, this.#elect(partition, reason));
    }
    if (longest > 0) this.#awaitPreferredElection();
    return longest;
  }

  /** The first running replica in order of preference leads. Kafka: `PartitionChangeBuilder`. */
  #elect(partition: OffsetsPartition, reason: string): Duration {
    const leader = partition.replicas.find((id) => this.#brokers[id - 1].state === "Running") ?? null;
    if (leader === partition.leader) return 0;
    this.#lead(partition, leader, reason);
    const spread = this.#draw("controller/propagation", this.#options.metadataPropagation);
    this.#tasks.after(spread, () => this.#apply(partition));
    return spread;
  }

  #lead(partition: OffsetsPartition, leader: BrokerId | null, reason: string): void {
    this.#host.recorder.record(`offsets/${partition.number}`, {
      type: "partition.leader",
      topic: "__consumer_offsets",
      partition: partition.number,
      from: partition.leader,
      to: leader,
      reason,
    });
    partition.leader = leader;
  }

  /** The brokers hear of the new leader: the old one unloads, the new one begins to load. */
  #apply(partition: OffsetsPartition): void {
    const leader = partition.leader;
    partition.visibleLeader = leader;
    for (const [broker, shard] of partition.shards) if (broker !== leader) shard.resigned();
    if (leader === null || !this.listens(leader)) return;
    const shard = this.#shard(partition, leader);
    if (shard.state === "Loading" || shard.state === "Active") return;
    shard.elected();
    const { base, bytes, bytesPerSecond } = this.#options.loading;
    const broker = this.#brokers[leader - 1];
    const begin = Math.max(this.#host.engine.now, broker.loaderFreeAt); // one loader thread, first come first served
    broker.loaderFreeAt = begin + base + Math.round((bytes / bytesPerSecond) * SECOND);
    this.#tasks.after(broker.loaderFreeAt - this.#host.engine.now, () => {
      if (partition.shards.get(leader) === shard) shard.loaded();
    });
  }

  /**
   * Some partition may be led by another than its first replica: the controller gives it back in time. Before 4.0 the
   * clock starts with the imbalance, later it ticks by itself from the controller's own start.
   */
  #awaitPreferredElection(): void {
    const { config, brokerVersion } = this.#options;
    if (this.#preferredElection || !config["auto.leader.rebalance.enable"]) return;
    if (!this.#inOrder().some(({ leader, replicas }) => leader !== replicas[0])) return;
    this.#preferredElection = true;
    const interval = config["leader.imbalance.check.interval.seconds"] * SECOND;
    let wait = interval;
    if (compareReleases(brokerVersion, PERIODIC_FENCING) >= 0) {
      this.#phase ??= this.#draw("controller/activation", { uniform: [0, interval] });
      wait = interval - ((this.#host.engine.now - this.#phase + interval) % interval);
    }
    this.#tasks.after(wait, () => {
      this.#preferredElection = false;
      for (const partition of this.#inOrder()) {
        const preferred = partition.replicas[0];
        if (partition.leader !== preferred && this.#brokers[preferred - 1].state === "Running") {
          this.#elect(partition, "preferred");
        }
      }
      this.#awaitPreferredElection();
    });
  }

  #phase: Duration | undefined; // of the controller's periodic checks

  #shard(partition: OffsetsPartition, broker: BrokerId): Shard {
    let shard = partition.shards.get(broker);
    if (!shard) {
      const { recorder, engine, reply, touched, silenced } = this.#host;
      const { config, coordinator, appendDelay } = this.#options;
      const linger = coordinator === "java" ? config["group.coordinator.append.linger.ms"] * MILLISECOND : 0;
      shard = new Shard(broker, partition.number, partition.log, {
        engine,
        recorder,
        timers: this.#timers,
        options: { flavour: coordinator, config, ids: this.#ids },
        reply: (client, message) => reply(broker, client, message),
        appendDuration: (group) => Math.max(linger, 0) + this.#draw(`group/${group}/append`, appendDelay),
        later: (delay, then) => this.#tasks.after(delay, then),
        touched,
        silenced,
      });
      partition.shards.set(broker, shard);
    }
    return shard;
  }

  #inOrder(): OffsetsPartition[] {
    return [...this.#partitions.values()].sort((a, b) => a.number - b.number);
  }

  #draw(stream: string, law: Law): Duration {
    return "constant" in law ? law.constant : drawDuration(law, this.#host.streams.stream(stream));
  }

  #move(broker: Broker, reason: BrokerReason): void {
    const from = broker.state;
    broker.state = next(BROKER, from, reason);
    this.#host.recorder.record(`broker/${broker.id}`, {
      type: "broker.state",
      broker: broker.id,
      from,
      to: broker.state,
      reason,
    });
  }
}
