import { bottomAxis, numbers, plot, ticksOf } from "./frame.ts";
import { mark, svg } from "./svg.ts";

/** A difference and its interval; `change` as a share where that is known. */
export interface DifferenceRow {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly finding: "lower" | "higher" | "same" | "open";
  readonly title: string;
}

/** Relative differences below each other, around the line of no difference: left of it is less. */
export function differenceChart(
  rows: readonly DifferenceRow[],
  write: (share: number) => string,
  width = 760,
): SVGSVGElement {
  const height = 70 + rows.length * 30;
  const frame = plot(width, height, "differences", Math.max(0, ...rows.map(({ name }) => name.length)));
  const ends = rows.flatMap(({ value, low, high }) => [value, low, high]).filter(Number.isFinite);
  const most = Math.max(0.01, ...ends.map(Math.abs));
  const across = numbers([-most, most], [0, frame.width], "linear");
  const ticks = ticksOf(across, 6, write);
  for (const { at } of ticks) frame.body.append(svg("line", { class: "grid", x1: at, x2: at, y2: frame.height }));
  bottomAxis(frame, ticks, "less  ←  difference, as a share of the base  →  more");
  frame.body.append(svg("line", { class: "zero", x1: across(0), x2: across(0), y2: frame.height }));
  const [from, to] = across.domain();
  const clamp = (value: number): number => across(Math.min(to, Math.max(from, value)));
  rows.forEach(({ name, value, low, high, finding, title }, i) => {
    const y = (i + 0.5) * (frame.height / rows.length);
    frame.body.append(
      svg("text", { class: "row-name", x: -10, y: y + 4, "text-anchor": "end" }, name),
      svg("line", { class: `difference ${finding}`, x1: clamp(low), x2: clamp(high), y1: y, y2: y }),
      mark(svg("circle", { class: `difference ${finding}`, cx: clamp(value), cy: y, r: 5 }), title),
    );
  });
  return frame.element;
}
