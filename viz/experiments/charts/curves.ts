import { area, line } from "d3";
import { bottomAxis, leftAxis, numbers, plot, ticksOf } from "./frame.ts";
import { mark, svg } from "./svg.ts";

/** A point of a curve: what was estimated there, and how far it can be trusted. */
export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  /** The confidence interval. */
  readonly low: number;
  readonly high: number;
  /** Where most of the single runs lie, if that is known. */
  readonly spread?: { readonly low: number; readonly high: number };
  readonly title: string;
  readonly chosen: boolean;
  readonly choose: () => void;
}

export interface CurveSeries {
  readonly name: string;
  readonly color: string;
  readonly points: readonly CurvePoint[];
}

export interface CurveChart {
  readonly series: readonly CurveSeries[];
  readonly x: {
    readonly title: string;
    readonly scale: "linear" | "logarithmic";
    readonly write: (value: number) => string;
  };
  readonly y: { readonly title: string; readonly write: (value: number) => string };
  /** A line to draw across: what was asked for. */
  readonly bound?: { readonly at: number; readonly text: string };
}

/** Curves over a parameter: means with their confidence bands, and lightly behind them where single runs lie. */
export function curveChart({ series, x, y, bound }: CurveChart, width = 760, height = 340): SVGSVGElement {
  const frame = plot(width, height, `${y.title} over ${x.title}`);
  const points = series.flatMap((one) => one.points);
  const across = numbers(
    points.map((point) => point.x),
    [0, frame.width],
    x.scale,
  );
  if (x.scale === "linear") across.domain([Math.min(...points.map((p) => p.x)), Math.max(...points.map((p) => p.x))]);
  const heights = points.flatMap((point) => [
    point.y,
    point.low,
    point.high,
    ...(point.spread ? [point.spread.high] : []),
  ]);
  const up = numbers([...heights, ...(bound ? [bound.at] : [])].filter(Number.isFinite), [frame.height, 0], "linear");
  leftAxis(frame, ticksOf(up, 5, y.write), y.title);
  const marked = [...new Set(points.map((point) => point.x))].map((value) => ({
    at: across(value),
    text: x.write(value),
  }));
  bottomAxis(frame, marked.length <= 14 ? marked : ticksOf(across, 7, x.write), x.title);

  const [bottom, top] = up.domain();
  const clamp = (value: number): number => up(Math.min(top, Math.max(bottom, value)));
  for (const { color, points: own } of series) {
    const spread = area<CurvePoint>(
      (point) => across(point.x),
      (point) => clamp(point.spread!.low),
      (point) => clamp(point.spread!.high),
    );
    const certain = area<CurvePoint>(
      (point) => across(point.x),
      (point) => clamp(point.low),
      (point) => clamp(point.high),
    );
    const means = line<CurvePoint>(
      (point) => across(point.x),
      (point) => clamp(point.y),
    );
    if (own.every((point) => point.spread)) {
      frame.body.append(svg("path", { class: "spread", d: spread([...own]) ?? "", fill: color }));
    }
    frame.body.append(
      svg("path", { class: "band", d: certain([...own]) ?? "", fill: color }),
      svg("path", { class: "mean", d: means([...own]) ?? "", stroke: color }),
    );
  }
  if (bound) {
    const at = clamp(bound.at);
    frame.body.append(
      svg("line", { class: "bound", x2: frame.width, y1: at, y2: at }),
      svg("text", { class: "bound-text", x: frame.width - 4, y: at - 5, "text-anchor": "end" }, bound.text),
    );
  }
  for (const { color, points: own } of series) {
    for (const point of own) {
      const [cx, cy] = [across(point.x), clamp(point.y)];
      frame.body.append(
        svg("line", { class: "whisker", x1: cx, x2: cx, y1: clamp(point.low), y2: clamp(point.high), stroke: color }),
        mark(
          svg("circle", {
            class: point.chosen ? "point chosen" : "point",
            cx,
            cy,
            r: point.chosen ? 6 : 4,
            fill: color,
          }),
          point.title,
          point.choose,
        ),
      );
    }
  }
  return frame.element;
}
