/** Events of which nothing will come, or less than they say, as the file alone shows; a run tells the same at its time. */
import { formatDuration } from "../engine/time.ts";
import { type Law, meanOf } from "../engine/variates.ts";
import type { Finding, Path } from "./document.ts";
import { finding } from "./finding.ts";
import { everTalk, mostMembers, mostProducers, settledZones } from "./parties.ts";
import type { EventSpec, GroupSpec, LinkEvent, Scenario, Target } from "./scenario.ts";

export function* mootEvents(scenario: Scenario): Generator<Finding> {
  for (const [i, event] of scenario.events.entries()) yield* moot(event, ["events", i], scenario);
  yield* subscribedAlready(scenario);
}

function* moot(event: EventSpec, path: Path, scenario: Scenario): Generator<Finding> {
  const { groups, topics } = scenario;
  switch (event.what) {
    case "leave":
    case "crash":
    case "pause":
    case "freeze":
      return yield* tooManyMembers(event.target, [...path, event.what], scenario);
    case "roll": {
      const group = groups.find(({ id }) => id === event.group)!;
      if (mostMembers(group, scenario) === 0) yield empty(group, [...path, "roll"]);
      return;
    }
    case "producers": {
      const topic = topics.find(({ name }) => name === event.topic)!;
      const most = mostProducers(topic, scenario);
      if (event.how === "join" || event.count <= most) return;
      const advice = `it has ${most} at most: more under producers of the topic, or a smaller number here`;
      const message = `${topic.name} never has ${event.count} producers`;
      return yield finding([...path, event.how], message, advice, ["topics", topic.name, "producers"]);
    }
    case "power-down":
      return yield* unsettled(event.zone, [...path, "crash", "zone"], scenario);
    case "cut":
    case "slow":
      yield* link(event, [...path, event.what], scenario);
      if (event.what === "slow") yield* notSlower(event.delay, [...path, "delay"], scenario);
  }
}

function* tooManyMembers(target: Target, path: Path, scenario: Scenario): Generator<Finding> {
  if ("client" in target) return;
  const group = scenario.groups.find(({ id }) => id === target.group)!;
  const surges = scenario.events.map((event) =>
    event.what === "roll" && event.group === group.id ? event.maxSurge : 0,
  );
  const most = mostMembers(group, scenario) + Math.max(0, ...surges);
  if (most === 0) yield empty(group, path);
  else if (target.count > most) {
    const advice = `it has ${most} at most: those at the beginning, and those that join`;
    yield finding([...path, "count"], `${group.id} never has ${target.count} members`, advice, path);
  }
}

const empty = ({ id }: GroupSpec, path: Path): Finding =>
  finding(path, `nothing comes of this: ${id} never has a member`, "write how many it has, or let some join before");

function* link({ from, to, what }: LinkEvent, path: Path, scenario: Scenario): Generator<Finding> {
  let settled = true;
  for (const [key, side] of [["from", from] as const, ["to", to] as const]) {
    if (!side || !("zone" in side)) continue;
    for (const found of unsettled(side.zone, [...path, key, "zone"], scenario)) {
      settled = false;
      yield found;
    }
  }
  if (!settled || everTalk(from, to, scenario)) return;
  const advice = "clients talk to brokers only, and brokers also to each other and to the controller";
  yield finding(path, `nothing is ever sent between these, be it ${what === "cut" ? "cut" : "slow"} or not`, advice);
}

/** A link that is called slow, and is no slower than the nearest two parties are apart anyway. */
function* notSlower(delay: Law, path: Path, { cluster }: Scenario): Generator<Finding> {
  const slow = meanOf(delay) ?? Infinity;
  const usual = Math.min(
    ...[cluster.delay, ...cluster.between.map((pair) => pair.delay)].map((law) => meanOf(law) ?? 0),
  );
  if (slow > usual) return;
  const message = `this takes ${about(slow)} on average, and messages take ${about(usual)} without it: it slows nothing down`;
  yield finding(path, message, "it is how long a message takes, one way, and not how much longer: for instance 300ms", [
    "cluster",
    "network",
    "delay",
  ]);
}

const about = (delay: number): string => formatDuration(Math.round(delay));

/** Zones are given to brokers and members round and round, so with few of them the last ones stay empty. */
function* unsettled(zone: string, path: Path, scenario: Scenario): Generator<Finding> {
  const settled = settledZones(scenario);
  if (settled.has(zone)) return;
  yield finding(path, `nothing ever stands in zone ${zone}`, `something stands in: ${[...settled].join(", ")}`);
}

/** Kafka: `SubscriptionState.changeSubscription`, of which nothing comes if it is the same. */
function* subscribedAlready({ groups, events }: Scenario): Generator<Finding> {
  const present = new Map<string, ReadonlySet<string>>(groups.map(({ id, topics }) => [id, new Set(topics)]));
  const inOrder = [...events.entries()].sort(([i, a], [j, b]) => a.at - b.at || i - j);
  for (const [i, event] of inOrder) {
    if (event.what !== "subscribe") continue;
    const before = present.get(event.group)!;
    const after = new Set(event.topics);
    if (after.size === before.size && [...after].every((topic) => before.has(topic))) {
      const message = `${event.group} subscribes to that already at ${formatDuration(event.at)}`;
      yield finding(["events", i, "topics"], message, "name all that it is to read from then on", ["events", i]);
    }
    present.set(event.group, after);
  }
}
