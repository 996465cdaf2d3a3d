/** Scales from data to pixels, and where their ticks stand. */
import { scaleLog, tickStep } from "d3";

/** What the numbers of an axis are: times have round values of their own, minutes and hours. */
export type Kind = "duration" | "number";

export interface Scale {
  readonly domain: readonly [number, number];
  /** Pixels. What lies outside is drawn at the edge. */
  at(value: number): number;
  /** Round values, in ascending order. */
  readonly ticks: readonly number[];
}

export interface ScaleOptions {
  readonly kind?: Kind;
  /** Ticks, about. */
  readonly count?: number;
  /** `data`: as far as the data go; else to the next round value, and to zero where that is not far. */
  readonly ends?: "data" | "round";
}

/** A scale on which equal distances are equal differences. */
export function linear(
  values: readonly number[],
  [start, end]: readonly [number, number],
  { kind = "number", count = 5, ends = "round" }: ScaleOptions = {},
): Scale {
  const known = values.filter(Number.isFinite);
  const least = Math.min(...known);
  const most = Math.max(...known);
  const low = ends === "round" && least >= 0 && least < 0.6 * most ? 0 : least;
  const high = most > low ? most : low + (kind === "duration" ? 1e6 : 1);
  const step = roundStep(high - low, count, kind);
  const [from, to] = ends === "data" ? [low, high] : [Math.floor(low / step) * step, Math.ceil(high / step) * step];
  const ticks: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) ticks.push(tidy(i * step));
  return {
    domain: [from, to],
    at: clamped(from, to, (value) => start + ((value - from) / (to - from)) * (end - start)),
    ticks,
  };
}

/** A scale on which equal distances are equal factors; values have to be positive. */
export function logarithmic(values: readonly number[], [start, end]: readonly [number, number]): Scale {
  const known = values.filter((value) => Number.isFinite(value) && value > 0);
  const [from, to] = [Math.min(...known), Math.max(...known)];
  const scale = scaleLog([from, to > from ? to : from * 10], [start, end]);
  const ticks = scale.ticks(12).filter((value) => /^[125]/.test(value.toExponential()));
  return { domain: [from, to], at: clamped(from, to, scale), ticks };
}

/** Values that lie below zero can be on no logarithmic scale; a point beyond an end stands at the end. */
function clamped(from: number, to: number, at: (value: number) => number): (value: number) => number {
  return (value) => at(Math.min(to, Math.max(from, value)));
}

/** Round lengths of time, in microseconds, where minutes are told: below, seconds are as round as other numbers. */
const LONG_STEPS: readonly number[] = [
  10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
].map((seconds) => seconds * 1e6);

function roundStep(span: number, count: number, kind: Kind): number {
  const step = tickStep(0, span, count);
  if (kind === "number" || span <= 120e6) return step;
  return LONG_STEPS.find((one) => one >= span / count) ?? Math.ceil(span / count / 86_400e6) * 86_400e6;
}

/** Without what is added to products of tenths: 0.30000000000000004. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

/** A value as a tick has it: without the zeros that say how exact a measurement is (`1.50 s`, `2.00 k`, `3 m 00 s`). */
export function brief(text: string): string {
  return text
    .replace(/(\.\d*?)0+(?=\D|$)/, "$1")
    .replace(/\.(?=\D|$)/, "")
    .replace(/(?<=[mh]) 00 [sm]$/, "");
}
