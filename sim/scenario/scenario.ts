/**
 * A scenario, resolved: every default filled in, every unit converted, every name checked. This is what a run is a
 * pure function of (with a seed). Plain JSON: it travels in the header of a trace and into workers as it is.
 *
 * Durations are whole microseconds, rates are records or events per second.
 */
import type { Duration, Instant } from "../engine/time.ts";
import type { Law } from "../engine/variates.ts";
import type { AssigningClient } from "../kafka/assignors/cost.ts";
import type { ControllerOptions, LoadingOptions } from "../kafka/cluster/options.ts";
import type { BrokerConfig, ClientConfig, GroupConfig } from "../kafka/config.ts";
import type { Zone } from "../kafka/network/links.ts";
import type { ProducerConfig } from "../kafka/producer-config.ts";
import type { TopicConfig } from "../kafka/topic-config.ts";
import type { ZooKeeperConsumerConfig } from "../kafka/zookeeper-consumer-config.ts";
import type { CommitPolicy } from "../kafka/protocols/client/commits.ts";
import type { ClientProfile } from "../kafka/protocols/client/profiles.ts";
import type { BrokerId, ClientId, GroupId, TopicName } from "../names.ts";

/** How single records of a partition follow one another. */
export type ArrivalLaw = "even" | "poisson";

export interface Scenario {
  readonly name: string;
  readonly duration: Duration;
  /** The beginning that measurements leave out. */
  readonly warmUp: Duration;
  /** How lag is modelled: a fluid, or record by record, which costs two events a record. */
  readonly flow: "fluid" | "records";
  readonly cluster: ClusterSpec;
  readonly topics: readonly TopicSpec[];
  readonly groups: readonly GroupSpec[];
  readonly events: readonly EventSpec[];
  readonly expect: readonly Expectation[];
}

export interface ClusterSpec {
  /** Brokers 1 … n. */
  readonly brokers: number;
  /** Kafka release whose behaviour is modelled, for instance "4.0". */
  readonly brokerVersion: string;
  /** Which group coordinator: the Java one (default from 4.0) or the Scala one (default up to 3.9). */
  readonly coordinator: "java" | "scala";
  readonly config: BrokerConfig;
  /** Broker n stands in the zone of place n, and after the last one the first follows again; absent: in none. */
  readonly zones?: readonly Zone[];
  /** One-way delay between any two parties. */
  readonly delay: Law;
  /** … unless they are in these two zones (or both in the one, if it is named twice). */
  readonly between: readonly { readonly zones: readonly [Zone, Zone]; readonly delay: Law }[];
  /** From the controller's decision until the brokers act on it. */
  readonly metadataPropagation: Law;
  /** Who notices that brokers fail. */
  readonly controller: ControllerOptions;
  /** From a broker's return until its copies are complete again, so that it may lead. */
  readonly catchUp: Law;
  /** What a new coordinator needs to read its `__consumer_offsets` partition: base + bytes / rate. */
  readonly loading: LoadingOptions;
  /** From the coordinator producing a record to its being committed, without the append linger. */
  readonly appendDelay: Law;
}

export interface TopicSpec {
  readonly name: TopicName;
  /** When it begins: at 0, or, if an event creates it, then. */
  readonly partitions: number;
  /** Copies of each partition. */
  readonly replicationFactor: number;
  /** Each partition's share of the topic's rate; sums to 1. */
  readonly shares: readonly number[];
  /** Production of the whole topic, records per second, piecewise constant; the first step is at 0. */
  readonly rate: readonly { readonly at: Instant; readonly recordsPerSecond: number }[];
  /** Now and then so many records per second more are produced. */
  readonly bursts?: { readonly every: Law; readonly lasts: Law; readonly recordsPerSecond: number };
  /** Bytes a record, on average. */
  readonly recordSize: number;
  /** Record by record: how they follow one another, by chance or evenly. */
  readonly arrivals: ArrivalLaw;
  readonly config: TopicConfig;
  readonly producers: ProducersSpec;
}

/** The instances that share a topic's production evenly. They are called `<topic>-producer-<n>`, n from 1. */
export interface ProducersSpec {
  readonly instances: number;
  /** From the decision to start an instance until it produces; the first ones do so from the beginning. */
  readonly startup: Law;
  /** New instances per second (Poisson). */
  readonly joinsPerSecond: number;
  /** Departures per second of all instances together (Poisson). */
  readonly leavesPerSecond: number;
  /** How long an instance lives; absent: until something else ends it. */
  readonly lifetime?: Law;
  /** Share of the departures by chance that crash instead of closing. */
  readonly crashShare: number;
  /** A departed instance is replaced by a new one after this time; absent: it is not. */
  readonly replaceAfter?: Law;
  /**
   * When an instance has crashed, the others produce its share after this time. Absent: nobody does, until another
   * instance comes. The share of one that closes is taken over at once.
   */
  readonly takeover?: Law;
  /**
   * Records per second by which one partition gets more than usual while what has waited is sent. Absent: as many as
   * `batch.size` and `max.in.flight.requests.per.connection` allow.
   */
  readonly burst?: number;
  readonly config: ProducerConfig;
}

export interface GroupSpec {
  readonly id: GroupId;
  readonly topics: readonly TopicName[];
  /** The library its members use: Kafka's own, or one of the others whose deviations are known. */
  readonly clientProfile: ClientProfile;
  /** Kafka release whose consumer its members run, for instance "4.0": behaviour and defaults. */
  readonly clientVersion: string;
  /** Whose program computes assignments, as far as the time goes that it takes; `none`: it takes none. */
  readonly assignmentCost: AssigningClient;
  /** A user's own assignor, in place of the configured ones: the file with its code, as written in the scenario. */
  readonly assignor?: string;
  readonly config: ClientConfig;
  /** Of a group of the consumer protocol: what the brokers hold its members to. */
  readonly groupConfig?: GroupConfig;
  /**
   * Of a group of the ZooKeeper era, which has no coordinator: what its consumers are configured with. Its `config` says the
   * same in the words of today, as far as there are any.
   */
  readonly zookeeperConfig?: ZooKeeperConsumerConfig;
  /**
   * What it had committed before the run: `start`, where every log stands at 0, as a group has that was there before;
   * or nothing, as a new one.
   */
  readonly committed: "start" | "none";
  readonly members: MembersSpec;
}

/** Who is in the group over time, and what one of them can do. Clients are named `<group>-<n>`, n from 1. */
export interface MembersSpec {
  readonly initial: number;
  /**
   * Records per second one member can process, shared among its partitions. One over the mean of `service`, if there is
   * one: record by record always, of the fluid where no capacity was written.
   */
  readonly capacity: number;
  /** What the application gives poll(): how long it waits at most when there is nothing to return. */
  readonly pollTimeout: Duration;
  /** The first member stands in the first zone, and so on, round and round; absent: in none. */
  readonly zones?: readonly Zone[];
  /** From the decision to start a process until its consumer first polls. */
  readonly startup: Law;
  /** Whether the initial members also go through `startup` (a cold start), or poll for the first time at 0. */
  readonly coldStart: boolean;
  /** New members per second (Poisson). */
  readonly joinsPerSecond: number;
  /** Departures per second of the whole group (Poisson); each takes a living member at random. */
  readonly leavesPerSecond: number;
  /** How long a member lives from its start on; absent: until something else ends it. */
  readonly lifetime?: Law;
  /** Share of the departures by chance that crash (no LeaveGroup) instead of closing. */
  readonly crashShare: number;
  /** Every `every`: each member leaves with probability `leave`, and Poisson(`join`) new ones come. */
  readonly perStep?: { readonly every: Duration; readonly leave: number; readonly join: number };
  /** A departed member (by chance or script) is replaced by a new one after this time; absent: it is not. */
  readonly replaceAfter?: Law;
  /** Each member keeps a `group.instance.id` (`<group>-<n>`) and its replacement takes it over. */
  readonly static: boolean;
  /**
   * Length of one batch (time between two polls) while there is something to read. Absent: `max.poll.records` over
   * the capacity while there is backlog, and no waiting for a poll otherwise.
   */
  readonly batch?: Law;
  /** Record by record: how long the application works on one. Absent: as the capacity says. The fluid has only the latter. */
  readonly service?: Law;
  /** When positions are committed, and whether that is waited for. */
  readonly commit: CommitPolicy;
  /** Now and then a batch takes far longer, and nothing else is read meanwhile. */
  readonly slowBatches?: { readonly every: Law; readonly lasts: Law };
}

/** Which clients an event is for: one by name, or the `count` longest-lived of a group. */
export type Target =
  { readonly client: ClientId; readonly group: GroupId } | { readonly group: GroupId; readonly count: number };

/** Which broker an event is for; `coordinatorOf` is resolved at the event's time. */
export type BrokerTarget = { readonly broker: BrokerId } | { readonly coordinatorOf: GroupId };

/** A process that may be the controller, by its number, or whichever is then. */
export type ControllerTarget = number | "active";

/** Some of those who talk to each other; `coordinatorOf` is resolved, and `client` looked for, at the event's time. */
export type LinkSide =
  | { readonly zone: Zone }
  | BrokerTarget
  | { readonly client: ClientId }
  | { readonly group: GroupId }
  | { readonly controller: true };

/** Between the parties of one side and those of the other (absent: everybody else) something is the matter. */
export type LinkEvent = {
  readonly from: LinkSide;
  readonly to?: LinkSide;
  /** Only what goes from the one to the other suffers, not the answers. */
  readonly oneWay: boolean;
  /** Absent: to the end of the run. */
  readonly lasts?: Duration;
} &
  /** Nothing gets through, and nobody is told. */
  (
    | { readonly what: "cut" }
    /** A message takes so long, one way. */
    | { readonly what: "slow"; readonly delay: Law }
  );

export type EventSpec = {
  readonly at: Instant;
  /** So much later it happens, drawn once a run; never, if that is after the end. */
  readonly plus?: Law;
} & (
  | LinkEvent
  | { readonly what: "join"; readonly group: GroupId; readonly count: number }
  | { readonly what: "leave"; readonly target: Target }
  | { readonly what: "crash"; readonly target: Target }
  /** The batch in hand takes `lasts` from now on, unless it takes longer anyway: no poll meanwhile, heartbeats go on. */
  | { readonly what: "pause"; readonly target: Target; readonly lasts: Duration }
  /** The process is stopped: no heartbeat, no poll, nothing is read. Then it goes on as if nothing had happened. */
  | { readonly what: "freeze"; readonly target: Target; readonly lasts: Duration }
  /**
   * A rolling restart: at most `maxUnavailable` below and `maxSurge` above the size at its begin; each old member
   * closes (dynamic: LeaveGroup), its successor starts up. `pause`: between one replacement and the next.
   */
  | {
      readonly what: "roll";
      readonly group: GroupId;
      readonly maxUnavailable: number;
      readonly maxSurge: number;
      readonly pause: Duration;
    }
  | { readonly what: "rate"; readonly topic: TopicName; readonly recordsPerSecond: number }
  /** A topic that did not exist before comes into being, as `topics` describes it. */
  | { readonly what: "create"; readonly topic: TopicName }
  /** A topic has as many partitions as shares from now on: each partition's share of its rate, which sum to 1. */
  | { readonly what: "grow"; readonly topic: TopicName; readonly shares: readonly number[] }
  | { readonly what: "delete"; readonly topic: TopicName }
  /** So many instances that produce a topic come, close or crash, the longest-lived first. */
  | {
      readonly what: "producers";
      readonly topic: TopicName;
      readonly how: "join" | "leave" | "crash";
      readonly count: number;
    }
  /** All members of a group, present and future, subscribe to these topics instead of what they did. */
  | { readonly what: "subscribe"; readonly group: GroupId; readonly topics: readonly TopicName[] }
  /** `silent`: with its host, so that nobody is told; only timeouts find out. */
  | { readonly what: "crash-broker"; readonly target: BrokerTarget; readonly silent: boolean }
  /** Back after `downtime`. */
  | { readonly what: "restart-broker"; readonly target: BrokerTarget; readonly downtime: Duration }
  /**
   * All brokers are restarted in turn: the next one when the former's copies are complete again, and `pause` is over. One
   * that dies before is waited for, until something restarts it.
   */
  | { readonly what: "roll-brokers"; readonly downtime: Duration; readonly pause: Duration }
  /** The process that is the controller then, or that of this number, dies. */
  | { readonly what: "crash-controller"; readonly controller: ControllerTarget }
  /** It ends in order, and is back after `downtime`. */
  | { readonly what: "restart-controller"; readonly controller: ControllerTarget; readonly downtime: Duration }
  /** The brokers and members of a zone vanish with their hosts. */
  | { readonly what: "power-down"; readonly zone: Zone }
);

/** What a total can be divided by: the group's scripted rolling restarts, or its rebalances, begun after the warm-up. */
export type Divisor = "deploy" | "rebalance";

/** A hope of this scenario, evaluated by `regroup run --expect`: `p99(timeLag) < 30s`. */
export interface Expectation {
  /** As written. */
  readonly text: string;
  /** `mean`, `max`, `min`, `p50` … `p99.9`, `final`; `value` for quantities that are one number. */
  readonly statistic: string;
  readonly quantity: string;
  /** Divided by how many of them the run has: `partitionSecondsUnread per deploy`. */
  readonly per?: Divisor;
  /** The group it is hoped for; absent: every group of the scenario, or all together where that makes sense. */
  readonly group?: GroupId;
  readonly comparison: "<" | "<=" | ">" | ">=" | "==" | "!=";
  /** In the quantity's base unit: microseconds for times, records, counts. */
  readonly bound: number;
}
