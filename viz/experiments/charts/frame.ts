import { scaleLinear, scaleLog, scalePoint, type ScaleContinuousNumeric, type ScalePoint } from "d3";
import { svg } from "./svg.ts";

/** Room around the plot for ticks and titles. */
const MARGIN = { top: 14, right: 20, bottom: 44, left: 78 };

/** How wide a character of a tick is, about. */
const CHARACTER = 6.6;

/** The plot of a chart: where its values go, with axes around it. */
export interface Plot {
  readonly element: SVGSVGElement;
  /** What is drawn goes here, in the plot's own coordinates. */
  readonly body: SVGGElement;
  readonly width: number;
  readonly height: number;
}

export type Numbers = ScaleContinuousNumeric<number, number>;

/** A scale from data to pixels that begins at zero where that says something, or grows by factors. */
export function numbers(
  values: readonly number[],
  range: readonly [number, number],
  scale: "linear" | "logarithmic",
): Numbers {
  const least = Math.min(...values);
  const most = Math.max(...values);
  if (scale === "logarithmic" && least > 0) return scaleLog([least, most], [...range]);
  const low = least >= 0 && least < 0.6 * most ? 0 : least;
  const high = most > low ? most : low + 1;
  const nice = scaleLinear([low, high], [...range]);
  return nice.nice(5);
}

/** Names at equal distances. */
export function places(names: readonly string[], range: readonly [number, number]): ScalePoint<string> {
  return scalePoint([...names], [...range]).padding(0.5);
}

/** An empty plot with these outer measures, and room for the longest text at its left. */
export function plot(width: number, height: number, label: string, longest = 0): Plot {
  const left = Math.max(MARGIN.left, 40 + longest * CHARACTER);
  const inner = { width: width - left - MARGIN.right, height: height - MARGIN.top - MARGIN.bottom };
  const body = svg("g", { transform: `translate(${left} ${MARGIN.top})` });
  const element = svg(
    "svg",
    { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": label },
    body,
  );
  return { element, body, ...inner };
}

export interface Tick {
  /** Pixels. */
  readonly at: number;
  readonly text: string;
}

/** Ticks of a scale of numbers, at round values. */
export function ticksOf(scale: Numbers, count: number, write: (value: number) => string): Tick[] {
  const all = scale.ticks(count);
  const stride = Math.ceil(all.length / (count * 2)); // a logarithmic scale offers many
  return all.filter((_, i) => i % stride === 0).map((value) => ({ at: scale(value), text: write(value) }));
}

export function bottomAxis({ body, width, height }: Plot, ticks: readonly Tick[], title: string): void {
  body.append(
    svg("line", { class: "axis-line", x2: width, y1: height, y2: height }),
    ...spaced(ticks, 12).map(({ at, text }) =>
      svg("text", { class: "tick", x: at, y: height + 16, "text-anchor": "middle" }, text),
    ),
    svg("text", { class: "axis-title", x: width / 2, y: height + 36, "text-anchor": "middle" }, title),
  );
}

export function leftAxis({ body, width, height }: Plot, ticks: readonly Tick[], title: string): void {
  const away = Math.max(64, 26 + CHARACTER * Math.max(0, ...ticks.map(({ text }) => text.length)));
  body.append(
    ...ticks.map(({ at }) => svg("line", { class: "grid", x2: width, y1: at, y2: at })),
    ...ticks.map(({ at, text }) => svg("text", { class: "tick", x: -8, y: at + 4, "text-anchor": "end" }, text)),
    svg(
      "text",
      { class: "axis-title", transform: `translate(${-away} ${height / 2}) rotate(-90)`, "text-anchor": "middle" },
      title,
    ),
  );
}

/** As many ticks as fit without touching. */
function spaced(ticks: readonly Tick[], gap: number): readonly Tick[] {
  const kept: Tick[] = [];
  let end = -Infinity;
  for (const tick of [...ticks].sort((a, b) => a.at - b.at)) {
    const half = (tick.text.length * CHARACTER) / 2;
    if (tick.at - half < end) continue;
    kept.push(tick);
    end = tick.at + half + gap;
  }
  return kept;
}
