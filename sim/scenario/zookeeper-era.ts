/**
 * What goes with `clientProfile: zookeeper`, the consumer that Kafka had before there were coordinators: its own settings,
 * a cluster that has a ZooKeeper, and nothing that needs a poll() or a coordinator.
 */
import { CLIENT_SETTINGS, GROUP_SETTINGS } from "../kafka/config.ts";
import {
  IRRELEVANT_TO_ZOOKEEPER_CONSUMERS,
  UNMODELLED_ZOOKEEPER_CONSUMER_SETTINGS,
  ZOOKEEPER_CONSUMER_SETTINGS,
} from "../kafka/zookeeper-consumer-config.ts";
import type { Finding, Path } from "./document.ts";
import { finding } from "./finding.ts";
import type { BrokerTarget, EventSpec, GroupSpec, LinkSide, Scenario } from "./scenario.ts";
import type { Written } from "./schema.ts";

/** Today's settings that it knew by another name. */
const ITS_WORDS: Readonly<Record<string, string>> = {
  "session.timeout.ms": "zookeeper.session.timeout.ms",
  "enable.auto.commit": "auto.commit.enable",
  "retry.backoff.ms": "rebalance.backoff.ms",
  "max.partition.fetch.bytes": "fetch.message.max.bytes",
  "fetch.max.wait.ms": "fetch.wait.max.ms",
};

/** Whatever it can be configured with. */
const ITS_SETTINGS: readonly string[] = [
  ...Object.keys(ZOOKEEPER_CONSUMER_SETTINGS),
  ...UNMODELLED_ZOOKEEPER_CONSUMER_SETTINGS,
  ...IRRELEVANT_TO_ZOOKEEPER_CONSUMERS,
];

/** Of these, what consumers of today have under the same name. */
const SHARED_WORDS: ReadonlySet<string> = new Set([
  ...Object.keys(CLIENT_SETTINGS),
  "client.id",
  "exclude.internal.topics",
]);

/** What a group can do besides only with a coordinator, or with a poll(). */
const NOT_ITS: readonly (readonly [key: "static" | "batch" | "service" | "pollTimeout", why: string])[] = [
  ["static", "every consumer is a new one to ZooKeeper: remove it"],
  ["batch", "records come one by one out of a stream, and nothing waits for a poll(): write capacity"],
  ["service", "single records are not modelled with it: write capacity"],
  ["pollTimeout", "there is no poll(): remove it"],
];

/** What keeps a scenario with groups of the ZooKeeper era from being simulated, and what is theirs only. */
export function* zooKeeperEraChecks(scenario: Scenario, written: Written): Generator<Finding> {
  for (const group of scenario.groups) {
    const path: Path = ["groups", group.id];
    if (group.zookeeperConfig) yield* ofItsEra(group, path, scenario, written);
    else yield* ofToday(group, path, written);
  }
  const old = new Set(scenario.groups.filter(({ zookeeperConfig }) => zookeeperConfig).map(({ id }) => id));
  for (const [i, event] of scenario.events.entries()) yield* happening(event, ["events", i], old);
}

function* ofItsEra({ id }: GroupSpec, path: Path, { cluster, flow }: Scenario, written: Written): Generator<Finding> {
  const given = written.groups[id];
  if (cluster.controller.kind !== "zookeeper") {
    const message = `the consumers of ${id} register in ZooKeeper, and this cluster has none`;
    const advice = 'write controller: zookeeper under cluster, with a brokerVersion of "3.9" at most';
    yield finding([...path, "clientProfile"], message, advice, ["cluster", "controller"]);
  }
  if (flow === "records") {
    const advice = "use flow: fluid, or one of the other profiles";
    yield finding([...path, "clientProfile"], "single records are not modelled with this consumer", advice, ["flow"]);
  }
  for (const [key, value] of Object.entries(given.config ?? {}))
    yield* itsSetting(key, value, [...path, "config", key]);
  if (given.clientVersion !== undefined) {
    const advice = "remove it: what is modelled is that of 0.8.2, and it did not change much until its end in 1.1";
    yield finding([...path, "clientVersion"], "there is one version of this consumer only", advice);
  }
  if (given.assignor !== undefined) {
    const advice = "write partition.assignment.strategy: range, or roundrobin";
    yield finding([...path, "assignor"], "every one of these consumers works its share out itself", advice);
  }
  if (typeof given.members !== "object") return;
  for (const [key, why] of NOT_ITS) {
    if (given.members[key] === undefined || given.members[key] === false) continue;
    yield finding([...path, "members", key], `${key} means nothing to a consumer of the ZooKeeper era`, why);
  }
  const { commit } = given.members;
  if (commit === undefined || commit === "auto" || commit === "never") return;
  const advice = "auto, by auto.commit.interval.ms and before each rebalance; or never";
  yield finding([...path, "members", "commit"], `commit: ${commit} goes with a poll(), and it has none`, advice);
}

function* itsSetting(key: string, value: unknown, path: Path): Generator<Finding> {
  if (!ITS_SETTINGS.includes(key) && (Object.hasOwn(CLIENT_SETTINGS, key) || Object.hasOwn(GROUP_SETTINGS, key))) {
    const word = Object.hasOwn(ITS_WORDS, key) ? ITS_WORDS[key] : undefined;
    const advice = word ? `it has ${word}` : `it has ${Object.keys(ZOOKEEPER_CONSUMER_SETTINGS).join(", ")}`;
    yield { ...finding(path, `${key} means nothing to a consumer of the ZooKeeper era`, advice), key: true };
  }
  if (key === "auto.offset.reset" && value !== "largest" && value !== "smallest") {
    const advice = value === "earliest" ? "smallest" : "largest, or smallest";
    yield finding(path, `a consumer of the ZooKeeper era knows no auto.offset.reset: ${String(value)}`, advice);
  }
  if (key === "auto.commit.interval.ms" && value === 0) {
    yield finding(path, "auto.commit.interval.ms must be more than 0", "auto.commit.enable: false commits never");
  }
  if (key !== "partition.assignment.strategy" || !Array.isArray(value)) return;
  const names: readonly unknown[] = value;
  if (names.length === 1 && (names[0] === "range" || names[0] === "roundrobin")) return;
  const message = `partition.assignment.strategy of a consumer of the ZooKeeper era is range or roundrobin`;
  yield finding(path, message, "one of the two: the others came with coordinators");
}

function* ofToday({ id, config }: GroupSpec, path: Path, written: Written): Generator<Finding> {
  const given = written.groups[id].config ?? {};
  for (const key of ITS_SETTINGS) {
    if (SHARED_WORDS.has(key) || !Object.hasOwn(given, key)) continue;
    const today = Object.keys(ITS_WORDS).find((word) => ITS_WORDS[word] === key);
    const advice = `write ${today ? `${today}, or ` : ""}clientProfile: zookeeper`;
    const message = `only consumers of the ZooKeeper era have ${key}`;
    yield { ...finding([...path, "config", key], message, advice), key: true };
  }
  const reset = config["auto.offset.reset"];
  if (reset !== "largest" && reset !== "smallest") return;
  const message = `only consumers of the ZooKeeper era know auto.offset.reset: ${reset}`;
  const advice = reset === "largest" ? "latest" : "earliest";
  yield finding([...path, "config", "auto.offset.reset"], message, advice);
}

/** Nobody coordinates these groups, and their consumers subscribe once. */
function* happening(event: EventSpec, path: Path, old: ReadonlySet<string>): Generator<Finding> {
  if (event.what === "subscribe" && old.has(event.group)) {
    const advice = "roll the group, or let another one begin";
    yield finding([...path, "subscribe"], "a consumer of the ZooKeeper era creates its streams once", advice);
  }
  for (const group of coordinated(event)) {
    if (!old.has(group)) continue;
    yield finding(path, `${group} has no coordinator: its consumers register in ZooKeeper`, "name a broker");
  }
}

function coordinated(event: EventSpec): readonly string[] {
  const targets: readonly (BrokerTarget | LinkSide | undefined)[] =
    event.what === "crash-broker" || event.what === "restart-broker"
      ? [event.target]
      : event.what === "cut" || event.what === "slow"
        ? [event.from, event.to]
        : [];
  return targets.flatMap((target) => (target && "coordinatorOf" in target ? [target.coordinatorOf] : []));
}
