import type { Palette } from "../colors.ts";
import type { TimeAxis } from "../time-axis.ts";

/** What is shown, and how. */
export interface View {
  readonly axis: TimeAxis;
  readonly palette: Palette;
}

/** What the reader has picked out. */
export type Selection =
  | { readonly kind: "rebalance"; readonly index: number }
  | { readonly kind: "member"; readonly client: number; readonly t: number }
  | { readonly kind: "partition"; readonly row: number; readonly t: number }
  /** `row`: in the cluster's rows of brokers, or of the network. */
  | { readonly kind: "broker" | "network"; readonly row: number; readonly t: number }
  | { readonly kind: "deed"; readonly index: number };

/** What lies under the pointer: the text of a tooltip, and what a click picks out. */
export interface Mark {
  readonly title: string;
  readonly swatch?: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly select?: Selection;
}

/** A colour and its meaning. */
export interface LegendEntry {
  readonly label: string;
  readonly color: string;
  /** How the colour is laid on; absent: evenly. */
  readonly how?: "hatched" | "crossed" | "dashed" | "dotted" | "hollow";
}

/** One kind of marks over time: readings in, marks out. A strip decides nothing. */
export interface Strip {
  readonly name: string;
  readonly element: HTMLElement;
  /** How many marks the last drawing made. */
  readonly drawn: number;
  resize(width: number): void;
  draw(view: View): void;
  /** `x` and `y` from the left upper corner of the plot. */
  markAt(x: number, y: number, view: View): Mark | null;
  /** Says in one line what is at this instant; nothing without one. */
  readout(t: number | null): void;
  /** What the strip shows between two instants, for those who do not see it. */
  describe(from: number, to: number): string;
  /** A strip that can be squeezed: the height it would like, and the height it gets. CSS pixels; resize it afterwards. */
  readonly room?: { readonly wanted: number; give(height: number): void };
  /** A strip that can use more height than it needs; CSS pixels; resize it afterwards. */
  stretch?(by: number): void;
  /** Moves the row that keys act on, if the strip has rows, and returns what lies there at `t`. */
  moveRow?(by: number, t: number): Mark | null;
}

/** The frame around every strip: a line with its name, a readout and a legend; labels at the left, the plot beside. */
export class Frame {
  readonly element = document.createElement("section");
  readonly canvas = document.createElement("canvas");
  readonly context: CanvasRenderingContext2D;
  /** Labels, drawn; what they say is in the description and the tooltips too. */
  readonly labels = document.createElement("canvas");
  readonly labelContext: CanvasRenderingContext2D;
  readonly plot = document.createElement("div");
  readonly tools = document.createElement("div");
  readonly #readout = document.createElement("p");
  readonly #legend = document.createElement("ul");
  #legendText = "";
  width = 0;
  height = 0;
  ratio = 1;

  constructor(name: string, title: string) {
    this.element.className = `strip ${name}`;
    this.element.tabIndex = 0;
    this.element.dataset.strip = name;
    const head = document.createElement("header");
    const heading = document.createElement("h3");
    heading.textContent = title;
    this.#readout.className = "readout";
    this.#legend.className = "legend";
    this.tools.className = "tools";
    head.append(heading, this.#readout, this.#legend, this.tools);
    this.labels.className = "labels";
    this.labels.setAttribute("aria-hidden", "true");
    this.plot.className = "plot";
    this.canvas.setAttribute("role", "img");
    this.plot.append(this.canvas);
    this.element.append(head, this.labels, this.plot);
    this.element.setAttribute("aria-label", title);
    // Pixels are made by the processor, row by row: kept where it can reach them.
    this.context = this.canvas.getContext("2d", { alpha: false, willReadFrequently: true })!;
    this.labelContext = this.labels.getContext("2d")!;
  }

  resize(width: number, height: number, labelWidth: number): void {
    const ratio = devicePixelRatio || 1;
    if (width === this.width && height === this.height && ratio === this.ratio) return;
    [this.width, this.height, this.ratio] = [width, height, ratio];
    for (const [canvas, wide] of [
      [this.canvas, width],
      [this.labels, labelWidth],
    ] as const) {
      canvas.width = Math.round(wide * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${wide}px`;
      canvas.style.height = `${height}px`;
    }
  }

  /** Empties both canvases and lets everything be said in CSS pixels. */
  clear({ axis, palette }: View): void {
    const { context, labelContext, ratio, width, height } = this;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = palette.ground.css;
    context.fillRect(0, 0, width, height);
    context.fillStyle = palette.line;
    for (const t of axis.ticks().at) context.fillRect(Math.round(axis.x(t)), 0, 1 / ratio, height);
    labelContext.setTransform(ratio, 0, 0, ratio, 0, 0);
    labelContext.clearRect(0, 0, LABELS, height);
    labelContext.font = context.font = LABEL_FONT;
    labelContext.textBaseline = context.textBaseline = "middle";
  }

  setReadout(text: string): void {
    if (this.#readout.textContent !== text) this.#readout.textContent = text;
  }

  setLegend(entries: readonly LegendEntry[]): void {
    const text = JSON.stringify(entries);
    if (text === this.#legendText) return;
    this.#legendText = text;
    this.#legend.replaceChildren(
      ...entries.map(({ label, color, how }) => {
        const item = document.createElement("li");
        const swatch = document.createElement("i");
        swatch.style.setProperty("--swatch", color);
        if (how) swatch.className = how;
        item.append(swatch, label);
        return item;
      }),
    );
  }
}

/** Width of the labels at the left, CSS pixels. */
export const LABELS = 132;
export const LABEL_FONT = '11px ui-sans-serif, system-ui, "Segoe UI", Roboto, "Open Sans", sans-serif';

/** Diagonal lines that say "wrong" without a colour; `back`: they lean the other way. */
export function hatch(
  context: CanvasRenderingContext2D,
  ground: string,
  lines: string,
  ratio: number,
  { back = false, thick = 1 / 3.4 } = {},
): CanvasPattern {
  const tile = document.createElement("canvas");
  const size = (tile.width = tile.height = Math.round(6 * ratio));
  const pen = tile.getContext("2d")!;
  if (ground !== "") {
    pen.fillStyle = ground;
    pen.fillRect(0, 0, size, size);
  }
  pen.strokeStyle = lines;
  pen.lineWidth = size * thick;
  if (back) pen.setTransform(-1, 0, 0, 1, size, 0);
  pen.beginPath();
  for (const shift of [-size, 0, size]) {
    pen.moveTo(shift - 1, size + 1);
    pen.lineTo(shift + size + 1, -1);
  }
  pen.stroke();
  const pattern = context.createPattern(tile, "repeat")!;
  pattern.setTransform(new DOMMatrix().scale(1 / ratio));
  return pattern;
}

/** Upright lines with gaps between, to be filled into a thin bar. */
export function dashes(context: CanvasRenderingContext2D, lines: string, on: number, off: number): CanvasPattern {
  const tile = document.createElement("canvas");
  tile.width = (on + off) * 4; // finer than any screen, so that edges are sharp
  tile.height = 1;
  const pen = tile.getContext("2d")!;
  pen.fillStyle = lines;
  pen.fillRect(0, 0, on * 4, 1);
  const pattern = context.createPattern(tile, "repeat")!;
  pattern.setTransform(new DOMMatrix().scale(1 / 4));
  return pattern;
}

/** The text, or as much of its beginning as there is room for, or nothing. */
export function fitted(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (room < 14) return "";
  const per = 6.2; // a generous guess saves measuring what fits anyway
  if (text.length * per <= room || context.measureText(text).width <= room) return text;
  let letters = Math.floor((room / context.measureText(text).width) * text.length) - 1;
  while (letters >= 3 && context.measureText(`${text.slice(0, letters)}…`).width > room) letters--;
  return letters >= 3 ? `${text.slice(0, letters)}…` : "";
}
