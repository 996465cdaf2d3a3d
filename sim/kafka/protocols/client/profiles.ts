import type { Duration } from "../../../engine/time.ts";
import { MILLISECOND, SECOND } from "../../../engine/time.ts";
import type { ClientConfig } from "../../config.ts";

/** The client libraries that are modelled: Kafka's own, and where others are known to differ from it. */
export const CLIENT_PROFILES = ["java", "librdkafka", "kafkajs", "zookeeper"] as const;

export type ClientProfile = (typeof CLIENT_PROFILES)[number];

export const isClientProfile = (name: string): name is ClientProfile => CLIENT_PROFILES.some((known) => known === name);

/** What one client library, of one release, does its own way. */
export interface ClientTraits {
  /** The release of Kafka's Java client whose behaviour counts where the library does not differ, for instance "4.0". */
  readonly version: string;
  /** Whether heartbeats go on while the application is stuck, or are sent between two of its records. */
  readonly heartbeats: "background" | "between-records";
  /** Whether the application acts on a rebalance after each record, or after the batch in hand. */
  readonly reacts: "between-records" | "between-batches";
  /** Whether replies to JoinGroup are acted upon without the application's being inside poll(). */
  readonly joinsInBackground: boolean;
  /** Whether poll() returns nothing before it has found the coordinator, or its timeout is over. */
  readonly searchesInPoll: boolean;
  /** Whether a member that has not polled for `max.poll.interval.ms` leaves. */
  readonly enforcesPollInterval: boolean;
  /** How often it looks whether that is so, counted from the last assignment on; absent: it notices at once. */
  readonly checksPollEvery?: Duration;
  /**
   * After a failure JoinGroup follows the last JoinGroup no sooner than this, and a failed one no sooner than twice this;
   * absent: as in Kafka's client, at once or after `retry.backoff.ms`.
   */
  readonly joinsEvery?: Duration;
  /** How often the coordinator is asked for; absent: after a wait that grows from failure to failure. */
  readonly asksEvery?: Duration;
  /** Whether positions are committed before a rejoin, if `enable.auto.commit` is on. */
  readonly commitsBeforeRejoin: boolean;
  /** Whether it sends `group.instance.id`. */
  readonly knowsStaticMembers: boolean;
}

/**
 * Each deviation from the Java consumer, with its source.
 *
 * **librdkafka** (`src/rdkafka_cgrp.c`, `CONFIGURATION.md` of confluentinc/librdkafka):
 * - JoinGroup's reply is handled, and SyncGroup sent, by its own thread (`rd_kafka_cgrp_handle_JoinGroup`, "@locality
 *   rdkafka main thread"); only the rebalance callbacks wait for the application;
 * - an interval of a second lies between two JoinGroups, and a failed one adds another (`rkcg_join_intvl`); a required
 *   member id is not waited for;
 * - the poll interval is looked at twice a second (`rd_kafka_cgrp_start_max_poll_interval_timer`);
 * - the coordinator is asked for every 500 ms, and every second while the one that was named cannot be connected to
 *   (`rd_kafka_cgrp_serve`: states query-coord and wait-broker-transport); poll() does not wait for it.
 *
 * **kafkajs** (`src/consumer/runner.js`, `consumerGroup.js`, `index.js` of tulios/kafkajs):
 * - there is no heartbeat thread: one is sent after a record, or an empty fetch, if the interval has passed
 *   (`processEachMessage`, `SHARED_HEARTBEAT`); a handler that is stuck is silent ("should not block for longer than the
 *   configured session timeout", `docs/Consuming.md`);
 * - such a heartbeat's REBALANCE_IN_PROGRESS ends the batch, and the member joins again at once (`scheduleFetchManager`),
 *   without a commit;
 * - there is no poll interval: nobody leaves because of it;
 * - a consumer has no `group.instance.id` (`JOIN` in `consumerGroup.js` sends none).
 *
 * **zookeeper** (`kafka.consumer.ZookeeperConsumerConnector`, 0.8 to 1.1) is no member of a coordinator's group at all: see
 * `protocols/zookeeper/`. Of its application's doings: there is no poll(), records come one by one out of a stream, and
 * whoever is stuck in one is rebalanced all the same.
 */
const TRAITS: Readonly<Record<ClientProfile, Omit<ClientTraits, "version">>> = {
  java: {
    heartbeats: "background",
    reacts: "between-batches",
    joinsInBackground: false,
    searchesInPoll: true,
    enforcesPollInterval: true,
    commitsBeforeRejoin: true,
    knowsStaticMembers: true,
  },
  librdkafka: {
    heartbeats: "background",
    reacts: "between-batches",
    joinsInBackground: true,
    searchesInPoll: false,
    checksPollEvery: 500 * MILLISECOND,
    joinsEvery: SECOND,
    asksEvery: 500 * MILLISECOND,
    enforcesPollInterval: true,
    commitsBeforeRejoin: true,
    knowsStaticMembers: true,
  },
  kafkajs: {
    heartbeats: "between-records",
    reacts: "between-records",
    joinsInBackground: false,
    searchesInPoll: false,
    enforcesPollInterval: false,
    commitsBeforeRejoin: false,
    knowsStaticMembers: false,
  },
  zookeeper: {
    heartbeats: "background",
    reacts: "between-records",
    joinsInBackground: true,
    searchesInPoll: false,
    enforcesPollInterval: false,
    commitsBeforeRejoin: true,
    knowsStaticMembers: false,
  },
};

export const clientTraits = (profile: ClientProfile, version: string): ClientTraits => ({
  version,
  ...TRAITS[profile],
});

/**
 * Where a library's defaults differ from Kafka's, under Kafka's names.
 *
 * - librdkafka, `CONFIGURATION.md`: `partition.assignment.strategy` is `range,roundrobin`, `session.timeout.ms` 45000
 *   whatever the release, `socket.timeout.ms` (its `request.timeout.ms`) 60000, `reconnect.backoff.ms` 100 up to 10000,
 *   `socket.connection.setup.timeout.ms` 30000 each time.
 * - kafkajs, `src/consumer/index.js`: `partitionAssigners` is round robin, `sessionTimeout` 30000, `rebalanceTimeout` (here
 *   `max.poll.interval.ms`) 60000, `heartbeatInterval` 3000; `docs/Configuration.md`: `connectionTimeout` 1000 each time;
 *   its one `retry` mechanism serves for requests and connections, `initialRetryTime` 300 doubling up to `maxRetryTime`
 *   30000.
 */
export const PROFILE_DEFAULTS: Readonly<Record<ClientProfile, Partial<ClientConfig>>> = {
  java: {},
  librdkafka: {
    "partition.assignment.strategy": ["range", "roundrobin"],
    "session.timeout.ms": 45_000,
    "request.timeout.ms": 60_000,
    "reconnect.backoff.ms": 100,
    "reconnect.backoff.max.ms": 10_000,
    "socket.connection.setup.timeout.ms": 30_000,
    "socket.connection.setup.timeout.max.ms": 30_000,
  },
  kafkajs: {
    "partition.assignment.strategy": ["roundrobin"],
    "session.timeout.ms": 30_000,
    "max.poll.interval.ms": 60_000,
    "heartbeat.interval.ms": 3_000,
    "retry.backoff.ms": 300,
    "retry.backoff.max.ms": 30_000,
    "reconnect.backoff.ms": 300,
    "reconnect.backoff.max.ms": 30_000,
    "socket.connection.setup.timeout.ms": 1_000,
    "socket.connection.setup.timeout.max.ms": 1_000,
  },
  zookeeper: {
    "max.poll.records": 1,
    "fetch.min.bytes": 1,
    "fetch.max.wait.ms": 100,
    "request.timeout.ms": 30_000,
  },
};
