import { controllerText, troubleText } from "../cluster-words.ts";
import type { Palette } from "../colors.ts";
import { eachStretch, stretchAt, valueAt } from "../load/lanes.ts";
import type { ClusterPicture } from "../load/picture.ts";
import { clock, count, span } from "../time-axis.ts";
import { laneStrip, type Look } from "./lane-strip.ts";
import type { Strip } from "./strip.ts";

/** Troubles that are told in words. */
const MOST_TOLD = 4;

/** What was the matter with links between parties, and with the controller; nothing where nothing ever was. */
export function networkLanes(cluster: ClusterPicture, end: number): Strip | null {
  const { network, controllerRow, troubles, controllers } = cluster;
  if (network.rows === 0) return null;
  const looks: Record<Palette["scheme"], Map<string, Look>> = { light: new Map(), dark: new Map() };
  const nameOf = (row: number, value: number) =>
    row === controllerRow ? controllerText(controllers[value]) : troubleText(troubles[value]);
  const lookOf = (row: number, value: number, palette: Palette): Look => {
    const text = nameOf(row, value);
    if (row !== controllerRow)
      return { paint: troubles[value].state === "cut" ? palette.accent : palette.state("Closing"), text };
    return controllers[value].controller === null
      ? { paint: palette.warning, hatched: true }
      : { paint: palette.state("Running"), text };
  };
  const here = (t: number) =>
    Array.from({ length: network.rows }, (_, row) => [row, valueAt(network, row, t)] as const)
      .filter(([, value]) => value >= 0)
      .map(([row, value]) => nameOf(row, value));

  return laneStrip({
    name: "network",
    title: "Network",
    namesBeside: true,
    lanes: network,
    end,
    look(row, value, palette) {
      const known = looks[palette.scheme];
      const key = `${row === controllerRow} ${value}`;
      let look = known.get(key);
      if (!look) known.set(key, (look = lookOf(row, value, palette)));
      return look;
    },
    label: (row) => (row === controllerRow ? "controller" : "links"),
    overlays: [],
    mark(row, t, palette) {
      const index = stretchAt(network, row, t);
      const value = index < 0 ? -1 : network.values[index];
      if (value < 0) return null;
      const from = network.starts[index];
      const to = index + 1 < network.offsets[row + 1] ? network.starts[index + 1] : end;
      return {
        title: nameOf(row, value),
        swatch: lookOf(row, value, palette).paint.css,
        facts: [
          ["from", clock(from)],
          ["for", span(to - from)],
        ],
        select: { kind: "network", row, t },
      };
    },
    readout: (t) => here(t).join(", "),
    legend: (palette) => [
      ...(troubles.some(({ state }) => state === "cut") ? [{ label: "cut", color: palette.accent.css }] : []),
      ...(troubles.some(({ state }) => state === "slow")
        ? [{ label: "slow", color: palette.state("Closing").css }]
        : []),
      ...(controllerRow >= 0 ? [{ label: "no controller", color: palette.warning.css, how: "hatched" } as const] : []),
    ],
    describe(from, to) {
      const told: { readonly at: number; readonly text: string }[] = [];
      eachStretch(network, end, (row, begin, until, value) => {
        if (until > from && begin < to)
          told.push({ at: begin, text: `${nameOf(row, value)} for ${span(until - begin)} at ${clock(begin, 1e5)}` });
      });
      const first = told.sort((a, b) => a.at - b.at).slice(0, MOST_TOLD);
      const more = told.length > MOST_TOLD ? `; and ${count(told.length - MOST_TOLD)} more` : "";
      return `Network: ${first.map(({ text }) => text).join("; ") || "nothing is the matter"}${more}.`;
    },
  });
}
