/**
 * Kafka's settings that regroup does not model, by whose they are: accepted, so that a real config can be pasted, and
 * ignored, as `regroup check` says. Those that it models have tables: `config.ts`, `topic-config.ts`, `producer-config.ts`.
 *
 * Names only, of all releases from 0.8 to 4.3. Sources: the generated reference of each release (`kafka_config`,
 * `topic_config`, `producer_config`, `consumer_config`); for internal settings `KafkaConfig`, `KRaftConfigs`,
 * `ServerConfigs`, and the values that brokers of 4.0 and 4.3 log when they start.
 */

const names = (text: string): readonly string[] => text.trim().split(/\s+/);

/** What everybody who opens or takes connections may have. */
const OF_CONNECTIONS = names(`
  sasl.client.callback.handler.class sasl.jaas.config sasl.kerberos.kinit.cmd sasl.kerberos.min.time.before.relogin
  sasl.kerberos.service.name sasl.kerberos.ticket.renew.jitter sasl.kerberos.ticket.renew.window.factor
  sasl.login.callback.handler.class sasl.login.class sasl.login.connect.timeout.ms sasl.login.read.timeout.ms
  sasl.login.refresh.buffer.seconds sasl.login.refresh.min.period.seconds sasl.login.refresh.window.factor
  sasl.login.refresh.window.jitter sasl.login.retry.backoff.max.ms sasl.login.retry.backoff.ms
  sasl.oauthbearer.assertion.algorithm sasl.oauthbearer.assertion.claim.aud sasl.oauthbearer.assertion.claim.exp.seconds
  sasl.oauthbearer.assertion.claim.iss sasl.oauthbearer.assertion.claim.jti.include
  sasl.oauthbearer.assertion.claim.nbf.seconds sasl.oauthbearer.assertion.claim.sub sasl.oauthbearer.assertion.file
  sasl.oauthbearer.assertion.private.key.file sasl.oauthbearer.assertion.private.key.passphrase
  sasl.oauthbearer.assertion.template.file sasl.oauthbearer.client.credentials.client.id
  sasl.oauthbearer.client.credentials.client.secret sasl.oauthbearer.clock.skew.seconds
  sasl.oauthbearer.expected.audience sasl.oauthbearer.expected.issuer sasl.oauthbearer.header.urlencode
  sasl.oauthbearer.jwks.endpoint.refresh.ms sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms
  sasl.oauthbearer.jwks.endpoint.retry.backoff.ms sasl.oauthbearer.jwks.endpoint.url
  sasl.oauthbearer.jwt.retriever.class sasl.oauthbearer.jwt.validator.class sasl.oauthbearer.scope
  sasl.oauthbearer.scope.claim.name sasl.oauthbearer.sub.claim.name sasl.oauthbearer.token.endpoint.url
  security.providers ssl.cipher.suites ssl.enabled.protocols ssl.endpoint.identification.algorithm
  ssl.engine.factory.class ssl.key.password ssl.keymanager.algorithm ssl.keystore.certificate.chain ssl.keystore.key
  ssl.keystore.location ssl.keystore.password ssl.keystore.type ssl.protocol ssl.provider
  ssl.secure.random.implementation ssl.trustmanager.algorithm ssl.truststore.certificates ssl.truststore.location
  ssl.truststore.password ssl.truststore.type
`);

/** What every process may have that measures itself, and hides its passwords. */
const OF_PROCESSES = names(`auto.include.jmx.reporter config.providers metric.reporters metrics.recording.level`);

/** What every client may have besides. */
const OF_CLIENTS = names(`
  bootstrap.servers client.dns.lookup client.id enable.metrics.push interceptor.classes receive.buffer.bytes
  sasl.mechanism security.protocol send.buffer.bytes
`);

/** Of consumers, without what they share with those of the ZooKeeper era. */
export const UNMODELLED_CONSUMER_SETTINGS: readonly string[] = [
  ...OF_CONNECTIONS,
  ...OF_PROCESSES,
  ...OF_CLIENTS,
  ...names(`
    allow.auto.create.topics check.crcs exclude.internal.topics key.deserializer
    metadata.recovery.rebootstrap.trigger.ms value.deserializer
  `),
];

export const UNMODELLED_PRODUCER_SETTINGS: readonly string[] = [
  ...OF_CONNECTIONS,
  ...OF_PROCESSES,
  ...OF_CLIENTS,
  ...names(`
    block.on.buffer.full compression.gzip.level compression.lz4.level compression.type compression.zstd.level
    connections.max.idle.ms key.serializer max.block.ms max.request.size metadata.fetch.timeout.ms
    metadata.max.idle.ms metadata.recovery.rebootstrap.trigger.ms metadata.recovery.strategy metrics.num.samples
    metrics.sample.window.ms partitioner.adaptive.partitioning.enable partitioner.availability.timeout.ms
    partitioner.class partitioner.ignore.keys reconnect.backoff.max.ms reconnect.backoff.ms
    socket.connection.setup.timeout.max.ms socket.connection.setup.timeout.ms timeout.ms transaction.timeout.ms
    transaction.two.phase.commit.enable transactional.id value.serializer
  `),
];

/**
 * What others than Kafka find in a client's config, which hands it on to serializers and interceptors and warns at most.
 * Sources: Confluent's `AbstractKafkaSchemaSerDeConfig` and the configs of its serializers.
 */
export const CLIENT_SETTINGS_OF_OTHERS: readonly string[] = names(`
  auto.register.schemas id.compatibility.strict key.subject.name.strategy latest.compatibility.strict
  max.schemas.per.subject normalize.schemas reference.subject.name.strategy schema.reflection use.latest.version
  use.schema.id value.subject.name.strategy
`);

/** Beginnings of such, each somebody's own: registries, their serializers, Spring. */
export const OPEN_CLIENT_SETTINGS: readonly string[] = [
  "apicurio.",
  "avro.",
  "basic.auth.",
  "bearer.auth.",
  "confluent.",
  "json.",
  "schema.registry.",
  "specific.avro.",
  "specific.protobuf.",
  "spring.",
];

export const UNMODELLED_TOPIC_SETTINGS: readonly string[] = names(`
  cleanup.policy compression.gzip.level compression.lz4.level compression.type compression.zstd.level
  delete.retention.ms file.delete.delay.ms flush.messages flush.ms follower.replication.throttled.replicas
  index.interval.bytes internal.segment.bytes leader.replication.throttled.replicas local.retention.bytes
  local.retention.ms max.compaction.lag.ms max.message.bytes message.downconversion.enable message.format.version
  message.timestamp.after.max.ms message.timestamp.before.max.ms message.timestamp.difference.max.ms
  message.timestamp.type min.cleanable.dirty.ratio min.compaction.lag.ms min.insync.replicas preallocate
  remote.log.copy.disable remote.log.delete.on.disable remote.storage.enable segment.index.bytes segment.jitter.ms
  unclean.leader.election.enable
`);

/** Of brokers and controllers, those of ZooKeeper's time among them. */
export const UNMODELLED_BROKER_SETTINGS: readonly string[] = [
  ...OF_CONNECTIONS,
  ...OF_PROCESSES,
  ...names(`
    add.partitions.to.txn.retry.backoff.max.ms add.partitions.to.txn.retry.backoff.ms advertised.host.name
    advertised.listeners advertised.port alter.config.policy.class.name alter.log.dirs.replication.quota.window.num
    alter.log.dirs.replication.quota.window.size.seconds authorizer.class.name auto.create.topics.enable
    background.threads broker.id broker.id.generation.enable broker.rack client.quota.callback.class
    compression.gzip.level compression.lz4.level compression.type compression.zstd.level
    connection.failed.authentication.delay.ms connections.max.reauth.ms control.plane.listener.name
    controller.listener.names controller.message.queue.size controller.performance.always.log.threshold.ms
    controller.performance.sample.period.ms controller.quorum.auto.join.enable controller.quorum.bootstrap.servers
    controller.quorum.fetch.max.bytes controller.quorum.fetch.snapshot.max.bytes controller.quorum.voters
    controller.quota.window.num controller.quota.window.size.seconds controller.socket.timeout.ms cordoned.log.dirs
    create.topic.policy.class.name default.replication.factor delegation.token.expiry.check.interval.ms
    delegation.token.expiry.time.ms delegation.token.master.key delegation.token.max.lifetime.ms
    delegation.token.secret.key delete.records.purgatory.purge.interval.requests delete.topic.enable
    early.start.listeners eligible.leader.replicas.enable fetch.purgatory.purge.interval.requests
    follower.fetch.last.tiered.offset.enable group.consumer.max.assignment.interval.ms
    group.consumer.min.assignment.interval.ms group.coordinator.background.threads
    group.coordinator.cached.buffer.max.bytes group.coordinator.new.enable group.share.assignment.interval.ms
    group.share.assignors group.share.delivery.count.limit group.share.enable group.share.heartbeat.interval.ms
    group.share.initialize.retry.interval.ms group.share.max.assignment.interval.ms
    group.share.max.delivery.count.limit group.share.max.groups group.share.max.heartbeat.interval.ms
    group.share.max.partition.max.record.locks group.share.max.record.lock.duration.ms
    group.share.max.session.timeout.ms group.share.max.share.sessions group.share.max.size
    group.share.min.assignment.interval.ms group.share.min.delivery.count.limit
    group.share.min.heartbeat.interval.ms group.share.min.partition.max.record.locks
    group.share.min.record.lock.duration.ms group.share.min.session.timeout.ms
    group.share.partition.max.record.locks group.share.persister.class.name group.share.record.lock.duration.ms
    group.share.session.timeout.ms group.streams.assignment.interval.ms group.streams.heartbeat.interval.ms
    group.streams.initial.rebalance.delay.ms group.streams.max.assignment.interval.ms
    group.streams.max.heartbeat.interval.ms group.streams.max.session.timeout.ms group.streams.max.size
    group.streams.max.standby.replicas group.streams.min.assignment.interval.ms
    group.streams.min.heartbeat.interval.ms group.streams.min.session.timeout.ms group.streams.num.standby.replicas
    group.streams.session.timeout.ms host.name initial.broker.registration.timeout.ms inter.broker.listener.name
    inter.broker.protocol.version internal.metadata.delete.delay.millis internal.metadata.log.segment.bytes
    internal.metadata.max.batch.size.in.bytes kafka.metrics.polling.interval.secs kafka.metrics.reporters
    listener.security.protocol.map listeners log.cleaner.backoff.ms log.cleaner.dedupe.buffer.size
    log.cleaner.delete.retention.ms log.cleaner.enable log.cleaner.io.buffer.load.factor log.cleaner.io.buffer.size
    log.cleaner.io.max.bytes.per.second log.cleaner.max.compaction.lag.ms log.cleaner.min.cleanable.ratio
    log.cleaner.min.compaction.lag.ms log.cleaner.threads log.cleanup.interval.mins log.cleanup.policy log.dir
    log.dir.failure.timeout.ms log.dirs log.flush.interval.messages log.flush.interval.ms
    log.flush.interval.ms.per.topic log.flush.offset.checkpoint.interval.ms log.flush.scheduler.interval.ms
    log.flush.start.offset.checkpoint.interval.ms log.index.interval.bytes log.index.size.max.bytes
    log.initial.task.delay.ms log.local.retention.bytes log.local.retention.ms log.message.downconversion.enable
    log.message.format.version log.message.timestamp.after.max.ms log.message.timestamp.before.max.ms
    log.message.timestamp.difference.max.ms log.message.timestamp.type log.preallocate log.retention.bytes
    log.retention.bytes.per.topic log.retention.hours.per.topic log.retention.minutes log.retention.ms
    log.roll.hours.per.topic log.roll.jitter.hours log.roll.jitter.ms log.roll.ms log.segment.bytes.per.topic
    log.segment.delete.delay.ms max.connection.creation.rate max.connections max.connections.per.ip
    max.connections.per.ip.overrides max.incremental.fetch.session.cache.slots max.request.partition.size.limit
    message.max.bytes metadata.log.dir metadata.log.max.record.bytes.between.snapshots
    metadata.log.max.snapshot.interval.ms metadata.log.segment.bytes metadata.log.segment.min.bytes
    metadata.log.segment.ms metadata.max.idle.interval.ms metadata.max.retention.bytes metadata.max.retention.ms
    metrics.num.samples metrics.sample.window.ms node.id num.io.threads num.network.threads num.partitions
    num.recovery.threads.per.data.dir num.replica.alter.log.dirs.threads num.replica.fetchers
    offsets.topic.compression.codec password.encoder.cipher.algorithm password.encoder.iterations
    password.encoder.key.length password.encoder.keyfactory.algorithm password.encoder.old.secret
    password.encoder.secret port principal.builder.class process.roles producer.id.expiration.check.interval.ms
    producer.id.expiration.ms producer.purgatory.purge.interval.requests queued.max.request.bytes
    queued.max.requests quota.consumer.default quota.producer.default quota.window.num quota.window.size.seconds
    remote.fetch.max.wait.ms remote.list.offsets.request.timeout.ms remote.log.index.file.cache.total.size.bytes
    remote.log.index.file.cache.ttl.ms remote.log.manager.copier.thread.pool.size
    remote.log.manager.copy.max.bytes.per.second remote.log.manager.copy.quota.window.num
    remote.log.manager.copy.quota.window.size.seconds remote.log.manager.expiration.thread.pool.size
    remote.log.manager.fetch.max.bytes.per.second remote.log.manager.fetch.quota.window.num
    remote.log.manager.fetch.quota.window.size.seconds remote.log.manager.follower.thread.pool.size
    remote.log.manager.task.interval.ms remote.log.manager.task.retry.backoff.max.ms
    remote.log.manager.task.retry.backoff.ms remote.log.manager.task.retry.jitter
    remote.log.manager.thread.pool.size remote.log.metadata.custom.metadata.max.bytes
    remote.log.metadata.manager.class.name remote.log.metadata.manager.class.path
    remote.log.metadata.manager.impl.prefix remote.log.metadata.manager.listener.name
    remote.log.reader.max.pending.tasks remote.log.reader.threads remote.log.storage.manager.class.name
    remote.log.storage.manager.class.path remote.log.storage.manager.impl.prefix remote.log.storage.system.enable
    replica.fetch.backoff.ms replica.fetch.max.bytes replica.fetch.min.bytes replica.fetch.response.max.bytes
    replica.fetch.wait.max.ms replica.high.watermark.checkpoint.interval.ms replica.lag.max.messages
    replica.selector.class replica.socket.receive.buffer.bytes replica.socket.timeout.ms
    replication.quota.window.num replication.quota.window.size.seconds request.timeout.ms reserved.broker.max.id
    sasl.enabled.mechanisms sasl.kerberos.principal.to.local.rules sasl.mechanism.controller.protocol
    sasl.mechanism.inter.broker.protocol sasl.server.callback.handler.class sasl.server.max.receive.size
    security.inter.broker.protocol server.max.startup.time.ms share.coordinator.append.linger.ms
    share.coordinator.cached.buffer.max.bytes share.coordinator.cold.partition.snapshot.interval.ms
    share.coordinator.load.buffer.size share.coordinator.snapshot.update.records.per.snapshot
    share.coordinator.state.topic.compression.codec share.coordinator.state.topic.min.isr
    share.coordinator.state.topic.num.partitions share.coordinator.state.topic.prune.interval.ms
    share.coordinator.state.topic.replication.factor share.coordinator.state.topic.segment.bytes
    share.coordinator.threads share.coordinator.write.timeout.ms share.fetch.max.fetch.records
    share.fetch.purgatory.purge.interval.requests socket.connection.setup.timeout.max.ms
    socket.connection.setup.timeout.ms socket.listen.backlog.size socket.receive.buffer.bytes
    socket.request.max.bytes socket.send.buffer.bytes ssl.allow.dn.changes ssl.allow.san.changes ssl.client.auth
    ssl.principal.mapping.rules telemetry.max.bytes transaction.abort.timed.out.transaction.cleanup.interval.ms
    transaction.max.timeout.ms transaction.partition.verification.enable
    transaction.remove.expired.transaction.cleanup.interval.ms transaction.state.log.load.buffer.size
    transaction.state.log.min.isr transaction.state.log.num.partitions transaction.state.log.replication.factor
    transaction.state.log.segment.bytes transaction.two.phase.commit.enable transactional.id.expiration.ms
    unclean.leader.election.interval.ms unstable.api.versions.enable unstable.feature.versions.enable
    unstable.metadata.versions.enable zookeeper.clientCnxnSocket zookeeper.connect zookeeper.connection.timeout.ms
    zookeeper.max.in.flight.requests zookeeper.metadata.migration.enable zookeeper.metadata.migration.min.batch.size
    zookeeper.set.acl zookeeper.ssl.cipher.suites zookeeper.ssl.client.enable zookeeper.ssl.crl.enable
    zookeeper.ssl.enabled.protocols zookeeper.ssl.endpoint.identification.algorithm zookeeper.ssl.keystore.location
    zookeeper.ssl.keystore.password zookeeper.ssl.keystore.type zookeeper.ssl.ocsp.enable zookeeper.ssl.protocol
    zookeeper.ssl.truststore.location zookeeper.ssl.truststore.password zookeeper.ssl.truststore.type
    zookeeper.sync.time.ms
  `),
];

/** Beginnings of broker settings whose ends are the operator's: listeners and plugins by name. */
export const OPEN_BROKER_SETTINGS: readonly string[] = [
  "config.providers.",
  "listener.name.",
  "rlmm.config.",
  "rsm.config.",
];

/** What to write for some of them, because a scenario says the same in other words, or in another place. */
export const INSTEAD: Readonly<Record<string, string>> = {
  "broker.id": "brokers are numbered from 1; write brokers: <how many> under cluster",
  "broker.rack": "write brokers: { count: 6, zones: [a, b, c] } under cluster",
  "controller.quorum.bootstrap.servers": "controller: { nodes: 3 } under cluster says how many voters there are",
  "controller.quorum.voters": "controller: { nodes: 3 } under cluster says how many voters there are",
  "default.replication.factor": "write replicationFactor of a topic",
  "group.coordinator.new.enable": "write coordinator: java or scala under cluster",
  "log.retention.bytes": "write retention.bytes in a topic's config",
  "log.retention.minutes": "write log.retention.hours, or retention.ms in a topic's config",
  "log.retention.ms": "write log.retention.hours, or retention.ms in a topic's config",
  "log.roll.ms": "write log.roll.hours, or segment.ms in a topic's config",
  "min.insync.replicas": "write it under cluster.config: it counts for all topics",
  "node.id": "brokers are numbered from 1; write brokers: <how many> under cluster",
  "num.partitions": "write partitions of a topic",
  "process.roles": "controller: { inBrokers: true } under cluster says that brokers are controllers as well",
  "unclean.leader.election.enable": "write it under cluster.config: it counts for all topics",
  "zookeeper.connect": "controller: zookeeper under cluster says that there is one",
};
