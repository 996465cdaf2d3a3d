import { waitedFor } from "../../sim/report/waited-for.ts";
import { PHASES, phases, type Rebalance } from "../../sim/trace/readings/rebalances.ts";
import { headline, labels } from "../explain.ts";
import type { GroupPicture } from "../load/picture.ts";
import { clock, count, span } from "../time-axis.ts";
import { firstWhere } from "./search.ts";
import { Frame, LABELS, type Mark, type Strip } from "./strip.ts";

const ROW = 34;
/** Rebalances that overlap lie in rows of their own, so many at most. */
const MOST_ROWS = 3;

/** What stands for the whole of it where there is no room for its phases. */
const MAIN = { classic: "joining", consumer: "reconciliation", zookeeper: "reconciliation" } as const;

/** Until when a rebalance is felt. */
export function endOf({ to, resumed }: Rebalance): number {
  return resumed ?? to;
}

/** A bracket over every rebalance, from its cause until everything is read again, divided into its phases. */
export function rebalanceBrackets({ rebalances }: GroupPicture): Strip {
  const frame = new Frame("rebalances", "Rebalances");
  const rows = rowsOf(rebalances);
  const height = Math.max(1, ...rows.map((row) => row + 1)) * ROW;
  /** Each row's rebalances, in order of time. */
  const byRow = Array.from({ length: height / ROW }, (_, row) =>
    rebalances.map((rebalance, index) => ({ rebalance, index })).filter(({ index }) => rows[index] === row),
  );
  const names = [...new Set(rebalances.flatMap(({ protocol }) => PHASES[protocol]))];
  let drawn = 0;

  const firstAfter = (row: (typeof byRow)[number], t: number): number =>
    firstWhere(row, ({ rebalance }) => endOf(rebalance) > t);

  return {
    name: "rebalances",
    element: frame.element,
    get drawn() {
      return drawn;
    },
    resize: (width) => frame.resize(width, height, LABELS),
    draw(view) {
      frame.clear(view);
      const { axis, palette } = view;
      const { context } = frame;
      drawn = 0;
      byRow.forEach((row, place) => {
        const top = place * ROW;
        let until = -1;
        let written = -1;
        for (let i = firstAfter(row, axis.from); i < row.length; i++) {
          const { rebalance, index } = row[i];
          if (rebalance.cause.at >= axis.to) break;
          const left = axis.x(rebalance.cause.at);
          const right = Math.max(left + 2.5, axis.x(endOf(rebalance)));
          if (right <= until) continue;
          until = right + 0.5;
          drawn++;
          const lengths = phases(rebalance);
          if (right - left < 4) {
            context.fillStyle = palette.phase(MAIN[rebalance.protocol]).css;
            context.fillRect(left, top + 19, right - left, 10);
          } else {
            let from = rebalance.cause.at;
            for (const phase of PHASES[rebalance.protocol]) {
              const to = from + (lengths[phase] ?? 0);
              const a = Math.max(-1, axis.x(from));
              const b = Math.min(axis.width + 1, axis.x(to));
              if (b > a) {
                context.fillStyle = palette.phase(phase).css;
                context.fillRect(a, top + 19, Math.max(b - a, 0.5), 10);
              }
              from = to;
            }
          }
          if (right - left >= 14) {
            context.strokeStyle = palette.faint;
            context.lineWidth = 1;
            context.beginPath();
            context.moveTo(Math.round(left) + 0.5, top + 22);
            context.lineTo(Math.round(left) + 0.5, top + 15.5);
            context.lineTo(Math.round(right) - 0.5, top + 15.5);
            context.lineTo(Math.round(right) - 0.5, top + 22);
            context.stroke();
          }

          const start = Math.max(left, 2);
          const next = row[i + 1]?.rebalance;
          const room = (next ? axis.x(next.cause.at) : axis.width) - start - 10;
          if (start < written) continue;
          const text = labels(rebalance, index).find((words) => context.measureText(words).width <= room);
          if (text === undefined) continue;
          context.fillStyle = palette.ink;
          context.fillText(text, start, top + 8);
          written = start + context.measureText(text).width + 8;
        }
      });
      frame.setLegend(names.map((phase) => ({ label: phase, color: palette.phase(phase).css })));
    },
    markAt(x, y, { axis, palette }): Mark | null {
      const row = byRow[Math.floor(y / ROW)] as (typeof byRow)[number] | undefined;
      if (!row) return null;
      // The nearest one whose bracket is within three pixels.
      let best: (typeof row)[number] | undefined;
      let nearest = 4;
      for (let i = firstAfter(row, axis.t(x - 4)); i < row.length; i++) {
        const left = axis.x(row[i].rebalance.cause.at);
        if (left > x + 4) break;
        const right = axis.x(endOf(row[i].rebalance));
        const distance = x < left ? left - x : x > right ? x - right : 0;
        if (distance < nearest) [best, nearest] = [row[i], distance];
      }
      if (!best) return null;
      const { rebalance, index } = best;
      const lengths = phases(rebalance);
      const waited = waitedFor(rebalance);
      return {
        title: `${index + 1} · ${headline(rebalance)}`,
        facts: [
          ["at", clock(rebalance.cause.at)],
          ...PHASES[rebalance.protocol].map((phase) => [phase, span(lengths[phase] ?? 0)] as const),
          ...(waited === "" ? [] : [["waited for", waited] as const]),
          ["unread", `${count(rebalance.partitionSecondsUnread)} partition-seconds`],
        ],
        swatch: palette.phase(MAIN[rebalance.protocol]).css,
        select: { kind: "rebalance", index },
      };
    },
    readout(t) {
      if (t === null) return frame.setReadout("");
      const before = rebalances.filter(({ from }) => from <= t).length;
      const under = rebalances.find((one) => one.cause.at <= t && endOf(one) > t);
      frame.setReadout(under ? `${headline(under)}` : `${count(before)} of ${count(rebalances.length)} so far`);
    },
    describe(from, to) {
      const here = rebalances.filter((one) => one.cause.at < to && endOf(one) > from);
      const first = here.slice(0, 3).map((one) => `${headline(one)} at ${clock(one.cause.at)}`);
      const more = here.length > 3 ? " and others" : "";
      return `${count(here.length)} rebalances${first.length > 0 ? `: ${first.join(", ")}${more}` : ""}.`;
    },
  };
}

/** The first row that is free again, for each; the last one if all are taken. */
function rowsOf(rebalances: readonly Rebalance[]): number[] {
  const free: number[] = [];
  return rebalances.map((rebalance) => {
    const found = free.findIndex((until) => until <= rebalance.cause.at);
    const row = found >= 0 ? found : Math.min(free.length, MOST_ROWS - 1);
    free[row] = Math.max(free[row] ?? 0, endOf(rebalance));
    return row;
  });
}
