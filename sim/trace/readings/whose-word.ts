/** Reads whose word about a group counts, where two brokers take themselves for its coordinator. */
import type { BrokerId, GroupId } from "../../names.ts";
import type { TraceEvent } from "../event.ts";

/**
 * Whether this is the word of a broker that another one has replaced as the group's coordinator, and that has not heard of
 * it. It is true of that broker's own copy of the group: what it expires, empties and unloads there the group has not lost.
 */
export function isDeposedWord(event: TraceEvent): boolean {
  return "deposed" in event;
}

/**
 * Follows who was elected last to coordinate each group, and returns the groups that this broker has loaded with this event:
 * what it found in the log follows, and what was known before is out of date. One that was elected before it and loads late,
 * since it is cut off, takes nothing over.
 */
export function takeovers(): (event: TraceEvent) => readonly GroupId[] {
  const elected = new Map<GroupId, BrokerId>();
  return (event) => {
    if (event.type !== "coordinator.state") return [];
    const { broker, groups, to } = event;
    if (to === "Loading") for (const group of groups) elected.set(group, broker);
    return to === "Active" ? groups.filter((group) => elected.get(group) === broker) : [];
  };
}
