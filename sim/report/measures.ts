/** Measures of replications for people: values in their units, and what is not sure about them. */
import type { Unit } from "../experiment/measures.ts";
import type { Interval } from "../experiment/statistics.ts";
import { amount, length, percentage } from "./humane.ts";

/** A value in its unit. */
export function valueText(value: number, unit: Unit): string {
  if (value < 0) return `-${valueText(-value, unit)}`;
  if (unit === "duration") return length(value);
  return unit === "share" ? percentage(value) : amount(value);
}

/** `12.1 s – 13.0 s`; `–∞` and `∞` where the data set no limit. */
export function intervalText({ low, high }: Interval, write: (value: number) => string): string {
  const end = (value: number): string => (Number.isFinite(value) ? write(value) : value < 0 ? "-∞" : "∞");
  return `${end(low)} – ${end(high)}`;
}
