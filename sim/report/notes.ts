/** What has to be known beside the numbers of replications, in the words of every reader of them. */
import type { GatheredNotes } from "../experiment/notes.ts";
import { amount } from "./humane.ts";

const often = (replications: number, count: number): string => `in ${replications} of ${count} replications`;

/** What the lag and the ages of a group leave out. */
export function transitNote({ group, replications, records }: GatheredNotes["transit"][number], count: number): string {
  return (
    `${group} reads over slow links, which lag and ages above leave out, ${often(replications, count)}: ` +
    `up to ${amount(records)} records of a partition are under way at once; with flow: records they count`
  );
}

/** How many events of the scenario did nothing, or less than was written. */
export function mootNote(
  { events, replications }: Pick<GatheredNotes["moot"], "events" | "replications">,
  count: number,
) {
  return `${events} altogether, ${often(replications, count)}`;
}

/** What such events are called. */
export const MOOT = "of the scenario that did nothing, or less than was written";
