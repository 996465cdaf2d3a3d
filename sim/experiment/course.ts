/** How runs settle: the course of a group's size and lag, and from where on it is steady. */
import { ln } from "../engine/math.ts";
import { SECOND, wholeMicroseconds, type Duration, type Instant } from "../engine/time.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { Sink } from "../trace/event.ts";
import { totalLag } from "../trace/readings/lag.ts";
import { memberCounts } from "../trace/readings/states.ts";
import { warmUpLength } from "./warm-up.ts";

/** A run is cut into so many equal stretches: 40 batches of five for MSER-5, so a warm-up is known to a fortieth of it. */
const STRETCHES = 200;

/** Runs whose courses are averaged: what all have in common shows, and chance recedes. */
export const PILOTS = 5;

/** The seed of a pilot run, counted from 1: no replication has it, so the warm-up is chosen by other runs than it serves. */
export function pilotSeedOf(master: string, pilot: number): string {
  return `${master}/pilot/${pilot}`;
}

export interface Course extends Sink {
  /**
   * Of each group, in order: its members alive, then its lag, averaged over each stretch. Of the lag the logarithm of one
   * more record, because lag comes in bursts, and a single one would be all that is seen of the mean.
   */
  values(): number[];
}

/** Reads the course of a run from its very beginning to its end. */
export function courseOf({ groups, duration }: Scenario): Course {
  const length = duration / STRETCHES;
  const series = new Map(groups.map(({ id }) => [id, { members: stretches(), lag: stretches() }]));
  const add = (into: Float64Array | undefined, from: Instant, to: Instant, first: number, slope: number): void => {
    if (!into) return;
    for (let i = Math.floor(from / length); i < STRETCHES && i * length < to; i++) {
      const begin = Math.max(from, i * length);
      const end = Math.min(to, (i + 1) * length);
      const middle = first + (slope * ((begin + end) / 2 - from)) / SECOND;
      into[i] += (middle * (end - begin)) / length;
    }
  };
  const readings = [
    memberCounts(({ group, from, to, alive }) => add(series.get(group)?.members, from, to, alive, 0)),
    totalLag(({ group, from, to, lag, slope }) => add(series.get(group)?.lag, from, to, lag, slope)),
  ];
  return {
    begin: (header) => readings.forEach((reading) => reading.begin?.(header)),
    see: (event) => readings.forEach((reading) => reading.see(event)),
    end: (t) => readings.forEach((reading) => reading.end(t)),
    values: () => [...series.values()].flatMap(({ members, lag }) => [...members, ...lag.map((mean) => ln(1 + mean))]),
  };
}

const stretches = (): Float64Array => new Float64Array(STRETCHES);

/**
 * The warm-up that the courses of pilot runs ask for: after it, neither size nor lag of any group still tells how the run
 * began (MSER-5 of each series, averaged over the runs; the longest). `undefined` if one does not settle in the first half.
 */
export function warmUpOf(courses: readonly (readonly number[])[], duration: Duration): Duration | undefined {
  const [first] = courses;
  let longest = 0;
  for (let begin = 0; begin < first.length; begin += STRETCHES) {
    const series = Array.from({ length: STRETCHES }, (_, i) => mean(courses.map((course) => course[begin + i])));
    const cut = warmUpLength(series);
    if (cut === undefined) return undefined;
    longest = Math.max(longest, cut);
  }
  return wholeMicroseconds((longest * duration) / STRETCHES);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
