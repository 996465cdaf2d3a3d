import { ticks as roundNumbers } from "d3";
import { lineAt, pointAt } from "../load/lanes.ts";
import type { Curves, GroupPicture, LagCurves } from "../load/picture.ts";
import { clock, count, span } from "../time-axis.ts";
import { Frame, LABELS, type Mark, type Strip, type View } from "./strip.ts";

const LEAST_HEIGHT = 78;
const MOST_HEIGHT = 190;
/** Room above the highest value and below the lowest. */
const PAD = { top: 8, bottom: 4 };

/** A chart whose lag is shown from nearer when that is known. */
export interface PartitionLagChart extends Strip {
  setDetail(curves: LagCurves): void;
}

/** A vertical axis: linear from 0, or logarithmic from the least that matters. */
class Scale {
  log = false;
  height = LEAST_HEIGHT;
  #max = 1;
  #least: number;

  constructor(least: number) {
    this.#least = least;
  }

  set(max: number, least: number): void {
    this.#least = least;
    this.#max = Math.max(max, this.log ? least * 10 : least);
  }

  y(value: number): number {
    return this.height - PAD.bottom - this.#share(value) * (this.height - PAD.top - PAD.bottom);
  }

  #share(value: number): number {
    if (!this.log) return value / this.#max;
    return value <= this.#least ? 0 : Math.log(value / this.#least) / Math.log(this.#max / this.#least);
  }

  ticks(unit: number): number[] {
    if (!this.log) return roundNumbers(0, this.#max / unit, 3).map((tick) => tick * unit);
    const all: number[] = [];
    for (let tick = this.#least; tick <= this.#max * 1.0001; tick *= 10) all.push(tick);
    const stride = Math.ceil(all.length / 4);
    return all.filter((_, i) => i % stride === 0);
  }

  draw({ axis, palette }: View, frame: Frame, unit: number, say: (value: number) => string): void {
    const { context, labelContext: pen } = frame;
    pen.fillStyle = palette.faint;
    pen.textAlign = "right";
    for (const tick of this.ticks(unit)) {
      const y = Math.round(this.y(tick));
      context.fillStyle = palette.line;
      context.fillRect(0, y, axis.width, 1 / frame.ratio);
      pen.fillText(say(tick), LABELS - 10, Math.min(this.height - 6, Math.max(7, y)));
    }
    pen.textAlign = "left";
  }
}

/** The records that a whole group has not read yet. */
export function totalLagChart({ total }: GroupPicture): Strip {
  const frame = new Frame("total-lag", "Lag of the group");
  const scale = new Scale(1);
  let drawn = 0;
  let last: View | undefined;
  const strip: Strip = {
    name: "total-lag",
    element: frame.element,
    get drawn() {
      return drawn;
    },
    stretch: (by) => (scale.height = Math.min(MOST_HEIGHT, LEAST_HEIGHT + by)),
    resize: (width) => frame.resize(width, scale.height, LABELS),
    draw(view) {
      last = view;
      frame.clear(view);
      const { axis, palette } = view;
      const { context } = frame;
      scale.set(highest(total, axis.from, axis.to) * 1.04, 1);
      scale.draw(view, frame, 1, shortly);
      context.beginPath();
      drawn = trace(context, total, view, scale);
      context.lineWidth = 1.6;
      context.lineJoin = "round";
      context.strokeStyle = palette.lag.total;
      context.stroke();
      context.lineTo(axis.width + 2, scale.y(0) + PAD.bottom);
      context.lineTo(-2, scale.y(0) + PAD.bottom);
      context.globalAlpha = 0.14;
      context.fillStyle = palette.lag.total;
      context.fill();
      context.globalAlpha = 1;
      frame.setLegend([{ label: "records not yet read", color: palette.lag.total }]);
    },
    markAt(x, _y, { axis, palette }): Mark {
      const t = axis.t(x);
      return {
        title: `${count(lineAt(total, t))} records`,
        swatch: palette.lag.total,
        facts: [
          ["not yet read at", clock(t)],
          ["highest here", count(highest(total, axis.from, axis.to))],
        ],
      };
    },
    readout: (t) => frame.setReadout(t === null ? "" : `${count(lineAt(total, t))} records`),
    describe: (from, to) =>
      `Lag of the group: from ${count(lineAt(total, from))} to ${count(lineAt(total, to))} records, at most ${count(highest(total, from, to))}.`,
  };
  frame.tools.append(
    choice("Scale", ["linear", "log"], (picked) => {
      scale.log = picked === "log";
      if (last) strip.draw(last);
    }),
  );
  return strip;
}

/** What lag the partitions have, from the median to the worst, in records or in the age of the next one to be read. */
export function partitionLagChart({ lag: overview }: GroupPicture): PartitionLagChart {
  const frame = new Frame("partition-lag", "Lag by partition");
  const scale = new Scale(1);
  let unit: "seconds" | "records" = "seconds";
  let detail: LagCurves | undefined;
  let drawn = 0;
  let last: View | undefined;

  /** The finest curves that cover what is shown. */
  const curvesFor = (from: number, to: number): LagCurves => {
    const covers = detail && detail.from <= from && detail.from + detail.step * (detail.count + 1) >= to;
    return covers && detail!.step < overview.step ? detail! : overview;
  };
  const shown = (curves: LagCurves): Curves => (unit === "seconds" ? curves.time : curves.records);
  const say = (value: number) => (unit === "seconds" ? span(value) : count(value));
  const places = (curves: LagCurves, from: number, to: number): readonly [number, number] => [
    Math.max(0, Math.floor((from - curves.from) / curves.step)),
    Math.min(curves.count - 1, Math.ceil((to - curves.from) / curves.step)),
  ];
  const peak = (from: number, to: number): number => {
    const curves = curvesFor(from, to);
    const [first, final] = places(curves, from, to);
    let most = 0;
    for (let i = first; i <= final; i++) most = Math.max(most, shown(curves).peak[i]);
    return most;
  };

  const strip: PartitionLagChart = {
    name: "partition-lag",
    element: frame.element,
    get drawn() {
      return drawn;
    },
    setDetail(curves) {
      detail = curves;
      if (last) strip.draw(last);
    },
    stretch: (by) => (scale.height = Math.min(MOST_HEIGHT, LEAST_HEIGHT + by)),
    resize: (width) => frame.resize(width, scale.height, LABELS),
    draw(view) {
      last = view;
      frame.clear(view);
      const { axis, palette } = view;
      const { context } = frame;
      const curves = curvesFor(axis.from, axis.to);
      const { p50, p90, p99, peak: worst } = shown(curves);
      const [first, final] = places(curves, axis.from, axis.to);
      let most = 0;
      for (let i = first; i <= final; i++) most = Math.max(most, worst[i]);
      scale.set(most * 1.04, unit === "seconds" ? 1e3 : 1);
      scale.draw(view, frame, unit === "seconds" ? timeUnit(most) : 1, (value) =>
        unit === "seconds" ? shortly(value, span) : shortly(value),
      );

      const x = (i: number) => axis.x(curves.from + i * curves.step);
      const band = (low: Float64Array | null, high: Float64Array, alpha: number) => {
        context.beginPath();
        for (let i = first; i <= final; i++) context.lineTo(x(i), scale.y(high[i]));
        for (let i = final; i >= first; i--) context.lineTo(x(i), low ? scale.y(low[i]) : scale.height);
        context.globalAlpha = alpha;
        context.fillStyle = palette.lag.band;
        context.fill();
        context.globalAlpha = 1;
      };
      const line = (values: Float64Array, color: string, wide: number) => {
        context.beginPath();
        for (let i = first; i <= final; i++) context.lineTo(x(i), scale.y(values[i]));
        context.strokeStyle = color;
        context.lineWidth = wide;
        context.lineJoin = "round";
        context.stroke();
      };
      band(p90, p99, 0.25);
      band(p50, p90, 0.5);
      line(p50, palette.lag.total, 1.4);
      line(worst, palette.lag.worst, 1.4);
      drawn = final - first + 1;
      frame.setLegend([
        { label: "worst", color: palette.lag.worst },
        { label: "p90 to p99", color: `color-mix(in srgb, ${palette.lag.band} 30%, ${palette.ground.css})` },
        { label: "median to p90", color: `color-mix(in srgb, ${palette.lag.band} 65%, ${palette.ground.css})` },
        { label: "median", color: palette.lag.total },
      ]);
    },
    markAt(px, _y, { axis, palette }): Mark | null {
      const t = axis.t(px);
      const curves = curvesFor(axis.from, axis.to);
      const i = Math.round((t - curves.from) / curves.step);
      if (i < 0 || i >= curves.count) return null;
      const { p50, p90, p99, peak: worst } = shown(curves);
      return {
        title: unit === "seconds" ? "Age of the next record" : "Records not yet read",
        swatch: palette.lag.worst,
        facts: [
          ["worst", say(worst[i])],
          ["p99", say(p99[i])],
          ["p90", say(p90[i])],
          ["median", say(p50[i])],
          ["at", clock(curves.from + i * curves.step)],
        ],
      };
    },
    readout(t) {
      if (t === null) return frame.setReadout("");
      const curves = last ? curvesFor(last.axis.from, last.axis.to) : overview;
      const i = Math.min(curves.count - 1, Math.max(0, Math.round((t - curves.from) / curves.step)));
      frame.setReadout(`worst ${say(shown(curves).peak[i] ?? 0)}, median ${say(shown(curves).p50[i] ?? 0)}`);
    },
    describe: (from, to) =>
      `Lag by partition, in ${unit}: the worst partition reaches ${say(peak(from, to))} in this stretch.`,
  };
  frame.tools.append(
    choice("Unit", ["seconds", "records"], (picked) => {
      unit = picked;
      if (last) strip.draw(last);
    }),
    choice("Scale", ["linear", "log"], (picked) => {
      scale.log = picked === "log";
      if (last) strip.draw(last);
    }),
  );
  return strip;
}

/** A round number needs no trailing zeros: `10 k`, `2 s`. */
function shortly(value: number, say = count): string {
  return say(value)
    .replace(/(\.\d*?)0+(?=\D|$)/, "$1")
    .replace(/\.(?=\D|$)/, "");
}

/** The unit in which a length of time has few digits. */
function timeUnit(most: number): number {
  if (most < 1e6) return 1e3;
  if (most < 180e6) return 1e6;
  return most < 3 * 3600e6 ? 60e6 : 3600e6;
}

function highest(line: GroupPicture["total"], from: number, to: number): number {
  let most = Math.max(lineAt(line, from), lineAt(line, to));
  for (let i = pointAt(line.at, from) + 1; i < line.at.length && line.at[i] <= to; i++)
    if (line.values[i] > most) most = line.values[i];
  return most;
}

/** Traces the line into the path; where many points share a pixel, its highest, lowest and last stand for all. */
function trace(context: CanvasRenderingContext2D, line: GroupPicture["total"], { axis }: View, scale: Scale): number {
  const first = Math.max(0, pointAt(line.at, axis.from));
  let points = 0;
  let pixel = -Infinity;
  let low = 0;
  let high = 0;
  let end = 0;
  const flush = () => {
    if (high === low) return;
    // It goes on from the last, which after a jump is not where it came from.
    for (const value of [high, low, end]) context.lineTo(pixel, scale.y(value));
    points += 3;
  };
  for (let i = first; i < line.at.length; i++) {
    const x = axis.x(line.at[i]);
    const value = line.values[i];
    if (x - pixel < 0.5) {
      end = value;
      if (value < low) low = value;
      if (value > high) high = value;
      continue;
    }
    flush();
    context.lineTo(x, scale.y(value));
    points++;
    pixel = x;
    low = high = end = value;
    if (line.at[i] > axis.to) break;
  }
  flush();
  return points;
}

/** A few buttons of which one is pressed. */
function choice<T extends string>(label: string, options: readonly T[], then: (picked: T) => void): HTMLElement {
  const group = document.createElement("div");
  group.className = "choice";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", label);
  const buttons = options.map((option, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = option;
    button.setAttribute("aria-pressed", String(i === 0));
    button.addEventListener("click", () => {
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      then(option);
    });
    return button;
  });
  group.append(...buttons);
  return group;
}
