/** What is asked of a candidate, and what its runs say about that so far. */
import { isMet } from "../../metrics/expectations.ts";
import type { Mistake } from "../../scenario/quantities.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { parseTarget, type Target } from "../../scenario/targets.ts";
import { closest } from "../../scenario/suggest.ts";
import { measuresOf, nameOf, type Measure, type Unit } from "../measures.ts";
import { moments, type Interval } from "../statistics.ts";
import { fits, isMistake } from "../wanted.ts";
import { chanceBounds, meanBounds, runsToExclude } from "./bounds.ts";

/** A target of one group. */
export interface Goal {
  readonly target: Target;
  /** As people read it: `p99(timeLag)`, `P(max(timeLag) > 1m)`. */
  readonly name: string;
  readonly unit: Unit | "chance";
  /** What it is held against, and its place among the measures that are kept of each run. */
  readonly measure: Measure;
  readonly column: number;
}

/** What the runs of a candidate say about a goal. */
export interface Evidence {
  /** Runs that have the measure. */
  readonly count: number;
  /** The mean, or the share of the runs that fulfil the condition; `null` if no run could tell. */
  readonly value: number | null;
  /** Where the truth behind it lies, at the risk of the look that was decisive: a verdict is about this interval. */
  readonly interval: Interval;
  readonly verdict: "met" | "unmet" | "open";
}

/** Risks of a mistake in one look at one candidate. */
export interface LookRisk {
  /** To find a target met that is not. */
  readonly met: number;
  /** To find a target not met that is. */
  readonly unmet: number;
}

/** Reads a target and says of which groups it is asked. */
export function readTarget(text: string, { groups, events }: Scenario): Target | Mistake {
  const target = parseTarget(text);
  if (isMistake(target)) return target;
  const { group, per } = target.condition;
  const ids = groups.map(({ id }) => id);
  if (group !== undefined && !ids.includes(group)) {
    const near = closest(group, ids);
    return {
      message: `there is no group ${group}`,
      advice: near ? `did you mean ${near}?` : `there are ${ids.join(", ")}`,
    };
  }
  const isRolled = events.some((event) => event.what === "roll" && (group === undefined || event.group === group));
  if (per === "deploy" && !isRolled)
    return {
      message: `${target.text} asks for a share of each deploy, and there is none`,
      advice: `a deploy is an event of the scenario: { at: 5m, roll: ${group ?? ids[0]} }`,
    };
  return target;
}

/** Targets, group by group, and all measures that they need. */
export function goalsOf(
  targets: readonly Target[],
  scenario: Scenario,
): { readonly goals: readonly Goal[]; readonly measures: readonly Measure[] } {
  const measures: Measure[] = [];
  const all = measuresOf(
    scenario,
    targets.map(({ condition }) => condition),
  );
  const severalGroups = scenario.groups.length > 1;
  const goals = targets.flatMap((target) =>
    all
      .filter((measure) => fits(measure, target.condition))
      .map((measure): Goal => {
        let column = measures.indexOf(measure);
        if (column < 0) column = measures.push(measure) - 1;
        const name = nameOf(measure, severalGroups);
        return target.of === "mean"
          ? { target, name, unit: measure.unit, measure, column }
          : { target, name: chanceName(target, name), unit: "chance", measure, column };
      }),
  );
  return { goals, measures };
}

function chanceName({ condition: { text, comparison } }: Target, name: string): string {
  return `P(${name} ${text.slice(text.indexOf(comparison))})`;
}

/** The values of a run that a goal is about: the measure itself, or 1 where the condition is fulfilled and 0 elsewhere. */
export function valuesFor(
  { target, column }: Goal,
  columns: readonly (readonly (number | null)[])[],
): readonly (number | null)[] {
  if (target.of === "mean") return columns[column];
  return columns[column].map((value) => (value === null ? null : Number(isMet(value, target.condition))));
}

/** Looks at a goal. */
export function lookAt(goal: Goal, columns: readonly (readonly (number | null)[])[], risk: LookRisk): Evidence {
  const values = valuesFor(goal, columns).filter((value) => value !== null);
  const { comparison, bound } = goal.target;
  const isUpper = comparison === "<" || comparison === "<=";
  const risks = isUpper ? { low: risk.unmet, high: risk.met } : { low: risk.met, high: risk.unmet };
  const { count, mean } = moments(values);
  if (count === 0) return { count, value: null, interval: { low: -Infinity, high: Infinity }, verdict: "open" };
  const interval =
    goal.target.of === "mean"
      ? meanBounds(values, risks)
      : chanceBounds(
          values.reduce((sum, value) => sum + value, 0),
          count,
          risks,
        );
  const { low, high } = interval;
  // Every value the truth may have is on one side.
  const isShown = isMet(low, { comparison, bound }) && isMet(high, { comparison, bound });
  const isRefuted = !isMet(low, { comparison, bound }) && !isMet(high, { comparison, bound });
  return { count, value: mean, interval, verdict: isShown ? "met" : isRefuted ? "unmet" : "open" };
}

/** How many runs of a candidate it takes at least to show a target met. */
export function leastRuns({ of, comparison, bound }: Target, risk: number): number {
  if (of === "mean") return 2;
  return runsToExclude(comparison === "<" || comparison === "<=" ? bound : 1 - bound, risk);
}
