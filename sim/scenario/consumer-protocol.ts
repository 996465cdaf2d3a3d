/**
 * What goes with `group.protocol: consumer` (KIP-848), and what only with it: settings that have moved from the clients
 * to the brokers, releases that know it, limits that the brokers hold a group to.
 */
import { formatDuration, MILLISECOND } from "../engine/time.ts";
import { meanOf } from "../engine/variates.ts";
import { type BrokerConfig, compareReleases, GROUP_SETTINGS, type GroupConfig } from "../kafka/config.ts";
import type { Finding, Path } from "./document.ts";
import { finding, missing } from "./finding.ts";
import type { GroupSpec, Scenario } from "./scenario.ts";
import type { Written } from "./schema.ts";

/** A consumer that speaks the new protocol is not told these: its coordinator decides. */
const MOVED: readonly (readonly [setting: string, instead: string])[] = [
  ["session.timeout.ms", "write consumer.session.timeout.ms, which the brokers hold the group to"],
  ["heartbeat.interval.ms", "write consumer.heartbeat.interval.ms, which the brokers tell the members"],
  ["partition.assignment.strategy", "the brokers assign: write group.remote.assignor: uniform, or range"],
];

/** The assignors that the brokers have. */
export const SERVER_ASSIGNORS: readonly string[] = ["uniform", "range"];

const setting = (key: string): Path => ["cluster", "config", key];

/** Whether members of this group speak the consumer protocol, and what the brokers hold them to then. */
const consumerGroups = ({ groups }: Scenario): { group: GroupSpec; limits: GroupConfig }[] =>
  groups.flatMap((group) => (group.groupConfig ? [{ group, limits: group.groupConfig }] : []));

/** What keeps a scenario with groups of the consumer protocol from being simulated. */
export function* consumerProtocolChecks(scenario: Scenario, written: Written): Generator<Finding> {
  for (const group of scenario.groups) if (!group.groupConfig) yield* remoteAssignor(group, written);
  const groups = consumerGroups(scenario);
  if (groups.length === 0) return;
  const wrong = [...brokerLimits(scenario.cluster.config), ...serverAssignors(scenario)];
  yield* wrong;
  for (const { group, limits } of groups) {
    yield* versions(group, scenario);
    yield* client(group, written);
    yield* assignor(group, scenario);
    if (wrong.length === 0) yield* timeouts(group.id, limits, scenario.cluster.config);
  }
}

/** From 3.9 on a classic consumer refuses to name an assignor of the brokers' (`ConsumerConfig`). */
function* remoteAssignor({ id, clientVersion, config }: GroupSpec, written: Written): Generator<Finding> {
  const key = "group.remote.assignor";
  if (!written.groups[id].config?.[key] || compareReleases(clientVersion, "3.9") < 0) return;
  const message = `${key} cannot be set with group.protocol: ${config["group.protocol"]}`;
  const advice = "the consumer would refuse to start: ConfigException; write group.protocol: consumer, or remove it";
  yield finding(["groups", id, "config", key], message, advice);
}

/** Brokers whose own defaults are outside their limits would not start. Kafka: `GroupCoordinatorConfig.validate`. */
function* brokerLimits(config: BrokerConfig): Generator<Finding> {
  for (const what of ["session.timeout.ms", "heartbeat.interval.ms"] as const) {
    const least = `group.consumer.min.${what}` as const;
    const most = `group.consumer.max.${what}` as const;
    if (config[least] > config[most]) {
      const message = `${least} must not exceed ${most} (${config[most]})`;
      yield finding(
        setting(least),
        message,
        "the brokers would not start; raise the one or lower the other",
        setting(most),
      );
      continue;
    }
    const key = `group.consumer.${what}` as const;
    const broken = bound(config[key], [config[least], least], [config[most], most]);
    if (!broken) continue;
    const advice = "the brokers would not start; a limit may be moved, too";
    yield finding(setting(key), `${key} must be ${broken.text}`, advice, setting(broken.key));
  }
  const [session, heartbeat] = [
    config["group.consumer.session.timeout.ms"],
    config["group.consumer.heartbeat.interval.ms"],
  ];
  if (session > heartbeat) return;
  const key = "group.consumer.heartbeat.interval.ms";
  yield finding(
    setting(key),
    `${key} must be less than group.consumer.session.timeout.ms (${session})`,
    "the brokers would not start; three heartbeats a session leave room for lost ones",
    setting("group.consumer.session.timeout.ms"),
  );
}

type Limit<K extends string> = readonly [value: number, key: K];

/** Which of two limits a value breaks. */
function bound<K extends string>(
  value: number,
  [least, leastKey]: Limit<K>,
  [most, mostKey]: Limit<K>,
): { readonly text: string; readonly key: K } | undefined {
  if (value < least) return { text: `at least ${leastKey} (${least})`, key: leastKey };
  if (value > most) return { text: `at most ${mostKey} (${most})`, key: mostKey };
  return undefined;
}

function* serverAssignors({ cluster: { config } }: Scenario): Generator<Finding> {
  const names = config["group.consumer.assignors"];
  for (const [i, name] of names.entries()) {
    const path = [...setting("group.consumer.assignors"), i];
    if (!SERVER_ASSIGNORS.includes(name)) yield missing(path, "assignor of the brokers'", name, SERVER_ASSIGNORS);
    else if (names.indexOf(name) < i) yield finding(path, `${name} is listed twice`, "once is enough");
  }
}

/** Brokers and clients that do not know the protocol. */
function* versions({ id, clientVersion, clientProfile }: GroupSpec, { cluster }: Scenario): Generator<Finding> {
  const path = ["groups", id, "config", "group.protocol"];
  const { brokerVersion, config, controller, coordinator } = cluster;
  const protocols = config["group.coordinator.rebalance.protocols"];
  if (compareReleases(brokerVersion, "3.7") < 0) {
    const advice = "it came with 3.7 as a preview, and is production-ready from 4.0 on: brokerVersion, or classic";
    const message = `brokers of Kafka ${brokerVersion} do not know the consumer protocol: UNSUPPORTED_VERSION`;
    yield finding(path, message, advice, ["cluster", "brokerVersion"]);
  } else if (!protocols.includes("consumer")) {
    const key = "group.coordinator.rebalance.protocols";
    const advice = `write ${key}: [classic, consumer] under cluster.config, or a brokerVersion of 4.0 at least`;
    const message = `the brokers do not speak the consumer protocol (${key}): UNSUPPORTED_VERSION`;
    yield finding(path, message, advice, setting(key));
  } else if (coordinator === "scala") {
    const advice = "remove the line: brokers that speak it have the Java coordinator";
    yield finding(path, "the Scala coordinator does not know the consumer protocol", advice, [
      "cluster",
      "coordinator",
    ]);
  } else if (controller.kind === "zookeeper") {
    const advice = "the brokers would not start: ConfigException; write controller: kraft";
    yield finding(path, "the consumer protocol needs KRaft", advice, ["cluster", "controller"]);
  }
  if (clientProfile !== "java") {
    const advice =
      clientProfile === "kafkajs"
        ? "kafkajs speaks the classic protocol only: remove group.protocol"
        : `${clientProfile} speaks it from 2.12 on, in a way of its own that is not modelled: clientProfile java, or classic`;
    const message = `the consumer protocol is modelled as Kafka's own consumer speaks it, not ${clientProfile}`;
    yield finding(path, message, advice, ["groups", id, "clientProfile"]);
  } else if (compareReleases(clientVersion, "3.7") < 0) {
    const advice = "it came with 3.7: a later clientVersion, or classic";
    const message = `consumers of Kafka ${clientVersion} do not know the consumer protocol`;
    yield finding(path, message, advice, ["groups", id, "clientVersion"]);
  }
}

/** What a consumer refuses to be told from 4.0 on. Kafka: `ConsumerConfig`, `CONSUMER_PROTOCOL_UNSUPPORTED_CONFIGS`. */
function* client({ id, clientVersion }: GroupSpec, written: Written): Generator<Finding> {
  if (compareReleases(clientVersion, "4.0") < 0) return;
  for (const [key, instead] of MOVED) {
    if (written.groups[id].config?.[key] === undefined) continue;
    const message = `${key} cannot be set with group.protocol: consumer`;
    const advice = `the consumer would refuse to start: ConfigException; ${instead}`;
    yield finding(["groups", id, "config", key], message, advice, ["groups", id, "config", "group.protocol"]);
  }
}

function* assignor({ id, assignor, config }: GroupSpec, { cluster }: Scenario): Generator<Finding> {
  if (assignor !== undefined) {
    const advice =
      "an assignor of your own is for classic groups, whose members compute: uniform and range are the brokers'";
    const message = `with the consumer protocol the brokers assign, not ${assignor}`;
    yield finding(["groups", id, "assignor"], message, advice, ["groups", id, "config", "group.protocol"]);
  }
  const names = cluster.config["group.consumer.assignors"];
  const asked = config["group.remote.assignor"];
  if (asked === "" || names.includes(asked)) return;
  const path = ["groups", id, "config", "group.remote.assignor"];
  const { message, advice } = missing(path, "assignor of the brokers'", asked, names);
  const refused = `every member would be refused (UNSUPPORTED_ASSIGNOR); ${advice}`;
  yield finding(path, message, refused, setting("group.consumer.assignors"));
}

/** What the brokers would not let the group be configured with. Kafka: `GroupConfig.validateValues`. */
function* timeouts(id: string, limits: GroupConfig, config: BrokerConfig): Generator<Finding> {
  const path = (key: string): Path => ["groups", id, "config", key];
  for (const what of ["session.timeout.ms", "heartbeat.interval.ms"] as const) {
    const least = `group.consumer.min.${what}` as const;
    const most = `group.consumer.max.${what}` as const;
    const broken = bound(limits[`consumer.${what}`], [config[least], least], [config[most], most]);
    if (!broken) continue;
    const advice = `the brokers would refuse it: InvalidConfigurationException; or write another ${broken.key} under cluster.config`;
    yield finding(path(`consumer.${what}`), `consumer.${what} must be ${broken.text}`, advice, setting(broken.key));
  }
  const heartbeat = limits["consumer.heartbeat.interval.ms"];
  if (limits["consumer.session.timeout.ms"] > heartbeat) return;
  yield finding(
    path("consumer.session.timeout.ms"),
    `consumer.session.timeout.ms must exceed consumer.heartbeat.interval.ms (${heartbeat})`,
    "the brokers would refuse it: InvalidConfigurationException; three heartbeats a session leave room for lost ones",
    path("consumer.heartbeat.interval.ms"),
  );
}

/** What groups of the consumer protocol may be and hardly should. */
export function* consumerProtocolLints(scenario: Scenario, written: Written): Generator<Finding> {
  for (const { id, groupConfig } of scenario.groups) {
    const given = written.groups[id].config ?? {};
    for (const key of groupConfig ? [] : Object.keys(GROUP_SETTINGS).filter((key) => given[key] !== undefined)) {
      const at = { paths: [["groups", id, "config", key]], key: true } as const;
      yield { ...at, message: `${key} is for group.protocol: consumer only`, advice: "it changes nothing here" };
    }
  }
  for (const { group, limits } of consumerGroups(scenario)) {
    const given = written.groups[group.id].config ?? {};
    for (const [key, instead] of MOVED) {
      if (given[key] === undefined) continue;
      const at = { paths: [["groups", group.id, "config", key]], key: true } as const;
      yield { ...at, message: `${key} means nothing with group.protocol: consumer`, advice: instead };
    }
    yield* heartbeats(group, limits);
    yield* size(group, scenario);
    yield* returns(group, limits, scenario);
  }
}

function* heartbeats({ id }: GroupSpec, limits: GroupConfig): Generator<Finding> {
  const path = (key: string): Path => ["groups", id, "config", key];
  const [sessionKey, heartbeatKey] = ["consumer.session.timeout.ms", "consumer.heartbeat.interval.ms"] as const;
  const [session, heartbeat] = [limits[sessionKey], limits[heartbeatKey]];
  if (heartbeat * 3 > session) {
    const message = `${heartbeatKey} (${heartbeat}) is more than a third of ${sessionKey} (${session})`;
    const advice = "one or two late heartbeats already cost a membership";
    yield finding(path(heartbeatKey), message, advice, path(sessionKey));
  }
}

function* size({ id, members }: GroupSpec, { cluster }: Scenario): Generator<Finding> {
  const most = cluster.config["group.consumer.max.size"];
  if (members.initial <= most) return;
  const advice = `${members.initial - most} of the members will be refused, and end: GROUP_MAX_SIZE_REACHED`;
  const message = `${id} is larger than group.consumer.max.size (${most})`;
  yield finding(["groups", id, "members", "initial"], message, advice);
}

/** A crashed static member's replacement is refused for good while its predecessor has a session. */
function* returns({ id, members }: GroupSpec, limits: GroupConfig, { events }: Scenario): Generator<Finding> {
  const { static: keepsSeats, replaceAfter, startup, crashShare, lifetime, leavesPerSecond, perStep } = members;
  if (!keepsSeats || !replaceAfter) return;
  const departs = lifetime !== undefined || leavesPerSecond > 0 || perStep !== undefined;
  const crashed = events.some((event) => event.what === "crash" && event.target.group === id);
  const crashes = crashed || (departs && crashShare > 0);
  const session = limits["consumer.session.timeout.ms"] * MILLISECOND;
  const away = (meanOf(replaceAfter) ?? 0) + (meanOf(startup) ?? 0);
  if (!crashes || away >= session) return;
  yield finding(
    ["groups", id, "members", "replaceAfter"],
    `a crashed static member's replacement comes after about ${formatDuration(Math.round(away))}, before its session is over`,
    `it is refused (UNRELEASED_INSTANCE_ID) and ends: leave more than ${formatDuration(session)}, or make members dynamic`,
    ["groups", id, "members", "static"],
  );
}
