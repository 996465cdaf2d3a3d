/** Values of results in words: the same as the command line's. */
import type { Unit } from "../../sim/experiment/measures.ts";
import type { Parameter, Point } from "../../sim/experiment/sweep/experiment.ts";
import { amount, length, percentage } from "../../sim/report/humane.ts";
import { valueText } from "../../sim/report/measures.ts";
import { clock } from "../time-axis.ts";
import type { ValueAxis } from "./charts/curves.ts";

/** How to write values of an output. */
export function writer(unit: Unit | "chance"): (value: number) => string {
  return unit === "chance" ? percentage : (value) => valueText(value, unit).replace(/^-/, "−");
}

/** Units that a number does not carry with it and its name does not say. */
const UNITS: Readonly<Record<string, string>> = { records: "records", "partition-seconds": "partition-seconds" };

/** An axis of values of an output. */
export function valueAxis(name: string, unit: Unit | "chance"): ValueAxis {
  const named = Object.hasOwn(UNITS, unit) ? `${name}, ${UNITS[unit]}` : name;
  return { title: named, kind: unit === "duration" ? "duration" : "number", write: writer(unit) };
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

/** Instants below a course over time. */
export const timeWriter = (t: number): string => clock(t);

/** `12.1 s – 13.0 s`; JSON has `null` for an end without limit. One value alone where nothing is uncertain. */
export function interval(low: number | null, high: number | null, write: (value: number) => string): string {
  return `${low === null ? "−∞" : write(low)} – ${high === null ? "∞" : write(high)}`;
}

/** A value and its interval. */
export function estimated(
  value: number,
  low: number | null,
  high: number | null,
  write: (value: number) => string,
): string {
  return low === high ? write(value) : `${write(value)} (${interval(low, high, write)})`;
}

/** The ends of an interval for a drawing. */
export function drawn({ low, high }: { readonly low: number | null; readonly high: number | null }) {
  return { low: low ?? -Infinity, high: high ?? Infinity };
}

/** What a combination of points is called. */
export function nameOf(
  parameters: readonly { readonly name: string; readonly points: readonly Point[] }[],
  at: readonly number[],
): string {
  return parameters.map(({ name, points }, i) => `${name} = ${points[at[i]].label}`).join(", ");
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** `1 run`, `3 runs`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
