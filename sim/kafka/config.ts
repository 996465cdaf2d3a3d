/**
 * Kafka's settings: one table for the client's side, one for the brokers' and controllers'.
 *
 * Names, defaults and limits are Kafka's own, in Kafka's own units: `session.timeout.ms` is a number of milliseconds
 * here, whatever unit the rest of the simulator uses. Types, defaults, the scenario's checks and its JSON Schema are
 * all derived from these tables. A setting nobody reads yet has an empty `readBy`: it is accepted, so that a real
 * config can be pasted, and `regroup check` says that it changes nothing.
 *
 * Sources: `ConsumerConfig`, `GroupCoordinatorConfig`, `KafkaConfig`, `QuorumConfig` and the release notes.
 */

/**
 * Whose code acts on a setting: `client` what all protocols' members have in common, `classic member` that of one only.
 * `scenario` turns it into something else, or only checks it.
 */
export type Reader =
  | "client"
  | "classic member"
  | "classic coordinator"
  | "consumer member"
  | "consumer coordinator"
  | "zookeeper consumer"
  | "cluster"
  | "network"
  | "simulation"
  | "scenario";

export type SettingValue = number | boolean | string | readonly string[];

/** What Kafka says about one of its settings. */
export interface Setting {
  readonly type: "integer" | "boolean" | "string" | "list";
  readonly unit?: "ms" | "s" | "min" | "h" | "bytes" | "records" | "members" | "partitions" | "replicas" | "%";
  /** Since the newest release in `before`, or always. */
  readonly default: SettingValue;
  /** Older defaults: `["3.0", 10000]` reads "before 3.0 it was 10000". Oldest first. */
  readonly before?: readonly (readonly [release: string, value: SettingValue])[];
  /** Limits of an integer, both allowed. Kafka's integers end at 2³¹−1 where no `max` is given. */
  readonly min?: number;
  readonly max?: number;
  /** All the words a string may be. */
  readonly oneOf?: readonly string[];
  /** Beside those words, a text of this form; and one that is. */
  readonly orLike?: RegExp;
  readonly forInstance?: string;
  /** The first release that knows the setting, and the first that knows it no more. */
  readonly since?: string;
  readonly until?: string;
  /** Empty: accepted, and without effect so far. */
  readonly readBy: readonly Reader[];
  readonly about: string;
}

/** Kafka's integers are Java's. */
export const MAX_INTEGER = 2_147_483_647;

/** What a consumer is configured with. */
export const CLIENT_SETTINGS = {
  "group.protocol": {
    type: "string",
    default: "classic",
    oneOf: ["classic", "consumer"],
    since: "3.7",
    readBy: ["simulation"],
    about: "Which rebalance protocol the consumer speaks: the classic one, or KIP-848's.",
  },
  "partition.assignment.strategy": {
    type: "list",
    default: ["range", "cooperative-sticky"],
    before: [["3.0", ["range"]]],
    readBy: ["simulation"],
    about:
      "Assignors in order of preference, by short name or Java class. The group picks one that all its members know. " +
      "The default is an eager consumer that chooses range; its second entry only eases a later migration.",
  },
  "session.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 45_000,
    before: [
      ["0.10.1", 30_000],
      ["3.0", 10_000],
    ],
    min: 1,
    readBy: ["classic member"],
    about: "How long a member may be silent before the coordinator expels it.",
  },
  "heartbeat.interval.ms": {
    type: "integer",
    unit: "ms",
    default: 3_000,
    min: 1,
    readBy: ["classic member"],
    about: "Time between heartbeats; less than the session timeout, at best a third of it.",
  },
  "max.poll.interval.ms": {
    type: "integer",
    unit: "ms",
    default: 300_000,
    min: 1,
    since: "0.10.1",
    readBy: ["classic member", "consumer member", "simulation"],
    about: "How long an application may take between two polls before its consumer leaves; also its rebalance timeout.",
  },
  "max.poll.records": {
    type: "integer",
    unit: "records",
    default: 500,
    before: [["0.10.1", MAX_INTEGER]],
    min: 1,
    readBy: ["simulation"],
    about: "The most records one poll returns: the size of a batch.",
  },
  "retry.backoff.ms": {
    type: "integer",
    unit: "ms",
    default: 100,
    min: 0,
    readBy: ["client"],
    about: "Wait after the first failed request of a row.",
  },
  "retry.backoff.max.ms": {
    type: "integer",
    unit: "ms",
    default: 1_000,
    min: 0,
    since: "3.7",
    readBy: ["client"],
    about: "Where the doubling wait after failed requests stops. Before 3.7 the wait was constant.",
  },
  "request.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 30_000,
    before: [
      ["0.10.1", 40_000],
      ["2.0", 305_000],
    ],
    min: 0,
    readBy: ["client", "simulation"],
    about: "How long the client waits for a reply before it gives the request up.",
  },
  "enable.auto.commit": {
    type: "boolean",
    default: true,
    readBy: ["scenario"],
    about: "Whether the consumer commits its positions by itself, from within poll().",
  },
  "auto.commit.interval.ms": {
    type: "integer",
    unit: "ms",
    default: 5_000,
    min: 0,
    readBy: ["client"],
    about: "Time between automatic commits.",
  },
  "auto.offset.reset": {
    type: "string",
    default: "latest",
    oneOf: ["earliest", "latest", "none"],
    orLike: /^by_duration:P(?=\d|T\d)(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?$/,
    forInstance: "by_duration:PT1H",
    readBy: ["simulation"],
    about: "Where to start reading without a committed offset; by_duration from Kafka 4.0 on.",
  },
  "isolation.level": {
    type: "string",
    default: "read_uncommitted",
    oneOf: ["read_uncommitted", "read_committed"],
    since: "0.11",
    readBy: [],
    about: "Whether records of open and aborted transactions are read.",
  },
  "client.rack": {
    type: "string",
    default: "",
    since: "2.4",
    readBy: [],
    about: "Where the consumer runs, for assignors and fetches that prefer what is near.",
  },
  "group.remote.assignor": {
    type: "string",
    default: "",
    since: "3.7",
    readBy: ["consumer member", "scenario"],
    about: "The server's assignor the member asks for (KIP-848); empty: the broker's first.",
  },
  "internal.leave.group.on.close": {
    type: "boolean",
    default: true,
    readBy: [],
    about: "Whether close() sends LeaveGroup. Internal; Kafka Streams sets it to false.",
  },
  "default.api.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 60_000,
    min: 0,
    since: "2.0",
    readBy: ["client"],
    about: "The longest a blocking call such as commitSync may take.",
  },
  "metadata.max.age.ms": {
    type: "integer",
    unit: "ms",
    default: 300_000,
    min: 0,
    readBy: ["simulation"],
    about: "Metadata older than this is fetched anew, which is how new partitions are discovered.",
  },
  "metadata.recovery.strategy": {
    type: "string",
    default: "rebootstrap",
    before: [["4.0", "none"]],
    oneOf: ["none", "rebootstrap"],
    since: "3.8",
    readBy: [],
    about: "What a client does when none of the brokers it knows answers.",
  },
  "reconnect.backoff.ms": {
    type: "integer",
    unit: "ms",
    default: 50,
    min: 0,
    readBy: ["network"],
    about: "Wait before the first attempt to connect again to the same broker.",
  },
  "reconnect.backoff.max.ms": {
    type: "integer",
    unit: "ms",
    default: 1_000,
    min: 0,
    since: "0.11",
    readBy: ["network", "simulation"],
    about: "Where the doubling wait between attempts to connect stops.",
  },
  "socket.connection.setup.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 10_000,
    min: 0,
    since: "2.7",
    readBy: ["network"],
    about: "How long the first attempt to connect may take.",
  },
  "socket.connection.setup.timeout.max.ms": {
    type: "integer",
    unit: "ms",
    default: 30_000,
    before: [["2.8", 127_000]],
    min: 0,
    since: "2.7",
    readBy: ["network"],
    about: "Where the doubling of that time stops.",
  },
  "connections.max.idle.ms": {
    type: "integer",
    unit: "ms",
    default: 540_000,
    min: -1,
    readBy: [],
    about: "Connections idle for longer are closed.",
  },
  "fetch.min.bytes": {
    type: "integer",
    unit: "bytes",
    default: 1,
    min: 0,
    readBy: ["simulation"],
    about: "A fetch waits until that much is there; matters where records are simulated one by one.",
  },
  "fetch.max.wait.ms": {
    type: "integer",
    unit: "ms",
    default: 500,
    min: 0,
    readBy: ["simulation"],
    about: "…but not longer than this.",
  },
  "fetch.max.bytes": {
    type: "integer",
    unit: "bytes",
    default: 52_428_800,
    min: 0,
    since: "0.10.1",
    readBy: ["simulation"],
    about: "The most one fetch returns; matters where records are simulated one by one.",
  },
  "max.partition.fetch.bytes": {
    type: "integer",
    unit: "bytes",
    default: 1_048_576,
    min: 0,
    readBy: ["simulation"],
    about:
      "The most one fetch returns of a partition; matters where a leader is far away, or records are simulated one by one.",
  },
  "metrics.num.samples": {
    type: "integer",
    default: 2,
    min: 1,
    readBy: [],
    about: "How many windows the client's own metrics average over.",
  },
  "metrics.sample.window.ms": {
    type: "integer",
    unit: "ms",
    default: 30_000,
    min: 0,
    readBy: [],
    about: "The length of such a window.",
  },
} as const satisfies Readonly<Record<string, Setting>>;

/** What brokers and controllers are configured with. */
export const BROKER_SETTINGS = {
  "group.initial.rebalance.delay.ms": {
    type: "integer",
    unit: "ms",
    default: 3_000,
    min: 0,
    since: "0.11",
    readBy: ["classic coordinator"],
    about: "How long an empty group waits for more members before its first rebalance.",
  },
  "group.min.session.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 6_000,
    min: 1,
    readBy: ["classic coordinator"],
    about: "The shortest session timeout a member may ask for.",
  },
  "group.max.session.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 1_800_000,
    before: [
      ["0.10", 30_000],
      ["2.3", 300_000],
    ],
    min: 1,
    readBy: ["classic coordinator"],
    about: "The longest session timeout a member may ask for.",
  },
  "group.max.size": {
    type: "integer",
    unit: "members",
    default: MAX_INTEGER,
    min: 1,
    since: "2.2",
    readBy: ["classic coordinator"],
    about: "How many members a group may have; the next ones are refused.",
  },
  "group.coordinator.append.linger.ms": {
    type: "integer",
    unit: "ms",
    default: -1,
    before: [
      ["4.0", 10],
      ["4.2", 5],
    ],
    min: -1,
    since: "3.7",
    readBy: ["cluster"],
    about: "How long the Java coordinator gathers records before it appends them; −1: while more work is queued.",
  },
  "group.coordinator.threads": {
    type: "integer",
    default: 4,
    before: [["4.0", 1]],
    min: 1,
    since: "3.7",
    readBy: [],
    about: "Threads of the Java coordinator; each __consumer_offsets partition is served by one.",
  },
  "group.coordinator.rebalance.protocols": {
    type: "list",
    default: ["classic", "consumer", "streams"],
    before: [
      ["4.0", ["classic"]],
      ["4.1", ["classic", "consumer"]],
    ],
    since: "3.7",
    readBy: ["scenario"],
    about: "The rebalance protocols the brokers speak.",
  },
  "group.consumer.session.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 45_000,
    min: 1,
    since: "3.7",
    readBy: ["scenario"],
    about: "KIP-848: how long a member may be silent.",
  },
  "group.consumer.min.session.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 45_000,
    min: 1,
    since: "3.7",
    readBy: ["scenario"],
    about: "KIP-848: the shortest session timeout a group may be given.",
  },
  "group.consumer.max.session.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 60_000,
    min: 1,
    since: "3.7",
    readBy: ["scenario"],
    about: "KIP-848: the longest session timeout a group may be given.",
  },
  "group.consumer.heartbeat.interval.ms": {
    type: "integer",
    unit: "ms",
    default: 5_000,
    min: 1,
    since: "3.7",
    readBy: ["scenario"],
    about: "KIP-848: time between heartbeats, told to the members by the broker.",
  },
  "group.consumer.min.heartbeat.interval.ms": {
    type: "integer",
    unit: "ms",
    default: 5_000,
    min: 1,
    since: "3.7",
    readBy: ["scenario"],
    about: "KIP-848: the shortest heartbeat interval a group may be given.",
  },
  "group.consumer.max.heartbeat.interval.ms": {
    type: "integer",
    unit: "ms",
    default: 15_000,
    min: 1,
    since: "3.7",
    readBy: ["scenario"],
    about: "KIP-848: the longest heartbeat interval a group may be given.",
  },
  "group.consumer.max.size": {
    type: "integer",
    unit: "members",
    default: MAX_INTEGER,
    min: 1,
    since: "3.7",
    readBy: ["scenario", "consumer coordinator"],
    about: "KIP-848: how many members a group may have.",
  },
  "group.consumer.assignors": {
    type: "list",
    default: ["uniform", "range"],
    since: "3.7",
    readBy: ["scenario", "consumer coordinator"],
    about: "KIP-848: the server's assignors; the first is the default.",
  },
  "group.consumer.migration.policy": {
    type: "string",
    default: "bidirectional",
    oneOf: ["bidirectional", "upgrade", "downgrade", "disabled"],
    since: "3.7",
    readBy: [],
    about: "KIP-848: whether a group may move between the protocols while it runs.",
  },
  "group.consumer.regex.refresh.interval.ms": {
    type: "integer",
    unit: "ms",
    default: 600_000,
    min: 1,
    since: "4.1",
    readBy: [],
    about: "KIP-848: how often the brokers resolve subscribed patterns anew.",
  },
  "group.consumer.assignment.interval.ms": {
    type: "integer",
    unit: "ms",
    default: 1_000,
    min: 0,
    max: 15_000,
    since: "4.3",
    readBy: ["scenario"],
    about: "KIP-848: least time between two target assignments of a group.",
  },
  "offsets.topic.num.partitions": {
    type: "integer",
    unit: "partitions",
    default: 50,
    min: 1,
    readBy: ["cluster"],
    about: "Partitions of __consumer_offsets; the leader of partition hash(group) mod this coordinates the group.",
  },
  "offsets.topic.replication.factor": {
    type: "integer",
    unit: "replicas",
    default: 3,
    min: 1,
    readBy: ["cluster"],
    about: "Replicas of each __consumer_offsets partition; the next of them coordinates after a crash.",
  },
  "offsets.topic.segment.bytes": {
    type: "integer",
    unit: "bytes",
    default: 104_857_600,
    min: 1,
    readBy: [],
    about: "Segment size of __consumer_offsets; the active one is never compacted, so loading reads it all.",
  },
  "offsets.load.buffer.size": {
    type: "integer",
    unit: "bytes",
    default: 5_242_880,
    min: 1,
    readBy: [],
    about: "A new coordinator reads its partition in chunks of this size.",
  },
  "offsets.commit.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 5_000,
    min: 1,
    readBy: ["cluster"],
    about: "How long a write of the coordinator may wait for its replicas.",
  },
  "offsets.commit.required.acks": {
    type: "integer",
    default: -1,
    min: -1,
    max: 1,
    until: "4.0",
    readBy: [],
    about: "Replicas that must have a commit before it is answered; −1: all in sync.",
  },
  "offsets.retention.minutes": {
    type: "integer",
    unit: "min",
    default: 10_080,
    before: [["2.0", 1_440]],
    min: 1,
    readBy: ["classic coordinator", "consumer coordinator"],
    about: "How long committed offsets outlive their group's last member.",
  },
  "offsets.retention.check.interval.ms": {
    type: "integer",
    unit: "ms",
    default: 600_000,
    min: 1,
    readBy: ["cluster"],
    about: "How often the coordinator looks for expired offsets.",
  },
  "offset.metadata.max.bytes": {
    type: "integer",
    unit: "bytes",
    default: 4_096,
    min: 0,
    readBy: [],
    about: "The longest note that may go with a committed offset.",
  },
  "broker.heartbeat.interval.ms": {
    type: "integer",
    unit: "ms",
    default: 2_000,
    min: 1,
    since: "2.8",
    readBy: ["cluster"],
    about: "Time between a broker's heartbeats to the controller (KRaft).",
  },
  "broker.session.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 9_000,
    min: 1,
    since: "2.8",
    readBy: ["cluster"],
    about: "How long the controller waits for a silent broker before it moves its leaderships (KRaft).",
  },
  "controlled.shutdown.enable": {
    type: "boolean",
    default: true,
    readBy: ["cluster"],
    about: "Whether a broker hands its leaderships over before it stops.",
  },
  "controlled.shutdown.max.retries": {
    type: "integer",
    default: 3,
    min: 0,
    until: "4.0",
    readBy: [],
    about: "How often it tries to (ZooKeeper mode).",
  },
  "controlled.shutdown.retry.backoff.ms": {
    type: "integer",
    unit: "ms",
    default: 5_000,
    min: 0,
    until: "4.0",
    readBy: [],
    about: "Wait between those attempts (ZooKeeper mode).",
  },
  "auto.leader.rebalance.enable": {
    type: "boolean",
    default: true,
    readBy: ["cluster"],
    about: "Whether leadership goes back to the preferred replica once it has returned: a second move.",
  },
  "leader.imbalance.check.interval.seconds": {
    type: "integer",
    unit: "s",
    default: 300,
    min: 1,
    readBy: ["cluster"],
    about: "How often the controller looks for leaders that are not the preferred ones.",
  },
  "leader.imbalance.per.broker.percentage": {
    type: "integer",
    unit: "%",
    default: 10,
    min: 0,
    readBy: ["cluster"],
    about: "How many of them a broker may have before they move (ZooKeeper mode; KRaft ignores it).",
  },
  "unclean.leader.election.enable": {
    type: "boolean",
    default: false,
    before: [["0.11", true]],
    readBy: ["cluster"],
    about: "Whether a replica that is not in sync may lead, at the price of lost records.",
  },
  "replica.lag.time.max.ms": {
    type: "integer",
    unit: "ms",
    default: 30_000,
    before: [["2.5", 10_000]],
    min: 1,
    readBy: ["cluster"],
    about: "A follower behind for longer is no longer in sync.",
  },
  "min.insync.replicas": {
    type: "integer",
    unit: "replicas",
    default: 1,
    min: 1,
    readBy: ["cluster"],
    about: "Replicas that must be in sync for a write that asks for all of them.",
  },
  "zookeeper.session.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 18_000,
    before: [["2.5", 6_000]],
    min: 1,
    until: "4.0",
    readBy: ["cluster"],
    about: "How long ZooKeeper waits for a silent broker.",
  },
  "controller.quorum.election.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 1_000,
    min: 1,
    since: "2.8",
    readBy: ["cluster"],
    about: "A candidate waits once to twice this for votes before another round.",
  },
  "controller.quorum.fetch.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 2_000,
    min: 1,
    since: "2.8",
    readBy: ["cluster"],
    about: "A voter that heard nothing from the active controller for this long starts an election.",
  },
  "controller.quorum.election.backoff.max.ms": {
    type: "integer",
    unit: "ms",
    default: 1_000,
    min: 0,
    since: "2.8",
    readBy: [],
    about: "Where the doubling wait after a lost election stops.",
  },
  "controller.quorum.request.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 2_000,
    min: 0,
    since: "2.8",
    readBy: [],
    about: "How long the controllers wait for each other's replies.",
  },
  "controller.quorum.retry.backoff.ms": {
    type: "integer",
    unit: "ms",
    default: 20,
    min: 0,
    since: "2.8",
    readBy: [],
    about: "Wait after a failed request between controllers.",
  },
  "controller.quorum.append.linger.ms": {
    type: "integer",
    unit: "ms",
    default: 25,
    min: 0,
    since: "2.8",
    readBy: [],
    about: "How long the active controller gathers records before it appends them.",
  },
  "connections.max.idle.ms": {
    type: "integer",
    unit: "ms",
    default: 600_000,
    min: -1,
    readBy: [],
    about: "Connections idle for longer are closed.",
  },
  "fetch.max.bytes": {
    type: "integer",
    unit: "bytes",
    default: 57_671_680,
    min: 1_024,
    since: "2.5",
    readBy: ["simulation"],
    about: "The most a broker returns to one fetch; matters where records are simulated one by one.",
  },
  "log.retention.hours": {
    type: "integer",
    unit: "h",
    default: 168,
    min: -1,
    readBy: ["scenario"],
    about: "Records older than this are deleted, read or not.",
  },
  "log.retention.check.interval.ms": {
    type: "integer",
    unit: "ms",
    default: 300_000,
    min: 1,
    readBy: ["simulation"],
    about: "How often the brokers look for such records.",
  },
  "log.segment.bytes": {
    type: "integer",
    unit: "bytes",
    default: 1_073_741_824,
    min: 14,
    readBy: ["scenario"],
    about: "Segment size of a log; retention deletes whole segments.",
  },
  "log.roll.hours": {
    type: "integer",
    unit: "h",
    default: 168,
    min: 1,
    readBy: ["scenario"],
    about: "A segment is closed after this time even if it is not full.",
  },
} as const satisfies Readonly<Record<string, Setting>>;

/**
 * What brokers hold the members of one group to, with the consumer protocol (KIP-848). Kafka keeps these as configs of the
 * group itself, from 4.0 on. Source: `GroupConfig`.
 */
export const GROUP_SETTINGS = {
  "consumer.session.timeout.ms": {
    type: "integer",
    unit: "ms",
    default: 45_000,
    min: 1,
    since: "4.0",
    readBy: ["consumer coordinator"],
    about: "KIP-848: how long a member may be silent. The brokers' group.consumer.session.timeout.ms, if absent.",
  },
  "consumer.heartbeat.interval.ms": {
    type: "integer",
    unit: "ms",
    default: 5_000,
    min: 1,
    since: "4.0",
    readBy: ["consumer coordinator"],
    about: "KIP-848: time between heartbeats. The brokers' group.consumer.heartbeat.interval.ms, if absent.",
  },
  "consumer.assignment.interval.ms": {
    type: "integer",
    unit: "ms",
    default: 1_000,
    min: 0,
    max: 15_000,
    since: "4.3",
    readBy: ["consumer coordinator"],
    about:
      "KIP-848: least time between two target assignments. The brokers' group.consumer.assignment.interval.ms, if absent.",
  },
} as const satisfies Readonly<Record<string, Setting>>;

type ValueOf<S extends Setting> = S["type"] extends "integer"
  ? number
  : S["type"] extends "boolean"
    ? boolean
    : S["type"] extends "list"
      ? readonly string[]
      : string;
/** The settings of a table, each with its value. */
export type ConfigOf<T extends Readonly<Record<string, Setting>>> = { readonly [K in keyof T]: ValueOf<T[K]> };

/** A consumer's settings, each in the unit its table names. */
export type ClientConfig = ConfigOf<typeof CLIENT_SETTINGS>;

/** The settings of brokers and controllers, each in the unit its table names. */
export type BrokerConfig = ConfigOf<typeof BROKER_SETTINGS>;

/** A group's own settings, each in the unit its table names. */
export type GroupConfig = ConfigOf<typeof GROUP_SETTINGS>;

/** Kafka's releases whose defaults the tables know, oldest first. */
// prettier-ignore
export const RELEASES = [
  "0.9", "0.10.0", "0.10.1", "0.10.2", "0.11", "1.0", "1.1",
  "2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8",
  "3.0", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6", "3.7", "3.8", "3.9",
  "4.0", "4.1", "4.2", "4.3", "4.4",
] as const;

/** Negative if `a` is the older release; `"0.10"` counts as `"0.10.0"`. */
export function compareReleases(a: string, b: string): number {
  const [left, right] = [a, b].map((release) => release.split(".").map(Number));
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What a setting is in a release if nobody sets it. */
export function defaultOf(setting: Setting, release: string): SettingValue {
  const older = setting.before?.find(([until]) => compareReleases(release, until) < 0);
  return older ? older[1] : setting.default;
}

/** What a consumer of this release does if nobody configures it. */
export const defaultClientConfig = (release: string): ClientConfig => defaultsOf(CLIENT_SETTINGS, release);

/** What brokers and controllers of this release do if nobody configures them. */
export const defaultBrokerConfig = (release: string): BrokerConfig => defaultsOf(BROKER_SETTINGS, release);

/** What the settings of a table are in a release if nobody sets them. */
export function defaultsOf<T extends Readonly<Record<string, Setting>>>(table: T, release: string): ConfigOf<T> {
  const entries = Object.entries(table).map(([name, setting]) => [name, defaultOf(setting, release)]);
  return Object.fromEntries(entries) as ConfigOf<T>;
}

/** What a group is held to on these brokers if nobody configures it. Before 4.3 nothing lay between two targets. */
export function defaultGroupConfig(brokers: BrokerConfig, release: string): GroupConfig {
  return {
    "consumer.session.timeout.ms": brokers["group.consumer.session.timeout.ms"],
    "consumer.heartbeat.interval.ms": brokers["group.consumer.heartbeat.interval.ms"],
    "consumer.assignment.interval.ms":
      compareReleases(release, "4.3") >= 0 ? brokers["group.consumer.assignment.interval.ms"] : 0,
  };
}
