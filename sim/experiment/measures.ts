/** The numbers that one run comes to: which there are, and how to take them from its summary. */
import { measured } from "../metrics/expectations.ts";
import { nothingMeasured, type Curve, type GroupSummary, type Summary } from "../metrics/summary.ts";
import { QUANTITIES, type Quantity } from "../scenario/quantities.ts";
import type { Divisor, Scenario } from "../scenario/scenario.ts";

/** A statistic of a quantity of a group: one number of each run. */
export interface Measure {
  readonly group: string;
  readonly quantity: string;
  /** As expectations have it: `mean`, `p99`, `max` …; `value` for quantities that are one number. */
  readonly statistic: string;
  /** Divided by how many of them the run has. */
  readonly per?: Divisor;
  readonly unit: Unit;
}

export type Unit = Quantity["unit"] | "share" | "attempts";

/** What is told of every quantity that has many values in a run. */
const STATISTICS: readonly string[] = ["mean", "p50", "p95", "p99", "max", "final"];

/** Lengths of single things have no last moment. */
const WITHOUT_END: ReadonlySet<string> = new Set([
  "rebalanceDuration",
  "coordinatorOutage",
  "memberOutage",
  "endToEnd",
  "latency",
]);

/** How often the thing happened, of quantities on which a run is silent in which it never did. */
const OCCURRENCES: Readonly<Record<string, (group: GroupSummary) => number>> = {
  coordinatorOutage: ({ outages }) => outages.coordinator.length,
  memberOutage: ({ outages }) => outages.member.length,
};

interface Extra {
  readonly unit: Unit;
  readonly about: string;
  /** `null` where the run has no such number. */
  readonly of: (group: GroupSummary) => number | null;
}

/** What no expectation can name, and planners ask all the same. */
const EXTRAS: Readonly<Record<string, Extra>> = {
  unreadPerRebalance: {
    unit: "partition-seconds",
    about: "time without a reader, summed over the partitions, for each rebalance",
    of: ({ unread, rebalances: { count, unfinished } }) =>
      count + unfinished > 0 ? unread.partitionSeconds / (count + unfinished) : null,
  },
  longestUnread: {
    unit: "duration",
    about: "the longest time for which one partition had no reader",
    of: ({ unread: { worst } }) => (worst === null ? 0 : worst.to - worst.from),
  },
  rebalancing: {
    unit: "share",
    about: "share of the time in which a rebalance was under way",
    of: ({ rebalances }) => rebalances.share,
  },
  failedAttempts: {
    unit: "attempts",
    about: "rebalances that had to begin anew before they were done; none with the consumer protocol",
    of: ({ rebalances }) => rebalances.failedAttempts,
  },
};

/** What `p99(timeLag)`, `max(billing.lag)` or `rebalances per deploy` names; of every group if none is said. */
export interface Wanted {
  readonly statistic: string;
  readonly quantity: string;
  readonly per?: Divisor;
  readonly group?: string;
}

/** The measures of a scenario, group by group, in a fixed order; `also` adds statistics that somebody asks for. */
export function measuresOf(scenario: Scenario, also: readonly Wanted[] = []): readonly Measure[] {
  return scenario.groups.flatMap(({ id }) => {
    const wanted = also.filter(({ group }) => group === undefined || group === id);
    const usual = Object.entries<Quantity>(QUANTITIES).flatMap(([quantity, { unit, many }]): Measure[] => {
      const statistics = many ? STATISTICS.filter((one) => one !== "final" || !WITHOUT_END.has(quantity)) : ["value"];
      const asked = wanted.filter((one) => one.quantity === quantity);
      const whole = asked.filter(({ per }) => per === undefined).map(({ statistic }) => statistic);
      const divisors = new Set(asked.flatMap(({ per }) => (per === undefined ? [] : [per])));
      return [
        ...[...new Set([...statistics, ...whole])].map((statistic) => ({ group: id, quantity, statistic, unit })),
        ...[...divisors].map((per) => ({ group: id, quantity, statistic: "value", per, unit })),
      ];
    });
    const extras = Object.entries(EXTRAS).map(([quantity, { unit }]): Measure => ({
      group: id,
      quantity,
      statistic: "value",
      unit,
    }));
    return [...usual, ...extras];
  });
}

/** The values of measures in a run, in their order; `null` where it has none. */
export function valuesOf(summary: Summary, measures: readonly Measure[]): (number | null)[] {
  const groups = new Map(summary.groups.map((group) => [group.group, group]));
  return measures.map(({ group: id, quantity, statistic, per }) => {
    const group = groups.get(id);
    if (group === undefined) return null;
    if (statistic !== "final" && nothingMeasured(summary)) return null;
    if (Object.hasOwn(EXTRAS, quantity)) return EXTRAS[quantity].of(group);
    if (Object.hasOwn(OCCURRENCES, quantity) && OCCURRENCES[quantity](group) === 0) return null;
    const value = measured(group, quantity, statistic, per);
    return typeof value === "number" ? value : null;
  });
}

/** As people write it; without the group where there is only one. */
export function nameOf({ group, quantity, statistic, per }: Measure, withGroup: boolean): string {
  const subject = withGroup ? `${group}.${quantity}` : quantity;
  const name = statistic === "value" ? subject : `${statistic}(${subject})`;
  return per === undefined ? name : `${name} per ${per}`;
}

/** What a measure or a chance stands for, by its name: `p99(billing.timeLag)`, `P(lost > 0)`; nothing if it is neither. */
export function aboutName(name: string): string | undefined {
  const [, subject, condition] = /^P\((.+?)\s*([<>=!]=?.*)\)$/.exec(name) ?? [];
  if (subject !== undefined) {
    const about = aboutName(subject);
    return about && `the probability that a run has ${subject} ${condition}: ${about}`;
  }
  const match = /^(?:([a-z][\w.]*)\()?(?:.*\.)?(\w+)\)?(?: per (\w+))?$/.exec(name);
  if (!match) return undefined;
  const [, statistic, quantity, per] = match;
  const all: Readonly<Record<string, { readonly about: string }>> = { ...QUANTITIES, ...EXTRAS };
  if (!Object.hasOwn(all, quantity)) return undefined;
  const which =
    statistic === undefined ? "" : ` – ${STATISTIC_WORDS[statistic] ?? `${statistic.slice(1)} % of it is no more`}`;
  return `${all[quantity].about}${which}${per === undefined ? "" : `, divided by the number of ${per}s`}`;
}

const STATISTIC_WORDS: Readonly<Record<string, string>> = {
  mean: "on average",
  max: "at most",
  min: "at least",
  final: "at the end",
};

/** Every name that `--measure` and `--precision` take, beside those of expectations. */
export const EXTRA_QUANTITIES: Readonly<Record<string, { readonly unit: Unit }>> = EXTRAS;

/** The course of a quantity of a group: the equal stretches of its summary's curve, from the warm-up to the end. */
export interface CurveOf {
  readonly group: string;
  readonly quantity: "lag" | "timeLag" | "members";
  readonly unit: Unit;
}

/** The curves of a run, in their order. */
export function curvesIn({ groups }: Summary, curves: readonly CurveOf[]): Curve[] {
  return curves.map(({ group, quantity }) => groups.find((one) => one.group === group)?.[quantity].curve ?? []);
}
