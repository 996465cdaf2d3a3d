import type { GroupId } from "../names.ts";
import { mean, quantile, type Distribution } from "./occupancy.ts";
import { nothingMeasured, type GroupSummary, type Levels, type Summary } from "./summary.ts";

/** A hope, as scenarios write it: `p99(timeLag) < 30s`. The bound is in microseconds, records or counts. */
export interface Hope {
  readonly text: string;
  /** `mean`, `max`, `min`, `final`, `p50` … `p99.9`; `value` for quantities that are one number. */
  readonly statistic: string;
  readonly quantity: string;
  /** Divided by how many of them the run has. */
  readonly per?: "deploy" | "rebalance";
  /** Absent: every group. */
  readonly group?: GroupId;
  readonly comparison: "<" | "<=" | ">" | ">=" | "==" | "!=";
  readonly bound: number;
}

/** What became of a hope. */
export interface Verdict<H extends Hope = Hope> {
  readonly expectation: H;
  readonly outcome: "met" | "unmet" | "unknown";
  /** `outcome` is `met`: what nobody knows is not met. */
  readonly met: boolean;
  /** What was measured, in the bound's unit; of several groups the one that decides. `null` if unknown. */
  readonly value: number | null;
  /** The group that decides; `null` if there is none. */
  readonly group: GroupId | null;
  /** Why it is unknown. */
  readonly reason?: string;
}

/** Holds hopes against what was measured. One that names no group has to come true in every group. */
export function evaluate<H extends Hope>(hopes: readonly H[], summary: Summary): readonly Verdict<H>[] {
  const { groups } = summary;
  return hopes.map((expectation) => {
    const unknown = (reason: string): Verdict<H> => ({
      expectation,
      outcome: "unknown",
      met: false,
      value: null,
      group: null,
      reason,
    });
    const { group, quantity, statistic, per } = expectation;
    const concerned = group === undefined ? groups : groups.filter((one) => one.group === group);
    if (concerned.length === 0)
      return unknown(group === undefined ? "there is no group" : `there is no group ${group}`);

    // Of no time at all everything is true; only how things stand at the end is known even so.
    if (nothingMeasured(summary) && statistic !== "final")
      return unknown("nothing was measured: the run ended in its warm-up");

    const verdicts: Verdict<H>[] = [];
    for (const one of concerned) {
      const value = measured(one, quantity, statistic, per);
      if (typeof value === "string") return unknown(value);
      const met = isMet(value, expectation);
      verdicts.push({ expectation, outcome: met ? "met" : "unmet", met, value, group: one.group });
    }
    return verdicts.reduce((decides, next) => (isWorse(next, decides) ? next : decides));
  });
}

/** One that is not met decides; among equals, the one nearer to the wrong side. */
function isWorse<H extends Hope>(a: Verdict<H>, b: Verdict<H>): boolean {
  if (a.met !== b.met) return b.met;
  const { comparison } = a.expectation;
  if (comparison === "<" || comparison === "<=") return a.value! > b.value!;
  if (comparison === ">" || comparison === ">=") return a.value! < b.value!;
  return false;
}

/** Whether a value is as it was hoped for. */
export function isMet(value: number, { comparison, bound }: Pick<Hope, "comparison" | "bound">): boolean {
  switch (comparison) {
    case "<":
      return value < bound;
    case "<=":
      return value <= bound;
    case ">":
      return value > bound;
    case ">=":
      return value >= bound;
    case "==":
      return value === bound;
    case "!=":
      return value !== bound;
  }
}

/** The value of a statistic, or why there is none. */
export function measured(group: GroupSummary, quantity: string, statistic: string, per?: Hope["per"]): number | string {
  const value = undivided(group, quantity, statistic);
  if (per === undefined || typeof value === "string") return value;
  const { deploys, rebalances } = group;
  const divisor = per === "deploy" ? deploys : rebalances.count + rebalances.unfinished;
  if (divisor > 0) return value / divisor;
  return value === 0 ? 0 : `there was no ${per} to divide ${quantity} by`; // nothing comes to nothing each
}

function undivided(group: GroupSummary, quantity: string, statistic: string): number | string {
  const none = `there is no ${statistic} of ${quantity}`;
  switch (quantity) {
    case "lag":
      return ofDistribution(group.lag.distribution, group.lag.final, statistic) ?? none;
    case "timeLag":
      return ofDistribution(group.timeLag.distribution, group.timeLag.final, statistic) ?? none;
    case "latency": {
      if (!group.latency) return "latency is of single records: write flow: records";
      return statistic === "final" ? none : (ofDistribution(group.latency.inSystem, 0, statistic) ?? none);
    }
    case "endToEnd": {
      if (!group.endToEnd) return "no record was read, so there is no end-to-end latency";
      return statistic === "final" ? none : (ofDistribution(group.endToEnd, 0, statistic) ?? none);
    }
    case "members":
      return ofLevels(group.members.alive, statistic) ?? none;
    case "rebalances":
      return statistic === "value" ? group.rebalances.count : none;
    case "rebalanceDuration":
      return ofSorted(noneIsNoTime(group.rebalances.durations), statistic) ?? none;
    case "coordinatorOutage":
      return ofSorted(noneIsNoTime(group.outages.coordinator), statistic) ?? none;
    case "memberOutage":
      return ofSorted(noneIsNoTime(group.outages.member), statistic) ?? none;
    case "partitionSecondsUnread":
      return statistic === "value" ? group.unread.partitionSeconds : none;
    case "lost":
    case "duplicates":
    case "exactlyOnce":
      if (group.delivery[quantity] === null) return "no record was processed or lost, so there is no share of them";
      return statistic === "value" ? group.delivery[quantity] : none;
    default:
      return `${quantity} is nothing that is measured`;
  }
}

/** What never happened took no time. */
const noneIsNoTime = (durations: readonly number[]): readonly number[] => (durations.length > 0 ? durations : [0]);

/** The share that a percentile stands for: 0.99 for `p99`. */
function shareOf(statistic: string): number | undefined {
  const match = /^p(\d+(?:\.\d+)?)$/.exec(statistic);
  const percent = match ? Number(match[1]) : NaN;
  return percent <= 100 ? percent / 100 : undefined;
}

function ofDistribution(distribution: Distribution, final: number, statistic: string): number | undefined {
  if (statistic === "mean") return mean(distribution);
  if (statistic === "min") return distribution.min;
  if (statistic === "max") return distribution.max;
  if (statistic === "final") return final;
  const share = shareOf(statistic);
  return share === undefined ? undefined : quantile(distribution, share);
}

function ofLevels({ min, mean, max, final, values, lengths }: Levels, statistic: string): number | undefined {
  if (statistic === "mean") return mean;
  if (statistic === "min") return min;
  if (statistic === "max") return max;
  if (statistic === "final") return final;
  const share = shareOf(statistic);
  if (share === undefined) return undefined;
  let rest = share * lengths.reduce((sum, length) => sum + length, 0);
  for (let i = 0; i < values.length; i++) if ((rest -= lengths[i]) <= 0) return values[i];
  return max;
}

/** Of values in ascending order. A percentile is the least value that so many do not exceed. */
export function ofSorted(values: readonly number[], statistic: string): number | undefined {
  if (values.length === 0) return undefined;
  if (statistic === "mean") return values.reduce((sum, value) => sum + value, 0) / values.length;
  if (statistic === "min") return values[0];
  if (statistic === "max") return values.at(-1);
  const share = shareOf(statistic);
  // The product may miss a whole number by its last bit.
  return share === undefined ? undefined : values[Math.max(0, Math.ceil(share * values.length - 1e-9) - 1)];
}
