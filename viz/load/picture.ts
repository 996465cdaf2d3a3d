/**
 * A trace as the page draws it: what the readings found, in arrays. Made in the worker, moved to the page, never
 * changed there.
 */
import type { GroupSummary } from "../../sim/metrics/summary.ts";
import type { ControllerSpan } from "../../sim/trace/readings/brokers.ts";
import type { LinkTrouble } from "../../sim/trace/readings/links.ts";
import type { Outage } from "../../sim/trace/readings/outages.ts";
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
  readonly cluster: ClusterPicture;
  /** What the scenario or chance did, in order of time. */
  readonly deeds: readonly Deed[];
  readonly words: RunWords;
}

/** What was done to the world of a run. */
export interface Deed {
  readonly at: number;
  /** A sentence for people, without its full stop. */
  readonly text: string;
  /** Written in the scenario; else one that its laws of chance decided. */
  readonly scripted: boolean;
  readonly event: string;
}

/** Brokers, the network and the controller: the same for every group of a run. */
export interface ClusterPicture {
  /**
   * Ascending; a broker's place here is its row. None where there is nothing to tell of any; of many, only those of which
   * there is.
   */
  readonly rows: readonly { readonly broker: number; readonly zone: string | undefined }[];
  /** Values: places in `stateNames`. */
  readonly states: Lanes;
  readonly stateNames: readonly string[];
  /** `SLOW` or `CUT` while this broker's links are. */
  readonly links: Lanes;
  /** How many brokers there are, those without a row included, and how many of them run. */
  readonly brokers: number;
  readonly running: Steps;
  readonly troubles: readonly LinkTrouble[];
  readonly controllers: readonly ControllerSpan[];
  /**
   * Rows: as many as there were troubles at a time; then the controller, if it ever changed. Values: places in `troubles`,
   * and in `controllers`.
   */
  readonly network: Lanes;
  /** The controller's row in `network`; −1: it has none. */
  readonly controllerRow: number;
}

export const SLOW = 1;
export const CUT = 2;
/** A broker loads the group's state; it coordinates the group. */
export const LOADING = 1;
export const ACTIVE = 2;
/** No broker may lead the partition. */
export const NO_LEADER = -1;

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
  /** Rows: berths. 1 inside a `commitSync()` that waits. */
  readonly committing: Lanes;
  /** Rows: berths. 1 while the process is stopped. */
  readonly stopped: Lanes;
  /** Rows: berths. `SLOW` or `CUT` while this member's links are. */
  readonly links: Lanes;
  /** Rows: brokers with a row in the cluster. `LOADING` or `ACTIVE` where the group's coordinator is. */
  readonly coordinator: Lanes;
  /** When the group had no coordinator, in order of time. */
  readonly outages: readonly Outage[];
  /** Each client's row. */
  readonly berthOf: Int32Array;
  /** Of each partition row: its topic's place in `topics`, and its number in that topic. */
  readonly topicOf: Int32Array;
  readonly numberOf: Int32Array;
  /** Rows: partitions. Values: places in `clients`, or `NOBODY`. */
  readonly owners: Lanes;
  /** Rows: partitions. 1 while somebody reads, 0 while nobody does. */
  readonly readers: Lanes;
  /** Rows: partitions. Values: brokers, or `NO_LEADER`. */
  readonly leaders: Lanes;
  /** Rows: partitions. `reachValue` where nobody can read the partition, or its reader gets nothing. */
  readonly reach: Lanes;
  /** Rows: partitions. Places in `heldBy` while nothing new can be read, because the high watermark stands still. */
  readonly held: Lanes;
  /** Brokers that high watermarks waited for; none: too few copies counted. */
  readonly heldBy: readonly (readonly number[])[];
  readonly alive: Steps;
  readonly known: Steps;
  /** How many partitions nobody owned. */
  readonly unowned: Steps;
  /** How many partitions nobody read. */
  readonly unread: Steps;
  /** How many partitions were out of reach. */
  readonly outOfReach: Steps;
  /** How many partitions' high watermarks stood still. */
  readonly standing: Steps;
  /** Records not yet read, of all partitions. */
  readonly total: Line;
  readonly lag: LagCurves;
  /** The numbers at the top, the same as every report's; `null` for a group that the header does not name. */
  readonly summary: GroupSummary | null;
}

/** No client owns it. */
export const NOBODY = -1;

/** Why a partition is out of reach; where several are true, the last one counts. */
export const OUT_OF_REACH = ["starved", "unreachable", "leader-dead", "no-leader"] as const;

export type OutOfReach = (typeof OUT_OF_REACH)[number];

export function reachValue(why: OutOfReach): number {
  return OUT_OF_REACH.indexOf(why) + 1;
}

export function reachOf(value: number): OutOfReach | undefined {
  return OUT_OF_REACH[value - 1];
}

/** What a member lane can show, from the process and from the membership as the consumer sees it. */
export const MEMBER_STATES = [
  "Starting",
  "UNJOINED",
  "PREPARING_REBALANCE",
  "COMPLETING_REBALANCE",
  "JOINING",
  "RECONCILING",
  "ACKNOWLEDGING",
  "FENCED",
  "STALE",
  "REBALANCING",
  "BACKING_OFF",
  "STRANDED",
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
