import { ofSorted, type Verdict } from "../metrics/expectations.ts";
import { mean, quantile, type Distribution } from "../metrics/occupancy.ts";
import type { Summary } from "../metrics/summary.ts";
import { phases } from "../trace/readings/rebalances.ts";

/** The percentiles that machines get. */
const PERCENTILES = [50, 75, 90, 95, 99, 99.9];

/**
 * A summary for machines: the same names as in `Summary`, distributions as their statistics, every duration and
 * instant in whole or broken microseconds.
 */
export function summaryJson(summary: Summary, verdicts: readonly Verdict[] = []): string {
  const groups = summary.groups.map((group) => ({
    ...group,
    lag: { ...group.lag, distribution: statistics(group.lag.distribution) },
    timeLag: { ...group.timeLag, distribution: statistics(group.timeLag.distribution) },
    outages: {
      ...group.outages,
      coordinator: durationStatistics(group.outages.coordinator),
      member: durationStatistics(group.outages.member),
    },
    latency: group.latency && {
      inSystem: statistics(group.latency.inSystem),
      waiting: statistics(group.latency.waiting),
    },
    rebalances: {
      ...group.rebalances,
      durations: durationStatistics(group.rebalances.durations),
      costliest: group.rebalances.costliest.map((rebalance) => ({ ...rebalance, phases: phases(rebalance) })),
    },
  }));
  const expectations = verdicts.map(({ expectation, outcome, met, value, group, reason }) => ({
    text: expectation.text,
    outcome,
    met,
    value,
    group,
    ...(reason !== undefined && { reason }),
  }));
  return JSON.stringify({ ...summary, groups, expectations }, null, 2);
}

function statistics(distribution: Distribution): Readonly<Record<string, number>> {
  return {
    mean: mean(distribution),
    min: distribution.min,
    ...Object.fromEntries(PERCENTILES.map((p) => [`p${p}`, quantile(distribution, p / 100)])),
    max: distribution.max,
  };
}

function durationStatistics(durations: readonly number[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    ["mean", "min", ...PERCENTILES.map((p) => `p${p}`), "max"].flatMap((statistic) => {
      const value = ofSorted(durations, statistic);
      return value === undefined ? [] : [[statistic, value]];
    }),
  );
}
