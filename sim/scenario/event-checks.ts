/**
 * Events that say what cannot be: names of things that are not there, times beyond the run, no time at all. An event that
 * could do something, and finds nothing to do, is no mistake, as scenarios come by chance and out of sweeps too: `event-lints.ts`
 * tells what the file alone shows of that, trace and summary of a run all of it.
 */
import { formatDuration } from "../engine/time.ts";
import { reachOf } from "../engine/variates.ts";
import type { Finding, Path } from "./document.ts";
import { finding, missing, missingZone } from "./finding.ts";
import { zonesOf } from "./parties.ts";
import type { BrokerTarget, ControllerTarget, EventSpec, GroupSpec, LinkEvent, Scenario, Target } from "./scenario.ts";
import { subscription } from "./subscription.ts";
import type { Written, WrittenEvent } from "./schema.ts";
import { closest } from "./suggest.ts";

export function* eventChecks(scenario: Scenario, written: Written): Generator<Finding> {
  for (const [i, event] of scenario.events.entries()) {
    yield* ofOne(event, ["events", i], scenario);
    yield* silence(event, ["events", i], written.events?.[i]);
  }
}

function* ofOne(event: EventSpec, path: Path, scenario: Scenario): Generator<Finding> {
  const { groups, cluster } = scenario;
  const ids = groups.map(({ id }) => id);
  yield* times(event, path, scenario);
  const verb = event.what.replace(/-.*/, "");
  switch (event.what) {
    case "rate":
    case "create":
    case "grow":
    case "delete":
    case "producers":
      return; // `topicLives` looks at them, in their order
    case "subscribe":
      if (!ids.includes(event.group)) yield missing([...path, verb], "group", event.group, ids);
      yield* subscription(event.group, event.topics, [...path, "topics"], scenario);
      return;
    case "roll-brokers":
      return;
    case "crash-controller":
    case "restart-controller":
      yield* controllerFindings(event.controller, [...path, verb, "controller"], cluster);
      return;
    case "power-down":
      yield* zoneFindings(event.zone, [...path, "crash", "zone"], scenario);
      return;
    case "crash-broker":
    case "restart-broker":
      yield* brokerFindings(event.target, [...path, verb, "broker"], ids, cluster.brokers);
      return;
    case "cut":
    case "slow":
      yield* linkFindings(event, [...path, verb], scenario);
      if (event.lasts === 0) yield finding([...path, "for"], "for must be more than 0", "for instance 30s");
      if (event.what === "slow" && reachOf(event.delay).most === 0) {
        const advice = "how long a message takes meanwhile, one way: for instance 300ms";
        yield finding([...path, "delay"], "delay must be more than 0", advice);
      }
      return;
    case "join":
      if (!ids.includes(event.group))
        yield missing([...path, verb, "group"], "group", event.group, ids, [...path, verb]);
      return;
    case "roll": {
      const group = groups.find(({ id }) => id === event.group);
      if (!group) yield missing([...path, verb], "group", event.group, ids);
      if (event.maxUnavailable === 0 && event.maxSurge === 0) {
        const advice = "one of the two must be at least 1, or nobody may move";
        yield finding([...path, "maxUnavailable"], "maxUnavailable and maxSurge cannot both be 0", advice);
      } else if (event.maxUnavailable === 0 && group?.members.static) {
        const advice = "a static member's successor has its identity, so it can start only when the old one has gone";
        yield finding([...path, "maxUnavailable"], "static members need maxUnavailable of at least 1", advice);
      }
      return;
    }
    case "pause":
    case "freeze":
      if (event.lasts === 0) {
        const key = event.what === "pause" ? "lasts" : "for";
        yield finding([...path, key], `${key} must be more than 0`, "for instance 30s");
      }
      yield* memberFindings(event.target, [...path, verb], scenario);
      return;
    case "leave":
    case "crash":
      yield* memberFindings(event.target, [...path, verb], scenario);
  }
}

/** Only brokers can crash in two ways. */
function* silence(event: EventSpec, path: Path, written: WrittenEvent | undefined): Generator<Finding> {
  if (!written || !("silent" in written) || written.silent !== true || event.what === "crash-broker") return;
  const advice = "members never say a word when they crash, and a zone takes its hosts with it: remove it";
  yield finding([...path, "silent"], "silent is for brokers", advice);
}

function* times(event: EventSpec, path: Path, { duration }: Scenario): Generator<Finding> {
  if (duration <= 0) return; // which is wrong by itself
  const end = formatDuration(duration);
  if (event.at > duration) {
    const advice = `it ends at ${end}: move the event, or make the run longer`;
    yield finding([...path, "at"], "this event comes after the run's end", advice, ["duration"]);
  } else if (event.plus && event.at + reachOf(event.plus).least > duration) {
    const advice = `even at the soonest it is at ${formatDuration(event.at + reachOf(event.plus).least)}, and the run ends at ${end}`;
    yield finding(
      [...path, "plus"],
      "this event never comes before the run's end",
      advice,
      [...path, "at"],
      ["duration"],
    );
  }
}

function* memberFindings(target: Target, path: Path, scenario: Scenario): Generator<Finding> {
  const { groups } = scenario;
  const group = groups.find(({ id }) => id === target.group);
  if (!group) {
    const ids = groups.map(({ id }) => id);
    if ("client" in target) yield missingMember(target.client, "member or group", path, scenario);
    else yield missing([...path, "group"], "group", target.group, ids, path);
  } else if ("client" in target) {
    if (mayExist(target.client, group, scenario)) return;
    const message = `${group.id} never has a member ${target.client}`;
    yield finding(path, message, calledIn(group), ["groups", group.id, "members"]);
  }
}

/** A member of no group: did the name of its group go wrong, or is it none of a member at all? */
function missingMember(client: string, kind: string, path: Path, { groups }: Scenario): Finding {
  const [, named, number] = /^(.*)-(\d+)$/.exec(client) ?? [];
  const ids = groups.map(({ id }) => id);
  const near = closest(named ?? client, ids);
  if (near === undefined || (named === undefined && kind === "member")) {
    const shown = groups.slice(0, 3).map(namesIn).join(", ");
    const more = groups.length > 3 ? ", …" : "";
    return finding(path, `there is no ${kind} ${client}`, `members are named after their group: ${shown}${more}`);
  }
  const meant = named === undefined ? near : `${near}-${number}`;
  return finding(path, `there is no ${kind} ${client}`, `did you mean ${meant}?`);
}

function calledIn({ id, members: { initial } }: GroupSpec): string {
  if (initial === 0) return "it has none";
  return initial === 1 ? `there is only ${id}-1` : `they are called ${id}-1 to ${id}-${initial}`;
}

/** How the members of a group are called, at the beginning and later. */
function namesIn({ id, members: { initial } }: GroupSpec): string {
  return initial > 1 ? `${id}-1 to ${id}-${initial}` : initial === 1 ? `${id}-1` : `${id}-1 if one joins`;
}

/** Whether there can ever be a client of that name: an initial one, or any if others may come later. */
function mayExist(client: string, { id, members }: GroupSpec, { events }: Scenario): boolean {
  const number = Number(client.slice(id.length + 1));
  if (number < 1 || client !== `${id}-${number}`) return false;
  if (number <= members.initial) return true;
  if (members.joinsPerSecond > 0 || members.perStep || members.replaceAfter) return true;
  return events.some((event) => (event.what === "join" || event.what === "roll") && event.group === id);
}

function* linkFindings({ from, to }: LinkEvent, path: Path, scenario: Scenario): Generator<Finding> {
  const { groups, cluster } = scenario;
  const ids = groups.map(({ id }) => id);
  for (const [key, side] of [["from", from] as const, ["to", to] as const])
    if (side) yield* sideFindings(side, [...path, key], scenario, ids, cluster.brokers);
  if (to && JSON.stringify(from) === JSON.stringify(to) && !("zone" in from || "group" in from)) {
    yield finding([...path, "to"], "from and to are the same", "leave out `to` for everybody else", [...path, "from"]);
  }
}

function* sideFindings(
  side: LinkEvent["from"],
  at: Path,
  scenario: Scenario,
  ids: string[],
  brokers: number,
): Generator<Finding> {
  if ("controller" in side) return;
  if ("zone" in side) yield* zoneFindings(side.zone, [...at, "zone"], scenario);
  else if ("group" in side) {
    if (!ids.includes(side.group)) yield missing([...at, "group"], "group", side.group, ids);
  } else if ("client" in side) {
    const path = [...at, "client"];
    const group = scenario.groups.find(({ id }) => id === side.client.replace(/-\d+$/, ""));
    if (!group) yield missingMember(side.client, "member", path, scenario);
    else if (!mayExist(side.client, group, scenario))
      yield finding(path, `${group.id} never has a member ${side.client}`, calledIn(group));
  } else yield* brokerFindings(side, [...at, "broker"], ids, brokers);
}

function* zoneFindings(zone: string, path: Path, scenario: Scenario): Generator<Finding> {
  const zones = zonesOf(scenario);
  if (!zones.includes(zone)) yield missingZone(path, zone, zones);
}

function* brokerFindings(target: BrokerTarget, path: Path, ids: string[], brokers: number): Generator<Finding> {
  if ("broker" in target && target.broker > brokers) {
    const advice = `there are ${brokers}, numbered from 1`;
    yield finding(path, `there is no broker ${target.broker}`, advice, ["cluster", "brokers"]);
  }
  if ("coordinatorOf" in target && !ids.includes(target.coordinatorOf)) {
    yield missing(path, "group", target.coordinatorOf, ids);
  }
}

function* controllerFindings(
  target: ControllerTarget,
  path: Path,
  { controller, brokers }: Scenario["cluster"],
): Generator<Finding> {
  const most = controller.kind === "kraft" ? controller.nodes : brokers;
  if (target === "active" || target <= most) return;
  const advice = `there are ${most}, numbered from 1; active is whichever is it then`;
  yield finding(path, `there is no controller ${target}`, advice, ["cluster", "controller"]);
}
