import type { Paint, Palette } from "../colors.ts";
import { NOTHING, stretchAt, type Lanes } from "../load/lanes.ts";
import { LanePixels, MOST_BARS, strength, THINNEST_BAR } from "./lane-canvas.ts";
import { fitted, Frame, hatch, LABELS, type LegendEntry, type Mark, type Strip, type View } from "./strip.ts";

/** How one stretch of a lane looks. */
export interface Look {
  readonly paint: Paint;
  /** Written into a bar that has room for it. */
  readonly text?: string;
  readonly hatched?: boolean;
  /** A bar of an outline only. */
  readonly hollow?: boolean;
}

/** A lane strip, told apart from its fellows by what its rows are. */
export interface LaneSpec {
  readonly name: string;
  readonly title: string;
  readonly lanes: Lanes;
  /** Until when its rows last. */
  readonly end: number;
  /** How this value looks in this row; `null`: not at all. Same answer, same object. */
  look(row: number, value: number, palette: Palette): Look | null;
  label(row: number): string;
  /** A colour beside the label. */
  labelSwatch?(row: number, palette: Palette): string;
  /** A heading where rows are too thin for labels of their own; rows of one section follow each other. */
  section?(row: number): string;
  /** Laid over the lanes where it has this value: a veil, a line at the foot of the bar, or a warning. */
  readonly overlays: readonly {
    readonly lanes: Lanes;
    value(value: number): boolean;
    readonly how: "veil" | "foot" | "warning";
  }[];
  mark(row: number, t: number, palette: Palette): Mark | null;
  readout(t: number): string;
  legend(palette: Palette): readonly LegendEntry[];
  describe(from: number, to: number): string;
}

/** Heights in CSS pixels. */
const BAR = 16;
/** Between two rows. */
const gapOf = (high: number) => (high >= 8 ? 2 : high >= 5 ? 1 : 0);
/** A veil is as thick as what it covers. */
const inProportion = (share: number) => share * 0.8;
/** Rows with labels. */
const LABELLED = 10;

/**
 * Rows over time. As bars with labels while there is room for them, as pixels in the height of the strip otherwise;
 * a button then opens the rows to their full height, to scroll through.
 */
export function laneStrip(spec: LaneSpec): Strip {
  const { lanes } = spec;
  const frame = new Frame(spec.name, spec.title);
  const pixels = new LanePixels();
  const scroller = document.createElement("div");
  const tall = document.createElement("div");
  scroller.className = "scroller";
  scroller.append(tall);
  const natural = lanes.rows * BAR;
  let tallest = 200;
  let opened = false;
  let drawn = 0;
  let focused = -1;
  let last: View | undefined;
  let patterns:
    | {
        readonly palette: Palette;
        readonly ratio: number;
        readonly warning: CanvasPattern;
        readonly veil: CanvasPattern;
      }
    | undefined;

  const button = openRows();
  function openRows(): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    const say = () => {
      button.textContent = opened ? "Fit rows" : "Open rows";
      button.title = opened ? "Show all rows at once" : "Show every row at its full height; scroll beside the plot";
      button.setAttribute("aria-pressed", String(opened));
      frame.element.classList.toggle("opened", opened);
    };
    button.addEventListener("click", () => {
      opened = !opened;
      say();
      if (last) strip.draw(last);
    });
    say();
    frame.tools.append(button);
    frame.element.append(scroller);
    scroller.addEventListener("scroll", () => last && strip.draw(last));
    frame.labels.addEventListener("wheel", (event) => {
      if (!opened || natural <= tallest) return;
      scroller.scrollTop += event.deltaY;
      event.preventDefault();
    });
    return button;
  }

  const height = () => Math.max(BAR, Math.min(tallest, natural));
  const rowHeight = () => (opened ? BAR : height() / Math.max(1, lanes.rows));
  const scrolled = () => (opened && natural > tallest ? scroller.scrollTop : 0);
  const rowAt = (y: number) => Math.floor((y + scrolled()) / rowHeight());

  const drawPixels = ({ axis, palette }: View) => {
    const { canvas, context } = frame;
    pixels.begin(canvas.width, canvas.height, palette.ground.pixel);
    pixels.rows(lanes, axis, spec.end, (row, value) => spec.look(row, value, palette)?.paint.pixel);
    for (const { lanes: over, value, how } of spec.overlays) {
      if (how === "warning")
        pixels.cover(over, axis, spec.end, value, palette.warning.pixel, palette.warningDeep.pixel);
      else if (how === "veil")
        pixels.cover(over, axis, spec.end, value, palette.ground.pixel, palette.ground.pixel, inProportion);
      else pixels.cover(over, axis, spec.end, value, palette.accent.pixel, palette.accent.pixel);
    }
    const high = rowHeight();
    if (high >= THINNEST_BAR) pixels.gaps(lanes.rows, Math.round(gapOf(high) * frame.ratio), palette.ground.pixel);
    pixels.end(context);
    drawn = pixels.looked;
  };

  const drawBars = (view: View) => {
    const { axis, palette } = view;
    const { context, ratio } = frame;
    const high = rowHeight();
    const gap = gapOf(high);
    if (patterns?.palette !== palette || patterns.ratio !== ratio)
      patterns = {
        palette,
        ratio,
        warning: hatch(context, palette.warning.css, palette.warningDeep.css, ratio),
        veil: hatch(context, "", palette.ground.css, ratio),
      };
    const { warning, veil } = patterns;
    const first = Math.max(0, rowAt(0));
    const final = Math.min(lanes.rows - 1, rowAt(height() - 0.001));
    drawn = 0;

    const each = (of: Lanes, row: number, then: (left: number, wide: number, value: number) => void) => {
      const end = of.offsets[row + 1];
      for (let i = Math.max(stretchAt(of, row, axis.from), of.offsets[row]); i < end; i++) {
        if (of.starts[i] >= axis.to) break;
        if (of.values[i] === NOTHING) continue;
        const left = Math.max(-1, axis.x(of.starts[i]));
        const right = Math.min(axis.width + 1, axis.x(i + 1 < end ? of.starts[i + 1] : spec.end));
        then(left, right - left, of.values[i]);
      }
    };

    for (let row = first; row <= final; row++) {
      const top = row * high - scrolled() + gap / 2;
      const tall = high - gap;
      let until = -2;
      each(lanes, row, (left, wide, value) => {
        const look = spec.look(row, value, palette);
        if (!look || left + wide <= until + 0.35) return;
        until = left + wide;
        drawn++;
        if (look.hollow) {
          context.fillStyle = look.paint.css;
          context.fillRect(left, top + tall / 2 - 1, wide, 2);
          return;
        }
        context.fillStyle = look.hatched ? warning : look.paint.css;
        context.fillRect(left, top, wide, tall);
        if (look.text === undefined || high < 13) return;
        // A name that is cut short could be another's: all of it or nothing.
        const start = Math.max(0, left);
        if (fitted(context, look.text, left + wide - start - 12) !== look.text) return;
        context.fillStyle = look.paint.text;
        context.globalAlpha = 0.72;
        context.fillText(look.text, start + 6, top + tall / 2 + 0.5);
        context.globalAlpha = 1;
      });
      for (const { lanes: over, value: wanted, how } of spec.overlays)
        each(over, row, (left, wide, value) => {
          if (!wanted(value) || (how !== "warning" && wide < 0.5)) return;
          drawn++;
          if (how === "foot") {
            context.fillStyle = palette.accent.css;
            context.fillRect(left, top + tall - Math.max(2, tall * 0.22), wide, Math.max(2, tall * 0.22));
          } else {
            context.fillStyle = how === "veil" ? veil : wide < 3 ? palette.warning.css : warning;
            context.globalAlpha = strength(Math.min(1, wide));
            context.fillRect(left, top, Math.max(1, wide), tall);
            context.globalAlpha = 1;
          }
        });
    }
  };

  const drawLabels = ({ palette }: View) => {
    const pen = frame.labelContext;
    const high = rowHeight();
    if (high >= LABELLED) {
      const final = Math.min(lanes.rows - 1, rowAt(height() - 0.001));
      for (let row = Math.max(0, rowAt(0)); row <= final; row++) {
        const middle = (row + 0.5) * high - scrolled() + 0.5;
        const swatch = spec.labelSwatch?.(row, palette);
        if (swatch) {
          pen.fillStyle = swatch;
          pen.fillRect(0, middle - 4.5, 8, 8);
        }
        pen.fillStyle = row === focused ? palette.ink : palette.faint;
        pen.fillText(fitted(pen, spec.label(row), LABELS - 26), swatch ? 14 : 0, middle);
      }
      return;
    }
    pen.fillStyle = palette.faint;
    let lowest = -20;
    for (let row = 0, before = ""; row < lanes.rows; row++) {
      const section = spec.section?.(row) ?? "";
      if (section === before) continue;
      before = section;
      const top = row * high;
      if (top - lowest < 14) continue;
      lowest = top;
      pen.fillRect(0, Math.round(top), LABELS - 12, 1 / frame.ratio);
      pen.fillText(fitted(pen, section, LABELS - 14), 0, top + 8);
    }
  };

  const strip: Strip = {
    name: spec.name,
    element: frame.element,
    get drawn() {
      return drawn;
    },
    room: {
      wanted: natural,
      give: (height) => (tallest = height),
    },
    resize: (width) => {
      frame.resize(width, height(), LABELS);
      button.hidden = natural <= tallest;
      scroller.style.height = `${height()}px`;
      tall.style.height = `${natural}px`;
    },
    draw(view) {
      last = view;
      frame.clear(view);
      if (lanes.rows > 0) {
        const crowded = lanes.starts.length / view.axis.zoom > MOST_BARS && (!opened || natural <= tallest);
        if (crowded || rowHeight() < THINNEST_BAR) drawPixels(view);
        else drawBars(view);
        drawLabels(view);
      }
      if (focused >= 0 && frame.element.contains(document.activeElement)) {
        const high = Math.max(3, rowHeight());
        frame.context.strokeStyle = view.palette.ink;
        frame.context.lineWidth = 1.5;
        frame.context.strokeRect(0.75, focused * rowHeight() - scrolled() + 0.75, frame.width - 1.5, high - 1.5);
      }
      frame.setLegend(spec.legend(view.palette));
    },
    markAt(x, y, { axis, palette }) {
      const row = rowAt(y);
      return row >= 0 && row < lanes.rows ? spec.mark(row, axis.t(x), palette) : null;
    },
    readout: (t) => frame.setReadout(t === null ? "" : spec.readout(t)),
    describe: (from, to) => spec.describe(from, to),
    moveRow(by, t) {
      focused = Math.min(lanes.rows - 1, Math.max(0, focused + by));
      if (opened) {
        const top = focused * BAR;
        if (top < scroller.scrollTop) scroller.scrollTop = top;
        else if (top + BAR > scroller.scrollTop + height()) scroller.scrollTop = top + BAR - height();
      }
      return last && lanes.rows > 0 ? spec.mark(focused, t, last.palette) : null;
    },
  };
  return strip;
}
