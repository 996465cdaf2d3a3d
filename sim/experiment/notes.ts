/** What has to be known of a run beside its measures, and seldom is there: kept of each, and gathered over replications. */
import type { GroupSummary, Summary } from "../metrics/summary.ts";

type GroupId = GroupSummary["group"];

/** Of one run. */
export interface Notes {
  /** Events of the scenario that did nothing, or less than was written. */
  readonly moot: number;
  /** Groups that read over slow links, which lag and ages leave out; records of a partition under way at once, at most. */
  readonly transit: readonly { readonly group: GroupId; readonly records: number }[];
}

/** Of all replications. */
export interface GatheredNotes {
  /** Such events altogether, in how many replications there were some, and the first of these; `null`: there is none. */
  readonly moot: { readonly events: number; readonly replications: number; readonly first: number | null };
  /** By group, in the order in which they were met; the most records of all replications. */
  readonly transit: readonly { readonly group: GroupId; readonly replications: number; readonly records: number }[];
}

/** What there is to note of a run; nothing, of most. */
export function notesOf({ moot, groups }: Summary): Notes | undefined {
  const transit = groups.flatMap(({ group, transit }) => (transit ? [{ group, records: transit.records }] : []));
  return moot.length > 0 || transit.length > 0 ? { moot: moot.length, transit } : undefined;
}

export const NO_NOTES: GatheredNotes = { moot: { events: 0, replications: 0, first: null }, transit: [] };

/** The notes so far, and those of one replication more. */
export function gathered(soFar: GatheredNotes, replication: number, notes: Notes | undefined): GatheredNotes {
  if (!notes) return soFar;
  const { events, replications, first } = soFar.moot;
  const ways = new Map(soFar.transit.map((one) => [one.group, one]));
  for (const { group, records } of notes.transit) {
    const before = ways.get(group) ?? { replications: 0, records: 0 };
    ways.set(group, {
      group,
      replications: before.replications + 1,
      records: Math.max(before.records, records),
    });
  }
  const moot =
    notes.moot === 0
      ? soFar.moot
      : { events: events + notes.moot, replications: replications + 1, first: first ?? replication };
  return { moot, transit: [...ways.values()] };
}
