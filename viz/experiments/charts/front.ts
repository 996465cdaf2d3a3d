import { bottomAxis, leftAxis, numbers, plot, ticksOf } from "./frame.ts";
import { mark, svg } from "./svg.ts";

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
  readonly choose: () => void;
}

interface Axis {
  readonly title: string;
  readonly write: (value: number) => string;
}

/** Two objectives, of both of which less is better: those that nobody beats in both are joined by steps. */
export function frontChart(points: readonly FrontPoint[], x: Axis, y: Axis, width = 760, height = 360): SVGSVGElement {
  const frame = plot(width, height, `${y.title} against ${x.title}`);
  const across = numbers(
    points.flatMap((p) => [p.x, ...(p.xInterval ?? [])]).filter(Number.isFinite),
    [0, frame.width],
    "linear",
  );
  const up = numbers(
    points.flatMap((p) => [p.y, ...(p.yInterval ?? [])]).filter(Number.isFinite),
    [frame.height, 0],
    "linear",
  );
  leftAxis(frame, ticksOf(up, 5, y.write), y.title);
  bottomAxis(frame, ticksOf(across, 7, x.write), x.title);
  const front = points.filter(({ onFront }) => onFront).sort((a, b) => a.x - b.x);
  const steps = front.map(({ x: px, y: py }, i) => {
    const before = i > 0 ? `L${across(px)} ${up(front[i - 1].y)}` : "";
    return `${before}${i > 0 ? "L" : "M"}${across(px)} ${up(py)}`;
  });
  frame.body.append(svg("path", { class: "front", d: steps.join("") }));
  const line = (x1: number, x2: number, y1: number, y2: number): SVGLineElement =>
    svg("line", { class: "whisker", x1, x2, y1, y2 });
  for (const { x: px, y: py, xInterval, yInterval, onFront, label, title, choose } of points) {
    const [cx, cy] = [across(px), up(py)];
    if (xInterval?.every(Number.isFinite)) frame.body.append(line(across(xInterval[0]), across(xInterval[1]), cy, cy));
    if (yInterval?.every(Number.isFinite)) frame.body.append(line(cx, cx, up(yInterval[0]), up(yInterval[1])));
    frame.body.append(
      mark(svg("circle", { class: onFront ? "point on-front" : "point beaten", cx, cy, r: 5 }), title, choose),
    );
    if (onFront) frame.body.append(svg("text", { class: "point-label", x: cx + 8, y: cy - 7 }, label));
  }
  return frame.element;
}
