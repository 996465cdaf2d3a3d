/** What one run comes to: plain data, so it can be printed, saved, compared and sent between threads. */
import type { Duration, Instant } from "../engine/time.ts";
import type { BrokerId, ClientId, GroupId, TopicName } from "../names.ts";
import type { CauseKind } from "../trace/readings/causes.ts";
import type { Rebalance } from "../trace/readings/rebalances.ts";
import type { ClientMetrics } from "./client-metrics.ts";
import type { MemberLoad } from "./member-load.ts";
import type { Delivery } from "./delivery.ts";
import type { RecordLatency } from "./record-latency.ts";
import type { Distribution } from "./occupancy.ts";
import type { OutOfReach } from "./out-of-reach.ts";
import type { TopicSummary } from "./topics.ts";
import type { Transit } from "./transit.ts";

export interface Summary {
  readonly name: string;
  readonly seed: string;
  readonly scenarioHash: string;
  /** Version of the program that ran it. */
  readonly version: string;
  /**
   * Measured is from the end of the warm-up to the end of the run; only requests, what topics were to have, and members that
   * failed are those of the whole run.
   */
  readonly from: Instant;
  readonly end: Instant;
  /** Events of the trace and their fingerprint; `null` when nobody took them. */
  readonly events: number | null;
  readonly fingerprint: string | null;
  readonly groups: readonly GroupSummary[];
  readonly topics: readonly TopicSummary[];
  readonly brokers: readonly BrokerSummary[];
  /**
   * Groups whose members commit each batch, and whose batches are too short to be events while they keep up (`flow: fluid`,
   * no length of a batch given): those commits are not in the `requests` and `offsets` of `brokers`, nor in the commit metrics
   * of `clients`; with `flow: records` all of them are.
   */
  readonly uncountedCommits: readonly GroupId[];
  /** Events of the scenario that did nothing, or less than was written, and why, in the whole run. */
  readonly moot: readonly { readonly at: Instant; readonly why: string }[];
}

/** Did the run end in its warm-up? Then only what is `final` means anything. */
export function nothingMeasured({ from, end }: Summary): boolean {
  return end <= from;
}

export interface BrokerSummary {
  readonly broker: BrokerId;
  /** Requests that have come to it as coordinator, by Kafka's name; healthy heartbeats included; but see `uncountedCommits`. */
  readonly requests: Readonly<Record<string, number>>;
  /** Offsets it wrote to `__consumer_offsets`: a record for each partition of each commit. */
  readonly offsets: number;
}

export interface GroupSummary {
  readonly group: GroupId;
  /** Subscribed to, at the end. */
  readonly topics: readonly TopicName[];
  /** Subscribed to before, and not at the end: what was left in them still counts as lag. */
  readonly formerTopics: readonly TopicName[];
  /** Of the topics that it reads or has read, at the end. */
  readonly partitions: number;
  readonly members: MembersSummary;
  /** How partitions are spread over the members that run. */
  readonly load: MemberLoad;
  /** What was processed, as a share of what the members that ran could have; `null` if their capacity is not known. */
  readonly utilisation: number | null;
  /** What each consumer would report of itself, in the order in which they started. */
  readonly clients: readonly ClientMetrics[];
  /** Members whose application got an exception that no retry mends, and closed, in order of time; in the warm-up too. */
  readonly failures: readonly { readonly client: ClientId; readonly error: string; readonly at: Instant }[];
  readonly rebalances: RebalancesSummary;
  /** Rolling restarts of the scenario, begun after the warm-up. */
  readonly deploys: number;
  readonly outages: OutagesSummary;
  readonly unread: UnreadSummary;
  /** What its readers could not get at; `null` where nobody found out. */
  readonly outOfReach: OutOfReach | null;
  /** What lag and ages leave out over slow links; `null` if that is nothing, or where nobody found out. */
  readonly transit: Transit | null;
  readonly lag: LagSummary;
  readonly timeLag: TimeLagSummary;
  /** Of single records; `null` where lag is a fluid. */
  readonly latency: RecordLatency | null;
  /** Records that came to be read. */
  readonly produced: number;
  /**
   * Records that applications were handed, each as often as it was: again, aside, or just before a crash. How that adds
   * up with the others: `Delivery`.
   */
  readonly consumed: number;
  /**
   * From `send()` until a record is processed, in microseconds, over the records that were processed for the first time
   * in the measured time (weights count records): what it takes until it can be read (`latency` of the topics, and what
   * it waited in the producers' buffers while its partition had no leader), and how old it was when it was read. What
   * is lost, or not yet read in the end, is not in it; nor is reading it again. Where records are simulated one by one,
   * the last part is what each takes from its production until it is processed. `null` if nothing was read, or nothing
   * is known of the producers.
   */
  readonly endToEnd: Distribution | null;
  readonly delivery: Delivery;
  readonly overload: Overload | null;
}

/** Values of equal stretches of the measured time (as long as it was meant to be), for a sparkline. */
export type Curve = readonly number[];

export interface MembersSummary {
  /** Consumer processes that run. */
  readonly alive: Levels;
  /** Members the coordinator knows, living or not. */
  readonly known: Levels;
  /** Processes alive, at the end of each stretch. */
  readonly curve: Curve;
}

/** A whole number over time. */
export interface Levels {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
  readonly final: number;
  /** Each value it had, ascending, and for how long. */
  readonly values: readonly number[];
  readonly lengths: readonly Duration[];
}

export interface RebalancesSummary {
  /** Begun after the warm-up and completed. */
  readonly count: number;
  /** Begun after the warm-up and still under way when the run ended. */
  readonly unfinished: number;
  readonly byCause: Readonly<Partial<Record<CauseKind, number>>>;
  /** Of the completed ones, ascending: from the group's leaving `Stable` until the last partition was read again. */
  readonly durations: readonly Duration[];
  /** Share of the time in which a rebalance was under way, until the group was stable. */
  readonly share: number;
  /**
   * Attempts that were overtaken by the next before they could finish, so that all had to join, or try, again. With the consumer
   * protocol there are none: a target that is overtaken is gone on from.
   */
  readonly failedAttempts: number;
  /** The ones that left most unread, the worst first. */
  readonly costliest: readonly Rebalance[];
}

/** Times without a coordinator that began after the warm-up. */
export interface OutagesSummary {
  /** Each time without any active coordinator of the group, ascending. One that the run ended in counts up to there. */
  readonly coordinator: readonly Duration[];
  /** Each time that a member did not know the active coordinator, ascending, likewise. */
  readonly member: readonly Duration[];
  /** Whether the group had none when the run ended. */
  readonly unfinished: boolean;
}

/**
 * Times in which nobody read a partition, those included in which its reader was stopped, stuck in a batch or closing. One
 * whose leader is away has a reader that waits.
 */
export interface UnreadSummary {
  /** Time without a reader, summed over the partitions: seconds. */
  readonly partitionSeconds: number;
  /** The longest time that one partition had no reader; `null` if none ever was without. */
  readonly worst: {
    readonly topic: TopicName;
    readonly partition: number;
    readonly from: Instant;
    readonly to: Instant;
  } | null;
}

/** Of the group's total lag, in records. */
export interface LagSummary {
  /** Over time. */
  readonly distribution: Distribution;
  readonly peak: { readonly records: number; readonly at: Instant };
  /** When the measured time began, before anything happened then. */
  readonly initial: number;
  readonly final: number;
  /** Area under the curve, in records times seconds. */
  readonly area: number;
  /** The partition that once had the most. */
  readonly worst: {
    readonly topic: TopicName;
    readonly partition: number;
    readonly records: number;
    readonly at: Instant;
  } | null;
  /** The greatest of each stretch. */
  readonly curve: Curve;
}

/** Of the age of the next record to be read, of each partition, in microseconds. */
export interface TimeLagSummary {
  /** Over time and partitions. */
  readonly distribution: Distribution;
  readonly peak: {
    readonly age: Duration;
    readonly topic: TopicName;
    readonly partition: number;
    readonly at: Instant;
  } | null;
  /** The worst partition's at the end. */
  readonly final: Duration;
  /** The worst partition's greatest of each stretch. */
  readonly curve: Curve;
}

/** More comes in than some members can take, and does so to the end: the lag grows for ever. */
export interface Overload {
  readonly clients: readonly ClientId[];
  /** Records per second by which their lag grows. */
  readonly growth: number;
}
