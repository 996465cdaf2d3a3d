/** What both of Kafka's tools for groups have in common: what they are told, and tables of columns padded with spaces. */
import type { TopicName } from "../names.ts";
import type { MemberAt } from "../trace/readings/group-at.ts";

export type DescribeView = "offsets" | "members" | "state";

/** The two streams of the tool: its tables, and what it has to say about the group. */
export interface Described {
  readonly out: string;
  readonly err: string;
}

/** By topic and partition: whole records. */
export type WholeOffsets = Readonly<Record<TopicName, Readonly<Record<number, number>>>>;

/** Log end offsets by topic, in order of partition: whole records. `null`: the partition has no leader to say it. */
export type WholeEnds = Readonly<Record<TopicName, readonly (number | null)[]>>;

/** What an admin client is told of a group's partitions. */
export interface GroupOffsets {
  /** Of every partition of which something was committed, whether or not the group still subscribes to its topic. */
  readonly committed: WholeOffsets;
  /** Log end offsets; none: there is no such partition. The tool is told how far it may read: high watermarks. */
  readonly ends: WholeEnds;
}

/** Kafka's `MISSING_COLUMN_VALUE`. */
export const NONE = "-";

/** Columns padded to what they hold or at least are; the last one is not padded. */
export function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  least: readonly number[],
  grows: ReadonlySet<string>,
): string {
  const widths = least.map((width, column) =>
    grows.has(titles[column]) ? rows.reduce((most, row) => Math.max(most, row[column].length), width) : width,
  );
  const lines = [titles, ...rows].map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" "));
  return `\n${lines.join("\n")}\n`;
}

export const count = ({ assigned }: MemberAt): number =>
  Object.values(assigned).reduce((sum, numbers) => sum + numbers.length, 0);

export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
