import { type Paint, type Palette, quietInk } from "../colors.ts";
import { NOTHING, stretchAt, type Lanes } from "../load/lanes.ts";
import { LanePixels, MOST_BARS, THINNEST_BAR } from "./lane-canvas.ts";
import { coverOf, isHatch, OverlayPens, type LaneOverlay } from "./overlays.ts";
import { fitted, Frame, LABELS, type LegendEntry, type Mark, type Strip, type View } from "./strip.ts";

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
  /** The last one lies uppermost. */
  readonly overlays: readonly LaneOverlay[];
  /** Names that do not fit into their bars stand behind them, where there is room. */
  readonly namesBeside?: boolean;
  /** No more rows than this are wanted in sight at once; absent: all. */
  readonly mostRows?: number;
  mark(row: number, t: number, palette: Palette): Mark | null;
  readout(t: number): string;
  legend(palette: Palette): readonly LegendEntry[];
  describe(from: number, to: number): string;
}

/** Heights in CSS pixels. */
const BAR = 16;
/** Between two rows. */
const gapOf = (high: number) => (high >= 8 ? 2 : high >= 5 ? 1 : 0);
/** Rows with labels. */
const LABELLED = 10;
/** So much of a hatch is to be seen beside a name. */
const BESIDE = 24;

/** What is written into a bar or behind it, and where it begins. */
interface Name {
  readonly text: string;
  readonly start: number;
  /** The bar's; absent: it stands behind its bar. */
  readonly paint?: Paint;
}

/** A stretch of a row that is hatched, CSS pixels. */
interface Hatch {
  readonly from: number;
  readonly to: number;
}

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
  const wanted = Math.min(lanes.rows, spec.mostRows ?? Infinity) * BAR;
  let tallest = 200;
  let opened = false;
  let drawn = 0;
  let focused = -1;
  let last: View | undefined;
  let pens: OverlayPens | undefined;

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
    for (const { lanes: over, value, how } of spec.overlays)
      pixels.cover(over, axis, spec.end, value, coverOf(how, palette));
    const high = rowHeight();
    if (high >= THINNEST_BAR) pixels.gaps(lanes.rows, Math.round(gapOf(high) * frame.ratio), palette.ground.pixel);
    pixels.end(context);
    drawn = pixels.looked;
  };

  /** Inside a hatch a name gets a place of its own; over the edge of one it would hide where that begins, and is left out. */
  const write = (
    { text, start, paint }: Name,
    hatches: readonly Hatch[],
    { palette }: View,
    top: number,
    tall: number,
  ) => {
    const { context } = frame;
    const end = start + context.measureText(text).width;
    const under = hatches.filter(({ from, to }) => from < end + 3 && to > start - 3);
    if (under.some(({ from, to }) => from > start - 3 || to < end + BESIDE)) return;
    if (under.length > 0) {
      context.fillStyle = (paint ?? palette.ground).css;
      context.fillRect(start - 3, top, end - start + 6, tall);
    }
    context.fillStyle = quietInk(paint ?? palette.ground);
    context.fillText(text, start, top + tall / 2 + 0.5);
  };

  const drawBars = (view: View) => {
    const { axis, palette } = view;
    const { context, ratio } = frame;
    const high = rowHeight();
    const gap = gapOf(high);
    if (pens?.palette !== palette || pens.ratio !== ratio) pens = new OverlayPens(context, palette, ratio);
    const { warning } = pens;
    const first = Math.max(0, rowAt(0));
    const final = Math.min(lanes.rows - 1, rowAt(height() - 0.001));
    drawn = 0;
    const names: Name[] = [];

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
        const before = names.at(-1);
        if (before && !before.paint && before.start + context.measureText(before.text).width > left - 6) names.pop();
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
        const start = Math.max(0, left) + 6;
        if (fitted(context, look.text, left + wide - start - 6) === look.text)
          names.push({ text: look.text, start, paint: look.paint });
        else if (spec.namesBeside) {
          const behind = left + wide + 6;
          names.push({ text: fitted(context, look.text, axis.width - behind - 4), start: behind });
        }
      });
      const hatches: Hatch[] = [];
      const lay = (under: boolean) => {
        for (const { lanes: over, value: wanted, how, text } of spec.overlays) {
          if (isHatch(how) !== under) continue;
          each(over, row, (left, wide, value) => {
            if (!wanted(value) || !pens!.draw(how, { left, top, wide, tall }, text)) return;
            if (under) hatches.push({ from: left, to: left + wide });
            drawn++;
          });
        }
      };
      lay(true);
      for (const name of names.splice(0)) write(name, hatches, view, top, tall);
      lay(false);
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
      wanted,
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
