/** What all charts have in common: a plot with room for its axes, and the axes. */
import type { Scale } from "./scales.ts";
import { brief } from "./scales.ts";
import { svg } from "./svg.ts";

/** Room around the plot, CSS pixels. */
const MARGIN = { top: 12, right: 16, bottom: 30, left: 12 };
const LINE = 15;

export interface Tick {
  /** Pixels. */
  readonly at: number;
  readonly text: string;
}

/** The plot of a chart: where its values go, with axes around it. */
export interface Plot {
  readonly element: SVGSVGElement;
  /** What is drawn goes here, in the plot's own coordinates. */
  readonly body: SVGGElement;
  readonly width: number;
  readonly height: number;
}

export interface PlotOptions {
  readonly width: number;
  readonly height: number;
  /** For those who do not see it. */
  readonly label: string;
  /** What stands at the left of the plot. */
  readonly left: { readonly title: string; readonly texts: readonly string[] };
  /** Lines of text below the plot, the title not counted. */
  readonly lines?: number;
  readonly bottomTitle: string;
}

/** An empty plot with these outer measures, and as much room around it as its axes need. */
export function plot({ width, height, label, left, lines = 1, bottomTitle }: PlotOptions): Plot {
  const beside = MARGIN.left + Math.max(0, ...left.texts.map(textWidth)) + (left.title === "" ? 0 : 22);
  const below = MARGIN.bottom + (lines - 1) * LINE + (bottomTitle === "" ? -6 : 18);
  const inner = { width: width - beside - MARGIN.right, height: height - MARGIN.top - below };
  const body = svg("g", { transform: `translate(${beside} ${MARGIN.top})` });
  const element = svg(
    "svg",
    { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": label },
    body,
  );
  if (left.title !== "") {
    const at = `translate(${-beside + 12} ${inner.height / 2}) rotate(-90)`;
    body.append(svg("text", { class: "axis-title", transform: at, "text-anchor": "middle" }, left.title));
  }
  if (bottomTitle !== "") {
    const y = inner.height + below - MARGIN.top + 4;
    body.append(svg("text", { class: "axis-title", x: inner.width / 2, y, "text-anchor": "middle" }, bottomTitle));
  }
  return { element, body, ...inner };
}

/** Ticks of a scale, written as short as they can be. */
export function ticksOf({ ticks, at }: Scale, write: (value: number) => string): Tick[] {
  return ticks.map((value) => ({ at: at(value), text: brief(write(value)) }));
}

export function bottomAxis({ body, width, height }: Plot, ticks: readonly Tick[]): void {
  body.append(
    svg("line", { class: "axis-line", x2: width, y1: height, y2: height }),
    ...spaced(ticks).map(({ at, text }) =>
      svg("text", { class: "tick", x: at, y: height + 17, "text-anchor": "middle" }, text),
    ),
  );
}

/** Names below columns, in as many lines as `columnLines` says. */
export function columnAxis({ body, width, height }: Plot, columns: readonly Tick[], room: number): void {
  body.append(svg("line", { class: "axis-line", x2: width, y1: height, y2: height }));
  for (const { at, text } of columns) {
    const lines = broken(text, room).map((line, i) => svg("tspan", { x: at, dy: i === 0 ? 0 : LINE }, line));
    body.append(svg("text", { class: "tick", x: at, y: height + 17, "text-anchor": "middle" }, ...lines));
  }
}

/** How many lines the longest of these names takes. */
export function columnLines(names: readonly string[], room: number): number {
  return Math.max(1, ...names.map((name) => broken(name, room).length));
}

export function leftAxis({ body, width }: Plot, ticks: readonly Tick[], { grid = true } = {}): void {
  if (grid) body.append(...ticks.map(({ at }) => svg("line", { class: "grid", x2: width, y1: at, y2: at })));
  body.append(
    ...ticks.map(({ at, text }) => svg("text", { class: "tick", x: -8, y: at + 4, "text-anchor": "end" }, text)),
  );
}

/** As many ticks as fit without touching. */
export function spaced(ticks: readonly Tick[], gap = 12): readonly Tick[] {
  const kept: Tick[] = [];
  let end = -Infinity;
  for (const tick of ticks.toSorted((a, b) => a.at - b.at)) {
    const half = textWidth(tick.text) / 2;
    if (tick.at - half < end) continue;
    kept.push(tick);
    end = tick.at + half + gap;
  }
  return kept;
}

const MOST_LINES = 3;

/** A name in lines that fit; what does not fit in the last is left out. */
function broken(text: string, room: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/(?<=[\s,-])/)) {
    const last = lines.at(-1);
    if (last !== undefined && textWidth((last + word).trimEnd()) <= room) lines[lines.length - 1] = last + word;
    else lines.push(word);
  }
  const shown = lines.slice(0, MOST_LINES).map((line) => shortened(line.trim(), room));
  if (lines.length > MOST_LINES) shown[MOST_LINES - 1] = shortened(`${shown[MOST_LINES - 1]} …`, room);
  return shown;
}

/** A text that is too long, with dots for its end. */
export function shortened(text: string, room: number): string {
  let kept = text;
  while (kept.length > 1 && textWidth(kept) > room) kept = `${kept.replace(/…$/, "").slice(0, -1)}…`;
  return kept;
}

let measure: CanvasRenderingContext2D | undefined;

/** CSS pixels, in the type of the charts. */
export function textWidth(text: string): number {
  if (!measure) {
    measure = document.createElement("canvas").getContext("2d")!;
    measure.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  }
  return measure.measureText(text).width;
}
