import { area, line } from "d3";
import { bottomAxis, leftAxis, numbers, plot, ticksOf } from "./frame.ts";
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
  y: { readonly title: string; readonly write: (value: number) => string },
  width = 760,
  height = 260,
): SVGSVGElement {
  const frame = plot(width, height, `${y.title} over time`);
  const count = fan.p50.length;
  const at = (i: number): number => time.from + ((i + 0.5) / count) * (time.to - time.from);
  const across = numbers([time.from, time.to], [0, frame.width], "linear").domain([time.from, time.to]);
  const up = numbers([0, ...fan.p95], [frame.height, 0], "linear");
  leftAxis(frame, ticksOf(up, 4, y.write), y.title);
  bottomAxis(frame, ticksOf(across, 7, time.write), "time");
  const between = (low: readonly number[], high: readonly number[]): string =>
    area<number>(
      (i) => across(at(i)),
      (i) => up(low[i]),
      (i) => up(high[i]),
    )(Array.from(low, (_, i) => i)) ?? "";
  const median = line<number>(
    (i) => across(at(i)),
    (i) => up(fan.p50[i]),
  )(Array.from(fan.p50, (_, i) => i));
  frame.body.append(
    svg("path", { class: "fan-outer", d: between(fan.p5, fan.p95) }),
    svg("path", { class: "fan-inner", d: between(fan.p25, fan.p75) }),
    svg("path", { class: "fan-median", d: median ?? "" }),
  );
  return frame.element;
}
