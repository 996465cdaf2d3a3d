import { bottomAxis, plot, shortened, textWidth, ticksOf } from "./frame.ts";
import { linear } from "./scales.ts";
import { mark, shape, svg } from "./svg.ts";

/** A measure, and what each variant makes of it. */
export interface DifferenceRow {
  readonly name: string;
  readonly about: string;
  readonly marks: readonly DifferenceMark[];
}

export interface DifferenceMark {
  /** Which variant, counted from 1 (the base is 0): its place decides about shape and height. */
  readonly series: number;
  readonly color: string;
  /** Shares of the base. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** `same`: exactly none in any run. */
  readonly finding: "lower" | "higher" | "same" | "open";
  readonly title: string;
  readonly choose: () => void;
}

const ROW = 18;

/** Beyond this the interval of one measure would squeeze all others: it is cut, and an arrow says so. */
const FARTHEST = 3;

/**
 * Relative differences below each other, around the line of no difference: left of it is less. What is not established is
 * hollow.
 */
export function differenceChart(
  rows: readonly DifferenceRow[],
  variants: number,
  write: (share: number) => string,
  width: number,
): SVGSVGElement {
  const room = Math.min(width * 0.32, Math.max(60, ...rows.map(({ name }) => textWidth(name))));
  const each = Math.max(30, variants * ROW + 12);
  const bottomTitle = "←\u00a0less \u00a0 than as it is \u00a0 more\u00a0→";
  const names = rows.map(({ name }) => shortened(name, room));
  const left = { title: "", texts: names };
  const frame = plot({ width, height: 60 + rows.length * each, label: "Differences", left, bottomTitle });
  const ends = rows.flatMap(({ marks }) => marks.flatMap(({ value, low, high }) => [value, low, high]));
  const most = Math.min(FARTHEST, Math.max(0.05, ...ends.filter(Number.isFinite).map(Math.abs)));
  // Nothing can be less than nothing: measures are not negative.
  const across = linear([Math.max(-1, -most), most], [8, frame.width - 8], { count: frame.width > 500 ? 8 : 5 });
  const ticks = ticksOf(across, write);
  for (const { at } of ticks) frame.body.append(svg("line", { class: "grid", x1: at, x2: at, y2: frame.height }));
  bottomAxis(frame, ticks);
  const zero = across.at(0);
  frame.body.append(svg("line", { class: "zero", x1: zero, x2: zero, y2: frame.height }));
  const [from, to] = across.domain;
  rows.forEach(({ marks, about }, row) => {
    const top = row * each;
    if (row > 0) frame.body.append(svg("line", { class: "grid", x1: -room, x2: frame.width, y1: top, y2: top }));
    const label = svg("text", { class: "row-name", x: -10, y: top + each / 2 + 4, "text-anchor": "end" }, names[row]);
    frame.body.append(about === "" ? label : mark(label, about));
    for (const { series, color, value, low, high, finding, title, choose } of marks) {
      const y = top + each / 2 + (series - (variants + 1) / 2) * ROW;
      const [x1, x2] = [across.at(low), across.at(high)];
      const tone = finding === "open" ? "difference open" : "difference";
      frame.body.append(svg("line", { class: tone, x1, x2, y1: y, y2: y, stroke: color }));
      if (high > to) frame.body.append(svg("text", { class: "beyond", x: x2 + 7, y: y + 4, fill: color }, "▸"));
      if (low < from) frame.body.append(svg("text", { class: "beyond", x: x1 - 15, y: y + 4, fill: color }, "◂"));
      const paint: Record<string, string> =
        finding === "open" ? { fill: "var(--paper)", style: `stroke: ${color}` } : { fill: color };
      frame.body.append(
        mark(shape(series, across.at(value), y, 10, { class: `${tone} point`, ...paint }), title, choose),
      );
    }
  });
  return frame.element;
}
