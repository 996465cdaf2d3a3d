import type { Instant } from "../engine/time.ts";
import type { Curve } from "./summary.ts";

/** Into how many stretches a curve cuts its run: enough for a line of text. */
const STRETCHES = 60;

export interface CurveMaker {
  /** The quantity runs straight from one value to the other; a stretch keeps its greatest. */
  line(from: Instant, to: Instant, first: number, last: number): void;
  /** The quantity has this value from one instant to the other; a stretch keeps what it ends with. */
  level(from: Instant, to: Instant, value: number): void;
  values(): Curve;
}

/** The shape of a quantity between two instants, in a few values. What is outside does not show. */
export function curve(begin: Instant, end: Instant): CurveMaker {
  const length = Math.max(1, end - begin) / STRETCHES;
  const values = Array.from({ length: STRETCHES }, () => 0);
  const stretchOf = (t: Instant) => Math.max(0, Math.floor((t - begin) / length));
  /** The last stretch that something which ends at `to` belongs to. */
  const lastOf = (to: Instant) => Math.min(STRETCHES - 1, Math.ceil((to - begin) / length) - 1);
  return {
    line(from, to, first, last) {
      const at = (t: Instant) => first + ((last - first) * (t - from)) / (to - from);
      for (let i = stretchOf(from); i <= lastOf(to); i++) {
        const left = at(Math.max(from, begin + i * length));
        const right = at(Math.min(to, begin + (i + 1) * length));
        values[i] = Math.max(values[i], left, right);
      }
    },
    level(from, to, value) {
      for (let i = stretchOf(from); i <= lastOf(to); i++) values[i] = value;
    },
    values: () => values,
  };
}
