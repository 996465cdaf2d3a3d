import type { ValueAxis } from "./curves.ts";
import { bottomAxis, plot, ticksOf } from "./frame.ts";
import { linear } from "./scales.ts";
import { spreadOut, type StripRun } from "./strips.ts";
import { mark, shape, svg } from "./svg.ts";

/** What is known of a measure over replications. */
export interface DistributionData {
  readonly runs: readonly StripRun[];
  readonly mean: { readonly value: number; readonly low: number; readonly high: number; readonly title: string };
  readonly percentiles: Readonly<Record<"p5" | "p25" | "p50" | "p75" | "p95", number>>;
}

/** Where the dots, the box and the mean lie, CSS pixels from the top. */
const ROWS = { dots: 46, box: 104, mean: 134 } as const;

/** Every run a dot; below them the median, half and nine tenths of the runs; below those the mean and its interval. */
export function distributionChart(
  { runs, mean, percentiles }: DistributionData,
  x: ValueAxis,
  color: string,
  width: number,
): SVGSVGElement {
  const left = { title: "", texts: ["each run", "5 – 95 %", "mean"] };
  const label = `${x.title}: every run`;
  const frame = plot({ width, height: 206, label, left, bottomTitle: x.title });
  const { p5, p25, p50, p75, p95 } = percentiles;
  const values = [...runs.map(({ value }) => value), p5, p95, mean.value, mean.low, mean.high];
  const across = linear(values, [8, frame.width - 8], { ...x, count: frame.width > 500 ? 8 : 5 });
  const ticks = ticksOf(across, x.write);
  for (const { at } of ticks) frame.body.append(svg("line", { class: "grid", x1: at, x2: at, y2: frame.height }));
  bottomAxis(frame, ticks);
  left.texts.forEach((text, i) => {
    const y = Object.values(ROWS)[i] + 4;
    frame.body.append(svg("text", { class: "tick", x: -8, y, "text-anchor": "end" }, text));
  });
  runs.forEach((run, place) => {
    const cy = ROWS.dots + spreadOut(place) * 36;
    const dot = svg("circle", {
      class: "run",
      cx: across.at(run.value),
      cy,
      r: runs.length > 150 ? 2 : 3.5,
      fill: color,
    });
    frame.body.append(mark(dot, run.title, run.choose));
  });
  const box = svg(
    "g",
    {},
    svg("line", {
      class: "box-line",
      x1: across.at(p5),
      x2: across.at(p95),
      y1: ROWS.box,
      y2: ROWS.box,
      stroke: color,
    }),
    svg("rect", {
      class: "box",
      x: across.at(p25),
      y: ROWS.box - 8,
      width: Math.max(1, across.at(p75) - across.at(p25)),
      height: 16,
      fill: color,
    }),
    svg("line", { class: "box-median", x1: across.at(p50), x2: across.at(p50), y1: ROWS.box - 8, y2: ROWS.box + 8 }),
  );
  const tell = (share: string, value: number): string => `${share}: ${x.write(value)}`;
  frame.body.append(
    mark(
      box,
      [
        tell("half of the runs have no more than", p50),
        `half of them lie within ${x.write(p25)} – ${x.write(p75)}`,
        `nine of ten within ${x.write(p5)} – ${x.write(p95)}`,
      ].join("\n"),
    ),
    svg("line", { class: "interval", x1: across.at(mean.low), x2: across.at(mean.high), y1: ROWS.mean, y2: ROWS.mean }),
    mark(shape(0, across.at(mean.value), ROWS.mean, 10, { class: "point", fill: color }), mean.title),
  );
  return frame.element;
}

/** The same in a line of a table: the runs as faint strokes, the interval of the mean over them. */
export function smallDistribution({ runs, mean }: DistributionData, color: string): SVGSVGElement {
  const [width, height] = [150, 20];
  const values = [...runs.map(({ value }) => value), mean.value];
  const across = linear(values, [5, width - 5], { ends: "data" });
  const strokes = runs.map(({ value }) => {
    const x = across.at(value);
    return svg("line", { class: "stroke", x1: x, x2: x, y1: 4, y2: height - 4, stroke: color });
  });
  const y = height / 2;
  return svg(
    "svg",
    { class: "small-chart", viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" },
    ...strokes,
    svg("line", { class: "interval", x1: across.at(mean.low), x2: across.at(mean.high), y1: y, y2: y }),
    svg("circle", { class: "point", cx: across.at(mean.value), cy: y, r: 4, fill: color }),
  );
}
