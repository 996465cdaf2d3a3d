import type { ValueAxis } from "./curves.ts";
import { bottomAxis, leftAxis, plot, textWidth, ticksOf } from "./frame.ts";
import { linear } from "./scales.ts";
import { mark, shape, svg } from "./svg.ts";

export interface FrontPoint {
  readonly x: number;
  readonly y: number;
  /** Confidence intervals, where there are any. */
  readonly xInterval?: readonly [number, number];
  readonly yInterval?: readonly [number, number];
  /** No other is better in both. */
  readonly onFront: boolean;
  readonly label: string;
  readonly title: string;
  readonly chosen: boolean;
  readonly choose: () => void;
}

/**
 * Two objectives, of both of which less is better. Those that nobody beats in both are joined by steps: above and right of
 * them, somebody has less of both.
 */
export function frontChart(
  points: readonly FrontPoint[],
  x: ValueAxis,
  y: ValueAxis,
  width: number,
  height = 380,
): SVGSVGElement {
  const heights = points.flatMap((p) => [p.y, ...(p.yInterval ?? [])]);
  const texts = ticksOf(linear(heights, [0, 1], y), y.write).map(({ text }) => text);
  const label = `${y.title} against ${x.title}`;
  const frame = plot({ width, height, label, left: { title: y.title, texts }, bottomTitle: x.title });
  const widths = points.flatMap((p) => [p.x, ...(p.xInterval ?? [])]);
  const across = linear(widths, [6, frame.width - 6], { ...x, count: 7 });
  const up = linear(heights, [frame.height, 0], y);
  leftAxis(frame, ticksOf(up, y.write));
  bottomAxis(frame, ticksOf(across, x.write));
  const front = points.filter(({ onFront }) => onFront).toSorted((a, b) => a.x - b.x);
  const steps = front.map(({ x: px, y: py }, i) => {
    const before = i > 0 ? `L${across.at(px)} ${up.at(front[i - 1].y)}L` : "M";
    return `${before}${across.at(px)} ${up.at(py)}`;
  });
  frame.body.append(svg("path", { class: "front", d: steps.join("") }));
  for (const { x: px, y: py, xInterval, yInterval, onFront } of points) {
    const tone = onFront ? "whisker on-front" : "whisker beaten";
    const line = (x1: number, x2: number, y1: number, y2: number): void =>
      frame.body.append(svg("line", { class: tone, x1, x2, y1, y2 }));
    if (xInterval) line(across.at(xInterval[0]), across.at(xInterval[1]), up.at(py), up.at(py));
    if (yInterval) line(across.at(px), across.at(px), up.at(yInterval[0]), up.at(yInterval[1]));
  }
  const named: { x: number; y: number; end: number }[] = [];
  for (const { x: px, y: py, onFront, label: name, title, chosen, choose } of points) {
    const [cx, cy] = [across.at(px), up.at(py)];
    const kind = { class: `point ${onFront ? "on-front" : "beaten"}${chosen ? " chosen" : ""}` };
    frame.body.append(mark(shape(onFront ? 0 : 3, cx, cy, chosen ? 14 : 10, kind), title, choose));
    const end = cx + 8 + textWidth(name);
    const isFree = named.every((other) => Math.abs(other.y - cy) > 14 || cx + 8 > other.end || end < other.x);
    if (!isFree || end > frame.width + 14) continue;
    named.push({ x: cx + 8, y: cy, end });
    frame.body.append(
      svg("text", { class: onFront ? "point-label" : "point-label beaten", x: cx + 8, y: cy - 7 }, name),
    );
  }
  return frame.element;
}
