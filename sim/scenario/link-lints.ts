/** What a scenario may say of the network, and a fluid leaves out. */
import { type Duration, formatDuration, MILLISECOND, SECOND } from "../engine/time.ts";
import { durationOf, type Law, meanOf } from "../engine/variates.ts";
import type { Zone } from "../kafka/network/links.ts";
import type { Finding, Path } from "./document.ts";
import { finding } from "./finding.ts";
import type { ClusterSpec, GroupSpec, LinkEvent, LinkSide, Scenario } from "./scenario.ts";

type SlowEvent = Extract<LinkEvent, { what: "slow" }>;

/** How long a message takes from a member to a broker, and the answer back. */
interface Way {
  readonly there: Duration;
  readonly back: Duration;
}

/**
 * Links on which a record is under way for as long as `retry.backoff.ms`, the shortest time for which Kafka's clients wait
 * when something is the matter: what a fluid leaves out there is seen beside what it tells. A summary says more exactly what
 * that was (`metrics/transit.ts`).
 */
export function* linkLints(scenario: Scenario): Generator<Finding> {
  const { flow, cluster, groups, events } = scenario;
  if (flow === "records") return;
  for (const group of groups) {
    const always: [Path, Law][] = [
      [["cluster", "network", "delay"], cluster.delay],
      ...cluster.between.flatMap(({ zones: [a, b], delay }, i): [Path, Law][] =>
        isHome(group, cluster, a, b) || isHome(group, cluster, b, a)
          ? [[["cluster", "network", "between", i, "delay"], delay]]
          : [],
      ),
    ];
    for (const [path, law] of always) {
      const delay = usual(law);
      yield* underWay(path, [{ there: delay, back: delay }], group, scenario);
    }
    for (const [i, event] of events.entries()) {
      if (event.what === "slow")
        yield* underWay(["events", i, "delay"], waysOf(event, group, cluster), group, scenario);
    }
  }
}

function* underWay(path: Path, ways: readonly Way[], group: GroupSpec, { topics }: Scenario): Generator<Finding> {
  const slowest = ways.reduce((a, b) => (longest(b) > longest(a) ? b : a), { there: 0, back: 0 });
  const most = longest(slowest);
  if (most < group.config["retry.backoff.ms"] * MILLISECOND) return;
  const rates = topics.filter(({ name }) => group.topics.includes(name)).map(hottest);
  const records = Math.round((Math.max(0, ...rates) * most) / SECOND);
  yield finding(
    path,
    `what ${group.id} reads over this link is under way for ${lasting(slowest.back)} to ${lasting(most)}, up to ${records} records of a partition, and the fluid has none of that in lag and ages of who keeps up`,
    "flow: records has it, at small scale; or add it to what a run tells",
  );
}

/** A record that just missed a fetch waits for the answer to that, for the next fetch, and for the answer to that one. */
const longest = ({ there, back }: Way): Duration => back + there + back;

/** A law without a mean is taken by its median. */
const usual = (law: Law): Duration => meanOf(law) ?? durationOf(law, 0.5);

/** To the millisecond. */
const lasting = (duration: Duration): string => formatDuration(Math.round(duration / MILLISECOND) * MILLISECOND);

/** Records per second that the busiest partition of a topic gets at its peak. */
function hottest({ rate, shares }: Scenario["topics"][number]): number {
  const peak = rate.reduce((most, { recordsPerSecond }) => Math.max(most, recordsPerSecond), 0);
  return peak * shares.reduce((most, share) => Math.max(most, share), 0);
}

/** Whether a group has members in the one zone, and there are brokers in the other. */
const isHome = ({ members }: GroupSpec, { zones }: ClusterSpec, of: string, to: string): boolean =>
  members.zones?.includes(of) === true && zones?.includes(to) === true;

/**
 * From whom to whom of a group's members and brokers a slow link is, and how long the other direction takes, where that is
 * as it always is.
 */
function waysOf(event: SlowEvent, group: GroupSpec, cluster: ClusterSpec): Way[] {
  const { from, to, oneWay } = event;
  const slow = usual(event.delay);
  const ways = (members: LinkSide | undefined, brokers: LinkSide | undefined, isBack: boolean): Way[] => {
    if ((members && !hasMembers(members, group)) || (brokers && !hasBrokers(brokers, cluster))) return [];
    if (!oneWay) return [{ there: slow, back: slow }];
    const other = standing(members, brokers, group, cluster);
    return [isBack ? { there: other, back: slow } : { there: slow, back: other }];
  };
  return [...ways(from, to, false), ...ways(to, from, true)];
}

/** How long a message takes, at most, between those on either side, nothing being the matter; absent: everybody. */
function standing(
  members: LinkSide | undefined,
  brokers: LinkSide | undefined,
  group: GroupSpec,
  cluster: ClusterSpec,
): Duration {
  const delays = homesOf(members, group.members.zones).flatMap((here) =>
    homesOf(brokers, cluster.zones).map((there) => {
      const apart = cluster.between.findLast(
        ({ zones: [a, b] }) => (a === here && b === there) || (a === there && b === here),
      );
      return usual(apart?.delay ?? cluster.delay);
    }),
  );
  return Math.max(...delays);
}

/** The zones in which those of one side stand that are meant; `undefined`: in none. */
function homesOf(side: LinkSide | undefined, zones: readonly Zone[] | undefined): readonly (Zone | undefined)[] {
  if (!zones) return [undefined];
  if (side && "zone" in side) return [side.zone];
  if (side && "broker" in side) return [zones[(side.broker - 1) % zones.length]];
  if (!side || !("client" in side)) return zones;
  const line = Number(side.client.slice(side.client.lastIndexOf("-") + 1));
  return [zones[(line - 1) % zones.length]];
}

function hasMembers(side: LinkSide, { id, members }: GroupSpec): boolean {
  if ("zone" in side) return members.zones?.includes(side.zone) === true;
  if ("client" in side) return side.client.slice(0, side.client.lastIndexOf("-")) === id;
  return "group" in side && side.group === id;
}

function hasBrokers(side: LinkSide, { zones }: ClusterSpec): boolean {
  if ("zone" in side) return zones?.includes(side.zone) === true;
  return "broker" in side || "coordinatorOf" in side;
}
