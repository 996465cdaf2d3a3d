import type { Assignment, MemberId, Partitions, TopicName } from "../../names.ts";
import type { Subscriber, Topics } from "./assignor.ts";
import { interests } from "./interest.ts";
import { byCodeUnit } from "./standing-order.ts";

/** A partition that had another owner before, or (`from: null`) none. */
export interface Move {
  readonly topic: TopicName;
  readonly partition: number;
  readonly from: MemberId | null;
  /** `null`: held back in this round. */
  readonly to: MemberId | null;
}

/** What an assignment is like, compared with what the members had before. */
export interface Explanation {
  readonly members: number;
  /** Partitions of subscribed topics. */
  readonly partitions: number;
  /** Most partitions of a member, and the mean. */
  readonly largest: number;
  readonly mean: number;
  /** `largest / mean`; 1: as even as can be; 0 if there is nothing to assign. */
  readonly maxOverMean: number;
  /** Gini coefficient of the numbers of partitions: 0 all equal, towards 1 one has all. */
  readonly gini: number;
  /** Members without a partition. */
  readonly idle: readonly MemberId[];
  /** Partitions that somebody had before and that are still there, and how many of them stayed where they were. */
  readonly owned: number;
  readonly kept: number;
  /** `kept / owned`; 1 if nobody had anything. */
  readonly stickiness: number;
  /** Partitions that change hands, by topic and number: from one member to another, or held back for one. */
  readonly moves: readonly Move[];
  /** How many partitions nobody had before are given to somebody. */
  readonly fresh: number;
}

/** Explains `after` against `before`, which may have members that are gone. */
export function explain(
  subscribers: readonly Subscriber[],
  topics: Topics,
  before: Assignment,
  after: Assignment,
): Explanation {
  const had = holders(before);
  const has = holders(after);
  const moves: Move[] = [];
  let partitions = 0;
  let owned = 0;
  let kept = 0;
  let fresh = 0;
  for (const { topic, partitions: count } of interests(subscribers, topics).sort((a, b) =>
    byCodeUnit(a.topic, b.topic),
  )) {
    partitions += count;
    for (let partition = 0; partition < count; partition++) {
      const from = had.get(topic)?.get(partition) ?? null;
      const to = has.get(topic)?.get(partition) ?? null;
      if (from === null) fresh += to === null ? 0 : 1;
      else {
        owned += 1;
        if (from === to) kept += 1;
        else moves.push({ topic, partition, from, to });
      }
    }
  }
  const sizes = subscribers.map(({ id }) => sizeOf(after.get(id) ?? {}));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const mean = sizes.length === 0 ? 0 : total / sizes.length;
  const largest = sizes.reduce((most, size) => Math.max(most, size), 0);
  return {
    members: subscribers.length,
    partitions,
    largest,
    mean,
    maxOverMean: total === 0 ? 0 : largest / mean,
    gini: gini(sizes),
    idle: subscribers.filter((_, member) => sizes[member] === 0).map(({ id }) => id),
    owned,
    kept,
    stickiness: owned === 0 ? 1 : kept / owned,
    moves,
    fresh,
  };
}

/** What members say they own. Of two claims on a partition the one of the newer generation counts, then the first. */
export function claimed(subscribers: readonly Subscriber[]): Assignment {
  const byAge = subscribers.map(({ id, owned = {}, generation = -1 }) => ({ id, owned, generation }));
  byAge.sort((a, b) => a.generation - b.generation); // `holders` believes the last
  return new Map(byAge.map(({ id, owned }) => [id, owned]));
}

/** How many partitions that are. */
export function sizeOf(hand: Partitions): number {
  return Object.values<readonly number[]>(hand).reduce((sum, partitions) => sum + partitions.length, 0);
}

/**
 * The Gini coefficient: half the mean difference between two members, relative to the mean. With sizes in ascending
 * order x₁ … xₙ it is Σ (2i − n − 1) xᵢ / (n Σ xᵢ).
 */
export function gini(sizes: readonly number[]): number {
  const sorted = [...sizes].sort((a, b) => a - b);
  const total = sorted.reduce((sum, size) => sum + size, 0);
  if (total === 0) return 0;
  const weighted = sorted.reduce((sum, size, place) => sum + (2 * place + 1 - sorted.length) * size, 0);
  return weighted / (sorted.length * total);
}

function holders(assignment: Assignment): Map<TopicName, Map<number, MemberId>> {
  const byTopic = new Map<TopicName, Map<number, MemberId>>();
  for (const [member, hand] of assignment) {
    for (const [topic, partitions] of Object.entries<readonly number[]>(hand)) {
      let of = byTopic.get(topic);
      if (of === undefined) byTopic.set(topic, (of = new Map()));
      for (const partition of partitions) of.set(partition, member);
    }
  }
  return byTopic;
}

/** A number as people read it: no more than three digits behind the point, and none for nothing. */
const brief = (value: number): string => String(Math.round(value * 1000) / 1000);

/** How many moves are listed one by one; the rest is counted. */
const LISTED = 40;

/** An explanation in words, a fact a line. */
export function explanationText(it: Explanation): string[] {
  const lines = [
    `balance     ${it.partitions} partitions over ${it.members} members: most ${it.largest}, mean ${brief(it.mean)}, ` +
      `max/mean ${brief(it.maxOverMean)}, Gini ${brief(it.gini)}`,
    `idle        ${it.idle.length === 0 ? "nobody" : `${it.idle.length}: ${it.idle.slice(0, LISTED).join(" ")}`}`,
    `stickiness  ${brief(it.stickiness)}: ${it.kept} of ${it.owned} owned partitions stay; ${it.fresh} had no owner`,
    `moves       ${it.moves.length === 0 ? "none" : it.moves.length}`,
  ];
  for (const { topic, partition, from, to } of it.moves.slice(0, LISTED)) {
    lines.push(`  ${topic}-${partition}  ${from ?? "nobody"} → ${to ?? "held back"}`);
  }
  if (it.moves.length > LISTED) lines.push(`  … and ${it.moves.length - LISTED} more`);
  return lines;
}

/** Assignors side by side, a line each; an exception in place of figures where there was one. */
export function comparisonText(
  rows: readonly { readonly name: string; readonly found: Explanation | string }[],
): string[] {
  const table = [["assignor", "most", "mean", "max/mean", "Gini", "idle", "moves", "stickiness"]];
  for (const { name, found } of rows) {
    if (typeof found === "string") table.push([name, found]);
    else {
      const { largest, mean, maxOverMean, gini: inequality, idle, moves, stickiness } = found;
      const figures = [largest, mean, maxOverMean, inequality, idle.length, moves.length, stickiness];
      table.push([name, ...figures.map(brief)]);
    }
  }
  const widths = table[0].map((_, column) =>
    Math.max(...table.map((row) => (column > 0 && row.length === 2 ? 0 : row[column].length))),
  );
  return table.map(([name, ...cells]) =>
    [
      name.padEnd(widths[0]),
      ...cells.map((cell, column) => (cells.length === 1 ? cell : cell.padStart(widths[column + 1]))),
    ].join("  "),
  );
}
