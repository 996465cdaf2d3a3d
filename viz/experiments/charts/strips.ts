import { bottomAxis, leftAxis, numbers, places, plot, ticksOf } from "./frame.ts";
import { mark, svg } from "./svg.ts";

/** One column: the single runs of a variant, and their mean with its interval. */
export interface StripColumn {
  readonly name: string;
  readonly color: string;
  readonly mean: { readonly value: number; readonly low: number; readonly high: number };
  readonly title: string;
  readonly choose?: () => void;
  readonly runs: readonly { readonly value: number; readonly title: string; readonly choose?: () => void }[];
}

/** Every run a dot, side by side in columns, with the mean and its confidence interval beside them. */
export function stripPlot(
  columns: readonly StripColumn[],
  y: { readonly title: string; readonly write: (value: number) => string },
  x: string,
  width = 760,
  height = 340,
): SVGSVGElement {
  const frame = plot(width, height, `${y.title}: every run`);
  const across = places(
    columns.map(({ name }) => name),
    [0, frame.width],
  );
  const all = columns.flatMap(({ runs, mean }) => [...runs.map(({ value }) => value), mean.low, mean.high, mean.value]);
  const up = numbers(all.filter(Number.isFinite), [frame.height, 0], "linear");
  leftAxis(frame, ticksOf(up, 5, y.write), y.title);
  bottomAxis(
    frame,
    columns.map(({ name }) => ({ at: across(name)!, text: name })),
    x,
  );
  const room = Math.min(46, across.step() * 0.3);
  const [bottom, top] = up.domain();
  const clamp = (value: number): number => up(Math.min(top, Math.max(bottom, value)));
  for (const { name, color, mean, title, choose, runs } of columns) {
    const middle = across(name)!;
    runs.forEach((run, i) => {
      const cx = middle + spreadOut(i) * room;
      const dot = svg("circle", { class: "run", cx, cy: up(run.value), r: runs.length > 150 ? 1.8 : 2.6, fill: color });
      frame.body.append(mark(dot, run.title, run.choose));
    });
    const at = middle + room + 12;
    frame.body.append(
      svg("line", { class: "interval", x1: at, x2: at, y1: clamp(mean.low), y2: clamp(mean.high) }),
      mark(svg("circle", { class: "point", cx: at, cy: clamp(mean.value), r: 4, fill: color }), title, choose),
    );
  }
  return frame.element;
}

/** −1 … 1, so that neighbours in a column lie apart: the golden section never comes back to the same place. */
function spreadOut(i: number): number {
  return (((i + 1) * 0.6180339887498949) % 1) * 2 - 1;
}
