/** What a scenario may say of the network, and a fluid leaves out. */
import { formatDuration, MILLISECOND, SECOND } from "../engine/time.ts";
import { durationOf, type Law, meanOf } from "../engine/variates.ts";
import type { Finding, Path } from "./document.ts";
import { finding } from "./finding.ts";
import type { ClusterSpec, GroupSpec, LinkEvent, LinkSide, Scenario } from "./scenario.ts";

/** A way from a group's members to brokers, of which something is the matter with one direction, or with both. */
interface Ways {
  /** … with what members send. */
  readonly there: boolean;
  /** … with what they are answered. */
  readonly back: boolean;
}

const BOTH: Ways = { there: true, back: true };

/**
 * Links on which a record is under way for as long as `retry.backoff.ms`, the shortest time for which Kafka's clients wait
 * when something is the matter: what a fluid leaves out there is seen beside what it tells. A summary says more exactly what
 * that was (`metrics/transit.ts`).
 */
export function* linkLints(scenario: Scenario): Generator<Finding> {
  const { flow, cluster, groups, events } = scenario;
  if (flow === "records") return;
  for (const group of groups) {
    const standing: [Path, Law][] = [
      [["cluster", "network", "delay"], cluster.delay],
      ...cluster.between.flatMap(({ zones: [a, b], delay }, i): [Path, Law][] =>
        isHome(group, cluster, a, b) || isHome(group, cluster, b, a)
          ? [[["cluster", "network", "between", i, "delay"], delay]]
          : [],
      ),
    ];
    for (const [path, delay] of standing) yield* underWay(path, delay, BOTH, group, scenario);
    for (const [i, event] of events.entries()) {
      if (event.what !== "slow") continue;
      yield* underWay(["events", i, "delay"], event.delay, waysOf(event, group, cluster), group, scenario);
    }
  }
}

function* underWay(path: Path, law: Law, ways: Ways, group: GroupSpec, { topics }: Scenario): Generator<Finding> {
  const delay = meanOf(law) ?? durationOf(law, 0.5);
  // A record that just missed a fetch waits for the answer to that, for the next fetch, and for the answer to that one.
  const most = (ways.there ? delay : 0) + (ways.back ? 2 * delay : 0);
  if (most < group.config["retry.backoff.ms"] * MILLISECOND) return;
  const rates = topics.filter(({ name }) => group.topics.includes(name)).map(hottest);
  const records = Math.round((Math.max(0, ...rates) * most) / SECOND);
  const lasts = ways.back ? `${formatDuration(delay)} to ${formatDuration(most)}` : `up to ${formatDuration(most)}`;
  yield finding(
    path,
    `what ${group.id} reads over this link is under way for ${lasts}, up to ${records} records of a partition, and the fluid has none of that in lag and ages of who keeps up`,
    "flow: records has it, at small scale; or add it to what a run tells",
  );
}

/** Records per second that the busiest partition of a topic gets at its peak. */
function hottest({ rate, shares }: Scenario["topics"][number]): number {
  const peak = rate.reduce((most, { recordsPerSecond }) => Math.max(most, recordsPerSecond), 0);
  return peak * shares.reduce((most, share) => Math.max(most, share), 0);
}

/** Whether a group has members in the one zone, and there are brokers in the other. */
const isHome = ({ members }: GroupSpec, { zones }: ClusterSpec, of: string, to: string): boolean =>
  members.zones?.includes(of) === true && zones?.includes(to) === true;

function waysOf({ from, to, oneWay }: LinkEvent, group: GroupSpec, cluster: ClusterSpec): Ways {
  const there = hasMembers(from, group) && (!to || hasBrokers(to, cluster));
  const back = hasBrokers(from, cluster) && (!to || hasMembers(to, group));
  return oneWay ? { there, back } : { there: there || back, back: there || back };
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
