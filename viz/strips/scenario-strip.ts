import type { Deed } from "../load/picture.ts";
import { clock, count } from "../time-axis.ts";
import { firstWhere } from "./search.ts";
import { fitted, Frame, LABELS, type Mark, type Strip } from "./strip.ts";

const HEIGHT = 20;
/** A pointer is over a mark that is so near, pixels. */
const NEAR = 5;

/** What was done to the world, and when: by the scenario's script in full ink, by its laws of chance in a fainter one. */
export function scenarioStrip(deeds: readonly Deed[]): Strip | null {
  if (deeds.length === 0) return null;
  const frame = new Frame("scenario", "Scenario");
  let drawn = 0;
  let focused = -1;

  /** The first deed at `t` or later. */
  const firstFrom = (t: number): number => firstWhere(deeds, ({ at }) => at >= t);
  const markOf = (index: number): Mark => ({
    title: deeds[index].text,
    facts: [
      ["at", clock(deeds[index].at)],
      ["by", deeds[index].scripted ? "the scenario’s script" : "chance"],
    ],
    select: { kind: "deed", index },
  });

  return {
    name: "scenario",
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
      let written = -1;
      // Of those that share a pixel, the first stands for all.
      for (let i = firstFrom(axis.from); i < deeds.length && deeds[i].at <= axis.to;) {
        const { at, text, scripted } = deeds[i];
        const x = axis.x(at);
        const next = Math.max(i + 1, firstFrom(axis.t(x + 1)));
        drawn++;
        context.fillStyle = i === focused ? palette.lag.total : scripted ? palette.ink : palette.faint;
        if (scripted) {
          context.beginPath();
          context.moveTo(x - 4.5, HEIGHT - 12);
          context.lineTo(x + 4.5, HEIGHT - 12);
          context.lineTo(x, HEIGHT - 4);
          context.fill();
        } else context.fillRect(x - 0.75, HEIGHT - 13, 1.5, 9);
        const room = (next < deeds.length ? Math.min(axis.width, axis.x(deeds[next].at) - 6) : axis.width) - x - 12;
        if (x + 8 >= written) {
          const words = fitted(context, text, room);
          context.fillStyle = scripted ? palette.ink : palette.faint;
          context.fillText(words, x + 8, HEIGHT / 2 + 0.5);
          if (words !== "") written = x + 8 + context.measureText(words).width;
        }
        i = next;
      }
      frame.setLegend([
        ...(deeds.some(({ scripted }) => scripted) ? [{ label: "scripted", color: palette.ink }] : []),
        ...(deeds.some(({ scripted }) => !scripted) ? [{ label: "chance", color: palette.faint }] : []),
      ]);
    },
    markAt(x, _y, { axis }) {
      let best = -1;
      for (let i = firstFrom(axis.t(x - NEAR)); i < deeds.length && axis.x(deeds[i].at) <= x + NEAR; i++)
        if (best < 0 || Math.abs(axis.x(deeds[i].at) - x) < Math.abs(axis.x(deeds[best].at) - x)) best = i;
      return best < 0 ? null : markOf(best);
    },
    readout(t) {
      const last = t === null ? -1 : firstFrom(t + 1) - 1;
      frame.setReadout(last < 0 ? "" : `${clock(deeds[last].at, 1e5)}: ${deeds[last].text}`);
    },
    describe(from, to) {
      const [first, after] = [firstFrom(from), firstFrom(to)];
      const told = deeds.slice(first, Math.min(after, first + 3)).map(({ at, text }) => `${text} at ${clock(at, 1e5)}`);
      const more = after - first > 3 ? " and others" : "";
      return `Scenario: ${count(after - first)} events${told.length > 0 ? `: ${told.join(", ")}${more}` : ""}.`;
    },
    moveRow(by, t) {
      focused = focused < 0 ? firstFrom(t) : focused + by;
      focused = Math.min(deeds.length - 1, Math.max(0, focused));
      return markOf(focused);
    },
  };
}
