/** Whether the same phase of a group's commits is met in every replication. */
import type { EventSpec, GroupSpec, Scenario } from "../scenario/scenario.ts";

/** Events that stop nobody: load, topics, and who comes besides. */
const STOPS_NOBODY: ReadonlySet<EventSpec["what"]> = new Set([
  "join",
  "rate",
  "create",
  "grow",
  "delete",
  "subscribe",
  "producers",
]);

/**
 * The groups that commit at intervals, where what crashes or stops something comes at times that are the same in every
 * replication. None, if any of that comes at a time by chance (`plus`), or there is no such event. Whoever commits each
 * batch is not among them: what such a one reads again is a batch, at whichever moment it is stopped.
 */
export function groupsAtFixedMoments({ events, groups }: Pick<Scenario, "events" | "groups">): GroupSpec["id"][] {
  const stops = events.filter(({ what }) => !STOPS_NOBODY.has(what));
  if (stops.length === 0 || stops.some(({ plus }) => plus !== undefined)) return [];
  return groups.filter(({ members }) => members.commit === "auto").map(({ id }) => id);
}
