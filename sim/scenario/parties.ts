/** Who is in a scenario's world, where they stand, and who of them ever talks to whom. */
import type { BrokerId, GroupId } from "../names.ts";
import type { Zone } from "../kafka/network/links.ts";
import type { EventSpec, GroupSpec, LinkSide, Scenario, TopicSpec } from "./scenario.ts";

/** Every zone that is named for brokers or members. */
export function zonesOf({ cluster, groups }: Scenario): Zone[] {
  return [...new Set([...(cluster.zones ?? []), ...groups.flatMap(({ members }) => members.zones ?? [])])];
}

/** Every zone that something ever stands in: with fewer brokers or members than zones some are never come to. */
export function settledZones(scenario: Scenario): ReadonlySet<Zone> {
  const { cluster, groups } = scenario;
  const ofMembers = groups.flatMap((group) => memberZones(group, scenario));
  return new Set([...(cluster.zones ?? []).slice(0, cluster.brokers), ...ofMembers]);
}

const memberZones = (group: GroupSpec, scenario: Scenario): readonly Zone[] =>
  (group.members.zones ?? []).slice(0, mostMembers(group, scenario));

/** How many members a group can come to have, those that replace others aside: any number where some come by chance. */
export function mostMembers({ id, members }: GroupSpec, { events }: Scenario): number {
  if (members.joinsPerSecond > 0 || (members.perStep?.join ?? 0) > 0) return Infinity;
  const join = (event: EventSpec): number => (event.what === "join" && event.group === id ? event.count : 0);
  return events.reduce((most, event) => most + join(event), members.initial);
}

/** How many instances can come to produce a topic, likewise. */
export function mostProducers({ name, producers }: TopicSpec, { events }: Scenario): number {
  if (producers.joinsPerSecond > 0) return Infinity;
  const join = (event: EventSpec): number =>
    event.what === "producers" && event.topic === name && event.how === "join" ? event.count : 0;
  return events.reduce((most, event) => most + join(event), producers.instances);
}

/** The parties on one side of a link. */
interface Parties {
  readonly brokers: ReadonlySet<BrokerId>;
  /** Members of groups with a coordinator, and of those that register in ZooKeeper. */
  readonly members: boolean;
  readonly registered: boolean;
  /** The controller, which with ZooKeeper stands for its servers too. */
  readonly controller: boolean;
}

/** Whether any of one side ever sends anything to any of the other: clients do not talk to each other. */
export function everTalk(from: LinkSide, to: LinkSide | undefined, scenario: Scenario): boolean {
  const [here, there] = [on(from, scenario), to ? on(to, scenario) : besides(from, scenario)];
  return talksTo(here, there) || talksTo(there, here);
}

function talksTo(one: Parties, other: Parties): boolean {
  if (one.brokers.size > 0 && (other.members || other.registered || other.controller)) return true;
  if (one.registered && other.controller) return true;
  return one.brokers.size > 0 && other.brokers.size > 0 && new Set([...one.brokers, ...other.brokers]).size > 1;
}

function on(side: LinkSide, scenario: Scenario): Parties {
  const { cluster, groups } = scenario;
  const all = Array.from({ length: cluster.brokers }, (_, index) => index + 1);
  const ofGroups = (some: readonly GroupSpec[]): Pick<Parties, "members" | "registered"> => ({
    members: some.some(({ zookeeperConfig }) => !zookeeperConfig),
    registered: some.some(({ zookeeperConfig }) => zookeeperConfig),
  });
  const nobody = { brokers: new Set<BrokerId>(), members: false, registered: false, controller: false };
  if ("controller" in side) return { ...nobody, controller: true };
  if ("broker" in side) return { ...nobody, brokers: new Set([side.broker]) };
  if ("coordinatorOf" in side) return { ...nobody, brokers: new Set(all) }; // whichever it is then
  if ("zone" in side) {
    const { zones } = cluster;
    const brokers = all.filter((id) => zones?.[(id - 1) % zones.length] === side.zone);
    const there = groups.filter((group) => memberZones(group, scenario).includes(side.zone));
    return { ...nobody, brokers: new Set(brokers), ...ofGroups(there) };
  }
  const id: GroupId = "group" in side ? side.group : side.client.replace(/-\d+$/, "");
  return { ...nobody, ...ofGroups(groups.filter((group) => group.id === id)) };
}

/** Everybody who is not on that side; more members than that do no harm here, as they talk to brokers only. */
function besides(side: LinkSide, scenario: Scenario): Parties {
  const { brokers } = on(side, scenario);
  const all = Array.from({ length: scenario.cluster.brokers }, (_, index) => index + 1);
  const one = "coordinatorOf" in side ? all[0] : undefined; // of whichever it is, the others
  const others = all.filter((id) => (one === undefined ? !brokers.has(id) : id !== one));
  return { brokers: new Set(others), members: true, registered: true, controller: !("controller" in side) };
}
