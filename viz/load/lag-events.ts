import type { TraceEvent, TraceHeader } from "../../sim/trace/event.ts";
import { lagPieces, type LagPiece } from "../../sim/trace/readings/lag.ts";
import { sampledLag } from "../../sim/trace/readings/sampled-lag.ts";
import type { Curves, LagCurves } from "./picture.ts";

/**
 * The lag of one group, kept as the trace has it, to be looked at again from nearer. A look is the same reading of
 * the trace that every report uses, only that it samples a shorter stretch more finely.
 */
export class LagEvents {
  readonly #header: TraceHeader;
  readonly #events: TraceEvent[] = [];

  constructor(header: TraceHeader, group: string) {
    const groups = header.groups.filter(({ id }) => id === group);
    this.#header = { ...header, groups };
  }

  /** Breakpoints of the group's lag, and what is said of its topics. */
  add(event: TraceEvent): void {
    this.#events.push(event);
  }

  /** `count` samples of the stretch from … to, and the exact peaks between them. */
  look(from: number, to: number, count: number): LagCurves {
    const step = Math.max(1, Math.ceil((to - from) / count));
    const size = Math.floor((to - from) / step) + 1;
    const curves = (): Curves => ({
      p50: new Float64Array(size),
      p90: new Float64Array(size),
      p99: new Float64Array(size),
      peak: new Float64Array(size),
    });
    const records = curves();
    const time = curves();

    let i = 0;
    const samples = sampledLag(
      step,
      ({ lag, timeLag }) => {
        if (i >= size) return;
        for (const [into, spread] of [
          [records, lag],
          [time, timeLag],
        ] as const) {
          into.p50[i] = spread.p50;
          into.p90[i] = spread.p90;
          into.p99[i] = spread.p99;
          into.peak[i] = Math.max(into.peak[i], spread.max);
        }
        i++;
      },
      from,
    );
    const pieces = lagPieces((piece) => raisePeaks(piece, from, step, size, records.peak, time.peak));

    samples.begin?.(this.#header);
    pieces.begin?.(this.#header);
    for (const event of this.#events) {
      if (event.t > to) break;
      samples.see(event);
      pieces.see(event);
    }
    samples.end(to);
    pieces.end(to);
    return { from, step, count: size, records, time };
  }
}

/** A straight piece is highest at one of its ends, in every interval that it crosses. */
function raisePeaks(
  { from: began, to: ends, lag, slope, timeLag, timeSlope }: LagPiece,
  from: number,
  step: number,
  size: number,
  records: Float64Array,
  time: Float64Array,
): void {
  if (ends < from || (lag === 0 && slope <= 0 && timeLag === 0 && timeSlope <= 0)) return;
  const first = Math.max(0, Math.floor((began - from) / step));
  const last = Math.min(size - 1, Math.floor((ends - from) / step));
  for (let i = first; i <= last; i++) {
    const a = Math.max(began, from + i * step) - began;
    const b = Math.min(ends, from + (i + 1) * step) - began;
    records[i] = Math.max(records[i], lag + (slope * a) / 1e6, lag + (slope * b) / 1e6);
    time[i] = Math.max(time[i], timeLag + timeSlope * a, timeLag + timeSlope * b);
  }
}
