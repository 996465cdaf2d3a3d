import { words } from "../../sim/trace/text.ts";
import { COUNTED } from "../explain.ts";
import type { GroupPicture } from "../load/picture.ts";
import { clock, span } from "../time-axis.ts";
import { strength } from "./lane-canvas.ts";
import { OverlayPens } from "./overlays.ts";
import { firstWhere } from "./search.ts";
import { fitted, Frame, LABELS, type Mark, type Strip } from "./strip.ts";

const HEIGHT = 22;

/** Height of the band that says that the group has no coordinator. */
const BAND = 7;
/** Room at the left edge for the name of the state that began before, CSS pixels. */
const FOR_THE_STATE = 150;

/**
 * The states of the group, as its coordinator sees them; and where it has none, a warning along the foot. Nothing at all of a
 * group of the ZooKeeper era: nobody coordinates it, so nobody can tell its state.
 */
export function groupStrip({ states, outages, id, rebalances }: GroupPicture): Strip | null {
  const protocol = rebalances[0]?.protocol ?? "classic";
  if (protocol === "zookeeper") return null;
  const frame = new Frame("group", "Group");
  const counted = COUNTED[protocol];
  const names = [...new Set(states.map(({ state }) => state))];
  let drawn = 0;
  let pens: OverlayPens | undefined;

  const outageAt = (t: number) => outages.find(({ from, to }) => from <= t && t < to);
  /** The first stretch that ends after `t`. */
  const firstAfter = (t: number): number => firstWhere(states, ({ to }) => to > t);
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
      if (pens?.palette !== palette || pens.ratio !== frame.ratio)
        pens = new OverlayPens(context, palette, frame.ratio);
      for (const { from, to } of outages) {
        if (to <= axis.from || from >= axis.to) continue;
        const left = Math.max(-1, axis.x(from));
        const wide = Math.max(1.5, Math.min(axis.width + 1, axis.x(to)) - left);
        pens.draw("warning", { left, top: HEIGHT - BAND, wide, tall: BAND });
        drawn++;
        const text = `no coordinator for ${span(to - from)}`;
        const words = [text, span(to - from)].find((one) => context.measureText(one).width + 4 <= wide);
        if (words === undefined || left < FOR_THE_STATE) continue;
        context.fillStyle = palette.state("Stable").text;
        context.fillText(words, left + 2, 8);
      }
      frame.setLegend([
        ...names.map((name) => ({ label: name, color: palette.state(name).css })),
        ...(outages.length > 0
          ? [{ label: "no coordinator", color: palette.warning.css, how: "hatched" } as const]
          : []),
      ]);
      frame.labelContext.fillStyle = palette.faint;
      frame.labelContext.fillText(fitted(frame.labelContext, id, LABELS - 12), 0, HEIGHT / 2 + 0.5);
    },
    markAt(x, _y, { axis, palette }): Mark | null {
      const t = axis.t(x);
      // A narrow stretch of unrest is drawn wider than it is.
      const near = states[firstAfter(axis.t(x - 1.5))] as (typeof states)[number] | undefined;
      const state = near && near.to <= t && axis.x(near.to) - axis.x(near.from) < 2 ? near : at(t);
      const reach = axis.t(x + 2) - t;
      const outage = outages.find(({ from, to }) => from - reach <= t && t < to + reach);
      if (!state) return null;
      return {
        title: state.state,
        swatch: palette.state(state.state).css,
        facts: [
          ["from", clock(state.from)],
          ["lasts", span(state.to - state.from)],
          [counted, String(state.generation)],
          ...(state.reason ? [["because", words(state.reason)] as const] : []),
          ...(state.client ? [["of", state.client] as const] : []),
          ...(outage
            ? [
                ["no coordinator from", clock(outage.from)] as const,
                ["for", `${span(outage.to - outage.from)}${outage.over ? "" : ", to the end"}`] as const,
              ]
            : []),
        ],
      };
    },
    readout(t) {
      const state = t === null ? undefined : at(t);
      const outage = t === null ? undefined : outageAt(t);
      const without = outage ? `, without a coordinator for ${span(outage.to - outage.from)}` : "";
      frame.setReadout(state ? `${state.state}, ${counted} ${state.generation}${without}` : "");
    },
    describe(from, to) {
      const shares = new Map<string, number>();
      for (let i = firstAfter(from); i < states.length && states[i].from < to; i++) {
        const { state, from: begins, to: ends } = states[i];
        shares.set(state, (shares.get(state) ?? 0) + Math.min(ends, to) - Math.max(begins, from));
      }
      const parts = [...shares].map(([state, time]) => `${state} ${((100 * time) / (to - from)).toFixed(1)} %`);
      const without = outages
        .filter((one) => one.from < to && one.to > from)
        .map((one) => `${span(one.to - one.from)} at ${clock(one.from, 1e5)}`);
      const gaps = without.length > 0 ? `; without a coordinator for ${without.slice(0, 3).join(", ")}` : "";
      const more = without.length > 3 ? " and at other times" : "";
      return `Group ${id}: ${parts.join(", ") || "nothing is known"}${gaps}${more}.`;
    },
  };
}
