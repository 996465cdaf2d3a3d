/** Values of results in words: the same as the command line's. */
import type { Unit } from "../../sim/experiment/measures.ts";
import type { Parameter, Point } from "../../sim/experiment/sweep/experiment.ts";
import { amount, length, percentage } from "../../sim/report/humane.ts";
import { valueText } from "../../sim/report/measures.ts";

/** How to write values of an output. */
export function writer(unit: Unit | "chance"): (value: number) => string {
  return unit === "chance" ? percentage : (value) => valueText(value, unit);
}

/** How to write numbers of a parameter. */
export function parameterWriter({ unit, points }: Pick<Parameter, "unit" | "points">): (value: number) => string {
  return (value) => {
    const point = points.find(({ number }) => number === value);
    if (point) return point.label;
    if (unit === "duration") return length(value);
    if (unit === "rate") return `${amount(value)}/s`;
    return unit === "share" ? percentage(value) : amount(value);
  };
}

/** A value and its interval; JSON has `null` for an end without limit. */
export function estimated(
  value: number,
  low: number | null,
  high: number | null,
  write: (value: number) => string,
): string {
  return `${write(value)}  (${low === null ? "−∞" : write(low)} – ${high === null ? "∞" : write(high)})`;
}

/** What a combination of points is called. */
export function nameOf(
  parameters: readonly { readonly name: string; readonly points: readonly Point[] }[],
  at: readonly number[],
): string {
  return parameters.map(({ name, points }, i) => `${name} = ${points[at[i]].label}`).join(", ");
}
