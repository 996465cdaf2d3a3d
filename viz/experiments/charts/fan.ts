import { area, line } from "d3";
import type { ValueAxis } from "./curves.ts";
import { bottomAxis, leftAxis, plot, ticksOf } from "./frame.ts";
import { linear } from "./scales.ts";
import { svg } from "./svg.ts";

/** Percentiles of many runs at equal stretches of time. */
export interface FanData {
  readonly p5: readonly number[];
  readonly p25: readonly number[];
  readonly p50: readonly number[];
  readonly p75: readonly number[];
  readonly p95: readonly number[];
}

/** How a quantity goes over time in many runs: the median, and where half and nine tenths of the runs are. */
export function fanChart(
  fan: FanData,
  time: { readonly from: number; readonly to: number; readonly write: (t: number) => string },
  y: ValueAxis,
  width: number,
  height = 260,
): SVGSVGElement {
  const values = [0, ...fan.p95];
  const texts = ticksOf(linear(values, [0, 1], { ...y, count: 4 }), y.write).map(({ text }) => text);
  const label = `${y.title} over time`;
  const frame = plot({ width, height, label, left: { title: y.title, texts }, bottomTitle: "simulated time" });
  const count = fan.p50.length;
  const at = (i: number): number => time.from + ((i + 0.5) / count) * (time.to - time.from);
  const across = linear([time.from, time.to], [0, frame.width], { kind: "duration", count: 8, ends: "data" });
  const up = linear(values, [frame.height, 0], { ...y, count: 4 });
  leftAxis(frame, ticksOf(up, y.write));
  bottomAxis(frame, ticksOf(across, time.write));
  const places = Array.from({ length: count }, (_, i) => i);
  const between = (low: readonly number[], high: readonly number[]): string =>
    area<number>(
      (i) => across.at(at(i)),
      (i) => up.at(low[i]),
      (i) => up.at(high[i]),
    )(places) ?? "";
  const median = line<number>(
    (i) => across.at(at(i)),
    (i) => up.at(fan.p50[i]),
  )(places);
  frame.body.append(
    svg("path", { class: "fan-outer", d: between(fan.p5, fan.p95) }),
    svg("path", { class: "fan-inner", d: between(fan.p25, fan.p75) }),
    svg("path", { class: "fan-median", d: median ?? "" }),
  );
  return frame.element;
}
