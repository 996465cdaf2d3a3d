import { area, line } from "d3";
import { bottomAxis, leftAxis, plot, ticksOf } from "./frame.ts";
import { linear, logarithmic, type Kind } from "./scales.ts";
import { mark, shape, svg } from "./svg.ts";

/** A point of a curve: what was estimated there, and how far it can be trusted. */
export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  /** The confidence interval; infinite where the data set no limit. */
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
  /** In ascending order. */
  readonly points: readonly CurvePoint[];
}

export interface ValueAxis {
  readonly title: string;
  readonly kind: Kind;
  readonly write: (value: number) => string;
}

export interface CurveChart {
  readonly series: readonly CurveSeries[];
  readonly x: ValueAxis & { readonly scale: "linear" | "logarithmic" };
  readonly y: ValueAxis;
  /** A line to draw across: what was asked for. */
  readonly bound?: { readonly at: number; readonly text: string };
}

/** As many values are named below a curve one by one. */
const MOST_NAMED = 16;

/** Curves over a parameter: means with their confidence bands, and lightly behind them where single runs lie. */
export function curveChart({ series, x, y, bound }: CurveChart, width: number, height = 340): SVGSVGElement {
  const points = series.flatMap((one) => one.points);
  const heights = points.flatMap(({ y: value, low, high, spread }) => [
    value,
    // An interval without end, or one far beyond all values, is cut off rather than squeezing everything else.
    ...[low, high, ...(spread ? [spread.low, spread.high] : [])].filter(Number.isFinite),
  ]);
  const values = [...heights, ...(bound ? [bound.at] : [])];
  const texts = ticksOf(linear(values, [0, 1], y), y.write).map(({ text }) => text);
  const left = { title: y.title, texts };
  const frame = plot({ width, height, label: `${y.title} over ${x.title}`, left, bottomTitle: x.title });
  // Room for the outermost points and their names.
  const range = [14, frame.width - 14] as const;
  const places = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b);
  const isLogarithmic = x.scale === "logarithmic" && places.every((value) => value > 0);
  const across = isLogarithmic
    ? logarithmic(places, range)
    : linear(places, range, { kind: x.kind, count: 7, ends: "data" });
  const up = linear(values, [frame.height, 0], y);
  leftAxis(frame, ticksOf(up, y.write));
  const named = places.map((value) => ({ at: across.at(value), text: x.write(value) }));
  bottomAxis(frame, places.length <= MOST_NAMED ? named : ticksOf(across, x.write));

  for (const { color, points: own } of series) {
    const band = (ends: (point: CurvePoint) => readonly [number, number]): string =>
      area<CurvePoint>(
        (point) => across.at(point.x),
        (point) => up.at(ends(point)[0]),
        (point) => up.at(ends(point)[1]),
      )([...own]) ?? "";
    const means = line<CurvePoint>(
      (point) => across.at(point.x),
      (point) => up.at(point.y),
    );
    if (own.every((point) => point.spread))
      frame.body.append(
        svg("path", { class: "spread", d: band(({ spread }) => [spread!.low, spread!.high]), fill: color }),
      );
    frame.body.append(
      svg("path", { class: "band", d: band(({ low, high }) => [low, high]), fill: color }),
      svg("path", { class: "mean", d: means([...own]) ?? "", stroke: color }),
    );
  }
  if (bound) {
    const at = up.at(bound.at);
    frame.body.append(
      svg("line", { class: "bound", x2: frame.width, y1: at, y2: at }),
      svg(
        "text",
        { class: "bound-text", x: frame.width - 4, y: at < 18 ? at + 14 : at - 5, "text-anchor": "end" },
        bound.text,
      ),
    );
  }
  series.forEach(({ color, points: own }, i) => {
    for (const { x: value, y: mean, low, high, chosen, title, choose } of own) {
      const [cx, cy] = [across.at(value), up.at(mean)];
      const kind = { class: chosen ? "point chosen" : "point", fill: color };
      frame.body.append(
        svg("line", { class: "whisker", x1: cx, x2: cx, y1: up.at(low), y2: up.at(high), stroke: color }),
        mark(shape(i, cx, cy, chosen ? 13 : 9, kind), title, choose),
      );
    }
  });
  return frame.element;
}
