import type { GroupPicture } from "../load/picture.ts";
import { clock, span } from "../time-axis.ts";
import { strength } from "./lane-canvas.ts";
import { fitted, Frame, LABELS, type Mark, type Strip } from "./strip.ts";

const HEIGHT = 22;

/** The states of the group, as its coordinator sees them. */
export function groupStrip({ states, id }: GroupPicture): Strip {
  const frame = new Frame("group", "Group");
  const names = [...new Set(states.map(({ state }) => state))];
  let drawn = 0;

  /** The first stretch that ends after `t`. */
  const firstAfter = (t: number): number => {
    let low = 0;
    let high = states.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (states[middle].to > t) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const at = (t: number) => {
    const state = states[Math.min(firstAfter(t), states.length - 1)] as (typeof states)[number] | undefined;
    return state && state.from <= t ? state : undefined;
  };

  return {
    name: "group",
    element: frame.element,
    get drawn() {
      return drawn;
    },
    resize: (width) => frame.resize(width, HEIGHT, LABELS),
    draw(view) {
      frame.clear(view);
      const { axis, palette } = view;
      const { context } = frame;
      drawn = 0;
      for (let i = firstAfter(axis.from); i < states.length && states[i].from < axis.to; i++) {
        const { state, from, to } = states[i];
        const left = Math.max(0, axis.x(from));
        const right = Math.min(axis.width, axis.x(to));
        if (left >= axis.width) break;
        // What is unrest can be seen however short it is; rest gives way.
        const exact = right - left;
        const wide = state === "Stable" || state === "Empty" ? exact : Math.max(1, exact);
        const paint = palette.state(state);
        context.fillStyle = paint.css;
        context.globalAlpha = strength(Math.min(1, exact));
        context.fillRect(left, 2, wide, HEIGHT - 4);
        context.globalAlpha = 1;
        drawn++;
        const text = fitted(context, state, wide - 14);
        if (text === state) {
          context.fillStyle = paint.text;
          context.fillText(text, left + 7, HEIGHT / 2 + 0.5);
        }
      }
      frame.setLegend(names.map((name) => ({ label: name, color: palette.state(name).css })));
      frame.labelContext.fillStyle = palette.faint;
      frame.labelContext.fillText(fitted(frame.labelContext, id, LABELS - 12), 0, HEIGHT / 2 + 0.5);
    },
    markAt(x, _y, { axis, palette }): Mark | null {
      const t = axis.t(x);
      // A narrow stretch of unrest is drawn wider than it is.
      const near = states[firstAfter(axis.t(x - 1.5))] as (typeof states)[number] | undefined;
      const state = near && near.to <= t && axis.x(near.to) - axis.x(near.from) < 2 ? near : at(t);
      if (!state) return null;
      return {
        title: state.state,
        swatch: palette.state(state.state).css,
        facts: [
          ["from", clock(state.from)],
          ["lasts", span(state.to - state.from)],
          ["generation", String(state.generation)],
          ...(state.reason ? [["because", words(state.reason)] as const] : []),
          ...(state.client ? [["of", state.client] as const] : []),
        ],
      };
    },
    readout(t) {
      const state = t === null ? undefined : at(t);
      frame.setReadout(state ? `${state.state}, generation ${state.generation}` : "");
    },
    describe(from, to) {
      const shares = new Map<string, number>();
      for (let i = firstAfter(from); i < states.length && states[i].from < to; i++) {
        const { state, from: begins, to: ends } = states[i];
        shares.set(state, (shares.get(state) ?? 0) + Math.min(ends, to) - Math.max(begins, from));
      }
      const parts = [...shares].map(([state, time]) => `${state} ${((100 * time) / (to - from)).toFixed(1)} %`);
      return `Group ${id}: ${parts.join(", ") || "nothing is known"}.`;
    },
  };
}

/** A reason of the trace, for people: `session-expired` is "session expired". */
export function words(reason: string): string {
  return reason.replaceAll("-", " ");
}
