/**
 * A trace as the page draws it: what the readings found, in arrays. Made in the worker, moved to the page, never
 * changed there.
 */
import type { GroupSummary } from "../../sim/metrics/summary.ts";
import type { Rebalance } from "../../sim/trace/readings/rebalances.ts";
import type { GroupStateSpan } from "../../sim/trace/readings/states.ts";
import type { Lanes, Line, Steps } from "./lanes.ts";

export interface Picture {
  /** Scenario's name, or the file's. */
  readonly title: string;
  readonly file: string;
  readonly seed: string;
  readonly version: string;
  /** `null`: the file was cut off. */
  readonly fingerprint: string | null;
  /** How it was cut off, in words; `null` if it is whole. */
  readonly cutOff: string | null;
  readonly events: number;
  readonly end: number;
  /** Where the run was meant to end. */
  readonly until: number;
  readonly groups: readonly GroupPicture[];
  readonly words: RunWords;
}

/** A run in words: what `regroup run` prints of it. */
export interface RunWords {
  /** Lines of equal characters. */
  readonly summary: string;
  /** What became of the scenario's expectations, a line each; empty if it has none. */
  readonly expectations: string;
  /** How many of them were met, and how many there are. */
  readonly met: number;
  readonly hopes: number;
}

export interface GroupPicture {
  readonly id: string;
  readonly topics: readonly string[];
  /** In order of appearance; a client's place here is its colour. */
  readonly clients: readonly string[];
  readonly states: readonly GroupStateSpan[];
  readonly rebalances: readonly Rebalance[];
  /** Rows: berths, one for as many clients as follow each other in it. Values: `memberValue`. */
  readonly members: Lanes;
  /** Rows: berths. 1 inside a batch that takes unusually long. */
  readonly busy: Lanes;
  /** Each client's row. */
  readonly berthOf: Int32Array;
  /** Of each partition row: its topic's place in `topics`, and its number in that topic. */
  readonly topicOf: Int32Array;
  readonly numberOf: Int32Array;
  /** Rows: partitions. Values: places in `clients`, or `NOBODY`. */
  readonly owners: Lanes;
  /** Rows: partitions. 1 while somebody reads, 0 while nobody does. */
  readonly readers: Lanes;
  readonly alive: Steps;
  readonly known: Steps;
  /** How many partitions nobody owned. */
  readonly unowned: Steps;
  /** How many partitions nobody read. */
  readonly unread: Steps;
  /** Records not yet read, of all partitions. */
  readonly total: Line;
  readonly lag: LagCurves;
  /** The numbers at the top, the same as every report's; `null` for a group that the header does not name. */
  readonly summary: GroupSummary | null;
}

/** No client owns it. */
export const NOBODY = -1;

/** What a member lane can show, from the process and from the membership as the consumer sees it. */
export const MEMBER_STATES = [
  "Starting",
  "UNJOINED",
  "PREPARING_REBALANCE",
  "COMPLETING_REBALANCE",
  "STABLE",
  "Closing",
  /** Dead, but the coordinator does not know yet. */
  "Crashed",
] as const;

export type MemberState = (typeof MEMBER_STATES)[number];

/** Which client, and what it is, in one number. */
export function memberValue(client: number, state: MemberState): number {
  return client * MEMBER_STATES.length + MEMBER_STATES.indexOf(state);
}

export function clientOf(value: number): number {
  return Math.floor(value / MEMBER_STATES.length);
}

export function stateOf(value: number): MemberState {
  return MEMBER_STATES[value % MEMBER_STATES.length];
}

/** Lag over partitions at evenly spaced instants. */
export interface LagCurves {
  readonly from: number;
  readonly step: number;
  readonly count: number;
  readonly records: Curves;
  /** Microseconds. */
  readonly time: Curves;
}

/** Quantiles over partitions at each instant; `peak` is the most of any partition until the next instant. */
export interface Curves {
  readonly p50: Float64Array;
  readonly p90: Float64Array;
  readonly p99: Float64Array;
  readonly peak: Float64Array;
}
