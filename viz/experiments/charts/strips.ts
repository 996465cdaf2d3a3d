import type { ValueAxis } from "./curves.ts";
import { columnAxis, columnLines, leftAxis, plot, textWidth, ticksOf } from "./frame.ts";
import { linear } from "./scales.ts";
import { mark, shape, svg } from "./svg.ts";

/** A single run. */
export interface StripRun {
  readonly value: number;
  readonly title: string;
  readonly choose?: () => void;
}

/** One column: the single runs of a variant, and their mean with its interval. */
export interface StripColumn {
  readonly name: string;
  readonly color: string;
  readonly mean: { readonly value: number; readonly low: number; readonly high: number };
  readonly title: string;
  readonly chosen?: boolean;
  readonly choose?: () => void;
  readonly runs: readonly StripRun[];
}

/** Every run a dot, side by side in columns, with the mean and its confidence interval beside them. */
export function stripPlot(
  columns: readonly StripColumn[],
  y: ValueAxis,
  bottomTitle: string,
  width: number,
  height = 340,
): SVGSVGElement {
  const all = columns.flatMap(({ runs, mean }) => [...runs.map(({ value }) => value), mean.low, mean.high, mean.value]);
  const texts = ticksOf(linear(all, [0, 1], y), y.write).map(({ text }) => text);
  const names = columns.map(({ name }) => name);
  const about = (width - 60 - Math.max(...texts.map(textWidth))) / columns.length;
  const lines = columnLines(names, about - 8);
  const left = { title: y.title, texts };
  const frame = plot({
    width,
    height: height + (lines - 1) * 15,
    label: `${y.title}: every run`,
    left,
    lines,
    bottomTitle,
  });
  const step = frame.width / columns.length;
  const middle = (i: number): number => (i + 0.5) * step;
  const up = linear(all, [frame.height, 0], y);
  leftAxis(frame, ticksOf(up, y.write));
  columnAxis(
    frame,
    names.map((text, i) => ({ at: middle(i), text })),
    step - 8,
  );
  const room = Math.min(60, step * 0.28);
  columns.forEach(({ name, color, mean, title, chosen, choose, runs }, i) => {
    const x = middle(i) - 8;
    runs.forEach((run, place) => {
      const at = { class: "run", cx: x + spreadOut(place) * room, cy: up.at(run.value), fill: color };
      const dot = svg("circle", { ...at, r: runs.length > 150 ? 2 : 3 });
      frame.body.append(mark(dot, `${name === "" ? "" : `${name}, `}${run.title}`, run.choose));
    });
    const beside = x + room + 12;
    frame.body.append(
      svg("line", { class: "interval", x1: beside, x2: beside, y1: up.at(mean.low), y2: up.at(mean.high) }),
      mark(
        shape(i, beside, up.at(mean.value), chosen ? 13 : 10, {
          class: chosen ? "point chosen" : "point",
          fill: color,
        }),
        title,
        choose,
      ),
    );
  });
  return frame.element;
}

/** −1 … 1, so that neighbours in a column lie apart: the golden section never comes back to the same place. */
export function spreadOut(i: number): number {
  return (((i + 1) * 0.6180339887498949) % 1) * 2 - 1;
}
