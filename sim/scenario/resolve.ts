/** From what was written to what is simulated: every default filled in, short forms spelled out, units converted. */
import { pow } from "../engine/math.ts";
import { DAY, MICROSECOND, MILLISECOND, MINUTE, SECOND } from "../engine/time.ts";
import type { Duration } from "../engine/time.ts";
import { durationOf, meanOf } from "../engine/variates.ts";
import type { Law } from "../engine/variates.ts";
import type { ControllerOptions, KraftOptions, LoadingOptions, ZooKeeperOptions } from "../kafka/cluster/options.ts";
import {
  compareReleases,
  defaultBrokerConfig,
  defaultClientConfig,
  defaultsOf,
  defaultGroupConfig,
  MAX_INTEGER,
} from "../kafka/config.ts";
import type { BrokerConfig, ClientConfig } from "../kafka/config.ts";
import type { CommitPolicy } from "../kafka/protocols/client/commits.ts";
import type { ClientProfile } from "../kafka/protocols/client/profiles.ts";
import { PROFILE_DEFAULTS } from "../kafka/protocols/client/profiles.ts";
import { defaultProducerConfig, type ProducerConfig } from "../kafka/producer-config.ts";
import { defaultTopicConfig } from "../kafka/topic-config.ts";
import { ZOOKEEPER_CONSUMER_SETTINGS, type ZooKeeperConsumerConfig } from "../kafka/zookeeper-consumer-config.ts";
import type {
  BrokerTarget,
  EventSpec,
  GroupSpec,
  LinkEvent,
  LinkSide,
  MembersSpec,
  ProducersSpec,
  Scenario,
  Target,
  TopicSpec,
} from "./scenario.ts";
import { rateSteps } from "./rate-over-time.ts";
import type { Written, WrittenEvent, WrittenMembers } from "./schema.ts";

/** What nobody has to write. */
const DEFAULTS = {
  duration: 10 * MINUTE,
  brokers: 3,
  brokerVersion: "4.0",
  /** Within one data centre: lognormal, p99 = 5 ms, so sigma = ln(10) / 2.3263. */
  delay: { lognormal: { median: MILLISECOND / 2, sigma: 0.98978537 } },
  /** `coordinator-failover`'s estimate of M; not Kafka's, so calibrate it. */
  metadataPropagation: { uniform: [50 * MILLISECOND, 200 * MILLISECOND] },
  /** One round trip between brokers and an append: lognormal, p99 = 10 ms, so sigma = ln(5) / 2.3263. */
  appendDelay: { lognormal: { median: 2 * MILLISECOND, sigma: 0.69183028 } },
  /** The active segment of a busy `__consumer_offsets` partition is never compacted, so loading reads it all. */
  loading: { base: 100 * MILLISECOND, bytes: 104_857_600, bytesOf: {}, bytesPerSecond: 104_857_600 },
  /** Registration, metadata, and what was missed meanwhile; not Kafka's, so calibrate it. */
  catchUp: { uniform: [SECOND, 5 * SECOND] },
  controllerNodes: 3,
  /** A round trip between voters, and a vote on disk at each end; not Kafka's. */
  election: { uniform: [10 * MILLISECOND, 50 * MILLISECOND] },
  /** ZooKeeper's own default. */
  tick: 2 * SECOND,
  /** Seconds for 100,000 partitions; not Kafka's. */
  reloadPerPartition: 50 * MICROSECOND,
  replicationFactor: 3,
  partitions: 6,
  recordsPerSecond: 500,
  recordSize: 1_024,
  capacity: 1_000,
  /** As in the examples of Kafka's own documentation of its consumer. */
  pollTimeout: 100 * MILLISECOND,
  startup: { constant: 5 * SECOND },
  downtime: 30 * SECOND,
} as const satisfies Readonly<Record<string, number | string | Law | Scenario["cluster"]["loading"]>>;

/** The longest scenario: a year. */
export const MAX_SCENARIO = 366 * DAY;

/** The scenario that `written` means. `name` is for one that has none. */
export function resolve(written: Written, name: string): Scenario {
  const { cluster, duration = DEFAULTS.duration, flow = "fluid" } = written;
  const brokerVersion = cluster?.brokerVersion ?? DEFAULTS.brokerVersion;
  const given = cluster?.brokers ?? DEFAULTS.brokers;
  const { count: brokers, zones } = typeof given === "number" ? { count: given } : given;
  const brokerConfig = resolveBrokerConfig(cluster?.config ?? {}, brokerVersion, brokers);
  const topics = Object.entries(written.topics).map(([topic, given]) =>
    resolveTopic(topic, given, { brokers, config: brokerConfig, release: brokerVersion, duration }),
  );
  const names = topics.map((topic) => topic.name);
  const groups = Object.entries(written.groups).map(([id, given]) =>
    resolveGroup(id, given, { topics: names, release: brokerVersion, config: brokerConfig, flow }),
  );
  const isGroup = new Set(Object.keys(written.groups));
  return {
    name: written.name ?? name,
    duration,
    warmUp: written.warmUp ?? 0,
    flow,
    cluster: {
      brokers,
      ...(zones && { zones }),
      brokerVersion,
      coordinator: cluster?.coordinator ?? usualCoordinator(brokerVersion, brokerConfig),
      config: brokerConfig,
      delay: cluster?.network?.delay ?? DEFAULTS.delay,
      between: cluster?.network?.between ?? [],
      metadataPropagation: cluster?.metadataPropagation ?? DEFAULTS.metadataPropagation,
      controller: resolveController(cluster?.controller, brokerVersion),
      catchUp: cluster?.catchUp ?? DEFAULTS.catchUp,
      loading: resolveLoading(cluster?.loading ?? {}),
      appendDelay: cluster?.appendDelay ?? DEFAULTS.appendDelay,
    },
    topics,
    groups,
    events: (written.events ?? []).map((event) => ({
      ...resolveEvent(event, isGroup, written.topics),
      ...("plus" in event && event.plus && { plus: event.plus }),
    })),
    expect: written.expect ?? [],
  };
}

/** The Java one from 4.0 on, and before that where the consumer protocol is switched on. Kafka: `KafkaConfig`. */
export const usualCoordinator = (release: string, config: BrokerConfig): "java" | "scala" =>
  compareReleases(release, "4.0") >= 0 ||
  (compareReleases(release, "3.7") >= 0 && config["group.coordinator.rebalance.protocols"].includes("consumer"))
    ? "java"
    : "scala";

type WrittenTopic = Exclude<Written["topics"][string], number | null>;

type WrittenCluster = NonNullable<Written["cluster"]>;

function resolveController(given: WrittenCluster["controller"], release: string): ControllerOptions {
  const details: ControllerDetails = typeof given === "object" ? given : { kind: given };
  const { nodes, inBrokers, election, tick, reloadPerPartition } = details;
  const kind = details.kind ?? controllerOf(details) ?? defaultController(release);
  if (kind === "zookeeper") {
    return {
      kind,
      tick: tick ?? DEFAULTS.tick,
      reloadPerPartition: reloadPerPartition ?? DEFAULTS.reloadPerPartition,
    };
  }
  return {
    kind,
    nodes: nodes ?? DEFAULTS.controllerNodes,
    inBrokers: inBrokers ?? false,
    election: election ?? DEFAULTS.election,
  };
}

/** All that either kind may say of itself. */
type ControllerDetails = { readonly kind?: ControllerOptions["kind"] } & Partial<Omit<KraftOptions, "kind">> &
  Partial<Omit<ZooKeeperOptions, "kind">>;

/** The kind that has these details, if any is written. */
function controllerOf({ nodes, inBrokers, election, tick, reloadPerPartition }: ControllerDetails) {
  if ((nodes ?? inBrokers ?? election) !== undefined) return "kraft";
  return (tick ?? reloadPerPartition) !== undefined ? "zookeeper" : undefined;
}

/** KRaft came with 2.8. */
const defaultController = (release: string): "kraft" | "zookeeper" =>
  compareReleases(release, "2.8") >= 0 ? "kraft" : "zookeeper";

function resolveLoading({ base, size, throughput }: NonNullable<WrittenCluster["loading"]>): LoadingOptions {
  return {
    base: base ?? DEFAULTS.loading.base,
    bytes: typeof size === "number" ? size : DEFAULTS.loading.bytes,
    bytesOf: typeof size === "object" ? size : {},
    bytesPerSecond: throughput ?? DEFAULTS.loading.bytesPerSecond,
  };
}

function resolveTopic(
  name: string,
  given: Written["topics"][string],
  on: {
    readonly brokers: number;
    readonly config: BrokerConfig;
    readonly release: string;
    readonly duration: Duration;
  },
): TopicSpec {
  const topic = typeof given === "number" ? { partitions: given } : (given ?? {});
  const { partitions = DEFAULTS.partitions, rate = DEFAULTS.recordsPerSecond, bursts } = topic;
  return {
    name,
    partitions,
    replicationFactor: topic.replicationFactor ?? Math.min(DEFAULTS.replicationFactor, on.brokers),
    shares: sharesOf(partitions, skewOf(topic)),
    rate: rateSteps(rate, on.duration),
    ...(bursts && { bursts: { every: bursts.every, lasts: bursts.lasts, recordsPerSecond: bursts.rate } }),
    recordSize: topic.recordSize ?? DEFAULTS.recordSize,
    arrivals: topic.arrivals ?? "poisson",
    config: completed(defaultTopicConfig(on.config), topic.config ?? {}),
    producers: resolveProducers(topic.producers, on.release),
  };
}

function resolveProducers(given: WrittenTopic["producers"], release: string): ProducersSpec {
  const producers = typeof given === "object" ? given : { instances: given };
  const { config, lifetime, replaceAfter, takeover, burst } = producers;
  return {
    instances: producers.instances ?? 1,
    startup: producers.startup ?? DEFAULTS.startup,
    joinsPerSecond: producers.joins ?? 0,
    leavesPerSecond: producers.leaves ?? 0,
    ...(lifetime && { lifetime }),
    crashShare: producers.crashShare ?? 0,
    ...(replaceAfter && { replaceAfter }),
    ...(takeover && { takeover }),
    ...(burst !== undefined && { burst }),
    config: resolveProducerConfig(config ?? {}, release),
  };
}

function resolveProducerConfig(given: Readonly<Record<string, unknown>>, release: string): ProducerConfig {
  const config = completed(defaultProducerConfig(release), given);
  return constantWaits(withDelivery(withIdempotence(config, given, release), given), release);
}

/** An idempotent producer has no more requests under way to one broker. */
export const MOST_IN_FLIGHT = 5;

/**
 * Idempotence needs `acks: all`, retries, and few requests under way. Where nobody asked for it, a config that does not go
 * with it turns it off; where somebody did, defaults give way to it, and what was written against it is refused
 * (`checks.ts`). So are, from 4.0 on, too many requests, whoever asked for what. Kafka:
 * `ProducerConfig.postProcessAndValidateIdempotenceConfigs`, before 3.0 `maybeOverrideAcksAndRetries`.
 */
function withIdempotence(
  config: ProducerConfig,
  given: Readonly<Record<string, unknown>>,
  release: string,
): ProducerConfig {
  const acks = config.acks === "-1" ? "all" : config.acks;
  if (!config["enable.idempotence"]) return { ...config, acks };
  if (given["enable.idempotence"] !== undefined) {
    const retries = given["retries"] === undefined ? MAX_INTEGER : config.retries;
    return { ...config, acks: given["acks"] === undefined ? "all" : acks, retries };
  }
  const tooMany = config["max.in.flight.requests.per.connection"] > MOST_IN_FLIGHT;
  const goesOff = tooMany ? compareReleases(release, "4.0") < 0 : acks !== "all" || config.retries === 0;
  return { ...config, acks, "enable.idempotence": !goesOff };
}

/**
 * Unless somebody wrote it, the time for a delivery is long enough for a batch to be gathered and one request. Kafka:
 * `KafkaProducer.configureDeliveryTimeout`, which refuses a shorter one that was written (`checks.ts`).
 */
function withDelivery(config: ProducerConfig, given: Readonly<Record<string, unknown>>): ProducerConfig {
  if (given["delivery.timeout.ms"] !== undefined) return config;
  return { ...config, "delivery.timeout.ms": Math.max(config["delivery.timeout.ms"], leastDelivery(config)) };
}

/** The shortest `delivery.timeout.ms` that a producer accepts, in ms. */
export const leastDelivery = (config: ProducerConfig): number =>
  Math.min(MAX_INTEGER, config["linger.ms"] + config["request.timeout.ms"]);

type Skew = NonNullable<WrittenTopic["skew"]>;

const skewOf = (given: Written["topics"][string]): Skew =>
  (typeof given === "object" && given !== null ? given.skew : undefined) ?? "uniform";

/** Each partition's share, in order of partition; they sum to 1. Of a list of shares, the first so many count. */
function sharesOf(partitions: number, skew: Skew): number[] {
  if (skew === "uniform") return Array.from({ length: partitions }, () => 1 / partitions);
  const weights =
    "shares" in skew
      ? skew.shares.slice(0, partitions)
      : Array.from({ length: partitions }, (_, rank) => pow(rank + 1, -skew.zipf));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (total > 0 ? weight / total : 0));
}

function resolveGroup(
  id: string,
  {
    topics,
    clientProfile = "java",
    clientVersion,
    assignmentCost = "java",
    assignor,
    config,
    committed = "start",
    members,
  }: Written["groups"][string],
  on: {
    readonly topics: readonly string[];
    readonly release: string;
    readonly config: BrokerConfig;
    readonly flow: Scenario["flow"];
  },
): GroupSpec {
  const given = typeof members === "number" ? { initial: members } : members;
  const old = clientProfile === "zookeeper" ? resolveZooKeeperConfig(config ?? {}, given.commit) : undefined;
  const version = old ? ZOOKEEPER_CONSUMER : (clientVersion ?? on.release);
  const resolved = resolveClientConfig(old ? inTodaysWords(old) : (config ?? {}), clientProfile, version);
  return {
    id,
    topics: typeof topics === "string" ? [topics] : (topics ?? on.topics),
    clientProfile,
    clientVersion: version,
    assignmentCost,
    ...(assignor !== undefined && { assignor }),
    config: { ...resolved, ...(given.commit && { "enable.auto.commit": given.commit === "auto" }) },
    ...(resolved["group.protocol"] === "consumer" && {
      groupConfig: completed(defaultGroupConfig(on.config, on.release), config ?? {}),
    }),
    ...(old && { zookeeperConfig: old }),
    committed,
    members: resolveMembers(given, commitPolicy(given.commit, resolved, clientProfile), on.flow),
  };
}

/**
 * Whoever turns automatic commits off commits by hand, usually after each batch, and waits for it: so do the examples of
 * Kafka's own documentation, and Spring's listeners (`AckMode.BATCH`, `syncCommits`). kafkajs commits each batch by itself.
 * An interval of 0 means every poll, whether `auto` was said or not.
 */
function commitPolicy(given: CommitPolicy | undefined, config: ClientConfig, profile: ClientProfile): CommitPolicy {
  if (profile === "zookeeper") return given ?? (config["enable.auto.commit"] ? "auto" : "never");
  const policy = given ?? (!config["enable.auto.commit"] ? "sync" : profile === "kafkajs" ? "async" : "auto");
  return policy === "auto" && config["auto.commit.interval.ms"] === 0 ? "async" : policy;
}

function resolveMembers(given: WrittenMembers, commit: CommitPolicy, flow: Scenario["flow"]): MembersSpec {
  const served = given.service && capacityAt(given.service);
  const capacity = flow === "records" ? (served ?? given.capacity) : (given.capacity ?? served);
  return {
    initial: given.initial,
    capacity: capacity ?? DEFAULTS.capacity,
    pollTimeout: given.pollTimeout ?? DEFAULTS.pollTimeout,
    ...(given.zones && { zones: given.zones }),
    startup: given.startup ?? DEFAULTS.startup,
    coldStart: given.coldStart ?? false,
    joinsPerSecond: given.joins ?? 0,
    leavesPerSecond: given.leaves ?? 0,
    ...(given.lifetime && { lifetime: given.lifetime }),
    crashShare: given.crashShare ?? 0,
    ...(given.perStep && { perStep: given.perStep }),
    ...(given.replaceAfter && { replaceAfter: given.replaceAfter }),
    static: given.static ?? false,
    ...(given.batch && { batch: given.batch }),
    commit,
    ...(given.service && { service: given.service }),
    ...(given.slowBatches && { slowBatches: given.slowBatches }),
  };
}

/**
 * Records per second of an application that works so long on each. A law without a mean has no such number, and is taken
 * by its median. The model of single records knows nothing shorter than a microsecond.
 */
const capacityAt = (service: Law): number =>
  SECOND / Math.max(MICROSECOND, meanOf(service) ?? durationOf(service, 0.5));

/** The settings of `given` that `defaults` knows; what a pasted config has besides is left behind. */
function completed<C extends object>(defaults: C, given: Readonly<Record<string, unknown>>): C {
  const known = Object.entries(given).filter(([key, value]) => Object.hasOwn(defaults, key) && value !== undefined);
  return { ...defaults, ...Object.fromEntries(known) };
}

function resolveBrokerConfig(given: Readonly<Record<string, unknown>>, release: string, brokers: number): BrokerConfig {
  const known = completed(defaultBrokerConfig(release), given);
  const config = { ...known, "group.consumer.assignors": known["group.consumer.assignors"].map(serverAssignor) };
  if (given["offsets.topic.replication.factor"] !== undefined) return config;
  // Kafka would refuse to create the topic on fewer brokers; whoever runs such a cluster has lowered the factor
  const replicas = Math.min(config["offsets.topic.replication.factor"], brokers);
  return { ...config, "offsets.topic.replication.factor": replicas };
}

/** Before 3.7 the wait after failures did not grow. */
function constantWaits<C extends { readonly "retry.backoff.ms": number }>(config: C, release: string): C {
  return compareReleases(release, "3.7") < 0
    ? { ...config, "retry.backoff.max.ms": config["retry.backoff.ms"] }
    : config;
}

function resolveClientConfig(
  given: Readonly<Record<string, unknown>>,
  profile: ClientProfile,
  release: string,
): ClientConfig {
  const config = completed({ ...defaultClientConfig(release), ...PROFILE_DEFAULTS[profile] }, given);
  const strategy = config["partition.assignment.strategy"].map(shortName);
  if (profile !== "java") return { ...config, "partition.assignment.strategy": strategy };
  // before 2.7 only the operating system gave an attempt to connect up: Linux after six repetitions of its SYN
  const setup = compareReleases(release, "2.7") < 0 && {
    "socket.connection.setup.timeout.ms": SYN_TIMEOUT_MS,
    "socket.connection.setup.timeout.max.ms": SYN_TIMEOUT_MS,
  };
  return { ...constantWaits(config, release), ...setup, "partition.assignment.strategy": strategy };
}

/** The release whose consumer of the ZooKeeper era is modelled; it was last shipped in 1.1, much the same. */
const ZOOKEEPER_CONSUMER = "0.8";

/** Kafka: `kafka.consumer.ConsumerConfig`. */
function resolveZooKeeperConfig(
  given: Readonly<Record<string, unknown>>,
  commit: CommitPolicy | undefined,
): ZooKeeperConsumerConfig {
  const known = completed(defaultsOf(ZOOKEEPER_CONSUMER_SETTINGS, ZOOKEEPER_CONSUMER), given);
  const [strategy] = [known["partition.assignment.strategy"]].flat();
  return {
    ...known,
    "partition.assignment.strategy": strategy,
    ...(given["rebalance.backoff.ms"] === undefined && { "rebalance.backoff.ms": known["zookeeper.sync.time.ms"] }),
    ...(commit && { "auto.commit.enable": commit === "auto" }),
  };
}

/** What it says by the names that consumers have for it today. */
const inTodaysWords = (config: ZooKeeperConsumerConfig): Partial<ClientConfig> => ({
  "enable.auto.commit": config["auto.commit.enable"],
  "auto.commit.interval.ms": config["auto.commit.interval.ms"],
  "auto.offset.reset": config["auto.offset.reset"] === "smallest" ? "earliest" : "latest",
  "max.partition.fetch.bytes": config["fetch.message.max.bytes"],
});

/** 1 + 2 + 4 + … + 64 s: `tcp_syn_retries` is 6. */
const SYN_TIMEOUT_MS = 127_000;

const ASSIGNOR_CLASSES: Readonly<Record<string, string>> = {
  RangeAssignor: "range",
  RoundRobinAssignor: "roundrobin",
  StickyAssignor: "sticky",
  CooperativeStickyAssignor: "cooperative-sticky",
};

/** The assignors a consumer can be configured with, by short name: Kafka's own, and those that only regroup has. */
export const ASSIGNORS: readonly string[] = [
  ...Object.values(ASSIGNOR_CLASSES),
  "weighted",
  "lag-aware",
  "bin-packing",
  "stable-set",
];

/** `org.apache.kafka.clients.consumer.RangeAssignor` is `range`. Others stay, for the checks to complain about. */
function shortName(assignor: string): string {
  const simple = assignor.replace("org.apache.kafka.clients.consumer.", "");
  return Object.hasOwn(ASSIGNOR_CLASSES, simple) ? ASSIGNOR_CLASSES[simple] : assignor;
}

/** Before 4.0 the brokers' assignors go by class: `org.apache.kafka.coordinator.group.assignor.UniformAssignor`. */
const serverAssignor = (assignor: string): string =>
  assignor.replace(/^org\.apache\.kafka\.coordinator\.group\.assignor\.(Uniform|Range)Assignor$/, (_, name: string) =>
    name.toLowerCase(),
  );

function resolveEvent(event: WrittenEvent, groups: ReadonlySet<string>, topics: Written["topics"]): EventSpec {
  const { at } = event;
  if ("producers" in event) {
    const { producers: topic, join, leave, crash } = event;
    const [how, count] = join
      ? (["join", join] as const)
      : leave
        ? (["leave", leave] as const)
        : (["crash", crash!] as const);
    return { at, what: "producers", topic, how, count };
  }
  if ("join" in event) {
    const { group, count = 1 } = typeof event.join === "string" ? { group: event.join } : event.join;
    return { at, what: "join", group, count };
  }
  if ("leave" in event) return { at, what: "leave", target: targetOf(event.leave, groups) };
  if ("freeze" in event) return { at, what: "freeze", target: targetOf(event.freeze, groups), lasts: event.for };
  if ("pause" in event && "lasts" in event) {
    return { at, what: "pause", target: targetOf(event.pause, groups), lasts: event.lasts };
  }
  if ("crash" in event) {
    const { crash } = event;
    if (typeof crash === "object" && "controller" in crash) {
      return { at, what: "crash-controller", controller: crash.controller };
    }
    if (typeof crash === "object" && "zone" in crash) return { at, what: "power-down", zone: crash.zone };
    if (typeof crash === "object" && "broker" in crash) {
      return { at, what: "crash-broker", target: brokerOf(crash.broker), silent: event.silent ?? false };
    }
    return { at, what: "crash", target: targetOf(crash, groups) };
  }
  if ("cut" in event) return { at, what: "cut", ...linkOf(event.cut, event) };
  if ("slow" in event) return { at, what: "slow", ...linkOf(event.slow, event), delay: event.delay };
  if ("restart" in event) {
    const { restart, downtime = DEFAULTS.downtime } = event;
    if ("controller" in restart) return { at, what: "restart-controller", controller: restart.controller, downtime };
    return { at, what: "restart-broker", target: brokerOf(restart.broker), downtime };
  }
  if ("roll" in event) {
    const { roll: group, pause = 0 } = event;
    if (group === "brokers" && !groups.has(group)) {
      const { downtime = DEFAULTS.downtime } = "downtime" in event ? event : {};
      return { at, what: "roll-brokers", downtime, pause };
    }
    const { maxUnavailable = 1, maxSurge = 0 } = "maxSurge" in event || "maxUnavailable" in event ? event : {};
    return { at, what: "roll", group, maxUnavailable, maxSurge, pause };
  }
  if ("create" in event) return { at, what: "create", topic: event.create };
  if ("delete" in event) return { at, what: "delete", topic: event.delete };
  if ("grow" in event) {
    const skew = Object.hasOwn(topics, event.grow) ? skewOf(topics[event.grow]) : "uniform";
    return { at, what: "grow", topic: event.grow, shares: sharesOf(event.to, skew) };
  }
  if ("subscribe" in event) {
    const { subscribe: group, topics } = event;
    return { at, what: "subscribe", group, topics: typeof topics === "string" ? [topics] : topics };
  }
  return { at, what: "rate", topic: event.rate, recordsPerSecond: event.to };
}

type WrittenTarget = string | { readonly group: string; readonly count?: number };

/** A group's name means its oldest member; any other name is a client's, and tells its group (`billing-3`). */
function targetOf(target: WrittenTarget, groups: ReadonlySet<string>): Target {
  if (typeof target === "object") return { group: target.group, count: target.count ?? 1 };
  if (groups.has(target)) return { group: target, count: 1 };
  return { client: target, group: target.replace(/-\d+$/, "") };
}

type WrittenLink = Extract<WrittenEvent, { cut: unknown }>;
type WrittenSide = WrittenLink["cut"]["from"];

function linkOf(
  { from, to }: WrittenLink["cut"],
  { oneWay = false, for: lasts }: Pick<WrittenLink, "oneWay" | "for">,
): Pick<LinkEvent, "from" | "to" | "oneWay" | "lasts"> {
  return { from: sideOf(from), ...(to && { to: sideOf(to) }), oneWay, ...(lasts !== undefined && { lasts }) };
}

function sideOf(side: WrittenSide): LinkSide {
  if (side === "controller") return { controller: true };
  return "broker" in side ? brokerOf(side.broker) : side;
}

function brokerOf(broker: number | string): BrokerTarget {
  return typeof broker === "number" ? { broker } : { coordinatorOf: broker.replace("coordinator of ", "") };
}
