/**
 * What makes a scenario impossible though each of its values is fine: settings that contradict each other, names of
 * things that are not there, sizes nobody meant. Each finding says what would be right.
 */
import { formatDuration, SECOND } from "../engine/time.ts";
import { meanOf } from "../engine/variates.ts";
import { compareReleases } from "../kafka/config.ts";
import { consumerProtocolChecks } from "./consumer-protocol.ts";
import { recordChecks } from "./record-checks.ts";
import type { Finding, Path } from "./document.ts";
import { finding, missing, missingZone } from "./finding.ts";
import { diurnalParts } from "./rate-over-time.ts";
import { ASSIGNORS, leastDelivery, MAX_SCENARIO, MOST_IN_FLIGHT } from "./resolve.ts";
import type { GroupSpec, Scenario, TopicSpec } from "./scenario.ts";
import { LIMITS } from "./schema.ts";
import type { Written } from "./schema.ts";
import { eventChecks } from "./event-checks.ts";
import { zonesOf } from "./parties.ts";
import { subscription } from "./subscription.ts";
import { topicLives } from "./topic-checks.ts";
import { zooKeeperEraChecks } from "./zookeeper-era.ts";

/** More arrivals or departures than that by chance are a mistake in a unit. */
const MAX_CHURN = 10_000_000;

/** What has to hold before defaults are filled in, because filling them in would already take the memory. */
export function sizeFindings(written: Written): Finding[] {
  const found: Finding[] = [];
  let total = 0;
  let inSteps = 0;
  const grown = new Map<string, number>();
  for (const event of written.events ?? []) {
    if (!("grow" in event)) continue;
    inSteps += event.to; // every step keeps its partitions' shares
    grown.set(event.grow, Math.max(event.to, grown.get(event.grow) ?? 0));
  }
  for (const [name, given] of Object.entries(written.topics)) {
    const topic = typeof given === "number" ? { partitions: given } : (given ?? {});
    const partitions = Math.max(topic.partitions ?? 0, grown.get(name) ?? 0);
    total += partitions;
    const steps = typeof topic.rate === "object" && "diurnal" in topic.rate ? diurnalParts(topic.rate, written) : 0;
    if (steps > LIMITS.rateSteps) {
      const advice = `${LIMITS.rateSteps} are the limit: a longer period, or a shorter run`;
      found.push(
        finding(["topics", name, "rate", "diurnal"], `the rate of ${name} has ${steps} steps in this run`, advice),
      );
    }
    if (typeof topic.skew !== "object" || !("shares" in topic.skew)) continue;
    const { shares } = topic.skew;
    const path = ["topics", name, "skew", "shares"];
    if (shares.length !== partitions) {
      const advice = `${name} has ${partitions || "no stated number of"} partitions: one share for each`;
      found.push(finding(path, `skew of ${name} has ${shares.length} shares`, advice));
    } else if (!shares.some((share) => share > 0)) {
      found.push(finding(path, `skew of ${name} has no share above 0`, "shares are relative: [3, 1, 1]"));
    }
  }
  const limit = `${LIMITS.partitions} is the limit of one run`;
  if (total > LIMITS.partitions) {
    found.push(finding(["topics"], `the topics have ${total} partitions together`, limit));
  }
  if (inSteps > LIMITS.partitions) {
    const message = `the steps in which topics grow have ${inSteps} partitions together`;
    found.push(finding(["events"], message, `${limit}: fewer steps`));
  }
  return found;
}

/** Everything that keeps a resolved scenario from being simulated. */
export function checks(scenario: Scenario, written: Written): Finding[] {
  return [
    ...durations(scenario),
    ...cluster(scenario),
    ...controller(scenario),
    ...topics(scenario),
    ...recordChecks(scenario),
    ...scenario.groups.flatMap((group) => [
      ...subscription(group.id, group.topics, ["groups", group.id, "topics"], scenario),
      ...(group.groupConfig || group.zookeeperConfig ? [] : [...timeouts(group, scenario), ...assignors(group)]),
      ...endlessCommits(group),
      ...churn(group, scenario),
    ]),
    ...consumerProtocolChecks(scenario, written),
    ...zooKeeperEraChecks(scenario, written),
    ...groups(scenario),
    ...topicLives(scenario),
    ...scenario.topics.flatMap((topic) => [...production(topic, scenario), ...delivery(topic), ...idempotence(topic)]),
    ...eventChecks(scenario, written),
    ...expectations(scenario),
  ];
}

function* durations({ duration, warmUp }: Scenario): Generator<Finding> {
  if (duration <= 0) yield finding(["duration"], "duration must be more than 0", "for instance 10m");
  if (duration > MAX_SCENARIO) {
    yield finding(["duration"], `duration must be at most a year, not ${formatDuration(duration)}`, "a day shows most");
  }
  if (warmUp >= duration && duration > 0) {
    const advice = `the run ends at ${formatDuration(duration)}, and nothing would be measured`;
    yield finding(["warmUp"], `warmUp must be shorter than the run`, advice, ["duration"]);
  }
}

const setting = (key: string): Path => ["cluster", "config", key];

function* cluster(scenario: Scenario): Generator<Finding> {
  const { config, brokers, between, loading } = scenario.cluster;
  const groups = scenario.groups.map(({ id }) => id);
  for (const group of Object.keys(loading.bytesOf)) {
    if (!groups.includes(group)) yield missing(["cluster", "loading", "size", group], "group", group, groups);
  }
  const zones = zonesOf(scenario);
  for (const [i, pair] of between.entries()) {
    for (const [place, zone] of pair.zones.entries()) {
      const path = ["cluster", "network", "between", i, "zones", place];
      if (!zones.includes(zone)) yield missingZone(path, zone, zones);
    }
  }
  for (const [lesser, greater] of [
    ["group.min.session.timeout.ms", "group.max.session.timeout.ms"],
    ["broker.heartbeat.interval.ms", "broker.session.timeout.ms"],
  ] as const) {
    const orEqual = lesser === "group.min.session.timeout.ms";
    if (config[lesser] < config[greater] || (orEqual && config[lesser] === config[greater])) continue;
    const message = `${lesser} must ${orEqual ? "not exceed" : "be less than"} ${greater} (${config[greater]})`;
    yield finding(setting(lesser), message, "raise the one or lower the other", setting(greater));
  }
  const replicas = config["offsets.topic.replication.factor"];
  if (replicas > brokers) {
    const message = `offsets.topic.replication.factor must be at most the number of brokers (${brokers})`;
    yield finding(setting("offsets.topic.replication.factor"), message, "Kafka would not create __consumer_offsets");
  }
}

/** KRaft came with 2.8, ZooKeeper went with 4.0. */
function* controller({ cluster: { controller, brokerVersion, brokers } }: Scenario): Generator<Finding> {
  const path: Path = ["cluster", "controller"];
  if (controller.kind === "zookeeper" && compareReleases(brokerVersion, "4.0") >= 0) {
    const advice = "kraft, or a brokerVersion of 3.9 at most";
    yield finding(path, `Kafka ${brokerVersion} does not know ZooKeeper`, advice, ["cluster", "brokerVersion"]);
  }
  if (controller.kind === "kraft" && compareReleases(brokerVersion, "2.8") < 0) {
    const advice = "zookeeper, or a brokerVersion of 2.8 at least";
    yield finding(path, `Kafka ${brokerVersion} does not know KRaft`, advice, ["cluster", "brokerVersion"]);
  }
  if (controller.kind === "kraft" && controller.inBrokers && controller.nodes > brokers) {
    const message = `${controller.nodes} nodes cannot be in ${brokers} brokers`;
    yield finding([...path, "nodes"], message, "fewer nodes, or more brokers", ["cluster", "brokers"]);
  }
  if (controller.kind === "zookeeper" && controller.tick <= 0) {
    yield finding([...path, "tick"], "tick must be more than 0", "2s is ZooKeeper's own");
  }
}

function* topics({ topics, duration, cluster }: Scenario): Generator<Finding> {
  if (topics.length === 0) yield finding(["topics"], "there are no topics", "for instance topics: { orders: 12 }");
  if (topics.length > LIMITS.topics) {
    yield finding(["topics"], `there are ${topics.length} topics`, `${LIMITS.topics} is the limit of one run`);
  }
  for (const { name, rate, replicationFactor } of topics) {
    if (replicationFactor > cluster.brokers) {
      const message = `replicationFactor of ${name} must be at most the number of brokers (${cluster.brokers})`;
      yield finding(["topics", name, "replicationFactor"], message, "Kafka would not create the topic");
    }
    const path = (i: number): Path => ["topics", name, "rate", i, "at"];
    if (rate[0].at !== 0) yield finding(path(0), `the rate of ${name} must begin at 0s`, "what is it before that?");
    for (const [i, { at }] of rate.entries()) {
      if (i > 0 && at <= rate[i - 1].at) {
        yield finding(
          path(i),
          `the steps of ${name} must come in order of time`,
          "each step later than the one before",
        );
      }
      if (at > duration && duration > 0) {
        yield finding(path(i), `this step comes after the run's end`, `it ends at ${formatDuration(duration)}`, [
          "duration",
        ]);
      }
    }
  }
}

function* groups({ groups }: Scenario): Generator<Finding> {
  if (groups.length === 0) {
    yield finding(["groups"], "there are no groups", "for instance groups: { billing: { members: 5 } }");
  }
  if (groups.length > LIMITS.groups) {
    yield finding(["groups"], `there are ${groups.length} groups`, `${LIMITS.groups} is the limit of one run`);
  }
  const members = groups.reduce((sum, group) => sum + group.members.initial, 0);
  if (members > LIMITS.members) {
    yield finding(
      ["groups"],
      `the groups have ${members} members together`,
      `${LIMITS.members} is the limit of one run`,
    );
  }
  const ids = new Set(groups.map(({ id }) => id));
  for (const { id } of groups) {
    const other = id.replace(/-\d+$/, "");
    if (other === id || !ids.has(other)) continue;
    const advice = "members are named after their group; call one of the two groups something else";
    yield { ...finding(["groups", id], `${id} is also what a member of ${other} is called`, advice), key: true };
  }
}

function* timeouts({ id, config }: GroupSpec, { cluster }: Scenario): Generator<Finding> {
  const path = (key: string): Path => ["groups", id, "config", key];
  const session = config["session.timeout.ms"];
  const heartbeat = config["heartbeat.interval.ms"];
  if (session <= heartbeat) {
    yield finding(
      path("session.timeout.ms"),
      `session.timeout.ms must exceed heartbeat.interval.ms (${heartbeat})`,
      "with less, every member expires before its second heartbeat; Kafka advises three a session",
      path("heartbeat.interval.ms"),
    );
    return;
  }
  const least = cluster.config["group.min.session.timeout.ms"];
  const most = cluster.config["group.max.session.timeout.ms"];
  if (least > most || (session >= least && session <= most)) return;
  const [bound, key] =
    session < least
      ? (["at least", "group.min.session.timeout.ms"] as const)
      : (["at most", "group.max.session.timeout.ms"] as const);
  yield finding(
    path("session.timeout.ms"),
    `session.timeout.ms must be ${bound} ${key} (${cluster.config[key]})`,
    "the coordinator would refuse every member: INVALID_SESSION_TIMEOUT",
    ["cluster", "config", key],
  );
}

/** Who must have committed before it processes calls `commitSync()` again whenever that gives up. */
function* endlessCommits({ id, config, members }: GroupSpec): Generator<Finding> {
  if (members.commit !== "before-processing" || config["default.api.timeout.ms"] > 0) return;
  yield finding(
    ["groups", id, "config", "default.api.timeout.ms"],
    "default.api.timeout.ms must be more than 0 with commit: before-processing",
    "commitSync() would give up at the instant it is called, and be called again for ever",
    ["groups", id, "members", "commit"],
  );
}

function* assignors({ id, config }: GroupSpec): Generator<Finding> {
  const strategy = config["partition.assignment.strategy"];
  for (const [i, name] of strategy.entries()) {
    const path = ["groups", id, "config", "partition.assignment.strategy", i];
    if (!ASSIGNORS.includes(name)) yield missing(path, "assignor", name, ASSIGNORS);
    if (strategy.indexOf(name) < i) yield finding(path, `${name} is listed twice`, "once is enough");
  }
}

/** Poisson rates, probabilities a step, lifetimes and replacements: how often somebody would come or go. */
function* churn({ id, members }: GroupSpec, { duration }: Scenario): Generator<Finding> {
  const path = (key: string): Path => ["groups", id, "members", key];
  const { joinsPerSecond, leavesPerSecond, perStep, lifetime, startup, replaceAfter, slowBatches, initial } = members;
  const seconds = duration / SECOND;
  const times = (mean: number | undefined): number => (mean === undefined ? 0 : duration / Math.max(1, mean));
  const expected: readonly (readonly [key: string, times: number])[] = [
    ["joins", joinsPerSecond * seconds],
    ["leaves", leavesPerSecond * seconds],
    ["perStep", perStep ? times(perStep.every) * Math.max(1, perStep.join) : 0],
    ["slowBatches", slowBatches ? times(meanOf(slowBatches.every)) * Math.max(1, initial) : 0],
    [
      "lifetime",
      lifetime && replaceAfter
        ? initial * times((meanOf(lifetime) ?? Infinity) + (meanOf(startup) ?? 0) + (meanOf(replaceAfter) ?? 0))
        : 0,
    ],
  ];
  yield* tooOften(id, expected, path);
}

/** The same of those who produce a topic, and of its bursts. */
function* production({ name, producers, bursts }: TopicSpec, { duration }: Scenario): Generator<Finding> {
  const { joinsPerSecond, leavesPerSecond, lifetime, replaceAfter, startup, instances } = producers;
  const seconds = duration / SECOND;
  const life = (meanOf(lifetime ?? NEVER) ?? Infinity) + (meanOf(startup) ?? 0) + (meanOf(replaceAfter ?? NEVER) ?? 0);
  yield* tooOften(
    name,
    [
      ["joins", joinsPerSecond * seconds],
      ["leaves", leavesPerSecond * seconds],
      ["lifetime", lifetime && replaceAfter ? (instances * duration) / Math.max(1, life) : 0],
    ],
    (key) => ["topics", name, "producers", key],
  );
  if (!bursts) return;
  const cycle = (meanOf(bursts.every) ?? Infinity) + (meanOf(bursts.lasts) ?? Infinity);
  yield* tooOften(name, [["bursts", duration / Math.max(1, cycle)]], () => ["topics", name, "bursts"]);
}

/** A time for deliveries that was written and is too short for one. */
function* delivery({ name, producers: { config } }: TopicSpec): Generator<Finding> {
  const path = (key: string): Path => ["topics", name, "producers", "config", key];
  const least = leastDelivery(config);
  if (config["delivery.timeout.ms"] >= least) return;
  yield finding(
    path("delivery.timeout.ms"),
    `delivery.timeout.ms must be at least linger.ms + request.timeout.ms (${least})`,
    "the producer would refuse to start: ConfigException",
    path("request.timeout.ms"),
    path("linger.ms"),
  );
}

/** An idempotent producer whose other settings do not go with that. */
function* idempotence({ name, producers: { config } }: TopicSpec): Generator<Finding> {
  if (!config["enable.idempotence"]) return;
  const path = (key: string): Path => ["topics", name, "producers", "config", key];
  const inFlight = "max.in.flight.requests.per.connection";
  const advice = "the producer would refuse to start: ConfigException; or write enable.idempotence: false";
  const needs = (key: keyof typeof config, what: string): Finding =>
    finding(path(key), `${key} must be ${what} for an idempotent producer`, advice, path("enable.idempotence"));
  if (config[inFlight] > MOST_IN_FLIGHT) yield needs(inFlight, `at most ${MOST_IN_FLIGHT}`);
  else if (config.retries === 0) yield needs("retries", "more than 0");
  else if (config.acks !== "all") yield needs("acks", "all");
}

const NEVER = { constant: 0 } as const;

function* tooOften(
  whose: string,
  expected: readonly (readonly [key: string, times: number])[],
  path: (key: string) => Path,
): Generator<Finding> {
  for (const [key, times] of expected) {
    if (times <= MAX_CHURN) continue;
    yield finding(
      path(key),
      `${key} of ${whose} would happen ${times.toPrecision(2)} times in this run`,
      `${MAX_CHURN} is the limit; is the unit what you meant?`,
    );
  }
}

function* expectations({ expect, groups, events }: Scenario): Generator<Finding> {
  const ids = groups.map(({ id }) => id);
  const rolled = new Set(events.flatMap((event) => (event.what === "roll" ? [event.group] : [])));
  for (const [i, { group, per }] of expect.entries()) {
    if (group !== undefined && !ids.includes(group)) yield missing(["expect", i], "group", group, ids);
    else if (per === "deploy" && !(group === undefined ? ids : [group]).every((id) => rolled.has(id)))
      yield {
        paths: [["expect", i]],
        message: `asks for a share of each deploy, and there is none${group === undefined ? "" : ` of ${group}`}`,
        advice: `a deploy is an event: { at: 5m, roll: ${group ?? ids.find((id) => !rolled.has(id))} }`,
      };
  }
}
