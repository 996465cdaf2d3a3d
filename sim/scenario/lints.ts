/**
 * What a scenario may say and hardly anyone should mean: each with the reason and the fix. Some scenarios exist to show
 * just these, so nothing here is an error.
 */
import { formatDuration, MILLISECOND, SECOND } from "../engine/time.ts";
import { boundsOf, meanOf } from "../engine/variates.ts";
import { BROKER_SETTINGS, CLIENT_SETTINGS, compareReleases, GROUP_SETTINGS } from "../kafka/config.ts";
import type { Setting } from "../kafka/config.ts";
import { PRODUCER_SETTINGS } from "../kafka/producer-config.ts";
import { TOPIC_SETTINGS } from "../kafka/topic-config.ts";
import { INSTEAD } from "../kafka/unmodelled-settings.ts";
import { ZOOKEEPER_CONSUMER_SETTINGS } from "../kafka/zookeeper-consumer-config.ts";
import { consumerProtocolLints } from "./consumer-protocol.ts";
import type { Finding, Path } from "./document.ts";
import { mootEvents } from "./event-lints.ts";
import { finding } from "./finding.ts";
import { linkLints } from "./link-lints.ts";
import { mostMembers } from "./parties.ts";
import { rateInWords } from "./rate-in-words.ts";
import { recordLints } from "./record-checks.ts";
import { usualCoordinator } from "./resolve.ts";
import type { GroupSpec, Scenario, TopicSpec } from "./scenario.ts";
import type { Written } from "./schema.ts";
import { many, skipped, unproduced } from "./topic-lints.ts";

/** What a group's `config` may hold: its consumers' settings, and those that the brokers keep of the group. */
const OF_GROUPS = { ...CLIENT_SETTINGS, ...GROUP_SETTINGS };

/** Everything legal but unwise. `written` tells what was said and what is only a default. */
export function lints(scenario: Scenario, written: Written): Finding[] {
  return [
    ...settings(["cluster", "config"], written.cluster?.config, BROKER_SETTINGS, scenario),
    ...coordination(scenario),
    ...copies(scenario),
    ...recordLints(scenario, written),
    ...scenario.topics.flatMap((topic) => [...ofTopic(topic, scenario, written)]),
    ...many(scenario),
    ...skipped(scenario),
    ...scenario.groups.flatMap((group) => [
      ...(group.zookeeperConfig ? ofZooKeeperEra : ofToday)(group, scenario, written),
      ...departures(group),
      ...nobody(group, scenario),
      ...load(group, scenario),
    ]),
    ...linkLints(scenario),
    ...consumerProtocolLints(scenario, written),
    ...mootEvents(scenario),
    ...scenario.events.flatMap((event, i) => [...rolls(event, ["events", i], scenario)]),
  ];
}

/** What a consumer with a coordinator and a poll() is configured with. */
function* ofToday(group: GroupSpec, scenario: Scenario, written: Written): Generator<Finding> {
  yield* settings(["groups", group.id, "config"], written.groups[group.id].config, OF_GROUPS, scenario);
  if (!group.groupConfig) yield* timeouts(group, scenario);
  yield* waits(group);
  yield* polling(group);
  yield* commits(group, written);
  yield* resets(group);
}

/** KIP-1106. */
function* resets({ id, config, clientVersion }: GroupSpec): Generator<Finding> {
  const key = "auto.offset.reset";
  if (!config[key].startsWith("by_duration") || compareReleases(clientVersion, "4.0") >= 0) return;
  yield finding(
    ["groups", id, "config", key],
    `by_duration came with 4.0: a consumer of ${clientVersion} refuses to start with it`,
    "earliest, latest or none, or a later clientVersion; simulated all the same",
    ["groups", id, "clientVersion"],
    ["cluster", "brokerVersion"],
  );
}

/** What a consumer is configured with that has neither. */
function* ofZooKeeperEra({ id }: GroupSpec, scenario: Scenario, written: Written): Generator<Finding> {
  const path = ["groups", id, "config"];
  yield* settings(path, written.groups[id].config, ZOOKEEPER_CONSUMER_SETTINGS, scenario);
}

function* ofTopic(topic: TopicSpec, scenario: Scenario, written: Written): Generator<Finding> {
  const given = written.topics[topic.name];
  if (typeof given === "object" && given !== null) {
    const { config, producers } = given;
    yield* settings(["topics", topic.name, "config"], config, TOPIC_SETTINGS, scenario);
    if (typeof producers === "object") {
      const path = ["topics", topic.name, "producers", "config"];
      yield* settings(path, producers.config, PRODUCER_SETTINGS, scenario);
    }
  }
  yield* unproduced(topic, scenario);
}

/**
 * Settings that were written and change nothing: the release does not know them, or regroup does not model them. A pasted
 * config has many of the latter: all that nothing else can be said of are one finding.
 */
function* settings(
  path: Path,
  given: Readonly<Record<string, unknown>> | null | undefined,
  table: Readonly<Record<string, Setting>>,
  { cluster: { brokerVersion } }: Scenario,
): Generator<Finding> {
  const ignored: string[] = [];
  for (const key of Object.keys(given ?? {})) {
    const at = { paths: [[...path, key]], key: true } as const;
    const row = Object.hasOwn(table, key) ? table[key] : undefined;
    if (row?.since && compareReleases(brokerVersion, row.since) < 0) {
      const advice = `it came with ${row.since}, and brokerVersion is ${brokerVersion}`;
      yield { ...at, message: `Kafka ${brokerVersion} does not know ${key}`, advice };
    } else if (row?.until && compareReleases(brokerVersion, row.until) >= 0) {
      const advice = `it went with ${row.until}, and brokerVersion is ${brokerVersion}`;
      yield { ...at, message: `Kafka ${brokerVersion} no longer knows ${key}`, advice };
    } else if (!row || row.readBy.length === 0) {
      if (!Object.hasOwn(INSTEAD, key)) ignored.push(key);
      else yield { ...at, message: `${key} is ignored: regroup does not model it`, advice: INSTEAD[key] };
    }
  }
  const paths = ignored.map((key) => [...path, key]);
  if (ignored.length === 1) {
    const message = `${ignored[0]} is ignored: regroup does not model it`;
    yield { paths, key: true, message, advice: "it may stay: it changes nothing" };
  } else if (ignored.length > 1) {
    const message = `${ignored.length} settings are ignored: regroup does not model them`;
    yield { paths, key: true, message, advice: "they may stay: they change nothing", parts: ignored };
  }
}

/** More copies to be in sync than there are. Kafka: `Partition.effectiveMinIsr`, from 3.7 on (KAFKA-15583). */
function* copies({ cluster, topics }: Scenario): Generator<Finding> {
  const least = cluster.config["min.insync.replicas"];
  const all = [
    { name: "__consumer_offsets", copies: cluster.config["offsets.topic.replication.factor"] },
    ...topics.map(({ name, replicationFactor }) => ({ name, copies: replicationFactor })),
  ];
  const short = all.filter(({ copies }) => copies < least);
  if (short.length === 0) return;
  const some = short.map(({ name, copies }) => `${name} (${copies})`).join(", ");
  const isTaken = compareReleases(cluster.brokerVersion, "3.7") >= 0;
  const offsets = short[0].name === "__consumer_offsets";
  const otherwise = offsets
    ? "before Kafka 3.7 no group ever gets its partitions or commits an offset"
    : "before Kafka 3.7 nothing is ever written with acks: all";
  yield finding(
    ["cluster", "config", "min.insync.replicas"],
    `min.insync.replicas (${least}) is above the number of copies of ${some}: ` +
      (isTaken ? "Kafka asks for all there are, so none of them may be missing" : otherwise),
    "at most one less than there are copies, or more copies: offsets.topic.replication.factor, replicationFactor of a topic",
  );
}

function* coordination({ cluster, groups, events }: Scenario): Generator<Finding> {
  const several = groups.some(
    ({ members, groupConfig, zookeeperConfig }) => !groupConfig && !zookeeperConfig && members.initial > 1,
  );
  if (cluster.config["group.initial.rebalance.delay.ms"] === 0 && several) {
    yield finding(
      ["cluster", "config", "group.initial.rebalance.delay.ms"],
      "without an initial delay the first member gets everything, and every next one starts a rebalance",
      "3000, Kafka's default, gathers members that start together",
    );
  }
  if (cluster.brokers === 1) {
    for (const [i, { what }] of events.entries()) {
      if (!["crash-broker", "restart-broker", "roll-brokers"].includes(what)) continue;
      yield finding(
        ["events", i],
        "the only broker goes, so nobody can take its groups over",
        "brokers: 3 under cluster",
      );
    }
  }
  const released = usualCoordinator(cluster.brokerVersion, cluster.config);
  if (cluster.coordinator !== released) {
    yield finding(
      ["cluster", "coordinator"],
      `Kafka ${cluster.brokerVersion} uses the ${released} coordinator unless told otherwise`,
      "remove the line, unless the difference is what you look at",
    );
  }
}

function* timeouts({ id, config, members }: GroupSpec, { cluster }: Scenario): Generator<Finding> {
  const path = (key: string): Path => ["groups", id, "config", key];
  const session = config["session.timeout.ms"];
  const heartbeat = config["heartbeat.interval.ms"];
  if (heartbeat * 3 > session && heartbeat < session) {
    yield finding(
      path("heartbeat.interval.ms"),
      `heartbeat.interval.ms (${heartbeat}) is more than a third of session.timeout.ms (${session})`,
      "one or two late heartbeats already cost a membership; Kafka advises three a session",
      path("session.timeout.ms"),
    );
  }
  if (session < 10_000) {
    yield finding(
      path("session.timeout.ms"),
      `session.timeout.ms (${session}) is so short that a pause of the process costs a rebalance`,
      "45000 is the default since 3.0, 10000 was it before",
      ["cluster", "brokerVersion"],
    );
  }
  if (session > 120_000) {
    const unread = formatDuration(session * MILLISECOND);
    const advice = "45000 is Kafka's default";
    yield finding(path("session.timeout.ms"), `a crashed member's partitions stay unread for up to ${unread}`, advice);
  }
  const most = cluster.config["group.max.size"];
  if (members.initial > most) {
    const advice = `${members.initial - most} of the members will be refused: GROUP_MAX_SIZE_REACHED`;
    yield finding(["groups", id, "members", "initial"], `${id} is larger than group.max.size (${most})`, advice);
  }
}

function* waits({ id, config }: GroupSpec): Generator<Finding> {
  if (config["retry.backoff.ms"] <= config["retry.backoff.max.ms"]) return;
  yield finding(
    ["groups", id, "config", "retry.backoff.ms"],
    `retry.backoff.ms exceeds retry.backoff.max.ms (${config["retry.backoff.max.ms"]})`,
    "the maximum is then waited for from the first failure on",
    ["groups", id, "config", "retry.backoff.max.ms"],
  );
}

/** Batches that outlast `max.poll.interval.ms`: the member is thrown out for being slow, and its work is redone. */
function* polling({ id, config, members }: GroupSpec): Generator<Finding> {
  const at = (key: string): Path => ["groups", id, "config", key];
  const interval = config["max.poll.interval.ms"] * MILLISECOND;
  const records = config["max.poll.records"];
  const full = (records / members.capacity) * SECOND;
  const most = Math.floor((interval / SECOND) * members.capacity);
  if (!members.batch && full > interval) {
    yield finding(
      at("max.poll.records"),
      `a full batch of ${records} records takes ${formatDuration(Math.round(full))}, longer than max.poll.interval.ms`,
      most > 0
        ? `at this capacity ${most} records are the most; fewer leave room`
        : "at this capacity one record is too many already: more capacity, or a longer interval",
      at("max.poll.interval.ms"),
      ["groups", id, "members", "capacity"],
      ["groups", id, "members", "service"],
    );
  }
  const batch = members.batch && meanOf(members.batch);
  if (batch !== undefined && batch <= interval && (records / batch) * SECOND < members.capacity) {
    const possible = rate((records / batch) * SECOND);
    yield finding(
      at("max.poll.records"),
      `${records} records in a batch of ${formatDuration(Math.round(batch))} are ${possible}, less than the capacity of ${rate(members.capacity)}`,
      `members are simulated to reach their capacity all the same: write capacity: ${possible}, or shorter batches`,
      ["groups", id, "members", "batch"],
      ["groups", id, "members", "capacity"],
    );
  }
  for (const [key, law] of [
    ["batch", members.batch],
    ["slowBatches", members.slowBatches?.lasts],
  ] as const) {
    if (!law || (meanOf(law) ?? Infinity) <= interval) continue;
    const limit = formatDuration(interval);
    const message = `${key}: a usual one outlasts max.poll.interval.ms (${limit}), and costs the membership`;
    yield finding(["groups", id, "members", key], message, "shorter batches, or a longer interval");
  }
}

/** Who commits was said twice, and not alike; or it commits whenever it polls. */
function* commits({ id, members, config }: GroupSpec, written: Written): Generator<Finding> {
  const given = written.groups[id];
  if (given.config?.["auto.commit.interval.ms"] !== undefined && config["auto.commit.interval.ms"] === 0) {
    yield finding(
      ["groups", id, "config", "auto.commit.interval.ms"],
      members.commit === "async"
        ? "with an interval of 0 every poll() commits: a request for each batch"
        : `with commit: ${members.commit} an interval for automatic commits changes nothing`,
      "5000 is Kafka's default",
    );
  }
  const automatic = given.config?.["enable.auto.commit"];
  const said = typeof given.members === "object" ? given.members.commit : undefined;
  if (typeof automatic !== "boolean" || said === undefined || automatic === (said === "auto")) return;
  yield finding(
    ["groups", id, "config", "enable.auto.commit"],
    `enable.auto.commit is ${automatic}, and commit: ${said} turns it ${automatic ? "off" : "on"}`,
    automatic
      ? "an application that also commits by itself is not modelled: remove one of them"
      : "remove one of them; without commit: auto the application commits after each batch (sync)",
    ["groups", id, "members", "commit"],
  );
}

function* departures({ id, members }: GroupSpec): Generator<Finding> {
  const { crashShare, lifetime, leavesPerSecond, perStep } = members;
  const path = (key: string): Path => ["groups", id, "members", key];
  const anyLeave = lifetime !== undefined || leavesPerSecond > 0 || (perStep && perStep.leave > 0);
  if (crashShare > 0 && !anyLeave) {
    const advice = "write a lifetime, leaves or perStep; for one crash at a known time write an event";
    yield finding(path("crashShare"), "nobody departs by chance, so crashShare changes nothing", advice);
  }
}

/** A group that nobody is ever in. */
function* nobody(group: GroupSpec, scenario: Scenario): Generator<Finding> {
  if (mostMembers(group, scenario) > 0) return;
  const { id } = group;
  const message = `${id} never has a member, so nothing of its topics is read`;
  yield finding(
    ["groups", id, "members", "initial"],
    message,
    "write how many it has, or let some join: { at: 1m, join: … }",
  );
}

/** Whether the group can keep up at all, and whether its members all have something to do. */
function* load(group: GroupSpec, { flow, topics, events }: Scenario): Generator<Finding> {
  const { id, members } = group;
  const read = topics.filter(({ name }) => group.topics.includes(name));
  const partitions = read.reduce((sum, topic) => sum + topic.partitions, 0);
  const comes = members.joinsPerSecond > 0 || (members.perStep?.join ?? 0) > 0;
  const grows = comes || events.some((event) => event.what === "join" && event.group === id);
  const working = Math.min(members.initial, partitions);
  const inflow = read.reduce((sum, topic) => sum + peakRate(topic), 0);
  const capacity = working * members.capacity;
  const path: Path = ["groups", id, "members"];
  // What says how fast a member is; of a fluid the capacity, unless only a service is written.
  const paces = flow === "records" && members.service ? ["service"] : ["capacity", "service"];
  const pace = paces.map((key): Path => [...path, key]);
  if (members.initial > partitions && partitions > 0) {
    yield finding(
      [...path, "initial"],
      `${id} has ${members.initial} members for ${partitions} partitions, so ${members.initial - partitions} are idle`,
      "a partition has one reader in a group: more partitions, or fewer members",
    );
  }
  if (!grows && working > 0 && inflow > capacity) {
    yield finding(
      pace[0],
      `${id} is overloaded: up to ${records(rate(inflow))} come in, and ${working === 1 ? "1 member processes" : `${working} members process`} ${rate(capacity)}`,
      `lag grows; ${Math.ceil(inflow / members.capacity)} members could keep up`,
      ...pace.slice(1),
      [...path, "initial"],
    );
  }
  for (const topic of read) {
    const hottest = topic.shares.reduce((most, share) => Math.max(most, share), 0) * peakRate(topic);
    if (hottest <= members.capacity) continue;
    yield finding(
      ["topics", topic.name, "skew"],
      `one partition of ${topic.name} gets ${records(rate(hottest))}, more than one member can process`,
      `no number of members helps, since a partition has one reader: less skew, or more capacity than ${rate(members.capacity)}`,
      ["topics", topic.name, "rate"],
      ...pace,
    );
  }
}

const peakRate = ({ rate }: TopicSpec): number =>
  rate.reduce((most, { recordsPerSecond }) => Math.max(most, recordsPerSecond), 0);

const records = (rate: string): string => rate.replace("/", " records/");

/** So many a second; of more than ten, none smaller than a tenth. */
const rate = (perSecond: number): string => rateInWords(perSecond > 10 ? Math.round(perSecond * 10) / 10 : perSecond);

/** Deploys that will not be through when the run ends. */
function* rolls(event: Scenario["events"][number], path: Path, { groups, duration }: Scenario): Generator<Finding> {
  if (event.what !== "roll") return;
  const members = groups.find(({ id }) => id === event.group)!.members;
  const waves = Math.ceil(members.initial / Math.max(1, event.maxUnavailable + event.maxSurge));
  const least = waves * (boundsOf(members.startup).least + event.pause);
  const usual = waves * ((meanOf(members.startup) ?? least) + event.pause);
  if (event.at + usual <= duration) return;
  yield finding(
    [...path, "roll"],
    `rolling ${event.group} takes about ${formatDuration(Math.round(usual / SECOND) * SECOND)}, longer than what is left of the run`,
    `a longer duration than ${formatDuration(duration)}, or more members at a time`,
  );
}
